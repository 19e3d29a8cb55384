"""The wall: the figures for a room, read from afar, by themselves as things happen."""

from dataclasses import replace
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from caunoi.statistics import periods
from caunoi.statistics.figures import grouped
from caunoi.statistics.measures import MEASURES
from caunoi.web.board.asked import asked, name_of
from caunoi.web.board.measures import value_words
from caunoi.web.board.outlook import ageing, load, unusual
from caunoi.web.board.sentences import on_time, share

CALLS = ("calls", "calls_answered", "service_level", "calls_abandoned")
WORST, SHOWN = 6, 4


def show(request: HttpRequest) -> HttpResponse:
    question = asked(request)
    question = replace(question.whole(), codes={}, period=periods.named("30", question.at), since="", until="")
    scope = question.scope()
    midnight = periods.midnight(question.at.astimezone(periods.VIETNAM).date())
    today = scope.within(midnight, midnight + timedelta(days=1))
    groups = grouped(scope, ["", "agency"])
    (whole,), (day,) = groups[""], grouped(today, [""])[""]
    calls = []
    for name in CALLS:
        row = MEASURES[name].read(today, "")[0]
        calls.append({"title": _(MEASURES[name].title), "value": value_words(MEASURES[name], row["value"], row["of"])})
    worst = sorted((r for r in groups["agency"] if r.open_overdue), key=lambda r: (-r.open_overdue, r.key))[:WORST]
    context = {
        "asked": question, "whole": whole, "today": day, "calls": calls, "share": share(whole.on_time, whole.fallen),
        "on_time": on_time(whole), "worst": [(name_of("agency", r.key), r.open_overdue) for r in worst],
        "risen": unusual(question)[:SHOWN], "load": load(question), "ageing": ageing(question),
    }  # fmt: skip
    return render(request, "board/wall.html", context)
