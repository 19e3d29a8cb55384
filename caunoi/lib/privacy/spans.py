"""Places of people's data in a text, and which of several readings of the same place stands."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal[
    "id_card",
    "health_insurance",
    "passport",
    "old_id",
    "phone",
    "social_insurance",
    "tax",
    "bank",
    "plate",
    "email",
    "birth_date",
    "house_number",
    "person",
]
"""CCCD 12 digits, BHYT, passport, CMND 9 digits, … in the order in which one is preferred to another."""

KINDS: tuple[Kind, ...] = get_args(Kind)
_RANK = {kind: rank for rank, kind in enumerate(KINDS)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """One datum: `start` and `end` (exclusive) are code points of the NFC text."""

    kind: Kind
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a place may be; `backed` when a word before it says so."""

    kind: Kind
    start: int
    end: int
    backed: bool = True


def near(
    signs: re.Pattern[str], pattern: re.Pattern[str], shape: str, reach: tuple[int, int]
) -> Iterator[re.Match[str]]:
    """The matches of a costly pattern, sought only so far before and after the signs without which there is none."""
    before, after = reach
    since = until = 0
    for sign in signs.finditer(shape):
        if sign.start() - before > until:
            yield from pattern.finditer(shape, since, until)
            since = sign.start() - before
        until = sign.end() + after
    yield from pattern.finditer(shape, since, until)


def united(readings: Iterable[Candidate]) -> Iterator[Candidate]:
    """Readings of one kind, those that overlap as one."""
    last: Candidate | None = None
    for reading in sorted(readings, key=lambda reading: reading.start):
        if last is not None and reading.start < last.end:
            last = Candidate(last.kind, last.start, max(last.end, reading.end), last.backed or reading.backed)
        else:
            if last is not None:
                yield last
            last = reading
    if last is not None:
        yield last


def settled(readings: Iterable[Candidate], text: str) -> list[Span]:
    """The readings that stand, in the text's order and without overlaps: backed before bare, long before short."""
    used = bytearray(len(text))
    spans = []
    for reading in sorted(readings, key=_preference):
        if not any(used[reading.start : reading.end]):
            used[reading.start : reading.end] = b"\1" * (reading.end - reading.start)
            spans.append(reading)
    spans.sort(key=lambda reading: reading.start)
    return [Span(kind=r.kind, start=r.start, end=r.end, text=text[r.start : r.end]) for r in spans]


def _preference(reading: Candidate) -> tuple[bool, int, int, int]:
    return not reading.backed, reading.start - reading.end, _RANK[reading.kind], reading.start
