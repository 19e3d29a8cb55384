"""Units follow one another: ending ones are closed, new ones made, and which followed which is stored for ever."""

from collections.abc import Mapping, Sequence
from typing import Any

from caunoi.directory.actions import forget
from caunoi.directory.models import Agency, AgencySuccession, Area, AreaSuccession, FormerName
from caunoi.events.actions import record
from caunoi.events.actor import Actor
from caunoi.events.models import Event
from caunoi.lib.places.succession import NewUnit, Plan
from caunoi.lib.vietnamese.writing import fold, sort_key

PLACE = ("latitude", "longitude", "area_km2")


def succeed(plan: Plan, *, by: Actor) -> Plan:
    """Bring units and what refers to them up to date; called again for the same plan it changes nothing. Returns the
    plan with the ids of the new rows."""
    ending = list(Agency.objects.filter(pk__in=plan.ends_agencies, valid_to=None).values_list("pk", "code"))
    Area.objects.filter(pk__in=plan.ends_areas, valid_to=None).update(valid_to=plan.on)
    Agency.objects.filter(pk__in=plan.ends_agencies, valid_to=None).update(valid_to=plan.on)
    areas = {pk: unit for pk, unit in plan.begins.items() if unit.what == "area"}
    made = _areas(plan, areas)
    made |= _agencies({pk: unit for pk, unit in plan.begins.items() if unit.what == "agency"}, plan)
    full = plan.with_ids(made)
    for model, column, moves in (
        (Agency, "area", full.agency_areas),
        (Agency, "parent", full.parents),
        (Area, "parent", full.area_parents),
    ):
        rows: dict[int, Any] = model._default_manager.in_bulk(moves)
        for pk, row in rows.items():
            setattr(row, f"{column}_id", moves[pk])
        model._default_manager.bulk_update(rows.values(), [column], batch_size=500)
    _keep(full)
    _rename(full, by)
    _tell(full, [("agency.end", pk, code) for pk, code in ending], made, by)
    forget()
    return full


def _rename(plan: Plan, by: Actor) -> None:
    """Agencies go on under another name; the former one is stored with its last day."""
    rows = Agency.objects.in_bulk(plan.renames)
    for pk, agency in rows.items():
        unit = plan.renames[pk]
        former = {"name": agency.name, "name_en": agency.name_en, "short": agency.short, "until": plan.on}
        if FormerName.objects.get_or_create(agency=agency, act=plan.act, defaults=former)[1]:
            data = {"code": agency.code, "act": plan.act, "number": plan.number, "before": {"name": agency.name}}
            agency.name, agency.name_en, agency.short = unit.name, unit.name_en, unit.short
            agency.sort = sort_key(unit.name)
            record("agency.rename", agency, by=by, at=plan.at, **data, after={"name": unit.name})
    Agency.objects.bulk_update(rows.values(), ["name", "name_en", "short", "sort"], batch_size=500)


def _outline(plan: Plan, new: int, areas: Mapping[int, Area]) -> dict[str, Any] | None:
    """The outline of a commune merged from whole ones: theirs, side by side; None when one has none or was divided."""
    before = [old for old, heirs in plan.ends_areas.items() if new in heirs]
    parts: list[Any] = []
    for old in before:
        outline = areas[old].outline
        if outline is None or len(plan.ends_areas[old]) > 1:
            return None
        parts += [outline["coordinates"]] if outline["type"] == "Polygon" else outline["coordinates"]
    if not parts:
        return None
    if len(parts) == 1:
        return {"type": "Polygon", "coordinates": parts[0]}
    return {"type": "MultiPolygon", "coordinates": parts}


def _areas(plan: Plan, begins: Mapping[int, NewUnit]) -> dict[int, int]:
    """The new areas, each under the parent of the area it is modelled on."""
    existing = Area.objects.in_bulk([*plan.ends_areas, *(unit.like for unit in begins.values() if unit.like)])
    rows = {}
    for pk, unit in begins.items():
        like = existing.get(unit.like or 0)
        place = {name: getattr(unit, name) for name in PLACE}
        if like is not None and unit.latitude is None:
            place = {name: getattr(like, name) for name in PLACE}
        rows[pk] = Area(
            code=unit.code,
            name=unit.name,
            kind=unit.kind,
            sort=sort_key(unit.name),
            folded=fold(unit.name),
            parent_id=like.parent_id if like else None,
            valid_from=plan.on,
            outline=_outline(plan, pk, existing),
            **place,
        )
    Area.objects.bulk_create(rows.values(), batch_size=500)
    made = {pk: row.pk for pk, row in rows.items()}
    of_code = {row.code: row.pk for row in rows.values()}
    within = {unit.within for unit in begins.values()} - {""} - of_code.keys()
    of_code |= dict(Area.objects.filter(code__in=within, valid_to=None).values_list("code", "pk"))
    for pk, row in rows.items():
        if begins[pk].within:
            row.parent_id = of_code.get(begins[pk].within)
        elif heirs := plan.ends_areas.get(row.parent_id or 0):
            heir = heirs[0]
            row.parent_id = made.get(heir, heir)
    Area.objects.bulk_update(rows.values(), ["parent"], batch_size=500)
    return made


def _agencies(begins: Mapping[int, NewUnit], plan: Plan) -> dict[int, int]:
    """The new agencies, with the calendar, telephone and superior of their models."""
    existing = Agency.objects.in_bulk([unit.like for unit in begins.values() if unit.like])
    within = {unit.within for unit in begins.values() if unit.within}
    areas = {a.code: a.pk for a in Area.objects.filter(code__in=within, valid_to=None).defer("outline")}
    rows = {}
    for pk, unit in begins.items():
        like = existing.get(unit.like or 0)
        heirs = plan.ends_agencies.get(like.parent_id or 0, ()) if like else ()
        parent = next((heir for heir in heirs if heir > 0), None) if heirs else like.parent_id if like else None
        rows[pk] = Agency(
            code=unit.code,
            name=unit.name,
            name_en=unit.name_en,
            short=unit.short,
            kind=unit.kind,
            sort=sort_key(unit.name),
            parent_id=parent,
            area_id=areas.get(unit.within),
            valid_from=plan.on,
            calendar_id=like.calendar_id if like else None,
            phone=like.phone if like else "",
            email=like.email if like else "",
            address=like.address if like else "",
        )
    Agency.objects.bulk_create(rows.values(), batch_size=500)
    return {pk: row.pk for pk, row in rows.items()}


def _keep(plan: Plan) -> None:
    models: tuple[tuple[type[Any], Mapping[int, Sequence[int]]], ...] = (
        (AreaSuccession, plan.ends_areas),
        (AgencySuccession, plan.ends_agencies),
    )
    for model, ends in models:
        rows = [model(old_id=old, new_id=to, on=plan.on, act=plan.act) for old, heirs in ends.items() for to in heirs]
        model._default_manager.bulk_create(rows, ignore_conflicts=True, batch_size=2000)


def _tell(plan: Plan, ends: list[tuple[str, int, str]], made: Mapping[int, int], by: Actor) -> None:
    """Record in each agency's history by which act it began or ended; nothing reacts to that."""
    begins = [("agency.begin", made[pk], unit.code) for pk, unit in plan.begins.items() if unit.what == "agency"]
    events = []
    for kind, pk, code in ends + begins:
        event = Event(at=plan.at, kind=kind, subject="agency", subject_id=pk, pending=False, **by.signature)
        event.data = {"code": code, "act": plan.act, "number": plan.number}
        events.append(event)
    Event.objects.bulk_create(events)
