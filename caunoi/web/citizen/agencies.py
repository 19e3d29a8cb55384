"""The agencies and how they are doing: the same figures as everywhere, open overdue tickets counted as late."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from caunoi.directory import queries as directory
from caunoi.directory.boundaries import followers, organised_now
from caunoi.directory.models import Agency
from caunoi.directory.queries import Fresh, option
from caunoi.lib.numbers.phone import display
from caunoi.publication import queries
from caunoi.publication.queries import RegisterFilter
from caunoi.reorganisation import queries as reorganisation
from caunoi.statistics.counts import Row
from caunoi.statistics.figures import grouped
from caunoi.statistics.scope import Scope
from caunoi.web.citizen.cacheable import cacheable
from caunoi.web.citizen.register import items
from caunoi.web.labels import formerly_called, localised_name
from caunoi.web.lines import Line
from caunoi.web.page import Page, render_page

DAYS = 90
SECONDS = 300.0  # a look at every ticket of three months: not for each visitor
LATEST = 8


@dataclass(frozen=True, kw_only=True)
class PublicAgencyLine:
    """An agency with its figures; `small` when a share of them says little."""

    code: str
    name: str
    was: str
    row: Row
    small: bool


@dataclass(frozen=True, kw_only=True)
class PublicAgenciesPage(Page):
    template = "citizen/agencies.html"

    rows: list[PublicAgencyLine]
    least: int
    days: int = DAYS


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How an agency ended: `words` of the act, where it is known, and who follows it (code, name)."""

    words: str
    until: date
    heirs: list[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class PublicAgencyPage(Page):
    template = "citizen/agency.html"

    agency: Agency
    name: str
    phone: str
    was: str
    ending: Ending | None
    counted: dict[str, int]
    rows: list[Line]
    row: Row
    small: bool
    days: int = DAYS


def _scope(at: datetime) -> Scope:
    return Scope(since=at - timedelta(days=DAYS), until=at, at=at, heirs=organised_now())


def _figures() -> dict[str, Row]:
    at = now()
    return {row.key: row for row in grouped(_scope(at), ["agency"])["agency"]}


figures: Fresh[dict[str, Row]] = Fresh(_figures, SECONDS)


def _small(row: Row) -> bool:
    """Whether its share says little."""
    return row.fallen < int(option("small_number"))


def _line(agency: Agency, row: Row) -> PublicAgencyLine:
    return PublicAgencyLine(
        code=agency.code,
        name=localised_name(agency),
        was=formerly_called(agency.code),
        row=row,
        small=_small(row),
    )


@cacheable
def listing(request: HttpRequest) -> HttpResponse:
    """All agencies, those with the most tickets first."""
    rows_by_code = figures()
    rows = [_line(a, rows_by_code.get(a.code, Row(key=a.code))) for a in directory.agencies()]
    rows = sorted(rows, key=lambda one: -one.row.total)
    return render_page(request, PublicAgenciesPage(rows=rows, least=option("small_number")))


def _own_figures() -> dict[str, Row]:
    at = now()
    return {row.key: row for row in grouped(replace(_scope(at), heirs={}), ["agency"])["agency"]}


own_figures: Fresh[dict[str, Row]] = Fresh(_own_figures, SECONDS)
"""Of those that have ended: what they themselves were handed."""

ENDED = {
    "rename": gettext_noop("By %(number)s it has had another name since %(day)s."),
    "merge": gettext_noop("By %(number)s it was merged on %(day)s."),
    "split": gettext_noop("By %(number)s it was divided on %(day)s."),
    "abolish": gettext_noop("By %(number)s it was abolished on %(day)s."),
}


def _ending(agency: Agency) -> Ending | None:
    """How an agency ended; None for one that goes on."""
    if agency.valid_to is None or agency.valid_to > localdate():
        return None
    ending = reorganisation.ending(agency.pk)
    words = ""
    if ending:
        act, kind = ending
        words = _(ENDED[kind]) % {"number": act.number, "day": f"{act.on:%d/%m/%Y}"}
    heirs = [(heir.code, localised_name(heir)) for heir in followers(agency)]
    return Ending(words=words, until=agency.valid_to, heirs=heirs)


@cacheable
def show(request: HttpRequest, code: str) -> HttpResponse:
    """One agency: its figures, and what is published of its work; one that ended keeps its page."""
    agency = directory.agencies_ever().get(code)
    if agency is None or agency.kind == "centre":
        raise Http404
    ending, filters = _ending(agency), RegisterFilter(agency=agency.code)
    row = (own_figures() if ending else figures()).get(agency.code, Row(key=agency.code))
    page = PublicAgencyPage(
        agency=agency,
        name=localised_name(agency),
        phone=display(agency.phone) if agency.phone else "",
        was="" if ending else formerly_called(agency.code),
        ending=ending,
        counted=queries.counted(filters),
        rows=items(queries.listed(filters, size=LATEST).rows),
        row=row,
        small=_small(row),
    )
    return render_page(request, page)
