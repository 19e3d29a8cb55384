"""The differences of two records, field by field and word by word. Pure."""

import re
from dataclasses import dataclass, fields
from difflib import SequenceMatcher
from typing import Any

from caunoi.procedures.record import Record
from caunoi.procedures.text import field_text

FIELDS = tuple(field.name for field in fields(Record) if field.name != "code")
CONTEXT = 12
EXCERPT = 1500
"""Characters of a field's differences in a preview."""
LONGEST = 6000
"""Words and blanks; beyond it the two texts are shown one after the other."""
_WORD = re.compile(r"\s+|[^\s]+")

SAME, REMOVED, NEW, LEFT_OUT = "same", "gone", "new", "left_out"


@dataclass(frozen=True, kw_only=True)
class Change:
    """One field that differs; `pieces` are (same | gone | new | left_out, words) in reading order."""

    field: str
    before: str
    after: str
    pieces: tuple[tuple[str, str], ...]


def changed_fields(before: Record | None, after: Record) -> list[str]:
    """The names of the differing fields, in the record's order; of a new record those that are not empty."""
    return [name for name in FIELDS if getattr(after, name) != (getattr(before, name) if before else _empty(name))]


def _empty(name: str) -> Any:
    return getattr(Record(code="", name=""), name)


def compare(before: Record, after: Record, *, context: int = CONTEXT) -> list[Change]:
    """The fields that differ, in words."""
    made = []
    for name in changed_fields(before, after):
        old, new = field_text(before, name), field_text(after, name)
        if old != new:
            made.append(Change(field=name, before=old, after=new, pieces=tuple(pieces(old, new, context=context))))
    return made


def excerpts(before: Record, after: Record) -> list[dict[str, Any]]:
    """The differences as JSON, shortened for a preview."""
    made = []
    for change in compare(before, after, context=6):
        shortened, size = [], 0
        for kind, text in change.pieces:
            shortened.append([kind, text[:500]])
            size += len(text)
            if size > EXCERPT:
                shortened.append([LEFT_OUT, "…"])
                break
        made.append({"field": change.field, "pieces": shortened})
    return made


def pieces(old: str, new: str, *, context: int = CONTEXT) -> list[tuple[str, str]]:
    """What stayed, was removed and added: by lines, and inside changed lines by words. Long stretches that stayed are
    left out but for `context` words at each end."""
    if not old or not new:
        return [(kind, text) for kind, text in ((REMOVED, old), (NEW, new)) if text]
    was, now = old.splitlines(keepends=True), new.splitlines(keepends=True)
    made: list[tuple[str, str]] = []
    for tag, a, b, c, d in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        before, after = "".join(was[a:b]), "".join(now[c:d])
        made += [(SAME, before)] if tag == "equal" else _words(before, after)
    joined = _joined(made)
    return [
        piece
        for number, (kind, text) in enumerate(joined)
        for piece in (
            _stretch(_WORD.findall(text), first=number == 0, last=number + 1 == len(joined), context=context)
            if kind == SAME
            else [(kind, text)]
        )
    ]


def _words(old: str, new: str) -> list[tuple[str, str]]:
    was, now = _WORD.findall(old), _WORD.findall(new)
    if not was or not now or len(was) + len(now) > LONGEST:
        return [(kind, text) for kind, text in ((REMOVED, old), (NEW, new)) if text]
    made: list[tuple[str, str]] = []
    removed = new = ""
    for tag, a, b, c, d in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        before, after = "".join(was[a:b]), "".join(now[c:d])
        if tag != "equal" or (before.isspace() and (removed or new)):  # a lone blank separates no changes
            removed, new = removed + before, new + after
            continue
        made += [*_change(removed, new), (SAME, before)]
        removed = new = ""
    return [(kind, text) for kind, text in [*made, *_change(removed, new)] if text]


def _change(old: str, new: str) -> list[tuple[str, str]]:
    """The words removed and added, without a blank that both end with."""
    end = old[len(old.rstrip()) :]
    if not (end and new.endswith(end)):
        return [(REMOVED, old), (NEW, new)]
    return [(REMOVED, old[: -len(end)]), (NEW, new[: -len(end)]), (SAME, end)]


def _joined(made: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Neighbours of one kind as one."""
    joined: list[tuple[str, str]] = []
    for kind, text in made:
        if joined and joined[-1][0] == kind:
            joined[-1] = (kind, joined[-1][1] + text)
        else:
            joined.append((kind, text))
    return joined


def _stretch(words: list[str], *, first: bool, last: bool, context: int) -> list[tuple[str, str]]:
    """Words that stayed; `words` holds blanks too."""
    head, tail = (0 if first else context * 2), (0 if last else context * 2)
    if len(words) <= head + tail + 6:
        return [(SAME, "".join(words))]
    made = [(SAME, "".join(words[:head]))] if head else []
    made.append((LEFT_OUT, "…"))
    return [*made, (SAME, "".join(words[-tail:]))] if tail else made
