"""Whose a ticket is: taken, given to a colleague, given back, put off; all of one's given on as a shift ends."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.timezone import localdate, make_aware, now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from caunoi.accounts.models import User
from caunoi.accounts.queries import people
from caunoi.events.actor import Actor, Role
from caunoi.tickets import assigning, queries
from caunoi.tickets.models import Assignment, Ticket
from caunoi.web.case import get_ticket
from caunoi.web.desk.cockpit import tabs
from caunoi.web.errors import or_404
from caunoi.web.page import Page, Tab, render_page
from caunoi.web.templatetags.caunoi_ui import vndate
from caunoi.web.who import actor

MORNING = time(7, 30)
SNOOZES = {
    "hour": gettext_noop("For an hour"),
    "afternoon": gettext_noop("For four hours"),
    "tomorrow": gettext_noop("Until tomorrow morning"),
    "monday": gettext_noop("Until Monday morning"),
}


@dataclass(frozen=True, kw_only=True)
class OwnerLine:
    """Whose a ticket is, for its page: `own`: the reader's; `seen`: what the page's forms say of it."""

    name: str
    since: datetime | None
    own: bool
    seen: str
    snoozed: datetime | None


@dataclass(frozen=True, kw_only=True)
class Colleague:
    """Somebody who can see to tickets: how many they have that the centre must act on, and how many of those rest."""

    username: str
    name: str
    count: int
    resting: int
    own: bool = False


@dataclass(frozen=True, kw_only=True)
class AssignPage(Page):
    """To whom a ticket is given."""

    template = "desk/assign.html"

    ticket: Ticket
    owner: OwnerLine
    colleagues: list[Colleague]


@dataclass(frozen=True, kw_only=True)
class WorkloadPage(Page):
    """How many tickets each of the centre has, and a way to give all of one's to another."""

    template = "desk/workload.html"

    tabs: list[Tab]
    colleagues: list[Colleague]
    nobodys: int


def owner_line(ticket: Ticket, by: Actor) -> OwnerLine:
    """Whose it is now."""
    row: Assignment | None = getattr(ticket, "assignment", None)
    if row is None:
        return OwnerLine(name="", since=None, own=False, seen="", snoozed=None)
    return OwnerLine(
        name=str(row.assignee),
        since=row.at,
        own=by.is_person(row.assignee_id),
        seen=str(row.assignee_id),
        snoozed=row.snoozed if row.snoozed and row.snoozed > now() else None,
    )


def _centre() -> list[User]:
    return [one for one in people() if one.role in (Role.OPERATOR, Role.SUPERVISOR)]


def _colleagues(request: HttpRequest) -> list[Colleague]:
    counts = queries.workload()
    return [
        Colleague(
            username=one.username,
            name=str(one),
            count=counts.get(one.pk, (0, 0))[0],
            resting=counts.get(one.pk, (0, 0))[1],
            own=actor(request).is_person(one.pk),
        )
        for one in _centre()
    ]


def _person(username: str) -> User:
    return or_404(next((one for one in _centre() if one.username == username), None))


def assign(request: HttpRequest, code: str) -> HttpResponse:
    """Choose to whom it is given (GET), or give it (POST): `to` is a user name, "me", or empty for nobody; `seen`:
    whose it was on the page."""
    ticket, by = get_ticket(request, code), actor(request)
    if request.method != "POST":
        return render_page(
            request, AssignPage(ticket=ticket, owner=owner_line(ticket, by), colleagues=_colleagues(request))
        )
    to, seen = request.POST.get("to", ""), request.POST.get("seen", "")
    user = None if not to else _person(to) if to != "me" else get_object_or_404(User, pk=by.user_id or 0)
    try:
        assigning.assign(ticket, user, by=by, seen=int(seen) if seen.isdecimal() else None)
    except assigning.TakenError as error:
        who = {"name": error.assignee} if error.assignee else {}
        messages.error(
            request, _("%(name)s has it since a moment ago.") % who if who else _("It is nobody's since a moment ago.")
        )
    else:
        messages.success(request, _confirmation(user, own=by.is_person(user.pk if user else None)))
    return redirect("desk:ticket", ticket.code)


def _confirmation(user: User | None, *, own: bool) -> str:
    if user is None:
        return _("Given back: it is nobody's.")
    return _("It is yours.") if own else _("%(name)s has it.") % {"name": user}


@require_POST
def snooze(request: HttpRequest, code: str) -> HttpResponse:
    """Put it off, `until` one of SNOOZES; empty: no longer."""
    ticket = get_ticket(request, code)
    name = request.POST.get("until", "")
    if name and name not in SNOOZES:
        raise Http404
    until = _until(name) if name else None
    assigning.snooze(ticket, until, by=actor(request))
    words = _("Put off until %(time)s.") % {"time": vndate(until)} if until else _("It is among your work again.")
    messages.success(request, words)
    return redirect("desk:ticket", ticket.code)


def _until(name: str) -> datetime:
    if name in ("hour", "afternoon"):
        return now() + timedelta(hours=1 if name == "hour" else 4)
    today = localdate()
    return make_aware(
        datetime.combine(today + timedelta(days=1 if name == "tomorrow" else 7 - today.weekday()), MORNING)
    )


def workload(request: HttpRequest) -> HttpResponse:
    """Who has how many (GET); all of one's to another or to nobody (POST: `of`, `to`)."""
    by = actor(request)
    if request.method == "POST":
        of, to = _person(request.POST.get("of", "")), request.POST.get("to", "")
        count = assigning.hand_on(of, _person(to) if to else None, by=by)
        messages.success(request, _("%(count)s tickets given on.") % {"count": count})
        return redirect("desk:workload")
    colleagues = _colleagues(request)
    counts = queries.counts(by)
    nobodys = counts["new"] + counts["accepted"] + counts["waiting"] - sum(one.count for one in colleagues)
    return render_page(request, WorkloadPage(tabs=tabs("workload"), colleagues=colleagues, nobodys=max(0, nobodys)))
