"""The part of docs/channels.md that is generated from the declarations: which channels there are, and their quality.
`python -m caunoi.channels.page` rewrites it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from caunoi.channels.base import Channel, Done, Exempt, Reach, Rule
from caunoi.channels.registry import channels

BEGIN, END = "<!-- drawn from caunoi/channels/adapters by `python -m caunoi.channels.page` -->", "<!-- until here -->"
REACHED = {
    Reach.CHAT: "in their chat",
    Reach.SMS: "by text message",
    Reach.MAIL: "by mail",
    Reach.PAGE: "on the page of their report",
    Reach.CALL: "by a call",
}


def drawn() -> str:
    """The part, with its first and last line."""
    return "\n".join([BEGIN, *_channels(), "", *_quality(), END])


def _channels() -> Iterator[str]:
    yield "| channel | key | comes in | who came by it is reached | and may be written to | staff may enter it |"
    yield "|---|---|---|---|---|---|"
    for key, one in channels().items():
        enters = "by webhook" if one.webhook else "is fetched" if one.polls else "–"
        entered = "yes" if one.by_hand else "–"
        yield f"| {one.label} | `{key}` | {enters} | {REACHED[one.reach]} | {_windows(one)} | {entered} |"


def _windows(one: Channel) -> str:
    if not one.sends:
        return "–"
    parts = (
        f"{window} for {_length(lasts)}" if lasts else f"{window} at any time" for window, lasts in one.windows.items()
    )
    return ", ".join(parts)


def _length(lasts: timedelta) -> str:
    hours = lasts // timedelta(hours=1)
    return f"{hours // 24} days" if hours % 24 == 0 and hours > 48 else f"{hours} hours"


def _quality() -> Iterator[str]:
    yield f"| quality | {' | '.join(one.label for one in channels().values())} |"
    yield "|---|" + "---|" * len(channels())
    for rule in Rule:
        marks = ("✓" if isinstance(one.quality[rule], Done) else "–" for one in channels().values())
        yield f"| {rule} | {' | '.join(marks)} |"
    yield ""
    for rule in Rule:
        for text, labels in _grouped(rule).items():
            yield f"- {rule}, {', '.join(labels)}: {text}"


def _grouped(rule: Rule) -> dict[str, list[str]]:
    """Proof or reason → the channels that give it."""
    groups: dict[str, list[str]] = {}
    for one in channels().values():
        standing = one.quality[rule]
        text = f"exempt. {standing.reason}" if isinstance(standing, Exempt) else f"`{standing.proof}`"
        groups.setdefault(text, []).append(one.label)
    return groups


if __name__ == "__main__":
    page = Path(__file__).parents[2] / "docs" / "channels.md"
    before, _, rest = page.read_text("utf-8").partition(BEGIN)
    page.write_text(before + drawn() + rest.partition(END)[2], "utf-8")
