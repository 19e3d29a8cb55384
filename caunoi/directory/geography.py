"""The one geography: the state's list with our own rows over it, so that an act's changes are known the same day."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from django.db.models import Q

from caunoi.directory.models import Area, AreaSuccession
from caunoi.directory.outlines import Outline
from caunoi.directory.queries import Fresh, province_code, unit_of, unit_row
from caunoi.lib.places import address, gazetteer
from caunoi.lib.places.gazetteer import Geography, Unit

COMMUNES = ("Phường", "Xã", "Thị trấn", "Đặc khu")


def _rows() -> tuple[Unit, ...]:
    """The communes that acts of ours ended or began, with what followed each, the main part first."""
    followed = AreaSuccession.objects.exclude(act=None).order_by("pk").values_list("old_id", "new_id", "new__code")
    heirs: dict[int, list[str]] = {}
    for old, _, code in followed:
        heirs.setdefault(old, []).append(code)
    ours = {pk for old, new, _ in followed for pk in (old, new)}
    there = Q(pk__in=ours) | Q(valid_to=None, parent__code=province_code())
    rows = Area.objects.filter(there, kind__in=COMMUNES).order_by("code", "pk")
    official = gazetteer.official()
    return tuple(
        replace(unit_of(row), valid_from=row.valid_from, valid_to=row.valid_to, successors=tuple(heirs.get(row.pk, ())))
        for row in rows.defer("outline")
        if row.pk in ours or row.code not in official  # split off: what it was part of goes on, so it follows nobody
    )


geography: Fresh[Geography] = Fresh(lambda: gazetteer.with_rows(_rows()))
"""The same object while the rows are the same, so that what was computed from it stays cached."""


def resolve(text: str, on: date | None = None) -> address.Answer:
    """The commune in force today of an address that was written `on` a day (default today)."""
    return address.resolve(text, on=on, home=province_code(), geography=geography())


def commune_rows(province: Area, outlines: Iterable[Outline] = ()) -> list[dict[str, Any]]:
    """The communes of a province today, as rows for `actions.save_areas`, with these outlines; a commune without one
    keeps what it had."""
    drawn = {outline.code: outline for outline in outlines}
    before = {a.code: a for a in Area.objects.filter(valid_to=None, parent=province)}
    rows = []
    for unit in geography.read().communes(province.code):
        row = {**unit_row(unit), "parent": province}
        if old := before.get(unit.code):
            row |= {key: getattr(old, key) for key in ("latitude", "longitude", "area_km2", "outline")}
        if new := drawn.get(unit.code):
            place = {"latitude": new.latitude, "longitude": new.longitude, "area_km2": new.area_km2}
            row |= {key: value for key, value in place.items() if value is not None} | {"outline": new.geometry}
        rows.append(row)
    return rows
