"""The quality of one operator's answers: for the operator, and for supervisors, who may write to them about it."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from caunoi.accounts.models import User
from caunoi.accounts.queries import names, person
from caunoi.events.actor import NotAllowedError
from caunoi.quality import actions, queries
from caunoi.quality.queries import Standing
from caunoi.tickets.lifecycle import MissingDataError
from caunoi.web.errors import or_404
from caunoi.web.inputs import text_in
from caunoi.web.page import Page, Tab, render_page
from caunoi.web.quality.home import Trend, chips, period, trend
from caunoi.web.quality.words import CaseLine, RemarkLine, lines
from caunoi.web.who import actor

MOST = 50


@dataclass(frozen=True, kw_only=True)
class OperatorPage(Page):
    """One operator's quality, whose `own` page it may be; `notes` are from supervisors."""

    template = "quality/person.html"

    who: str
    username: str
    own: bool
    periods: list[Tab]
    standing: Standing | None
    trend: Trend | None
    lines: list[CaseLine]
    notes: list[RemarkLine]
    said_wrong: str


def _page(request: HttpRequest, person: User, *, own: bool, said_wrong: str = "") -> HttpResponse:
    days, since, until = period(request)
    username = person.username
    cases = queries.of_operator(person.pk).filter(settled__gte=since)[:MOST]
    notes = list(queries.coaching(person.pk)[:MOST])
    people = names({username} | {row.by for row in notes})
    standing = next((one for one in queries.standings(since, until) if one.operator == username), None)
    page = OperatorPage(
        who=people.get(username, username),
        username=username,
        own=own,
        periods=chips(days),
        standing=standing,
        trend=trend(person.pk),
        lines=lines(cases, people),
        notes=[RemarkLine(row, people.get(row.by, row.by)) for row in notes],
        said_wrong=said_wrong,
    )
    return render_page(request, page, status=422 if said_wrong else 200)


def mine(request: HttpRequest) -> HttpResponse:
    user = request.user
    assert isinstance(user, User)
    return _page(request, user, own=True)


def _operator(username: str) -> User:
    return or_404(person(username))


def detail(request: HttpRequest, username: str) -> HttpResponse:
    operator, by = _operator(username), actor(request)
    return _page(request, operator, own=by.concerns(operator.pk))


@require_POST
def coach(request: HttpRequest, username: str) -> HttpResponse:
    operator = _operator(username)
    text = text_in(request.POST, "text", 4000)
    try:
        actions.coach(operator, text, by=actor(request))
    except NotAllowedError:
        raise Http404 from None
    except MissingDataError:
        return _page(request, operator, own=False, said_wrong=_("Please write something first."))
    messages.success(request, _("Sent. Only the two of you and the other supervisors read it."))
    return redirect("quality:person", username)
