"""The telephone by half hours, queues and operators, as a table, a chart and a file; and the people whom a day to come
will take."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from caunoi.accounts.queries import names
from caunoi.calls.queries import queues
from caunoi.directory.queries import option
from caunoi.statistics import outlook, staffing
from caunoi.statistics.half_hours import GROUPINGS, STRIDES, CallFigures, Hours, table, total
from caunoi.statistics.periods import VIETNAM, midnight
from caunoi.web import sheets
from caunoi.web.desk.cockpit import share, tabs
from caunoi.web.desk.on_duty import operator_choices
from caunoi.web.page import Page, Tab, render_page
from caunoi.web.templatetags.caunoi_ui import percent, vndate, vnnumber
from caunoi.web.who import actor

MOST = timedelta(days=92)  # of one table
AHEAD = timedelta(days=28)
BY = {
    "half_hour": gettext_noop("Half hour"),
    "hour": gettext_noop("Hour"),
    "queue": gettext_noop("Queue of calls"),
    "operator": gettext_noop("Operator"),
}
HEAD = (
    gettext_noop("Offered"),
    gettext_noop("Answered calls"),
    gettext_noop("Answered fast"),
    gettext_noop("Service level"),
    gettext_noop("Hung up"),
    gettext_noop("Hung up within 5 s"),
    gettext_noop("Average wait (s)"),
    gettext_noop("Longest wait (s)"),
    gettext_noop("Average talk (s)"),
    gettext_noop("Writing up (s a call)"),
    gettext_noop("Occupancy"),
    gettext_noop("Transferred"),
    gettext_noop("Called again within 7 days"),
    gettext_noop("With a ticket"),
    gettext_noop("Solved in the call"),
)


@dataclass(frozen=True, kw_only=True)
class HalfHourLine:
    """A row of the table: its name, and its figures in words."""

    name: str
    figures: CallFigures
    level: str
    occupancy: str


@dataclass(frozen=True, kw_only=True)
class HalfHourFilters:
    """The first and the last day, one queue, one operator."""

    since: str
    until: str
    queue: str
    operator: str


@dataclass(frozen=True, kw_only=True)
class HalfHoursPage(Page):
    """`chart` (web/chart.py) is of half hours and hours only; `seconds` the promised wait."""

    template = "desk/half_hours.html"

    tabs: list[Tab]
    groupings: list[Tab]
    by: str
    grouping: str
    filters: HalfHourFilters
    queues: list[tuple[str, str]]
    operators: list[tuple[str, str]]
    rows: list[HalfHourLine]
    whole: HalfHourLine
    chart: dict[str, Any] | None
    sheets: list[dict[str, str]]
    seconds: int


@dataclass(frozen=True, kw_only=True)
class RosterLine:
    """A half hour of a day to come."""

    time: str
    calls: str
    low: int
    high: int
    people: int
    endless: int
    level: str
    occupancy: str
    abandon: str


@dataclass(frozen=True, kw_only=True)
class RosterPage(Page):
    """`rows` are empty where there is too little to learn from; `days` are what was learnt from."""

    template = "desk/roster.html"

    tabs: list[Tab]
    day: str
    rows: list[RosterLine]
    days: list[str]
    handling: float
    patience: float | None
    most: int
    person_hours: str
    chart: dict[str, Any] | None
    sheets: list[dict[str, str]]
    seconds: int


def _day(text: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return otherwise


def _name(by: str, key: str, display_names: dict[str, str], *, dated: bool) -> str:
    if by in STRIDES:
        return f"{key[8:10]}/{key[5:7]} {key[11:]}" if dated else key[11:]
    return (display_names.get(key, key) if by == "operator" else key) or "–"


def _line(name: str, row: CallFigures) -> HalfHourLine:
    return HalfHourLine(
        name=name,
        figures=row,
        level=share(row.fast, row.offered),
        occupancy="–" if row.occupancy is None else percent(row.occupancy, 1),
    )


def _cells(lines: Iterable[HalfHourLine]) -> Iterable[sheets.Cells]:
    def seconds(value: float | None) -> int | None:
        return None if value is None else round(value)

    def part(value: float | None) -> float | None:
        return None if value is None else round(value, 4)

    for line in lines:
        row = line.figures
        yield (
            line.name,
            row.offered,
            row.answered,
            row.fast,
            part(row.service_level),
            row.abandoned,
            row.at_once,
            seconds(row.average_wait),
            seconds(row.longest),
            seconds(row.average_talk),
            seconds(row.average_after),
            part(row.occupancy),
            row.transferred,
            row.repeated,
            row.reported,
            row.solved,
        )


def _chart(lines: list[HalfHourLine]) -> dict[str, Any]:
    """Offered and answered calls, side by side."""
    return {
        "kind": "bar",
        "unit": "",
        "most": None,
        "x": [line.name for line in lines],
        "series": [
            {"name": _("Offered"), "values": [line.figures.offered for line in lines]},
            {"name": _("Answered calls"), "values": [line.figures.answered for line in lines]},
        ],
    }


def show(request: HttpRequest) -> HttpResponseBase:
    by, at = actor(request), now()
    today = at.astimezone(VIETNAM).date()
    first = _day(request.GET.get("since", ""), today)
    last = min(max(_day(request.GET.get("until", ""), first), first), first + MOST - timedelta(days=1))
    grouping = next((code for code in GROUPINGS if code == request.GET.get("by")), GROUPINGS[0])
    queue, operator = request.GET.get("queue", "")[:80], request.GET.get("operator", "")[:150]
    hours = Hours(
        since=midnight(first),
        until=midnight(last + timedelta(days=1)),
        at=at,
        queue=queue,
        operator=operator,
    )
    figures = table(hours, grouping)
    display_names = names({row.key for row in figures}) if grouping == "operator" else {}
    lines = [_line(_name(grouping, row.key, display_names, dated=first != last), row) for row in figures]
    whole = total(figures) if grouping in STRIDES else table(hours, "")[0]
    if form := sheets.export_format(request):
        head = [_(BY[grouping]), *(_(text) for text in HEAD)]
        return sheets.sheet(form, f"calls-{grouping}", head, _cells(lines), by=by)
    query = request.GET.copy()
    query.pop("by", None)
    rest = query.urlencode()
    page = HalfHoursPage(
        tabs=tabs("half-hours"),
        groupings=[
            Tab(_(BY[code]), f"?by={code}" + (f"&{rest}" if rest else ""), active=code == grouping)
            for code in GROUPINGS
        ],
        by=grouping,
        grouping=_(BY[grouping]),
        filters=HalfHourFilters(since=first.isoformat(), until=last.isoformat(), queue=queue, operator=operator),
        queues=[(name, name) for name in queues()],
        operators=operator_choices(),
        rows=lines,
        whole=_line(_("Together"), whole),
        chart=_chart(lines) if grouping in STRIDES and lines else None,
        sheets=sheets.links(request),
        seconds=int(option("answer_seconds")),
    )
    return render_page(request, page)


def roster(request: HttpRequest) -> HttpResponseBase:
    """The half hours of a day to come, with the people who answer as promised."""
    by, at = actor(request), now()
    tomorrow = at.astimezone(VIETNAM).date() + timedelta(days=1)
    day = min(max(_day(request.GET.get("day", ""), tomorrow), tomorrow - timedelta(days=1)), tomorrow + AHEAD)
    plan = staffing.roster(day, at, outlook.off)
    needs = plan.needs if plan else ()
    rows = [
        RosterLine(
            time=f"{need.at:%H:%M}",
            calls=vnnumber(need.calls, 1),
            low=need.low,
            high=need.high,
            people=need.people,
            endless=need.endless,
            level=percent(need.service.fast, 1),
            occupancy=percent(need.service.occupancy, 1),
            abandon=percent(need.service.abandon, 1),
        )
        for need in needs
    ]
    if form := sheets.export_format(request):
        head = [_("Half hour"), _("Calls expected"), _("Fewest"), _("Most"), _("People needed"), _("If nobody hung up")]
        cells = ((n.at, round(n.calls, 1), n.low, n.high, n.people, n.endless) for n in needs)
        return sheets.sheet(form, "roster", head, cells, by=by)
    spec = {
        "kind": "bar",
        "unit": "",
        "most": None,
        "x": [row.time for row in rows],
        "series": [
            {"name": _("Calls expected"), "values": [round(need.calls, 1) for need in needs]},
            {"name": _("People needed"), "values": [need.people for need in needs]},
        ],
    }
    page = RosterPage(
        tabs=tabs("roster"),
        day=day.isoformat(),
        rows=rows,
        days=[vndate(one) for one in plan.days] if plan else [],
        handling=plan.handling if plan else 0.0,
        patience=plan.patience if plan else None,
        most=max((need.people for need in needs), default=0),
        person_hours=vnnumber(sum(need.people for need in needs) / 2, 1),
        chart=spec if rows else None,
        sheets=sheets.links(request),
        seconds=int(option("answer_seconds")),
    )
    return render_page(request, page)
