"""A text about a case without the people in it: what whoever must act, but need not know the reporter, may read."""

import re
import unicodedata
from functools import lru_cache

from caunoi.lib.privacy import redact

# What one must know to find the place and the matter.
VISIBLE = {"house_number", "plate"}


@lru_cache(maxsize=4096)
def _spans(text: str) -> tuple[tuple[int, int, str], ...]:
    """What redact finds in an NFC text, except what stays visible."""
    return tuple((s.start, s.end, s.kind) for s in redact.find(text) if s.kind not in VISIBLE)


def _person(name: str) -> re.Pattern[str] | None:
    """A person's own name as a pattern: the whole in any case, the last two words as names are written."""
    words = unicodedata.normalize("NFC", name).split()
    if not words:
        return None
    whole = r"\s+".join(map(re.escape, words))
    if len(words) == 1:
        return re.compile(rf"\b{whole}\b")
    last_words = r"\s+".join(map(re.escape, words[-2:]))
    return re.compile(rf"\b(?:(?i:{whole})|{last_words})\b")


def mask(text: str, name: str) -> str:
    """The text with its people as `[person]`, `[phone]` …; `name` is the reporter's."""
    text = unicodedata.normalize("NFC", text)
    spans = list(_spans(text))
    if (pattern := _person(name)) is not None:
        spans += [(*m.span(), "person") for m in pattern.finditer(text)]
    parts, at = [], 0
    for start, end, kind in sorted(spans):
        if start >= at:
            parts += [text[at:start], f"[{kind}]"]
        at = max(at, end)
    return "".join([*parts, text[at:]])
