"""Reading imports, and what a file is checked against."""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.timezone import localdate

from caunoi.accounts.models import User
from caunoi.directory import queries as directory
from caunoi.directory.geography import geography
from caunoi.directory.models import Agency
from caunoi.imports import agencies, people
from caunoi.imports.models import Batch, Oddity
from caunoi.imports.vocabulary import codes
from caunoi.lib.places import address
from caunoi.lib.places.gazetteer import Geography
from caunoi.lib.tables.nearest import Names


def batches() -> QuerySet[Batch]:
    """The newest first, without their plans."""
    return Batch.objects.defer("plan", "heading", "mapping").order_by("-id")


def batch(pk: int) -> Batch | None:
    return Batch.objects.filter(pk=pk).first()


def problems(row: Batch) -> list[dict[str, Any]]:
    """How often each problem occurs, the most frequent first: {problem, out, count}."""
    rows = Oddity.objects.filter(batch=row).order_by().values("problem", "out").annotate(count=Count("id"))
    return sorted(map(dict, rows), key=lambda one: (-one["count"], one["problem"]))


def oddities(row: Batch) -> Iterator[Oddity]:
    """All that was odd, in the order of the lines, a few at a time in memory."""
    return Oddity.objects.filter(batch=row).iterator(2000)


def first_oddities(row: Batch, size: int) -> list[Oddity]:
    """Some to look at, starting with lines that were left out."""
    return list(Oddity.objects.filter(batch=row).order_by("-out", "line", "id")[:size])


def _values(row: Agency) -> dict[str, str]:
    return {
        "name": row.name,
        "name_en": row.name_en,
        "short": row.short,
        "kind": row.kind,
        "phone": row.phone,
        "email": row.email,
        "address": row.address,
        "area": row.area.code if row.area else "",
        "calendar": row.calendar.code if row.calendar else "",
    }


def known_agencies() -> tuple[agencies.Agency, ...]:
    today = localdate()
    return tuple(
        agencies.Agency(code=row.code, values=_values(row), retired=bool(row.valid_to and row.valid_to <= today))
        for row in directory.every_agency()
    )


def known_people() -> tuple[people.Person, ...]:
    """All accounts; those in force first, so that a closed one never stands in their way."""
    return tuple(
        people.Person(
            username=user.username,
            active=user.is_active,
            removed=user.removed is not None,
            values={
                "full_name": user.full_name,
                "role": user.role,
                "agency": user.agency.code if user.agency else "",
                "phone": user.phone,
                "email": user.email,
                "extension": user.extension,
            },
        )
        for user in User.objects.select_related("agency").order_by("-is_active", "pk")
    )


def agency_names() -> Names:
    """The agencies in force by all their names."""
    rows = Agency.objects.filter(directory.in_force())
    return Names({row.code: (row.code, row.name, row.short, row.name_en) for row in rows})


def category_names() -> Names:
    return Names({row.code: (row.code, row.name, row.name_en) for row in directory.categories()})


def agencies_ground() -> agencies.AgencyGround:
    own = {row.code: (row.code, row.name) for row in directory.calendars()}
    usual = {code: name for name, code in codes("agencies", "calendar").codes.items() if code in own}
    calendars = Names({code: (*called, usual.get(code, "")) for code, called in own.items()})
    return agencies.AgencyGround(agencies=known_agencies(), calendars=calendars, area_of=area_of)


def people_ground(own: str = "") -> people.PeopleGround:
    kinds = dict(Agency.objects.filter(directory.in_force()).values_list("code", "kind"))
    return people.PeopleGround(people=known_people(), agencies=agency_names(), kinds=kinds, own=own)


def area_of(place: str) -> str:
    """The code of the commune of today that some words, or a code, mean; "" to ask."""
    area = directory.area(place.strip())
    if area is not None:
        return area.code
    code = _resolved(place, geography(), localdate())
    return code if directory.area(code) else ""


@lru_cache(20_000)
def _resolved(place: str, units: Geography, today: date) -> str:
    """`today` is part of the key, so that a new day resolves anew."""
    return address.resolve(place, on=today, home=directory.province_code(), geography=units).area_code or ""
