"""Which unit stood on a day where each area or agency stands: for figures as organised now or then."""

from copy import copy
from datetime import date
from typing import Any

from django.utils.timezone import localdate

from caunoi.directory.models import Agency, AgencySuccession, Area, AreaSuccession, FormerName
from caunoi.directory.queries import Fresh
from caunoi.lib.places.succession import Stretch, standing

type Boundaries = tuple[tuple[int, str, bool], ...]
"""Of every area there ever was: its id, the key of the unit that stood there, and whether that was in force on the day.
A key is the code, or for a unit that was not in force on the day a `dated` one."""

NOW, THEN = "now", "then"


def boundaries(words: str) -> Boundaries:
    """`now`, `then` (each ticket where it was when it was recorded) or a day (YYYY-MM-DD). ValueError for other
    words."""
    on = localdate() if words in (NOW, THEN) else date.fromisoformat(words)
    rows = {a.pk: a for a in Area.objects.only("pk", "code", "valid_from", "valid_to")}
    stretches = [Stretch(id=a.pk, since=a.valid_from, until=a.valid_to) for a in rows.values()]
    there = {s.id for s in stretches if s.in_force(on)}
    if words == THEN:
        return tuple((pk, key(row, there), True) for pk, row in rows.items())
    stood = standing(stretches, AreaSuccession.objects.values_list("old_id", "new_id"), on)
    return tuple((pk, key(rows[to], there), to in there) for pk, to in stood.items())


def organised(words: str) -> dict[str, str]:
    """Agencies as organised `now` or on a day: code → the code of the one that it was wholly part of then. Empty for
    `then`, as each ticket was recorded. ValueError for other words."""
    if words == THEN:
        return {}
    on = localdate() if words == NOW else date.fromisoformat(words)
    rows = {a.pk: a for a in Agency.objects.only("pk", "code", "valid_from", "valid_to")}
    stretches = [Stretch(id=a.pk, since=a.valid_from, until=a.valid_to) for a in rows.values()]
    stood = standing(stretches, AgencySuccession.objects.values_list("old_id", "new_id"), on)
    there = {s.id for s in stretches if s.in_force(on)}
    return {rows[pk].code: rows[to].code for pk, to in stood.items() if to != pk and to in there}


organised_now: Fresh[dict[str, str]] = Fresh(lambda: organised(NOW))


def _formerly() -> dict[str, list[tuple[str, date]]]:
    names_of: dict[str, list[tuple[str, date]]] = {}
    names = FormerName.objects.values_list("agency__code", "name", "until")
    before = AgencySuccession.objects.values_list("new__code", "old__name", "on")
    for code, name, until in [*names, *before]:
        names_of.setdefault(code, []).append((name, until))
    return {code: sorted(every, key=lambda one: one[1], reverse=True) for code, every in names_of.items()}


formerly: Fresh[dict[str, list[tuple[str, date]]]] = Fresh(_formerly)
"""By an agency's code: the former names of it and of each that went into it, with their last days, the last first."""


def _names_then() -> dict[str, list[FormerName]]:
    by_code: dict[str, list[FormerName]] = {}
    for row in FormerName.objects.select_related("agency").order_by("until"):
        by_code.setdefault(row.agency.code, []).append(row)
    return by_code


_former_names: Fresh[dict[str, list[FormerName]]] = Fresh(_names_then)


def as_called(agency: Agency | None, on: date) -> Agency | None:
    """The agency under the name that it had on a day; not to be saved."""
    for former in _former_names().get(agency.code, ()) if agency else ():
        if agency is not None and on < former.until:
            then = copy(agency)
            then.name, then.name_en, then.short = former.name, former.name_en, former.short
            return then
    return agency


def _families() -> dict[str, dict[str, tuple[int, ...]]]:
    today = localdate()
    by_kind: dict[str, dict[str, tuple[int, ...]]] = {}
    models: dict[str, tuple[type[Any], type[Any]]] = {
        "area": (Area, AreaSuccession),
        "agency": (Agency, AgencySuccession),
    }
    for what, (model, succession) in models.items():
        rows = {r.pk: r for r in model._default_manager.only("pk", "code", "valid_from", "valid_to")}
        stretches = [Stretch(id=r.pk, since=r.valid_from, until=r.valid_to) for r in rows.values()]
        ours = succession._default_manager.exclude(act=None).values_list("old_id", "new_id")
        there = {s.id: rows[s.id].code for s in stretches if s.in_force(today)}
        every: dict[str, set[int]] = {}
        for pk, to in standing(stretches, ours, today).items():
            if to in there:
                every.setdefault(there[to], set()).add(pk)
            if rows[pk].code not in there.values():
                every.setdefault(rows[pk].code, set()).add(pk)
        by_kind[what] = {code: tuple(sorted(pks)) for code, pks in every.items()}
    return by_kind


families: Fresh[dict[str, dict[str, tuple[int, ...]]]] = Fresh(_families)
"""By area and agency: a code → the rows whose past belongs to it: its own, and for one in force also those that went
wholly into it by an act of ours."""


def _past_units() -> dict[str, list[tuple[str, str, date]]]:
    today = localdate()
    agencies = AgencySuccession.objects.exclude(act=None).filter(old__valid_to__lte=today).select_related("old")
    areas = AreaSuccession.objects.exclude(act=None).filter(old__valid_to__lte=today).select_related("old")
    codes = set(Area.objects.filter(valid_to=None).values_list("code", flat=True))
    return {
        "agency": sorted({(s.old.code, s.old.short or s.old.name, s.on) for s in agencies}),
        "area": sorted({(s.old.code, s.old.name, s.on) for s in areas if s.old.code not in codes}),
    }


past_units: Fresh[dict[str, list[tuple[str, str, date]]]] = Fresh(_past_units)
"""By area and agency, those that an act of ours ended and whose code nothing else has: code, name, and the day."""


def followers(agency: Agency) -> list[Agency]:
    """The agencies of today that follow one, directly or through others, the main one first."""
    heirs: list[Agency] = []
    for step in AgencySuccession.objects.filter(old=agency).select_related("new").order_by("pk"):
        heirs += [step.new] if step.new.valid_to is None else followers(step.new)
    return list(dict.fromkeys(heirs))


def days() -> list[date]:
    """The days on which communes or agencies changed, the last first."""
    on = AreaSuccession.objects.values_list("on").union(AgencySuccession.objects.values_list("on"))
    return sorted({day for (day,) in on}, reverse=True)


def key(row: Area, there: set[int]) -> str:
    if row.pk in there:
        return row.code
    return dated(row.code, since=row.valid_from, until=row.valid_to)


def dated(code: str, *, since: date | None, until: date | None) -> str:
    """The key of a unit of another time: `25195~2025-07-01` ended then, `25195@2025-07-01` began then."""
    if until is not None:
        return f"{code}~{until.isoformat()}"
    return f"{code}@{since.isoformat()}" if since else code
