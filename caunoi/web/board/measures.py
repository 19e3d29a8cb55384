"""The measures by name: what each means, how it is counted and what it says; and one of them by group, down to
tickets."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from caunoi.accounts.queries import names
from caunoi.directory.queries import option
from caunoi.statistics.half_hours import STRIDES
from caunoi.statistics.measures import CALLS, HOURS, MEASURES, SECONDS, SHARE, TALLIED, Measure, wholes
from caunoi.statistics.scope import NARROW, TIMES, sees_operators
from caunoi.web.board.overview import BoardFilters, filters
from caunoi.web.board.query import BoardQuery, board_query, name_of
from caunoi.web.board.sentences import moment
from caunoi.web.errors import or_404
from caunoi.web.labels import reasons
from caunoi.web.page import Page, Tab, render_page
from caunoi.web.sheets import csv_file
from caunoi.web.templatetags.caunoi_ui import percent, vnnumber, vnspan

BY = {
    "": gettext_noop("Whole"),
    "agency": gettext_noop("Agency"),
    "branch": gettext_noop("Branch of agencies"),
    "area": gettext_noop("Commune"),
    "category": gettext_noop("Category"),
    "channel": gettext_noop("Channel"),
    "day": gettext_noop("Day"),
    "week": gettext_noop("Week"),
    "month": gettext_noop("Month"),
    "report_month": gettext_noop("Reporting month"),
    "hop": gettext_noop("Hop"),
    "reason": gettext_noop("Reason"),
    "queue": gettext_noop("Queue"),
    "operator": gettext_noop("Operator"),
    "hour": gettext_noop("Hour"),
    "half_hour": gettext_noop("Half hour"),
}
CHARTED = 20


@dataclass(frozen=True, kw_only=True)
class MeasureLine:
    """A measure in the list, with its value of all that is asked about and the way to its groups."""

    name: str
    title: str
    value: str
    definition: str
    formula: str
    owner: str
    url: str


@dataclass(frozen=True, kw_only=True)
class MeasureGroup:
    """A group's value of a measure: `value` in words, `raw` as counted, `of` so many."""

    name: str
    value: str
    raw: float | None
    of: int | None
    url: str


@dataclass(frozen=True, kw_only=True)
class MeasuresPage(Page):
    template = "board/measures.html"

    filters: BoardFilters
    lines: list[MeasureLine]
    csv: str
    here: str


@dataclass(frozen=True, kw_only=True)
class MeasurePage(Page):
    """One measure `by` group, as a chart and its table; `whole` is the value of all together."""

    template = "board/measure.html"

    filters: BoardFilters
    title: str
    definition: str
    formula: str
    owner: str
    lines: list[MeasureGroup]
    spec: dict[str, Any]
    by: str
    whole: str
    tabs: list[Tab]
    csv: str
    here: str
    sentence: str
    size: str


def value_words(measure: Measure, value: float | None, of: int | None, *, about: bool = False) -> str:
    """A value in its unit; a share of few as a count. `about`: to 1 %."""
    if value is None:
        return "–"
    if measure.unit == SHARE:
        few = of is not None and of < option("small_number")
        return (
            _("%(part)s of %(whole)s") % {"part": round(value * (of or 0)), "whole": of} if few else percent(value, 1)
        )
    if measure.unit == SECONDS:
        return _("%(number)s seconds") % {"number": vnnumber(value)}
    if measure.unit == HOURS:
        return _("about %(span)s") % {"span": vnspan(value * 3600)} if about else vnspan(value * 3600)
    return vnnumber(value, 2 if value != int(value) else 0)


def readable(question: BoardQuery) -> list[Measure]:
    """The measures that this reader may ask: of calls the centre's people only."""
    return [m for m in MEASURES.values() if not (question.own and m.groups == CALLS)]


def _groups(measure: Measure, question: BoardQuery) -> list[str]:
    closed = {"agency", "branch"} if question.own else set()
    closed |= set() if sees_operators(question.by) else {"operator"}
    return [by for by in measure.groups if by not in closed and by not in question.codes]


def listing(request: HttpRequest) -> HttpResponse:
    question = board_query(request)
    lines: list[MeasureLine] = []
    cells: list[list[Any]] = []
    measures = readable(question)
    values = wholes(question.scope(), [measure.name for measure in measures])
    for measure in measures:
        first = next(iter(values[measure.name]), {})
        value = value_words(measure, first.get("value"), first.get("of"), about="about" in first)
        value = vnnumber(first["total"]) if "total" in first else value
        way = reverse("board:overview") if measure.name == "tickets" else reverse("board:measure", args=[measure.name])
        line = MeasureLine(
            name=measure.name,
            title=_(measure.title),
            value=value,
            definition=_(measure.definition),
            formula=_(measure.formula),
            owner=_(measure.owner),
            url=way + question.query(),
        )
        lines.append(line)
        cells.append([line.title, value, measure.unit, first.get("of"), line.definition, line.formula, line.owner])
    if request.GET.get("format") == "csv":
        head = (
            _("Measure"),
            _("Value"),
            _("Unit"),
            _("Said of"),
            _("What it means"),
            _("How it is counted"),
            _("Owner"),
        )
        return sheet("measures", question, [head, *cells])
    page = MeasuresPage(
        filters=filters(question), lines=lines, csv=question.query(format="csv"), here=reverse("board:measures")
    )
    return render_page(request, page, status=422 if question.error else 200)


