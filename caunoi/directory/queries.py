"""Reading the province's rows. Small tables that every page needs are kept in memory for SECONDS."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from threading import Lock
from time import monotonic
from typing import Any

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils.timezone import localdate, now

from caunoi.directory.ai_register import HELPERS
from caunoi.directory.models import Agency, Area, Calendar, Category, Day, Option, Text
from caunoi.directory.options import OPTIONS
from caunoi.events.relations import relation
from caunoi.lib.places import gazetteer, geometry
from caunoi.lib.places.address import Answer
from caunoi.lib.places.gazetteer import Unit
from caunoi.lib.places.succession import NewUnit
from caunoi.lib.worktime import counting
from caunoi.lib.worktime.daysoff import SpecialDay

CATEGORIES = relation(Category, "id code name name_en group kind urgency valid_from valid_to")
AGENCIES = relation(Agency, "id code name name_en short kind parent area valid_from valid_to")
AREAS = relation(Area, "id code name kind parent valid_from valid_to latitude longitude area_km2")

SECONDS = 10.0
SURE = 0.8


class Fresh[T]:
    """A value that is read again when it is older than `seconds` or was `drop`ped. While one thread reads it, others
    get the old one and do not wait."""

    instances: list["Fresh[Any]"] = []

    def __init__(self, read: Callable[[], T], seconds: float = SECONDS) -> None:
        self.read, self.seconds, self.at = read, seconds, 0.0
        self.drops = 0
        self.value: T | None = None
        self.reading = Lock()
        Fresh.instances.append(self)

    def __call__(self) -> T:
        value, drops = self.value, self.drops
        if value is not None and monotonic() - self.at <= self.seconds:
            return value
        if not self.reading.acquire(blocking=False):
            return self.read() if value is None else value
        try:
            value = self.read()
            if drops == self.drops:  # else another thread dropped it meanwhile, and this value may be outdated
                self.value, self.at = value, monotonic()
        finally:
            self.reading.release()
        return value

    def drop(self) -> None:
        """Read it again the next time."""
        self.drops += 1
        self.value = None


def forget() -> None:
    """Read everything again (after a change in setup, and between tests)."""
    for fresh in Fresh.instances:
        fresh.drop()
    _last_texts.clear()


def in_force(on: date | None = None) -> Q:
    day = on or localdate()
    return (Q(valid_from=None) | Q(valid_from__lte=day)) & (Q(valid_to=None) | Q(valid_to__gt=day))


def _communes() -> list[Area]:
    return list(Area.objects.filter(in_force(), parent__isnull=False).order_by("sort").defer("outline"))


areas: Fresh[list[Area]] = Fresh(_communes)
"""The communes in force, in Vietnamese order."""


def _areas() -> dict[str, Area]:
    return {a.code: a for a in Area.objects.filter(in_force()).defer("outline")}


_area_rows: Fresh[dict[str, Area]] = Fresh(_areas)


def area(code: str) -> Area | None:
    return _area_rows().get(code)


def commune(place: Answer) -> Area | None:
    """The commune of a resolved address, where that is certain enough; else one must ask."""
    return area(place.area_code) if place.area_code and place.confidence >= SURE else None


def _area_names() -> dict[str, tuple[str, str]]:
    """By code, and by the keys of boundaries.dated."""
    names: dict[str, tuple[str, str]] = {}
    rows = Area.objects.order_by("valid_from", "pk").values_list("code", "name", "valid_from", "valid_to")
    for code, name, since, until in rows:
        names |= {f"{code}{sign}{day.isoformat()}": (name, "") for sign, day in (("@", since), ("~", until)) if day}
        names[code] = (name, "")
    return names


def _every_name() -> dict[str, dict[str, tuple[str, str]]]:
    """Oldest first, so that the newest row of a code wins."""
    agencies = Agency.objects.order_by("valid_from", "pk").values_list("code", "short", "name", "name_en")
    return {
        "agency": {code: (short or name, name_en) for code, short, name, name_en in agencies},
        "category": {c: (n, e) for c, n, e in Category.objects.order_by("pk").values_list("code", "name", "name_en")},
        "area": _area_names(),
    }


every_name: Fresh[dict[str, dict[str, tuple[str, str]]]] = Fresh(_every_name)
"""By agency, category, area: the code of every row there ever was → its (shortest) name, and the English one if any."""


def province_code() -> str:
    """The state's two digits for this province: CAUNOI_PROVINCE, else the answer given at the first run."""
    return settings.PROVINCE or str(option("province"))


def province() -> Area | None:
    return area(province_code())


def unit_row(unit: gazetteer.Unit) -> dict[str, Any]:
    """A unit of the state's own list as a row for `actions.save_areas`."""
    place = {"latitude": unit.lat, "longitude": unit.lon, "area_km2": unit.area_km2}
    return {"code": unit.code, "name": unit.name, "kind": unit.kind, "valid_from": unit.valid_from, **place}


def unit_of(area: Area | NewUnit) -> Unit:
    """A commune, or one that an act begins, as a unit of the gazetteer, without validity and successors."""
    return Unit(
        code=area.code,
        name=area.name,
        kind=area.kind,
        short=area.name.removeprefix(f"{area.kind} "),
        level="commune",
        province=province_code(),
        lat=area.latitude,
        lon=area.longitude,
        area_km2=area.area_km2,
    )


def _agencies() -> list[Agency]:
    return list(Agency.objects.filter(in_force()).exclude(kind="centre").order_by("sort"))


agencies: Fresh[list[Agency]] = Fresh(_agencies)
"""Those that may be handed a ticket, in Vietnamese order."""


