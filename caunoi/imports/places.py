"""Communes of old addresses, which repeat: each spelling is resolved once. Pure."""

from dataclasses import dataclass
from datetime import date

from caunoi.lib.places.address import resolve
from caunoi.lib.places.gazetteer import Geography

MOST = 50_000


@dataclass(frozen=True)
class Place:
    """The code of the commune of today, or why there is none: area_unclear, area_outside."""

    code: str
    why: str


class Places:
    """A cache of one import's places; a place is the same for all days between two reforms."""

    def __init__(self, home: str, geography: Geography) -> None:
        self.home, self.geography = home, geography
        self.cache: dict[tuple[str, date], Place] = {}

    def find(self, words: str, on: date) -> Place:
        era = self.geography.era(on)
        key = (" ".join(words.lower().split()), era)
        if key not in self.cache:
            if len(self.cache) >= MOST:
                self.cache.clear()
            answer = resolve(words, on=on, home=self.home, geography=self.geography)
            why = "" if answer.area_code else "area_outside" if answer.outside else "area_unclear"
            self.cache[key] = Place(answer.area_code or "", why)
        return self.cache[key]
