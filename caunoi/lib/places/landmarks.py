"""Well-known places of the provinces we serve and the communes they lie in today: rows of `data/landmarks.csv`."""

import csv
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files

from caunoi.lib.places import gazetteer
from caunoi.lib.places.gazetteer import Geography
from caunoi.lib.places.toponyms import key

LONGEST = 8
"""Words in the longest name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """A landmark named by the words `start` up to `end`, in the commune with this code."""

    start: int
    end: int
    code: str


def found_in(plain: list[str], home: str, geography: Geography) -> list[Mark]:
    """The landmarks of the province among these folded words, by place; the longest name counts."""
    codes = _landmarks(home, geography, geography.era())
    result: list[Mark] = []
    at = 0
    while at < len(plain):
        ends = range(min(at + LONGEST, len(plain)), at, -1)
        end = next((end for end in ends if _key(plain[at:end]) in codes), None)
        if end:
            result.append(Mark(start=at, end=end, code=codes[_key(plain[at:end])]))
        at = end or at + 1
    return result


def _key(plain: list[str]) -> str:
    return "".join(plain).replace("/", "")


@lru_cache(40)
def _landmarks(home: str, geography: Geography, era: date) -> dict[str, str]:
    """Key → code of the commune that day; of a landmark in a commune that was divided nobody knows in which part."""
    table = files("caunoi.lib.places").joinpath("data/landmarks.csv").read_text(encoding="utf-8")
    stands = {}
    for unit in gazetteer.communes(home):
        here = [one for one in geography.units if (one.code, one.valid_from) == (unit.code, unit.valid_from)]
        heirs = geography.successors(here[0], era) if here else []
        if len(heirs) == 1:
            stands[unit.code] = heirs[0].code
    rows = csv.DictReader(table.splitlines())
    return {key(row["name"]): stands[row["code"]] for row in rows if row["code"] in stands}
