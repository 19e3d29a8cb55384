"""The breakdowns of the board, as charts, tables and CSV, each row and mark with the way down to its tickets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from caunoi.statistics import periods
from caunoi.statistics.counts import Row
from caunoi.statistics.scope import FOUR, NONE
from caunoi.web.board.query import PART, BoardQuery, dated_name, name_of
from caunoi.web.board.sentences import hurt, moment, most, share, trend
from caunoi.web.sheets import csv_file
from caunoi.web.templatetags.caunoi_ui import vndate

MARK = {"on_time": "on-time", "late": "done-late", "open_within": "due-soon", "open_overdue": "overdue"}
TITLE = {
    "agency": gettext_noop("By agency"),
    "category": gettext_noop("By category"),
    "area": gettext_noop("By commune"),
    "channel": gettext_noop("By channel"),
    "day": gettext_noop("Day by day"),
    "month": gettext_noop("Month by month"),
}
CHARTED = 10  # groups in a chart; the table has all
LONGEST_BY_DAY = 92


@dataclass(frozen=True)
class Figure:
    """A number with the way down to its tickets."""

    value: int
    url: str


@dataclass(frozen=True, kw_only=True)
class FiguresLine:
    """A group of a table: `cells` are the four numbers and the total, `share` is on time."""

    name: str
    cells: list[Figure]
    share: str


@dataclass(frozen=True, kw_only=True)
class Breakdown:
    """Figures by group: board/_chart.html, with the chart's spec."""

    id: str
    title: str
    sentence: str
    spec: dict[str, Any]
    rows: list[FiguresLine]
    csv: str
    size: str
    source: str


def trend_by(query: BoardQuery) -> str:
    return "day" if query.period.days <= LONGEST_BY_DAY else "month"


def filled(rows: Sequence[Row], query: BoardQuery, by: str) -> list[Row]:
    """A trend with its empty days or months, up to now."""
    by_key = {row.key: row for row in rows}
    day = query.period.since.astimezone(periods.VIETNAM).date()
    last = (min(query.period.until - timedelta(seconds=1), max(query.at, query.period.since))).astimezone(
        periods.VIETNAM
    )
    keys: list[str] = []
    while day <= last.date():
        key = day.isoformat() if by == "day" else f"{day:%Y-%m}"
        if not keys or keys[-1] != key:
            keys.append(key)
        day += timedelta(days=1)
    return [by_key.get(key) or Row(key=key) for key in keys]


def _ways(query: BoardQuery, by: str) -> Callable[[str, str], str]:
    """The addresses of the tickets that marks count, by key and part; made for thousands of them."""
    name = "on" if by in ("day", "month") else by
    base = reverse("board:tickets") + query.query(part="", **({name: ""} if name else {}))
    base += "&" if len(base.partition("?")[2]) else ""

    def way(key: str, part: str) -> str:
        return base + "&".join(([f"{name}={quote(key or NONE)}"] if name else []) + ([f"part={part}"] if part else []))

    return way


def label(by: str, key: str) -> str:
    return moment(key) if by in ("day", "month") else name_of(by, key)


def lines(rows: Sequence[Row], by: str, query: BoardQuery) -> list[FiguresLine]:
    """The rows of a table."""
    way = _ways(query, by)
    return [
        FiguresLine(
            name=label(by, row.key) if by != "agency" else dated_name(by, row.key),
            cells=[*(Figure(getattr(row, p), way(row.key, p)) for p in FOUR), Figure(row.total, way(row.key, ""))],
            share=share(row.on_time, row.fallen),
        )
        for row in rows
    ]


def breakdown(rows: Sequence[Row], by: str, query: BoardQuery) -> Breakdown:
    """One chart with its sentence and table; groups with most that is late first, times in their order."""
    timed = by in ("day", "month")
    if timed:
        rows = filled(rows, query, by)
    else:
        rows = sorted(rows, key=lambda r: (-r.total,) if by == "channel" else (-r.missed, -r.total))
    chart_rows = rows if timed else rows[:CHARTED]
    way = _ways(query, by)
    spec = {
        "kind": "stack" if timed else "stack-across",
        "x": [_tick(by, row.key) for row in chart_rows],
        "unit": _("tickets"),
        "series": [
            {
                "name": _(PART[part]),
                "mark": MARK[part],
                "values": [getattr(row, part) for row in chart_rows],
                "urls": [way(row.key, part) for row in chart_rows],
            }
            for part in FOUR
        ],
    }
    say = trend(rows, by) if timed else most(rows, by) if by == "channel" else hurt(rows, by)
    more = len(rows) - len(chart_rows)
    return Breakdown(
        id=f"chart-{by}",
        title=_(TITLE[by]),
        sentence=say,
        spec=spec,
        rows=lines(rows, by, query),
        csv=query.query(format="csv", table=by),
        size="" if timed else "short" if len(chart_rows) <= 4 else "tall" if len(chart_rows) > 8 else "",
        source=_("The %(shown)s with the most late tickets; the table lists all %(all)s.")
        % {"shown": len(chart_rows), "all": len(rows)}
        if more
        else "",
    )


def _tick(by: str, key: str) -> str:
    """A short name for an axis: days without their weekday."""
    if by == "day":
        return f"{int(key[8:])}/{int(key[5:7])}"
    return label(by, key)


def as_csv(rows: Sequence[Row], by: str, query: BoardQuery) -> HttpResponse:
    """A table as a file that is named by what it is by and its period."""
    cells: list[list[Any]] = [
        [_("Code"), _("What it is called"), *(_(PART[part]) for part in FOUR), _("Total"), _("On time (per cent)")]
    ]
    for row in filled(rows, query, by) if by in ("day", "month") else rows:
        good = f"{row.on_time / row.fallen * 100:.1f}" if row.fallen else ""
        name = row.key if by in ("day", "month") else label(by, row.key)
        cells.append([row.key, name, *(getattr(row, part) for part in FOUR), row.total, good])
    since, until = (m.astimezone(periods.VIETNAM).date().isoformat() for m in _ends(query))
    return csv_file(f"1022-{by}-{since}-{until}", cells)


def _ends(query: BoardQuery) -> tuple[datetime, datetime]:
    """The first and the last moment of the time asked for."""
    return query.period.since, query.period.until - timedelta(seconds=1)


def period_words(query: BoardQuery) -> str:
    """The time in words: "1/11 – 30/11"."""
    since, until = query.period.since, query.period.until
    if query.period.code in ("report", "last_report"):
        return f"{vndate(since)} – {vndate(until)}"
    return " – ".join(vndate(moment.astimezone(periods.VIETNAM).date()) for moment in _ends(query))
