from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.timezone import now

from caunoi.directory import queries
from caunoi.directory.models import Agency, Area, Option, Text
from caunoi.directory.options import OPTIONS
from caunoi.events.actions import record
from caunoi.events.actor import Actor
from caunoi.lib import gazetteer
from caunoi.lib.vietnamese import fold, sort_key


def compare_areas(rows: Iterable[Mapping[str, Any]]) -> tuple[list[Area], list[Area]]:
    """Communes that are new, and known ones with the new values, by code; nothing is saved."""
    known = {a.code: a for a in Area.objects.filter(valid_to=None)}
    fresh, changed = [], []
    for row in rows:
        values = {**row, "sort": sort_key(row["name"]), "folded": fold(row["name"])}
        if row["code"] not in known:
            fresh.append(Area(**values))
        else:
            area = known[row["code"]]
            if any(getattr(area, k) != v for k, v in values.items() if k != "parent"):
                for key, value in values.items():
                    setattr(area, key, value)
                changed.append(area)
    return fresh, changed


def save_areas(rows: Iterable[Mapping[str, Any]]) -> int:
    """Bring communes up to date by code; called twice with the same rows it changes nothing. Returns how many rows."""
    fresh, changed = compare_areas(rows)
    Area.objects.bulk_create(fresh)
    if changed:
        fields = ["name", "kind", "sort", "folded", "latitude", "longitude", "area_km2", "outline", "valid_from"]
        Area.objects.bulk_update(changed, fields, batch_size=50)
    queries.forget()
    return len(fresh) + len(changed)


def save_province(code: str) -> Area:
    """The province's own row, made where it lacks. KeyError when the state knows no province of that code today."""
    known = Area.objects.filter(code=code, valid_to=None).first()
    if known is None:
        unit = gazetteer.unit(code)
        if unit is None or unit.level != "province":
            raise KeyError(code)
        save_areas([queries.unit_row(unit)])
        known = Area.objects.get(code=code, valid_to=None)
    return known


def save_agencies(rows: Iterable[Mapping[str, Any]]) -> None:
    """Bring agencies up to date by code."""
    for row in rows:
        values = {**row, "sort": sort_key(row["name"])}
        Agency.objects.update_or_create(code=values.pop("code"), defaults=values)


@transaction.atomic
def set_option(name: str, value: int | bool | str, *, by: Actor) -> Option:
    """Change one of the province's numbers. KeyError for an unknown name, ValueError for a value of another type."""
    if type(value) is not type(OPTIONS[name].default):
        raise ValueError(name)
    row, _ = Option.objects.update_or_create(name=name, defaults={"value": value})
    record("option.set", row, by=by, name=name, value=value)
    queries.forget()
    return row


@transaction.atomic
def write_text(key: str, body: str, *, by: Actor, body_en: str = "") -> Text:
    """Add a new version of a text; the old ones stay, for those who agreed to them."""
    last = Text.objects.filter(key=key).aggregate(last=Max("version"))["last"] or 0
    text = Text.objects.create(key=key, version=last + 1, body=body, body_en=body_en, since=now())
    record("text.write", text, by=by, key=key, version=text.version)
    return text
