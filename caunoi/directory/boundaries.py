"""Which unit stood on a day where each area stands: for figures in old or new boundaries."""

from datetime import date

from django.utils.timezone import localdate

from caunoi.directory.models import Area, AreaSuccession
from caunoi.lib.succession import Stretch, standing

type Boundaries = tuple[tuple[int, str, bool], ...]
"""Of every area there ever was: its id, the key of the unit that stood there, and whether that was in force on the day.
A key is the code; of a unit that was not in force on the day, the one of `dated`."""

NOW, THEN = "now", "then"


def boundaries(words: str) -> Boundaries:
    """`now`, `then` (each where it was when it was written down) or a day (YYYY-MM-DD). ValueError for other words."""
    on = localdate() if words in (NOW, THEN) else date.fromisoformat(words)
    rows = {a.pk: a for a in Area.objects.only("pk", "code", "valid_from", "valid_to")}
    stretches = [Stretch(id=a.pk, since=a.valid_from, until=a.valid_to) for a in rows.values()]
    there = {s.id for s in stretches if s.in_force(on)}
    if words == THEN:
        return tuple((pk, key(row, there), True) for pk, row in rows.items())
    stood = standing(stretches, AreaSuccession.objects.values_list("old_id", "new_id"), on)
    return tuple((pk, key(rows[to], there), to in there) for pk, to in stood.items())


def days() -> list[date]:
    """The days on which communes changed, the last first."""
    return list(AreaSuccession.objects.order_by("-on").values_list("on", flat=True).distinct())


def key(row: Area, there: set[int]) -> str:
    if row.pk in there:
        return row.code
    return dated(row.code, since=row.valid_from, until=row.valid_to)


def dated(code: str, *, since: date | None, until: date | None) -> str:
    """The key of a unit of another time: `25195~2025-07-01` ended then, `25195@2025-07-01` began then."""
    if until is not None:
        return f"{code}~{until.isoformat()}"
    return f"{code}@{since.isoformat()}" if since else code
