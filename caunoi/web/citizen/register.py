"""The public register: published reports and what was done about them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from caunoi.directory import queries as directory
from caunoi.directory.boundaries import past_units
from caunoi.lib.numbers import codes
from caunoi.publication import queries
from caunoi.publication.models import Publication
from caunoi.publication.queries import RegisterFilter
from caunoi.sla.models import Deadline
from caunoi.sla.queries import handles
from caunoi.web.citizen.cacheable import cacheable
from caunoi.web.labels import agency_choices, area_choices, category_choices, localised_name
from caunoi.web.lines import Line, line
from caunoi.web.masks import in_words
from caunoi.web.page import Page, Tab, render_page
from caunoi.web.paging import id_in

PAGE = 20
FILTERS = ("category", "area", "agency", "status")


@dataclass(frozen=True, kw_only=True)
class RegisterPage(Page):
    template = "citizen/register.html"

    rows: list[Line]
    way: str
    filters: RegisterFilter
    heading: str
    chips: list[Tab]
    categories: list[tuple[str, str]]
    areas: list[tuple[str, str]]
    agencies: list[tuple[str, str]]
    points: str
    feed: str
    older: str
    newest: str


def register_filter(request: HttpRequest) -> RegisterFilter:
    """What the address narrows the register to, without what PostgreSQL cannot hold; `at` is "longitude,latitude"."""
    typed = {name: request.GET.get(name, "") for name in FILTERS} | {"text": request.GET.get("q", "")}
    clean = {name: value.replace("\0", "").strip()[:200] for name, value in typed.items()}
    return RegisterFilter(**clean, near=place(request.GET.get("at", "")))


def place(text: str) -> tuple[float, float] | None:
    """A place in an address, "longitude,latitude"; None for anything else."""
    try:
        east, north = (float(part) for part in text.split(","))
    except ValueError:
        return None
    return (east, north) if -180 <= east <= 180 and -90 <= north <= 90 else None


def narrowing(filters: RegisterFilter, **more: str) -> str:
    """The query of an address that narrows to the same."""
    values = asdict(filters)
    near = values.pop("near")
    params = {("q" if k == "text" else k): v for k, v in values.items()} | {"at": "{},{}".format(*near) if near else ""}
    return urlencode({k: v for k, v in (params | more).items() if v})


def item(publication: Publication, deadlines: Mapping[int, Deadline]) -> Line:
    ticket = publication.ticket
    return replace(
        line(ticket, deadlines.get(ticket.pk), promised=True),
        title=in_words(publication.title),
        at=ticket.received,
        urgent=False,
        place=in_words(publication.place),
        lat=publication.latitude,
        long=publication.longitude,
    )


def items(publications: list[Publication]) -> list[Line]:
    """Many as lines of a list."""
    deadlines = handles([p.ticket for p in publications])
    return [item(p, deadlines) for p in publications]


def _chips(filters: RegisterFilter) -> list[Tab]:
    """All, still open, done: each keeps the other filters, and says how many there are unless words narrow them."""
    words = {"": _("All"), "open": _("Without an answer"), "done": _("Answered")}
    counts = {} if filters.text or filters.near else queries.counted(filters)
    return [
        Tab(
            label=label,
            url=f"?{narrowing(filters, status=status)}",
            active=filters.status == status,
            count=counts.get(status or "all"),
        )
        for status, label in words.items()
    ]


def heading(filters: RegisterFilter) -> str:
    """What the list is of, for title and feed: a field, a commune, an agency."""
    category, area = directory.category(filters.category), directory.area(filters.area)
    agency = next((a for a in directory.agencies() if a.code == filters.agency), None)
    names = (
        localised_name(category),
        area.name if area else dict(_past("area")).get(filters.area, ""),
        localised_name(agency) or dict(_past("agency")).get(filters.agency, ""),
    )
    return " · ".join(name for name in names if name)


def _past(what: str) -> list[tuple[str, str]]:
    """The codes of what has ended, each named with its last day: old addresses go on, and its record is to be found."""
    return [
        (code, _("%(name)s (until %(day)s)") % {"name": name, "day": f"{day:%d/%m/%Y}"})
        for code, name, day in past_units()[what]
    ]


@cacheable
def listing(request: HttpRequest) -> HttpResponse:
    filters = register_filter(request)
    if codes.parse(filters.text) and queries.find(filters.text):
        return redirect("citizen:ticket", codes.parse(filters.text))
    before = id_in(request)
    results = queries.listed(filters, before=before, way=request.GET.get("way", ""), size=PAGE)
    query = narrowing(filters)
    older = narrowing(filters, before=str(results.rows[-1].pk), way=results.way) if results.more else ""
    page = RegisterPage(
        rows=items(results.rows),
        way=results.way,
        filters=filters,
        heading=heading(filters),
        chips=_chips(filters),
        categories=category_choices(),
        areas=[*area_choices(), *_past("area")],
        agencies=[*agency_choices(), *_past("agency")],
        points=f"/points.json?{query}",
        feed=narrowing(RegisterFilter(category=filters.category, area=filters.area, agency=filters.agency)),
        older=f"?{older}" if older else "",
        newest=f"?{query}" if before else "",
    )
    return render_page(request, page)
