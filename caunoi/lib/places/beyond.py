"""Places of other provinces that a message names, as one sign among others that it is not for us.

A look at its words only, in a tenth of a millisecond: who needs to know which place is meant asks `address.resolve`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from caunoi.lib.places import gazetteer
from caunoi.lib.places.gazetteer import Level
from caunoi.lib.places.toponyms import ABBREVIATIONS, elsewhere, marked, vocabulary
from caunoi.lib.vietnamese.writing import fold, tokens

LONGEST = 4
"""Words in the longest name that is looked for."""
LEVELS: tuple[Level, ...] = ("commune", "district", "province")
_SHORT = {short for short, full in ABBREVIATIONS.items() if full == "hochiminh"}
_KINDS = {"xa", "phuong", "tran", "huyen", "quan", "tinh", "pho", "tp", "tx", "tt", "p", "x", "h", "q"}
"""The last word of what may stand before a name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A name that stands in a text after the word `before` (folded, "" at its beginning); `level`: of the highest
    unit elsewhere that is called so, None of a name that our own province has too."""

    level: Level | None
    before: str


def places(text: str, home: str) -> Iterator[Place]:
    """The names of places in a text, the longest first. A commune's counts where it is written as a name, with capital
    letters or after its kind; a single word only with one, where it is a province's or stands after its kind."""
    ours, away = _names(home)
    words = tokens(text)
    plain, at = [fold(word) for word in words], 0
    while at < len(words):
        before, step = plain[at - 1] if at else "", 1
        for end in range(min(at + LONGEST, len(words)), at, -1):
            key = "".join(plain[at:end])
            if key not in ours and key not in away:
                continue
            capital, kind = all(map(_is_capital, words[at:end])), before in _KINDS
            level = _level(away[key], key, words[at:end]) if key in away else None
            if end == at + 1 and key not in _SHORT and not (capital and (kind or level == "province")):
                continue
            if (key in ours and (capital or kind)) or level in LEVELS[1:] or (level and (capital or kind)):
                yield Place(level=level, before=before)
                step = end - at
                break
        at += step


def _is_capital(word: str) -> bool:
    return word[0].isupper() or word.isdigit()


def _level(spellings: dict[str, Level], key: str, words: list[str]) -> Level | None:
    """By the name's very marks, or by any where none are typed; a single word must be written as it is."""
    typed = marked(words)
    if level := spellings.get(typed):
        return level
    if typed != key or (len(words) == 1 and not key.isdigit()):
        return None
    return max(spellings.values(), key=LEVELS.index)


@cache
def _names(home: str) -> tuple[frozenset[str], dict[str, dict[str, Level]]]:
    """Keys of our own names, of all times; of all others by key their spellings with marks, each with its level."""
    names = vocabulary(home, gazetteer.official()).names
    ours = frozenset(key for key, toponyms in names.items() if any(toponym.home for toponym in toponyms))
    away: dict[str, dict[str, Level]] = {}
    for level in LEVELS:
        for key, units in elsewhere(level).items():
            if key not in ours:
                away.setdefault(key, {}).update({marked(tokens(unit.short)): level for unit in units})
    for short in _SHORT - ours:
        away[short] = {short: "province"}
    return ours, away
