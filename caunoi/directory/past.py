"""Units that have ended, from the state's own list, so that old tickets and figures have their names and boundaries."""

from datetime import date, timedelta

from django.db import transaction

from caunoi.directory.actions import forget
from caunoi.directory.models import Area, AreaSuccession
from caunoi.directory.queries import unit_row
from caunoi.lib.places import lineage
from caunoi.lib.places.gazetteer import Unit
from caunoi.lib.vietnamese.writing import fold, sort_key


@transaction.atomic
def save_past(province: str) -> int:
    """Write the ended communes, districts and provinces that are missing, and what followed them; called again it
    changes nothing. Returns how many units. The units of today must be there already."""
    rows = {(a.code, a.valid_from, a.valid_to): a for a in Area.objects.defer("outline")}
    units = lineage.past(province)
    fresh = []
    for unit in lineage.levels(units):
        if (unit.code, unit.valid_from, unit.valid_to) not in rows:
            rows[unit.code, unit.valid_from, unit.valid_to] = area = row(unit)
            fresh.append(area)
    Area.objects.bulk_create(fresh, batch_size=500)
    _settle(units, rows)
    follows = [
        AreaSuccession(old=rows[u.code, u.valid_from, u.valid_to], new=new, on=u.valid_to)
        for u in units
        if u.valid_to
        for heir in lineage.heirs(u)
        if (new := rows.get((heir.code, heir.valid_from, heir.valid_to)))
    ]
    AreaSuccession.objects.bulk_create(follows, ignore_conflicts=True, batch_size=2000)
    forget()
    return len(fresh)


def row(unit: Unit) -> Area:
    """A unit of the state's list as a row, not saved and without its parent."""
    return Area(**unit_row(unit), sort=sort_key(unit.name), folded=fold(unit.name), valid_to=unit.valid_to)


def _settle(units: list[Unit], rows: dict[tuple[str, date | None, date | None], Area]) -> None:
    """Each unit in the district (a district, and since the reform a commune, in the province) that it lay in."""
    moved = []
    for unit in units:
        area = rows[unit.code, unit.valid_from, unit.valid_to]
        within = unit.district if unit.level == "commune" and unit.district else unit.province
        if unit.level == "province" or area.parent_id is not None:
            continue
        there = [a for (code, *_), a in rows.items() if code == within and _together(a, unit)]
        if there:
            area.parent = there[0]
            moved.append(area)
    Area.objects.bulk_update(moved, ["parent"], batch_size=500)


def _together(area: Area, unit: Unit) -> bool:
    """Whether an area was in force on a unit's last day."""
    return unit.valid_to is not None and area.holds_on(unit.valid_to - timedelta(days=1))
