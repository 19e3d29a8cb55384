"""Word lists for recognising names, read once from `data/*.txt`."""

from functools import cache
from importlib.resources import files

from caunoi.lib.places import gazetteer
from caunoi.lib.vietnamese.writing import fold, norm


def _lines(name: str) -> list[str]:
    lines = files("caunoi.lib.privacy").joinpath(f"data/{name}.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _words(name: str) -> frozenset[str]:
    return frozenset(" ".join(_lines(name)).split())


def _names(name: str) -> frozenset[str]:
    return frozenset(entry for line in _lines(name) for entry in line.split("|"))


FAMILIES = _words("families")
"""Family names in lower case with marks."""
COMMON_FAMILIES = frozenset(_lines("families")[0].split())
"""Those frequent enough to make a name of two words."""
BARE_FAMILIES = frozenset(map(fold, COMMON_FAMILIES))
"""The frequent ones as written without marks."""
GIVEN_NAMES = _words("given")
"""Given names that are hardly another word even when written small."""
CAPITAL_GIVEN = GIVEN_NAMES | _words("given_capital")
"""Given names that are known as such when capitalised."""
NOT_NAMES = _words("not_names")
"""Capitalised words that never begin a name."""
STREETS = frozenset(" ".join(map(norm, name.split())) for name in _names("streets"))
"""People after whom streets, schools and wards are called, in lower case with marks, tones placed by `norm`."""
BARE_STREETS = frozenset(map(fold, STREETS))
"""The same as written without marks."""
MARKED_PLACES = _names("places")
"""Places that look like a person, in lower case with marks."""
PLACES = frozenset(map(fold, MARKED_PLACES))
"""The same, folded."""
CALLED = _words("called") | GIVEN_NAMES | CAPITAL_GIVEN
"""Syllables of which names are made; most are another word too."""
BARE_CALLED = frozenset(map(fold, CALLED))
COMMON = _words("common")
"""Words that messages are made of."""
NO_NAMES_OF_SMALL = _words("after_titles")
"""Syllables of names that, written small after a form of address, are another word."""
THINGS = _names("things")
"""What is called by names that might be a person's, in lower case with marks."""
RELATIONS = _names("relations")
"""What somebody is to others or by trade, in lower case with marks; a name may follow."""
BARE_RELATIONS = frozenset(
    phrase for phrase in map(fold, RELATIONS) if " " in phrase or phrase in ("vo", "cha", "facebook")
)
"""The same as written without marks, those aside that are then another word."""


PAIRS = frozenset(
    f"{norm(first)} {norm(second)}"
    for line in _lines("pairs")
    for first, *seconds in [line.split()]
    for second in seconds
)
"""Two words written small that stand together in messages that name nobody, in lower case with marks, tones placed by
`norm`: hành nghề."""
BARE_PAIRS = frozenset(map(fold, PAIRS))
"""The same as written without marks."""
OFTEN = {word: rank for rank, line in enumerate(_lines("often"), 1) for word in line.split()}
"""How often a word stands in messages that name nobody, from 1 to 4; in lower case, also without marks."""


@cache
def areas() -> frozenset[str]:
    """What the country's provinces, districts and communes are called, now and before, folded; of two words or more."""
    return frozenset(name for unit in gazetteer.everything() if " " in (name := fold(unit.short)))
