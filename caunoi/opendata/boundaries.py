"""Areas in old and in new boundaries: what the commune of a ticket is today, and what it was made of before the
reform."""

from dataclasses import dataclass
from datetime import date, timedelta

from caunoi.directory.geography import geography
from caunoi.lib.places.gazetteer import REFORM, Unit
from caunoi.opendata.fields import MARKS

BEFORE = REFORM - timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Boundaries:
    """`now`: the units in force today (several after a split), `then`: the communes before the reform, both by code.
    Both are empty for an unknown unit."""

    now: tuple[Unit, ...] = ()
    then: tuple[Unit, ...] = ()

    def columns(self, code: str, name: str) -> dict[str, str | None]:
        """The area's fields of an open ticket; `code` and `name` are used for an unknown unit."""
        districts = {one.district: geography().unit(one.district, BEFORE) for one in self.then}
        return {
            "area_code": MARKS.join(unit.code for unit in self.now) or code,
            "area": MARKS.join(unit.name for unit in self.now) or name,
            "old_area_codes": MARKS.join(unit.code for unit in self.then) or None,
            "old_district_codes": MARKS.join(sorted(districts)) or None,
            "old_districts": MARKS.join(d.name for _, d in sorted(districts.items()) if d) or None,
        }


def boundaries_of(code: str, until: date | None = None) -> Boundaries:
    """The boundaries of a unit in force now, or up to (not including) `until`."""
    unit = geography().unit(code, until - timedelta(days=1) if until else None)
    if unit is None:
        return Boundaries()
    now = geography().successors(unit)
    if unit.valid_to == REFORM:
        return Boundaries(now=tuple(now), then=(unit,))
    olds = {old.code: old for one in now for old in geography().predecessors(one)}
    return Boundaries(now=tuple(now), then=tuple(old for _, old in sorted(olds.items())))


def crosswalk(code: str) -> list[tuple[str | None, ...]]:
    """A commune of today against each commune it was made of: rows of AREA_FIELDS."""
    rows: list[tuple[str | None, ...]] = []
    for unit in boundaries_of(code).now:
        since = unit.valid_from.isoformat() if unit.valid_from else None
        for old in geography().predecessors(unit):
            district, province = geography().unit(old.district, BEFORE), geography().unit(old.province, BEFORE)
            former = (old.code, old.name, old.district, district.name if district else None)
            rows.append((unit.code, unit.name, since, *former, old.province, province.name if province else None))
    return rows