agencies_ever: Fresh[dict[str, Agency]] = Fresh(lambda: {row.code: row for row in Agency.objects.all()})
"""By code, those of the past too: for showing what was."""


def agency(code: str) -> Agency | None:
    return Agency.objects.filter(in_force(), code=code).first()


def every_area() -> list[tuple[int, str]]:
    """The id and name of all that ever were."""
    return list(Area.objects.order_by("pk").values_list("pk", "name"))


def every_agency() -> QuerySet[Agency]:
    """All that ever were, the retired ones too."""
    return Agency.objects.select_related("calendar", "area").order_by("sort")


def every_category() -> QuerySet[Category]:
    """All that ever were, the retired ones too, in their order."""
    return Category.objects.order_by("order", "code")


def _categories() -> list[Category]:
    return list(Category.objects.filter(in_force()))


categories: Fresh[list[Category]] = Fresh(_categories)


def category(code: str) -> Category | None:
    return next((c for c in categories() if c.code == code), None)


def _options() -> Mapping[str, Any]:
    return dict(Option.objects.values_list("name", "value"))


_option_rows: Fresh[Mapping[str, Any]] = Fresh(_options)


def option(name: str) -> Any:
    """The province's value of an option, else its default. KeyError for a name that is not in options.py."""
    return _option_rows().get(name, OPTIONS[name].default)


def last_option(name: str) -> Any:
    """An option's value as this process has read it last, else its default: the database is not asked."""
    return (_option_rows.value or {}).get(name, OPTIONS[name].default)


def option_now(name: str) -> Any:
    """An option's value straight from the database, past this process's cache."""
    row = Option.objects.filter(name=name).first()
    return row.value if row else OPTIONS[name].default


def is_helping(key: str) -> bool:
    """Whether a helper of the AI register is on: its option, else always; the server that it needs is another matter.
    Costs no query while the options are fresh. KeyError for a helper that is not in the register."""
    switch = HELPERS[key].switch
    return bool(option(switch)) if switch else True


def option_row(name: str) -> Option | None:
    """The row of an option that was ever changed."""
    return Option.objects.filter(name=name).first()


_last_texts: dict[str, Text] = {}


def text(key: str, at: datetime | None = None) -> Text | None:
    """The version of a text in force."""
    row = Text.objects.filter(key=key, since__lte=at or now()).order_by("-version").first()
    if row and at is None:
        _last_texts[key] = row
    return row


def last_text(key: str) -> Text | None:
    """The version that this process has read last: the database is not asked."""
    return _last_texts.get(key)


def texts(key: str) -> QuerySet[Text]:
    """Every version of a text, the newest first."""
    return Text.objects.filter(key=key).order_by("-version")


def _calendars() -> dict[str, counting.Calendar]:
    days = [
        (day, SpecialDay(name=day.note, works=day.works) if day.note else day.works)
        for day in Day.objects.order_by(F("calendar").asc(nulls_first=True))  # a calendar's own day wins
    ]
    rows = {code: (pk, sessions) for code, pk, sessions in Calendar.objects.values_list("code", "id", "sessions")}
    return {
        code: counting.calendar(
            code, sessions=sessions, rows={day.date: special for day, special in days if day.calendar_id in (None, pk)}
        )
        for code, (pk, sessions) in ({"office": (None, None), "always": (None, None)} | rows).items()
    }


_calendar_rows: Fresh[dict[str, counting.Calendar]] = Fresh(_calendars)


def calendar(code: str) -> counting.Calendar:
    """A calendar with its own and the common days, ready to count with; `office` and `always` need no row. KeyError for
    an unknown code: a typing error must not become a calendar that never closes."""
    return _calendar_rows()[code]


def calendars() -> QuerySet[Calendar]:
    return Calendar.objects.order_by("id")


def days(since: date) -> QuerySet[Day]:
    """The province's own days from a date on, the nearest first."""
    return Day.objects.filter(date__gte=since).select_related("calendar").order_by("date", "calendar_id")


def day(pk: int) -> Day | None:
    return Day.objects.filter(pk=pk).select_related("calendar").first()


@dataclass(frozen=True)
class Ground:
    """The communes on the ground: outlines where they were imported, else a centre and a size."""

    shapes: tuple[tuple[str, geometry.Shape], ...]
    units: tuple[Unit, ...]

    def __bool__(self) -> bool:
        """Whether any commune is known; before areas are imported, no point can be said to lie outside."""
        return bool(self.shapes or self.units)


def _ground() -> Ground:
    rows = list(Area.objects.filter(in_force(), parent__isnull=False))
    return Ground(
        shapes=tuple((a.code, geometry.Shape.of(a.outline)) for a in rows if a.outline),
        units=tuple(unit_of(a) for a in rows if not a.outline),
    )


ground: Fresh[Ground] = Fresh(_ground)


def area_at(latitude: float, longitude: float) -> Area | None:
    """The commune at a point, or None outside the province. ValueError for a point that is not on earth."""
    point, here = geometry.Point(lat=latitude, lon=longitude), ground()
    code = geometry.inside(point, here.shapes)
    if code is None and (unit := geometry.nearest(point, here.units)):
        code = unit.code
    return area(code) if code else None


def shaped() -> dict[str, Any]:
    """The communes in force as a GeoJSON FeatureCollection."""
    rows = Area.objects.filter(in_force(), parent__isnull=False)
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": a.outline or {"type": "Point", "coordinates": [a.longitude, a.latitude]},
                "properties": {"code": a.code, "name": a.name},
            }
            for a in rows
            if a.outline or a.latitude is not None
        ],
    }