def label(by: str, key: str) -> str:
    if by == "day" or by in ("month", "report_month"):
        return moment(key)
    if by == "reason":
        return dict(reasons()).get(key, key) or "–"
    if by in STRIDES:
        return f"{key[8:10]}/{key[5:7]} {key[11:]}"
    if by == "operator":
        return names({key}).get(key, key) if key else "–"
    if by in ("week", "hop", "queue"):
        return key or "–"
    return name_of("agency" if by == "branch" else by, key) if by else _("Whole")


def _lines(measure: Measure, by: str, rows: Sequence[dict[str, Any]], question: BoardQuery) -> list[MeasureGroup]:
    base = reverse("board:tickets")
    drill = by in (*NARROW, "day", "month") and measure.groups != CALLS and measure.name != "refusals"
    lines = []
    for row in rows:
        way = question.query(**{"on" if by in ("day", "month") else by: row["key"] or "-"}) if drill else ""
        lines.append(
            MeasureGroup(
                name=label(by, row["key"]),
                value=value_words(measure, row["value"], row["of"], about="about" in row),
                raw=row["value"],
                of=row["of"],
                url=base + way if drill else "",
            )
        )
    return lines


def detail(request: HttpRequest, name: str) -> HttpResponse:
    question = board_query(request)
    measure = or_404(next((m for m in readable(question) if m.name == name and m.name != "tickets"), None))
    groups = _groups(measure, question)
    by = request.GET.get("by", "")
    if by not in groups or not by:
        by = next((g for g in groups if g in ("agency", "channel", "day", "category")), groups[0])
    rows = measure.read(question.scope(), by)
    if by not in (*TIMES, *STRIDES, "hop"):
        rows = sorted(rows, key=lambda r: (r["value"] is None, -(r["value"] or 0), r["key"]))
    lines = _lines(measure, by, rows, question)
    if request.GET.get("format") == "csv":
        head = [_(BY[by]), _("Code"), _(measure.title), _("Unit"), _("Said of")]
        return sheet(
            f"{name}-{by}",
            question,
            [
                head,
                *([x.name, r["key"], r["value"], measure.unit, r["of"]] for x, r in zip(lines, rows, strict=True)),
            ],
        )
    whole = measure.read(question.scope(), "") if "" in measure.groups else []
    scale = 100 if measure.unit == SHARE else 1
    chart_lines = lines if by in (*TIMES, *STRIDES) else lines[:CHARTED]
    unit = {SHARE: "%", HOURS: _("hours"), SECONDS: _("seconds")}.get(measure.unit, "")
    spec = {
        "kind": "bar" if by in (*TIMES, *STRIDES) else "across",
        "unit": unit,
        "most": 100 if unit == "%" else None,
        "x": [x.name for x in chart_lines],
        "series": [
            {
                "name": _(measure.title),
                "urls": [x.url or None for x in chart_lines],
                "values": [None if x.raw is None else round(x.raw * scale, 1) for x in chart_lines],
            }
        ],
    }
    page = MeasurePage(
        filters=filters(question),
        title=_(measure.title),
        definition=_(measure.definition),
        formula=_(measure.formula),
        owner=_(measure.owner),
        lines=lines,
        spec=spec,
        by=_(BY[by]),
        whole=value_words(measure, whole[0]["value"], whole[0]["of"], about="about" in whole[0]) if whole else "",
        tabs=[Tab(_(BY[g]), question.query(by=g), active=g == by) for g in groups if g],
        csv=question.query(format="csv", by=by),
        here=reverse("board:measure", args=[name]),
        sentence=sentence(measure, lines),
        size="short" if len(chart_lines) <= 4 else "tall" if len(chart_lines) > 8 else "",
    )
    return render_page(request, page, status=422 if question.error else 200)


def sentence(measure: Measure, lines: Sequence[MeasureGroup]) -> str:
    """What a breakdown shows, in words. No group of a few cases is called the highest or the lowest."""
    few = 1 if measure.name in TALLIED else option("small_number")
    counted = [line for line in lines if line.raw is not None]
    enough = [line for line in counted if (line.of or 0) >= few]
    if len(counted) == 1 and enough:
        return f"{enough[0].name}: {enough[0].value}."
    if len(enough) < 2:
        return _("Not enough cases in this period.")
    most, least = max(enough, key=attrgetter("raw")), min(enough, key=attrgetter("raw"))
    words = _("Highest: %(most)s with %(high)s; lowest: %(least)s with %(low)s.") % {
        "most": most.name,
        "high": most.value,
        "least": least.name,
        "low": least.value,
    }
    if len(enough) < len(counted):
        words += " " + _("Compared are only those with %(few)s cases or more.") % {"few": few}
    return words


def sheet(name: str, question: BoardQuery, rows: Sequence[Sequence[Any]]) -> HttpResponse:
    """Rows as a file that is named by the day asked about."""
    return csv_file(f"1022-{name}-{question.at.date().isoformat()}", rows)
