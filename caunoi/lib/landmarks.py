"""Well-known places of the provinces we serve and the communes they lie in today: rows of `data/landmarks.csv`."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from caunoi.lib import gazetteer
from caunoi.lib.toponyms import key

LONGEST = 8
"""Words in the longest name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """A landmark named by the words `start` up to `end`, in the commune with this code."""

    start: int
    end: int
    code: str


def found_in(plain: list[str], home: str) -> list[Mark]:
    """The landmarks of the province among these folded words, by place; the longest name counts."""
    known = _landmarks(home)
    found: list[Mark] = []
    at = 0
    while at < len(plain):
        ends = range(min(at + LONGEST, len(plain)), at, -1)
        end = next((end for end in ends if _key(plain[at:end]) in known), None)
        if end:
            found.append(Mark(start=at, end=end, code=known[_key(plain[at:end])]))
        at = end or at + 1
    return found


def _key(plain: list[str]) -> str:
    return "".join(plain).replace("/", "")


@cache
def _landmarks(home: str) -> dict[str, str]:
    table = files("caunoi.lib").joinpath("data/landmarks.csv").read_text(encoding="utf-8")
    codes = {unit.code for unit in gazetteer.communes(home)}
    return {key(row["name"]): row["code"] for row in csv.DictReader(table.splitlines()) if row["code"] in codes}
