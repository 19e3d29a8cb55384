"""Which units of the past became a province of today, by the state's own list. Pure."""

from collections.abc import Iterable
from datetime import date
from functools import cache

from caunoi.lib.places import gazetteer
from caunoi.lib.places.gazetteer import Unit


def past(province: str) -> list[Unit]:
    """Every unit that has ended and of which something is in this province today: communes, districts, provinces; those
    that ended last come first, so that what follows a unit stands before it. KeyError for no province of the list's
    end."""
    open_ = [u for u in gazetteer.everything() if u.valid_to is None and u.province == province]
    if not open_:
        raise KeyError(province)
    ended: dict[tuple[str, date | None], Unit] = {}
    while open_:
        unit = open_.pop()
        for old in _before().get((unit.code, unit.valid_from), ()):
            if (old.code, old.valid_from) not in ended:
                ended[old.code, old.valid_from] = old
                open_.append(old)
    by_code = sorted(ended.values(), key=lambda u: u.code, reverse=True)
    return sorted(by_code, key=lambda u: u.valid_to or date.max, reverse=True)


@cache
def _before() -> dict[tuple[str, date | None], list[Unit]]:
    """A unit (code, first day) → those that it followed."""
    result: dict[tuple[str, date | None], list[Unit]] = {}
    for unit in gazetteer.everything():
        for heir in heirs(unit) if unit.valid_to else ():
            result.setdefault((heir.code, heir.valid_from), []).append(unit)
    return result


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
