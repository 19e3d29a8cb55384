"""What a message is read by: its words and pairs of words, without marks and as they were marked, and whether it names
places of other provinces. Pure."""

import re
from collections.abc import Iterator
from itertools import pairwise

from caunoi.lib.messages import danger
from caunoi.lib.places import address, beyond
from caunoi.lib.vietnamese.keystrokes import unmarked
from caunoi.lib.vietnamese.writing import expand, fold, norm, tokens, without_courtesy

LONGEST = 4_000
"""Characters of a text that are read."""
WORDS = 400
"""Words of it."""
GROUPS = (1.0, 1.0, 0.7, 0.7, 0.3, 1.0)
"""How much each group of features weighs: words, pairs, marked words, marked pairs, what rules say, places."""

type Word = tuple[str, str]

_DIGITS = re.compile(r"\d+")
_REPEATED = re.compile(r"(.)\1{2,}")


def words(text: str) -> list[Word]:
    """Each word as (folded, as a dictionary writes it): abbreviations in full, keys that made no marks undone, every
    number as 0."""
    pairs = []
    for word in tokens(expand(without_courtesy(text[:LONGEST])))[:WORDS]:
        plain = _REPEATED.sub(r"\1", fold(word))
        typed = _REPEATED.sub(r"\1", norm(word))
        if word.isascii():
            plain = typed = unmarked(plain) or _DIGITS.sub("0", plain)
        if plain:
            pairs.append((plain, typed))
    return pairs


def features(text: str, home: str = address.HOME) -> tuple[frozenset[str], ...]:
    """The features of each of GROUPS. `home`: the code of the province that answers."""
    pairs = words(text)
    own = (_words(pairs), _pairs(pairs), _marked(pairs), _marked_pairs(pairs), _rules(text, len(pairs)))
    return tuple(map(frozenset, (*own, _places(text, home))))


def _words(pairs: list[Word]) -> Iterator[str]:
    return (plain for plain, _ in pairs)


def _pairs(pairs: list[Word]) -> Iterator[str]:
    return (f"{one} {two}" for (one, _), (two, _) in pairwise(pairs))


def _marked(pairs: list[Word]) -> Iterator[str]:
    return (f"={typed}" for plain, typed in pairs if typed != plain)


def _marked_pairs(pairs: list[Word]) -> Iterator[str]:
    return (f"={one[1]} {two[1]}" for one, two in pairwise(pairs) if one[0] != one[1] or two[0] != two[1])


def _rules(text: str, length: int) -> Iterator[str]:
    """Whom a rule would have called at once (lib/messages/danger.py), and how long the message is."""
    yield f"=length {min(length.bit_length(), 7)}"
    if number := danger.number(text[:LONGEST]):
        yield f"=danger {number}"


def _places(text: str, home: str) -> Iterator[str]:
    """Levels of places that are not ours and the words before them; whether any is ours."""
    places = list(beyond.places(text[:LONGEST], home))
    ours = any(place.level is None for place in places)
    if ours:
        yield "=home"
    for place in places:
        if place.level:
            yield from (f"=away {place.level}", f"=away {place.before}", f"=away {'home' if ours else 'only'}")
