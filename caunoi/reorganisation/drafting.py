"""Drafts from existing data: the state's own list of a day, and the committees of the areas that change."""

from collections.abc import Collection

from django.db import transaction

from caunoi.directory.models import Agency, Area
from caunoi.directory.queries import in_force, province_code
from caunoi.events.actor import Actor
from caunoi.lib.places.succession import NewUnit
from caunoi.reorganisation import actions, official, queries
from caunoi.reorganisation.models import Act
from caunoi.reorganisation.official import Ground, Office
from caunoi.reorganisation.plan import Change


@transaction.atomic
def from_list(act: Act, *, by: Actor) -> Act:
    """Everything that the state's own list has for the act's day, with the committees of those areas; existing lines of
    the draft stay. LookupError when the list has nothing for that day."""
    mine = {pk for line in queries.lines(act) for pk in line.ends if line.what == "area"}
    areas = [Ground(id=a.pk, code=a.code, name=a.name) for a in _areas() if a.pk not in mine]
    changes, begins = official.of_day(province_code(), act.on, areas)
    if not changes:
        raise LookupError(act.on.isoformat())
    return add_with_offices(act, changes, begins, by=by)


def _areas() -> list[Area]:
    return list(Area.objects.filter(in_force()).defer("outline"))


def add_with_offices(act: Act, changes: Collection[Change], begins: Collection[NewUnit], *, by: Actor) -> Act:
    """Changes of areas, and what becomes of the committees and police there."""
    grounds = {a.pk: Ground(id=a.pk, code=a.code, name=a.name) for a in _areas()}
    rows = Agency.objects.filter(in_force(), area__isnull=False).order_by("pk")
    there = [Office(id=a.pk, code=a.code, name=a.name, kind=a.kind, area=a.area_id or 0, short=a.short) for a in rows]
    codes = set(Agency.objects.values_list("code", flat=True)) | {u["code"] for u in act.units}
    more, offices = official.offices(changes, begins, there, grounds, codes)
    return actions.add(act, [*changes, *more], [*begins, *offices], by=by)
