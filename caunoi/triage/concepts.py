"""What people call the same thing by different words, in the south and in the north. Pure.

A line of data/concepts.txt is a thing, by the phrases that mean it; "!" stands before what passes within hours, "~"
before what is only the place or the time of something."""

from collections.abc import Sequence
from pathlib import Path

from caunoi.lib.vietnamese.writing import fold, norm

_ROWS = (Path(__file__).parent / "data" / "concepts.txt").read_text("utf-8").splitlines()
PASSING = frozenset(number for number, line in enumerate(_ROWS) if line.startswith("!"))
ASIDE = frozenset(number for number, line in enumerate(_ROWS) if line.startswith("~"))
LONGEST = 4
"""Words of the longest phrase."""


def _table() -> dict[tuple[str, ...], int]:
    """The number of the thing by the phrase, with its marks; one of several words also without any."""
    result: dict[tuple[str, ...], int] = {}
    for number, line in enumerate(_ROWS):
        for phrase in line.lstrip("!~ ").split(", "):
            marked = tuple(map(norm, phrase.split()))
            result.setdefault(marked, number)
            if len(marked) > 1:
                result.setdefault(tuple(map(fold, marked)), number)
    return result


_PHRASES = _table()
_FIRST = frozenset(phrase[0] for phrase in _PHRASES)


def concepts(words: Sequence[tuple[str, str]]) -> frozenset[int]:
    """The things that a text speaks of, by number; its words as (folded, with marks). The longest phrase counts."""
    read: set[int] = set()
    at = 0
    while at < len(words):
        length = 0
        if words[at][0] in _FIRST or words[at][1] in _FIRST:
            for size in range(min(LONGEST, len(words) - at), 0, -1):
                own = words[at : at + size]
                number = _PHRASES.get(tuple(marked for _, marked in own))
                if number is None and size > 1:
                    number = _PHRASES.get(tuple(plain for plain, _ in own))
                if number is not None:
                    read.add(number)
                    length = size
                    break
        at += length or 1
    return frozenset(read)
