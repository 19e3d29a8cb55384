"""What people call the same thing by different words, in the south and in the north. Pure.

A line of data/concepts.txt is a thing, by the phrases that mean it; "!" stands before what passes within hours, "~"
before what is only the place or the time of something, "@" before a kind of place."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from caunoi.lib.vietnamese.writing import fold, norm

_ROWS = (Path(__file__).parent / "data" / "concepts.txt").read_text("utf-8").splitlines()
PASSING = frozenset(number for number, line in enumerate(_ROWS) if line.startswith("!"))
ASIDE = frozenset(number for number, line in enumerate(_ROWS) if line.startswith("~"))
SITES = frozenset(number for number, line in enumerate(_ROWS) if line.startswith("@"))


def _table() -> dict[tuple[str, ...], frozenset[int]]:
    """The numbers of the things by the phrase, with its marks; one of several words also without any."""
    result: defaultdict[tuple[str, ...], set[int]] = defaultdict(set)
    for number, line in enumerate(_ROWS):
        for phrase in line.lstrip("!~@ ").split(", "):
            marked = tuple(map(norm, phrase.split()))
            result[marked].add(number)
            if len(marked) > 1:
                result[tuple(map(fold, marked))].add(number)
    return {phrase: frozenset(numbers) for phrase, numbers in result.items()}


_PHRASES = _table()
_SIZES: dict[str, int] = {}
"""Of the first word of a phrase, how many words the longest has that begins so."""
for _phrase in _PHRASES:
    _SIZES[_phrase[0]] = max(len(_phrase), _SIZES.get(_phrase[0], 0))


def concepts(words: Sequence[tuple[str, str]]) -> frozenset[int]:
    """The things that a text speaks of, by number; its words as (folded, with marks). The longest phrase counts."""
    plain, marked = tuple(one for one, _ in words), tuple(one for _, one in words)
    read: set[int] = set()
    at = 0
    while at < len(words):
        length = 0
        longest = max(_SIZES.get(plain[at], 0), _SIZES.get(marked[at], 0))
        for size in range(min(longest, len(words) - at), 0, -1):
            numbers = _PHRASES.get(marked[at : at + size])
            if numbers is None and size > 1:
                numbers = _PHRASES.get(plain[at : at + size])
            if numbers is not None:
                read |= numbers
                length = size
                break
        at += length or 1
    return frozenset(read)


@cache
def pairs_of(number: int) -> tuple[str, ...]:
    """The phrases of two words that mean this thing, folded."""
    phrases = _ROWS[number].lstrip("!~@ ").split(", ")
    return tuple(dict.fromkeys(fold(phrase) for phrase in phrases if phrase.count(" ") == 1))
