from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max, ProtectedError
from django.utils.timezone import localdate, now

from caunoi.directory import queries
from caunoi.directory.models import Agency, Area, Calendar, Category, Day, Option, Text
from caunoi.directory.options import OPTIONS
from caunoi.events.actions import amend, record
from caunoi.events.actor import Actor, administrators_only
from caunoi.events.models import Event
from caunoi.lib.places import gazetteer
from caunoi.lib.vietnamese.writing import fold, sort_key
from caunoi.lib.worktime import counting


def compare_areas(rows: Iterable[Mapping[str, Any]]) -> tuple[list[Area], list[Area]]:
    """The new communes, and the changed ones with their new values, by code; nothing is saved."""
    existing = {a.code: a for a in Area.objects.filter(valid_to=None)}
    fresh, changed = [], []
    for row in rows:
        values = {**row, "sort": sort_key(row["name"]), "folded": fold(row["name"])}
        if row["code"] not in existing:
            fresh.append(Area(**values))
        else:
            area = existing[row["code"]]
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
    """The province's own row, made where it is missing. KeyError for a code that is no province of today."""
    area = Area.objects.filter(code=code, valid_to=None).first()
    if area is None:
        unit = gazetteer.unit(code)
        if unit is None or unit.level != "province":
            raise KeyError(code)
        save_areas([queries.unit_row(unit)])
        area = Area.objects.get(code=code, valid_to=None)
    return area


def save_agencies(rows: Iterable[Mapping[str, Any]]) -> None:
    """Bring agencies up to date by code."""
    for row in rows:
        values = {**row, "sort": sort_key(row["name"])}
        Agency.objects.update_or_create(code=values.pop("code"), defaults=values)


def forget() -> None:
    """Drop the cached tables, now and once the change is committed."""
    queries.forget()
    transaction.on_commit(queries.forget)


@transaction.atomic
def set_option(name: str, value: int | bool | str, *, by: Actor) -> Event | None:
    """Change one of the province's options; None when nothing changes. KeyError for an unknown name, ValueError for a
    value of another type or out of bounds."""
    administrators_only(by)
    OPTIONS[name].check(value)
    old = Option.objects.filter(name=name).first()
    before = old.value if old else OPTIONS[name].default
    if value == before:
        return None
    row, _ = Option.objects.update_or_create(name=name, defaults={"value": value})
    forget()
    return record("option.set", row, by=by, name=name, value=value, before=before)


@transaction.atomic
def write_text(key: str, body: str, *, by: Actor, body_en: str = "") -> Text:
    """Add a new version of a text; the old ones stay, for those who agreed to them."""
    administrators_only(by)
    last = Text.objects.filter(key=key).aggregate(last=Max("version"))["last"] or 0
    text = Text.objects.create(key=key, version=last + 1, body=body, body_en=body_en, since=now())
    record("text.write", text, by=by, key=key, version=text.version)
    return text


@transaction.atomic
def add_category(code: str, *, by: Actor, **values: Any) -> Category:
    """A new category. IntegrityError when there is one of this code, retired or not."""
    administrators_only(by)
    row = Category.objects.create(code=code, valid_from=localdate(), **values)
    record("category.add", row, by=by, code=code)
    forget()
    return row


@transaction.atomic
def edit_category(category: Category, *, by: Actor, **values: Any) -> Event | None:
    """Change what a category says, or the defaults of the tickets to come."""
    administrators_only(by)
    event = amend("category.edit", category, values, by=by, code=category.code)
    forget()
    return event


@transaction.atomic
def add_agency(code: str, *, by: Actor, **values: Any) -> Agency:
    """A new agency. IntegrityError when there is one of this code, retired or not."""
    administrators_only(by)
    row = Agency.objects.create(code=code, valid_from=localdate(), sort=sort_key(values["name"]), **values)
    record("agency.add", row, by=by, code=code)
    forget()
    return row


@transaction.atomic
def edit_agency(agency: Agency, *, by: Actor, **values: Any) -> Event | None:
    """Change what an agency is called, how it is reached, and by which calendar its own clocks run."""
    administrators_only(by)
    event = amend("agency.edit", agency, values, by=by, code=agency.code)
    if "name" in values:
        Agency.objects.filter(pk=agency.pk).update(sort=sort_key(agency.name))
    forget()
    return event


@transaction.atomic
def remove_agency(row: Agency, *, by: Actor) -> bool:
    """Delete an agency that nothing belongs to yet; False when something does."""
    administrators_only(by)
    pk = row.pk
    try:
        with transaction.atomic():
            row.delete()
    except ProtectedError:
        return False
    row.pk = pk
    record("agency.remove", row, by=by, code=row.code)
    forget()
    return True


@transaction.atomic
def retire(row: Agency | Category, *, by: Actor) -> Event | None:
    """From today on nobody can choose it; tickets keep it."""
    return _limit("retire", row, localdate(), by)


@transaction.atomic
def restore(row: Agency | Category, *, by: Actor) -> Event | None:
    """Put a retired row in force again."""
    return _limit("restore", row, None, by)


def _limit(verb: str, row: Agency | Category, until: date | None, by: Actor) -> Event | None:
    administrators_only(by)
    event = amend(f"{row._meta.model_name}.{verb}", row, {"valid_to": until}, by=by, code=row.code)
    forget()
    return event


@transaction.atomic
def save_calendar(code: str, name: str, sessions: Mapping[str, Any], *, by: Actor) -> Calendar:
    """A calendar by its code, made or changed; open deadlines are recalculated. ValueError for invalid sessions."""
    administrators_only(by)
    counting.calendar(code, sessions=sessions)
    row, new = Calendar.objects.get_or_create(code=code, defaults={"name": name, "sessions": sessions})
    if new:
        record("calendar.add", row, by=by, code=code)
    else:
        amend("calendar.edit", row, {"name": name, "sessions": sessions}, by=by, code=code)
    forget()
    return row


def _day_data(day: Day) -> dict[str, Any]:
    calendar = day.calendar.code if day.calendar else ""
    return {"date": day.date.isoformat(), "works": day.works, "note": day.note, "calendar": calendar}


@transaction.atomic
def set_day(date: date, works: bool, *, by: Actor, note: str = "", calendar: Calendar | None = None) -> Day:
    """Make a date a day off, or a working day, for one calendar or for all that keep holidays; open deadlines are
    recalculated."""
    administrators_only(by)
    old = Day.objects.filter(calendar=calendar, date=date).select_related("calendar").first()
    before = _day_data(old) if old else None
    row, _ = Day.objects.update_or_create(calendar=calendar, date=date, defaults={"works": works, "note": note})
    record("day.set", row, by=by, before=before, **_day_data(row))
    forget()
    return row


@transaction.atomic
def remove_day(day: Day, *, by: Actor) -> Event:
    """Let a date follow the week and the public holidays again; open deadlines are recalculated."""
    administrators_only(by)
    event = record("day.remove", day, by=by, **_day_data(day))
    day.delete()
    forget()
    return event
