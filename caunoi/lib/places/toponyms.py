"""The names a province's citizens use for places, each with the units it may mean.

A name is looked up by its key: folded and written together, so that missing or misplaced spaces do not matter.
Spellings that vary by office or habit (Mỹ/Mĩ, Đăk/Đắc, Hố Nai 3/III) are keys of their own.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from functools import cache, lru_cache
from itertools import combinations, product

from caunoi.lib.places import gazetteer
from caunoi.lib.places.gazetteer import Geography, Level, Unit
from caunoi.lib.vietnamese.writing import fold, norm, tokens

ABBREVIATIONS = {
    "hcm": "hochiminh",
    "tphcm": "hochiminh",
    "saigon": "hochiminh",
    "sg": "hochiminh",
    "hn": "hanoi",
    "brvt": "bariavungtau",
}
"""What the whole country calls some provinces → the key of their name."""

SHORTEST_CORRECTED, LONGEST_CORRECTED = 5, 25
SHORTEST_CORRECTED_TWICE = 9
_OTHER_MEANINGS = {"tp", "tx", "tt", "kp"}
"""Initials that mean something else."""
_ROMAN = {"1": "i", "2": "ii", "3": "iii", "4": "iv"}
_LATE_Y = re.compile(r"(?<=[bcdghklmnpqrstvxđ])(?:y|ý|ỳ|ỷ|ỹ|ỵ)$")
_Y = str.maketrans("yýỳỷỹỵ", "iíìỉĩị")


@dataclass(frozen=True, kw_only=True, slots=True)
class Toponym:
    """One name of one unit. `kind` is folded ("phuong"), `marked` the key with marks ("" where they are not known).

    `home`: it lies in the province we answer for. `former`: a name from before our records, given up before 2025.
    """

    unit: Unit
    kind: str
    marked: str
    home: bool = True
    former: bool = False


@dataclass(frozen=True, kw_only=True)
class Toponyms:
    """The vocabulary of one province: `names` by key, `near` the keys by what is left of them after a slip or two.

    `origins` tells of each commune since the reform the codes of the old districts and provinces it was made from.
    """

    home: str
    geography: Geography
    names: dict[str, list[Toponym]] = field(default_factory=dict)
    near: dict[str, set[str]] = field(default_factory=dict)
    origins: dict[str, set[str]] = field(default_factory=dict)

    def corrected(self, key: str, typed: str) -> tuple[list[Toponym], int]:
        """The home's names within one slip of this key (two for long ones), all of the nearest, and how many slips.

        `typed` is the key with marks; where it has any, they decide between equally near names.
        """
        if not SHORTEST_CORRECTED <= len(key) <= LONGEST_CORRECTED:
            return [], 0
        close = set().union(*(self.near.get(rest, ()) for rest in _shortened(key)))
        most = {other: 2 if min(len(key), len(other)) >= SHORTEST_CORRECTED_TWICE else 1 for other in close}
        distances = {other: count for other in sorted(close) if (count := slips(key, other)) <= most[other]}
        least = min(distances.values(), default=0)
        near = [toponym for other, count in distances.items() if count == least for toponym in self.names[other]]
        near = [toponym for toponym in near if toponym.home and not toponym.former]
        if typed != key and len(near) > 1:
            apart = [slips(typed, toponym.marked or typed) for toponym in near]
            near = [toponym for toponym, count in zip(near, apart, strict=True) if count == min(apart)]
        return near, least


def key(name: str) -> str:
    """The lookup key of a name: folded and without blanks (Đức Liễu → duclieu)."""
    return "".join(fold(word) for word in tokens(name))


def marked(words: list[str]) -> str:
    """A name without blanks but with marks, tones and i/y normalised: mỹ hoà → mĩhòa."""
    return "".join(_LATE_Y.sub(lambda y: y.group().translate(_Y), norm(word)) for word in words)


def slips(one: str, other: str) -> int:
    """Letters dropped, added, changed or swapped with their neighbour between the two (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, b in enumerate(other, 1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if last and j > 1 and a == other[j - 2] and one[i - 2] == b:
                best = min(best, last[j - 2] + 1)
            row.append(best)
    return row[-1]


def vocabulary(home: str, geography: Geography) -> Toponyms:
    """The vocabulary of the province with this code: its units of all times, and the names of all others' above them.

    Raises ValueError for a code that no province bears today.
    """
    return _vocabulary(home, geography, geography.era())


@lru_cache(40)
def _vocabulary(home: str, geography: Geography, era: date) -> Toponyms:
    province = geography.unit(home, era)
    if province is None or province.level != "province":
        raise ValueError(f"no province bears the code {home!r} today")
    result = Toponyms(home=home, geography=geography)
    homes = {unit.code for unit in geography.provinces(gazetteer.REFORM.replace(month=6)) if home in unit.successors}
    for unit in geography.units:
        at_home = unit.province == home if unit.valid_from else unit.province in homes
        if at_home or unit.level != "commune":
            _add(result, unit, at_home=at_home)
        if at_home and unit.level == "commune":
            for after in geography.followers(unit):
                result.origins.setdefault(after.code, set()).update({unit.province, unit.district} - {""})
    _add_short_names(result)
    for name in result.names:
        if len(name) >= SHORTEST_CORRECTED and any(toponym.home for toponym in result.names[name]):
            for rest in _shortened(name):
                result.near.setdefault(rest, set()).add(name)
    return result


@cache
def elsewhere(level: Level) -> dict[str, list[Unit]]:
    """All the country's units of one level, of all times, by key."""
    result: dict[str, list[Unit]] = {}
    for unit in gazetteer.everything():
        if unit.level == level:
            result.setdefault(key(unit.short), []).append(unit)
    return result


def _add(toponyms: Toponyms, unit: Unit, *, at_home: bool) -> None:
    words = tokens(unit.short)
    toponym = Toponym(unit=unit, kind=key(unit.kind), marked=marked(words), home=at_home)
    for spelling in _spellings(words):
        toponyms.names.setdefault(spelling, []).append(toponym)
    for alias in unit.aliases if at_home and unit.level == "commune" else ():
        kind = next((kind for kind in ("thitran", "phuong", "xa") if alias.startswith(kind)), "")
        name = alias.removeprefix(kind)
        if kind and len(name) > 3:
            same = name == key(unit.short)
            former = Toponym(unit=unit, kind=kind, marked=toponym.marked if same else "", former=not same)
            toponyms.names.setdefault(name, []).append(former)


def _add_short_names(toponyms: Toponyms) -> None:
    """Initials of the home's provinces (ĐN, BP) and districts (ĐX), and what the country calls its large cities."""
    for units in [list(toponyms) for toponyms in toponyms.names.values()]:
        for toponym in units:
            unit, initials = toponym.unit, "".join(word[0] for word in tokens(fold(toponym.unit.short)))
            if toponym.home and unit.level != "commune" and len(initials) > 1 and initials not in _OTHER_MEANINGS:
                short = Toponym(unit=unit, kind=toponym.kind, marked="", home=True)
                toponyms.names.setdefault(initials, []).append(short)
    for name, full in ABBREVIATIONS.items():
        toponyms.names.setdefault(name, []).extend(toponyms.names[full])


def _spellings(words: list[str]) -> set[str]:
    """Keys under which the name is looked for."""
    choices: list[set[str]] = []
    for word in map(fold, words):
        forms = {word, _ROMAN.get(word, word)}
        if word in ("dak", "dac", "dack"):
            forms = {"dak", "dac", "dack"}
        elif len(word) > 1 and re.fullmatch("[bcdghklmnpqrstvx]+[iy]", word):
            forms = {word[:-1] + "i", word[:-1] + "y"}
        choices.append(forms)
    return {"".join(form) for form in product(*choices)}


def _shortened(key: str) -> set[str]:
    """The key itself and what is left of it without one letter, and without two if it is long."""
    most = 2 if len(key) >= SHORTEST_CORRECTED_TWICE else 1
    return {
        "".join(letter for at, letter in enumerate(key) if at not in left_out)
        for count in range(most + 1)
        for left_out in combinations(range(len(key)), count)
    }
