"""The wall: the figures for a room, read from afar, by themselves as things happen."""

from dataclasses import replace
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from caunoi.sla.queries import overdue_by_agency
from caunoi.statistics import periods
from caunoi.statistics.figures import grouped
from caunoi.statistics.measures import MEASURES
from caunoi.web.board.measures import value_words
from caunoi.web.board.outlook import ageing, load, unusual
from caunoi.web.board.query import board_query, name_of
from caunoi.web.board.sentences import on_time, share
from caunoi.web.refresh import refreshed

CALLS = ("calls", "calls_answered", "service_level", "calls_abandoned")
WORST, SHOWN = 6, 4


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
        calls.append({"title": _(MEASURES[name].title), "value": value_words(MEASURES[name], row["value"], row["of"])})
    late = overdue_by_agency(question.by)
    context = {
        "asked": question,
        "whole": whole,
        "today": day,
        "calls": calls,
        "share": share(whole.on_time, whole.fallen),
        "on_time": on_time(whole),
        "worst": [(name_of("agency", code), count) for code, count, _first in late[:WORST]],
        "overdue": sum(count for _code, count, _first in late),
        "risen": unusual(question)[:SHOWN],
        "load": load(question),
        "ageing": ageing(question),
    }
    return render(request, refreshed(request, "board/wall.html"), context)
