"""The wall: the figures for a room, read from afar, by themselves as things happen."""

from dataclasses import dataclass, replace
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from caunoi.calls import queries
from caunoi.sla.queries import overdue_by_agency
from caunoi.statistics import periods
from caunoi.statistics.counts import Row
from caunoi.statistics.figures import grouped
from caunoi.statistics.measures import MEASURES
from caunoi.web.board.measures import value_words
from caunoi.web.board.outlook import Ageing, Load, UnusualRise, ageing, load, unusual
from caunoi.web.board.query import BoardQuery, board_query, name_of
from caunoi.web.board.sentences import on_time, share
from caunoi.web.page import Page, render_page

CALLS = ("calls", "calls_answered", "service_level", "calls_abandoned")
WORST, RISES = 6, 4


@dataclass(frozen=True)
class CallFigure:
    """A measure of today's calls."""

    title: str
    value: str


@dataclass(frozen=True, kw_only=True)
class WallPage(Page):
    """`worst` are the agencies with most that is overdue, with how many; `share` and `on_time` are of thirty days; so
    many callers are `waiting`, the first for `longest` seconds."""

    template = "board/wall.html"

    question: BoardQuery
    today: Row
    waiting: int
    longest: int
    calls: list[CallFigure]
    share: str
    on_time: str
    worst: list[tuple[str, int]]
    overdue: int
    risen: list[UnusualRise]
    load: Load
    ageing: Ageing


def show(request: HttpRequest) -> HttpResponse:
    question = board_query(request)
    question = replace(question.whole(), codes={}, period=periods.period_of("30", question.at), since="", until="")
    scope = question.scope()
    midnight = periods.midnight(question.at.astimezone(periods.VIETNAM).date())
    today = scope.within(midnight, midnight + timedelta(days=1))
    (whole,), (day,) = grouped(scope, [""])[""], grouped(today, [""])[""]
    calls = []
    for name in CALLS:
        row = MEASURES[name].read(today, "")[0]
        calls.append(CallFigure(_(MEASURES[name].title), value_words(MEASURES[name], row["value"], row["of"])))
    floor = queries.floor()
    late = overdue_by_agency(question.by)
    page = WallPage(
        question=question,
        today=day,
        waiting=len(floor.waiting),
        longest=int(floor.longest),
        calls=calls,
        share=share(whole.on_time, whole.fallen),
        on_time=on_time(whole),
        worst=[(name_of("agency", code), count) for code, count, _first in late[:WORST]],
        overdue=sum(count for _code, count, _first in late),
        risen=unusual(question)[:RISES],
        load=load(question),
        ageing=ageing(question),
    )
    return render_page(request, page)
