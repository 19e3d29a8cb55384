"""What is coming and what is unusual: the load of today and tomorrow, deadlines that fall next, rises, old open
tickets."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from operator import attrgetter
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from caunoi.directory import queries as directory
from caunoi.statistics import outlook, periods
from caunoi.statistics.forecast import LEVEL, Forecast, expected, forecast
from caunoi.statistics.limits import WEEKS, Rise, rises
from caunoi.statistics.scope import Scope
from caunoi.tickets.queries import among
from caunoi.web.board.measures import sheet
from caunoi.web.board.query import BoardQuery, board_query, name_of
from caunoi.web.board.sentences import tickets
from caunoi.web.board.tickets import BoardLine, board_lines
from caunoi.web.page import Page, render_page
from caunoi.web.templatetags.caunoi_ui import vndate, vnnumber

RECENT, LISTED, DAYS = 7, 15, 7 * (WEEKS + 8)
MONTH = {"period": "30", "from": "", "to": ""}


@dataclass(frozen=True, kw_only=True)
class UnusualRise:
    """A category or a commune that rose above its limit on a day, with the way to the tickets of that day."""

    by: str
    key: str
    name: str
    day: str
    count: int
    usual: str
    limit: int
    url: str


@dataclass(frozen=True, kw_only=True)
class Load:
    """The chart of four weeks with its sentence, and what is expected of today and of tomorrow."""

    spec: dict[str, Any]
    sentence: str
    today: Forecast | None
    tomorrow: Forecast | None


@dataclass(frozen=True, kw_only=True)
class Ageing:
    """The open ones by age: a chart with its sentence; `open` are all of them."""

    spec: dict[str, Any]
    sentence: str
    open: int
    steps: list[outlook.Age]


@dataclass(frozen=True, kw_only=True)
class FallingLine:
    """An agency's deadlines of the next day: how many will probably be missed, by the `chance` (per cent) `learnt` from
    so many of the past."""

    name: str
    falling: int
    missed: str
    chance: int
    learnt: int


@dataclass(frozen=True, kw_only=True)
class DueSoon:
    """The deadlines of the next day: in a sentence, by agency, and the first of them."""

    sentence: str
    agencies: list[FallingLine]
    rows: list[BoardLine]


@dataclass(frozen=True, kw_only=True)
class OutlookPage(Page):
    """`spots` is GeoJSON; `csv` are the addresses of the tables, by their name."""

    template = "board/outlook.html"

    question: BoardQuery
    load: Load
    ageing: Ageing
    soon: DueSoon
    risen: list[UnusualRise]
    spots: dict[str, Any]
    csv: dict[str, str]


def _past(question: BoardQuery) -> Scope:
    """All that came in the weeks that limits and forecasts learn from."""
    tomorrow = periods.midnight(question.at.astimezone(periods.VIETNAM).date() + timedelta(days=1))
    return question.whole().scope().within(tomorrow - timedelta(days=DAYS), tomorrow)


def unusual(question: BoardQuery) -> list[UnusualRise]:
    """Fields and communes that rose above their limit on one of the last days, with the way down."""
    past, today = _past(question), question.at.astimezone(periods.VIETNAM).date()
    days = [today - timedelta(days=n) for n in range(1, RECENT + 1)]
    begun, off = past.since.astimezone(periods.VIETNAM).date(), cache(outlook.off)
    risen: list[tuple[str, Rise]] = []
    for by in ("category", "area"):
        counts = outlook.daily(past, by)
        counts.pop("", None)
        first = min((day for by_day in counts.values() for day in by_day), default=today)
        risen += [(by, rise) for rise in rises(counts, days, off, begun=max(begun, first))]
    risen.sort(key=lambda one: (-(one[1].count - one[1].limit) / (one[1].limit + 1), one[0], one[1].key))
    return [
        UnusualRise(
            by=by,
            key=rise.key,
            name=name_of(by, rise.key),
            day=vndate(rise.day),
            count=rise.count,
            usual=vnnumber(rise.usual, 1),
            limit=rise.limit,
            url=reverse("board:tickets") + question.query(**{by: rise.key, "on": rise.day.isoformat(), **MONTH}),
        )
        for by, rise in risen
    ]


def load(question: BoardQuery) -> Load:
    """Today's and tomorrow's load: the chart of four weeks with what was and what is expected, and the words."""
    past, today = _past(question), question.at.astimezone(periods.VIETNAM).date()
    counts = outlook.daily(past, "").get("", {})
    begun = max(past.since.astimezone(periods.VIETNAM).date(), min(counts, default=today))
    past_counts, off = {day: n for day, n in counts.items() if day < today}, cache(outlook.off)
    now = forecast(past_counts, today, off, begun=begun)
    so_far = counts.get(today, 0)
    filled = {**past_counts, today: max(now.expected if now else 0, so_far)}
    tomorrow = forecast(filled, today + timedelta(days=1), off, begun=begun)
    days = [today - timedelta(days=n) for n in range(LEVEL, -2, -1)]

    def guess(day: date) -> int | None:
        value = expected(filled, day, off, begun=begun)
        return None if value is None else round(value)

    urls = [reverse("board:tickets") + question.query(on=d.isoformat(), **MONTH) for d in days]
    spec = {
        "kind": "line",
        "unit": _("tickets"),
        "x": [f"{d.day}/{d.month}" for d in days],
        "series": [
            {"name": _("Came"), "values": [counts.get(d, 0) if d <= today else None for d in days], "urls": urls},
            {"name": _("Expected"), "values": [guess(d) for d in days]},
        ],
    }
    return Load(spec=spec, sentence=_load_words(tomorrow), today=now, tomorrow=tomorrow)


def _load_words(forecast: Forecast | None) -> str:
    if forecast is None:
        return _("There are not enough days yet for a forecast.")
    return _(
        "About %(expected)s are expected tomorrow; on four days in five the number is between %(low)s and %(high)s."
    ) % {
        "expected": tickets(forecast.expected),
        "low": vnnumber(forecast.low),
        "high": vnnumber(forecast.high),
    }


def ageing(question: BoardQuery) -> Ageing:
    """The open ones by age, as a chart and its table."""
    steps = outlook.ageing(question.whole().scope())
    names = [
        _("over %(days)s days") % {"days": step.days}
        if step.ends is None
        else (_("today") if step.ends == 1 else _("%(days)s to %(ends)s days") % {"days": step.days, "ends": step.ends})
        for step in steps
    ]

    def way(step: outlook.Age, part: str) -> str:
        last = (step.until - timedelta(seconds=1)).astimezone(periods.VIETNAM).date()
        first = step.since.astimezone(periods.VIETNAM).date()
        asks = {"from": first.isoformat(), "to": last.isoformat(), "period": "", "on": "", "part": part}
        return reverse("board:tickets") + question.query(**asks)

    spec = {
        "kind": "stack-across",
        "x": names,
        "unit": _("tickets"),
        "series": [
            {
                "name": words,
                "mark": mark,
                "values": [getattr(step, part) for step in steps],
                "urls": [way(step, part) for step in steps],
            }
            for part, mark, words in (
                ("open_within", "due-soon", _("open, within time")),
                ("open_overdue", "overdue", _("open, overdue")),
            )
        ],
    }
    late, every = sum(s.open_overdue for s in steps), sum(s.open_overdue + s.open_within for s in steps)
    sentence = _("%(open)s are open; %(late)s of them past their deadline.") % {
        "open": tickets(every),
        "late": vnnumber(late),
    }
    return Ageing(spec=spec, sentence=sentence, open=every, steps=steps)


def soon(question: BoardQuery) -> DueSoon:
    """The deadlines of the next day and how many of them will be missed."""
    scope = question.whole().scope()
    agencies = outlook.falling(scope)
    falls, missed = sum(f.falling for f in agencies), sum(f.missed for f in agencies)
    low, high = outlook.range_of(agencies)
    if not falls:
        sentence = _("No deadline falls in the next 24 hours.")
    else:
        sentence = ngettext(
            "%(falls)s deadline falls in the next 24 hours; judging from the last 60 days, about %(missed)s will be "
            "missed (%(low)s to %(high)s).",
            "%(falls)s deadlines fall in the next 24 hours; judging from the last 60 days, about %(missed)s will be "
            "missed (%(low)s to %(high)s).",
            falls,
        ) % {"falls": vnnumber(falls), "missed": vnnumber(round(missed)), "low": vnnumber(low), "high": vnnumber(high)}
    ids = outlook.next_due(scope, LISTED)
    order = {pk: place for place, pk in enumerate(ids)}
    rows = sorted(among(question.by, ids), key=lambda t: order[t.pk])
    return DueSoon(
        sentence=sentence,
        agencies=[
            FallingLine(
                name=name_of("agency", f.key),
                falling=f.falling,
                missed=vnnumber(f.missed, 1),
                chance=round(f.chance * 100),
                learnt=f.learnt,
            )
            for f in agencies
        ],
        rows=board_lines(rows, question.by),
    )


def spots(question: BoardQuery, risen: list[UnusualRise]) -> dict[str, Any]:
    """Communes on the map: where most is overdue or something rises."""
    rose = {one.key for one in risen if one.by == "area"}
    scope = question.whole().scope()
    places = {a.code: a for a in directory.areas()}
    counts = outlook.by_place(scope)
    features = []
    for code, (total, overdue) in counts.items():
        place = places.get(code)
        if place is None or place.latitude is None or not (overdue or code in rose):
            continue
        features.append(
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [place.longitude, place.latitude]},
                "properties": {
                    "code": code,
                    "title": place.name,
                    "mark": "overdue" if overdue else "due-soon",
                    "url": reverse("board:tickets") + question.query(area=code),
                    "meta": _("%(tickets)s, %(overdue)s overdue")
                    % {"tickets": tickets(total), "overdue": vnnumber(overdue)}
                    + (" · " + _("unusual rise") if code in rose else ""),
                },
            }
        )
    return {"type": "FeatureCollection", "features": features}


def show(request: HttpRequest) -> HttpResponse:
    question = board_query(request)
    risen = unusual(question)
    table = request.GET.get("table", "") if request.GET.get("format") == "csv" else ""
    if table == "rises":
        head = [_("Group"), _("Code"), _("What it is called"), _("Day"), _("Tickets"), _("Usual"), _("Limit")]
        cells = attrgetter("by", "key", "name", "day", "count", "usual", "limit")
        return sheet("rises", question, [head, *map(cells, risen)])
    expected_load = load(question)
    if table == "load":
        came, hoped = (one["values"] for one in expected_load.spec["series"])
        head = [_("Day"), _("Came"), _("Expected")]
        return sheet("load", question, [head, *map(list, zip(expected_load.spec["x"], came, hoped, strict=True))])
    old = ageing(question)
    if table == "ageing":
        head = [_("Age"), _("open, within time"), _("open, overdue")]
        rows = [[n, s.open_within, s.open_overdue] for n, s in zip(old.spec["x"], old.steps, strict=True)]
        return sheet("ageing", question, [head, *rows])
    near = soon(question)
    if table == "soon":
        head = [_("Agency"), _("Deadlines"), _("Likely missed"), _("Chance (per cent)"), _("Known from")]
        cells = attrgetter("name", "falling", "missed", "chance", "learnt")
        return sheet("soon", question, [head, *map(cells, near.agencies)])
    page = OutlookPage(
        question=question,
        load=expected_load,
        ageing=old,
        soon=near,
        risen=risen,
        spots=spots(question, risen),
        csv={name: question.query(format="csv", table=name) for name in ("rises", "load", "ageing", "soon")},
    )
    return render_page(request, page)
