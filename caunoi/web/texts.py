"""The English sources that stand in tables of pure files, for translation. Needs no Django."""

from collections.abc import Iterator

from caunoi.channels.registry import channels, texts_of
from caunoi.directory import ai_register
from caunoi.directory.options import OPTIONS
from caunoi.notifications.notices import NOTICES
from caunoi.privacy import register
from caunoi.ratings import reasons as grades
from caunoi.tickets import lifecycle
from caunoi.tickets import reasons as refusals


def texts() -> Iterator[tuple[str, str]]:
    """(where it is declared, English source) of every text that stands in a table of a pure file."""
    yield from (("tickets/lifecycle.py", text) for text in lifecycle.texts())
    for reason in refusals.REASONS.values():
        yield from (("tickets/reasons.py", text) for text in (reason.label, reason.advice))
    yield from (("tickets/reasons.py", text) for text in refusals.EMERGENCY.values())
    for table in grades.REASONS.values():
        yield from (("ratings/reasons.py", text) for text in table.values())
    for many in NOTICES.values():
        for notice in many:
            yield from (("notifications/notices.py", text) for text in (notice.text, notice.says))
    for key, adapter in channels().items():
        yield from ((f"channel {key}", text) for text in texts_of(adapter) if not adapter.words.get(text))
    yield from (("privacy/register.py", text) for text in register.texts())
    yield from (("directory/ai_register.py", text) for text in ai_register.texts())
    yield from (("directory/options.py", option.meaning) for option in OPTIONS.values())
