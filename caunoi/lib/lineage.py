"""From which units of the past a province of today came, by the state's own list. Pure."""

from collections.abc import Iterable
from datetime import date

from caunoi.lib import gazetteer
from caunoi.lib.gazetteer import Unit


def past(province: str) -> list[Unit]:
    """Every unit that has ended and of which something is in this province today: communes, districts, provinces; those
    that ended last come first, so that what follows a unit stands before it. KeyError for no province of the list's end."""
    every = gazetteer.everything()
    known = {(u.code, u.valid_from) for u in every if u.valid_to is None and u.province == province}
    if not known:
        raise KeyError(province)
    found = []
    ended = [u for u in every if u.valid_to is not None]
    for unit in sorted(ended, key=lambda u: (u.valid_to or date.max, u.code), reverse=True):
        if any((heir.code, heir.valid_from) in known for heir in heirs(unit)):
            known.add((unit.code, unit.valid_from))
            found.append(unit)
    return found


def heirs(unit: Unit) -> list[Unit]:
    """What followed a unit on the day it ended, the main part first."""
    follow = (gazetteer.unit(code, unit.valid_to) for code in unit.successors)
    return [heir for heir in follow if heir is not None and unit.valid_to is not None]


def days(province: str) -> list[date]:
    """The days on which units of the province changed, the last first."""
    return sorted({u.valid_to for u in past(province) if u.valid_to}, reverse=True)


def levels(units: Iterable[Unit]) -> list[Unit]:
    """The larger before what lies in them."""
    order = {"province": 0, "district": 1, "commune": 2}
    return sorted(units, key=lambda u: (order[u.level], u.code))
