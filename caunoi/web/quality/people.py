"""The quality of one operator's answers: for the operator, and for supervisors, who may write to them about it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from caunoi.accounts.queries import names
from caunoi.quality import actions, queries
from caunoi.tickets.lifecycle import Missing
from caunoi.web.quality.home import chips, period, trend
from caunoi.web.quality.words import lines
from caunoi.web.who import actor

SHOWN = 50


def _page(request: HttpRequest, username: str, **more: Any) -> HttpResponse:
    days, since, until = period(request)
    found = queries.of_operator(username).filter(settled__gte=since)[:SHOWN]
    notes = list(queries.coaching(username)[:SHOWN])
    people = names({username} | {row.by for row in notes})
    standing = next((one for one in queries.standings(since, until) if one.operator == username), None)
    context = {
        "who": people.get(username, username), "username": username, "days": days, "periods": chips(days),
        "lines": lines(found, people), "standing": standing, "trend": trend(username),
        "notes": [{"row": row, "who": people.get(row.by, row.by)} for row in notes],
    }  # fmt: skip
    return render(request, "quality/person.html", context | more, status=422 if more.get("said_wrong") else 200)


def mine(request: HttpRequest) -> HttpResponse:
    return _page(request, actor(request).name, own=True)


def one(request: HttpRequest, username: str) -> HttpResponse:
    if username not in names({username}):
        raise Http404
    return _page(request, username, own=False)


@require_POST
def coach(request: HttpRequest, username: str) -> HttpResponse:
    if username not in names({username}):
        raise Http404
    text = request.POST.get("text", "").replace("\0", "")[:4000]
    try:
        actions.coach(username, text, by=actor(request))
    except Missing:
        return _page(request, username, own=False, said_wrong=_("Please write something first."))
    messages.success(request, _("Sent. Only the two of you and the other supervisors read it."))
    return redirect("quality:person", username)
