"""One's own ticket: what happened, who holds it until when, the answer, and what one may still say to it."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from caunoi import moves
from caunoi.answers.queries import final
from caunoi.directory.queries import option
from caunoi.events.actor import Actor, citizen
from caunoi.lib.codes import spoken
from caunoi.publication import queries as publication
from caunoi.ratings import actions as ratings
from caunoi.ratings.queries import can_rate, given
from caunoi.ratings.reasons import REASONS
from caunoi.sla.queries import handle
from caunoi.tickets import actions, queries
from caunoi.tickets.lifecycle import ENDS, HANDLED, Refused
from caunoi.tickets.models import Ticket
from caunoi.web.labels import named
from caunoi.web.lines import line
from caunoi.web.story import for_citizen, pictures

LIMIT = 4000


def _find(token: str) -> tuple[Ticket | None, Actor]:
    ticket = queries.of_follow(token)
    return ticket, citizen(ticket.pk if ticket else None)


def _gone(request: HttpRequest) -> HttpResponse:
    return render(request, "citizen/follow_gone.html", status=404)


def ahead(ticket: Ticket) -> list[dict[str, Any]]:
    """What is still to come, so that the story has an end in sight."""
    if ticket.state in ENDS or ticket.state in HANDLED:
        return []
    return [{"title": _("You get an answer"), "icon": "reply", "kind": "ahead"}]


def may_reopen(ticket: Ticket) -> bool:
    fresh = ticket.touched > now() - timedelta(days=option("reopen_days"))
    return ticket.state in {*HANDLED, "refused"} and fresh


def show(request: HttpRequest, token: str) -> HttpResponse:
    ticket, _by = _find(token)
    if ticket is None:
        return _gone(request)
    return page(request, ticket)


def page(request: HttpRequest, ticket: Ticket, *, error: str = "", typed: str = "", status: int = 200) -> HttpResponse:
    deadline = handle(ticket)
    story = for_citizen(ticket)
    if story and ticket.state not in ENDS and ticket.state not in HANDLED:
        story[-1]["kind"] = "now"
    rating = given(ticket)
    context = {
        "ticket": ticket,
        "line": line(ticket, deadline),
        "spoken": spoken(ticket.code),
        "fresh": "new" in request.GET,
        "story": [*story, *ahead(ticket)],
        "holder": named(queries.holder(ticket)),
        "deadline": deadline,
        "answer": final(ticket),
        "pictures": pictures(ticket, query=f"f={ticket.follow}"),
        "can_rate": can_rate(ticket),
        "rating": rating,
        "reasons": {grade: [(c, _(words)) for c, words in table.items()] for grade, table in REASONS.items()},
        "can_reopen": may_reopen(ticket),
        "can_remark": ticket.state not in ENDS,
        "published": publication.one(ticket.code) is not None,
        "error": error,
        "typed": typed,
        "follow_live": f"/live?follow={ticket.follow}",
    }
    response = render(request, "citizen/follow.html", context, status=status)
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_POST
def reply(request: HttpRequest, token: str) -> HttpResponse:
    """The citizen adds something; when asked, that is the reply the ticket waited for."""
    ticket, by = _find(token)
    if ticket is None:
        return _gone(request)
    text = request.POST.get("text", "").strip()
    if not text:
        return page(request, ticket, error=_("Please write something first."), status=422)
    if len(text) > LIMIT:
        too_long = _("Please shorten this to %(limit)s characters.") % {"limit": LIMIT}
        return page(request, ticket, error=too_long, typed=text, status=422)
    actions.remark(ticket, text, by=by, internal=False)
    if ticket.state == "waiting":
        moves.make(ticket, "resume", by=by)
    messages.success(request, _("Thank you. We have passed it on."))
    return redirect("citizen:follow", token)


@require_POST
def rate(request: HttpRequest, token: str) -> HttpResponse:
    ticket, by = _find(token)
    if ticket is None:
        return _gone(request)
    grades = {"good": "satisfied", "fair": "acceptable", "poor": "dissatisfied"}
    grade = grades.get(request.POST.get("grade", ""), "")
    try:
        ratings.rate(
            ticket,
            grade,
            by=by,
            reasons=request.POST.getlist("reason"),
            comment=request.POST.get("comment", "")[:LIMIT],
        )
        messages.success(request, _("Thank you. Your rating is kept secret from the agency."))
    except Refused:
        messages.error(request, _("This answer has been rated already, or you have not chosen a grade."))
    return redirect("citizen:follow", token)


@require_POST
def reopen(request: HttpRequest, token: str) -> HttpResponse:
    ticket, by = _find(token)
    if ticket is None:
        return _gone(request)
    reason = request.POST.get("text", "").strip()[:LIMIT]
    if not reason:
        return page(request, ticket, error=_("Please write what is still not right."), status=422)
    if not may_reopen(ticket):
        messages.error(request, _("The time to reopen it is over. Please send a new report; you may name this code."))
        return redirect("citizen:follow", token)
    moves.make(ticket, "reopen", by=by, reason=reason)
    messages.success(request, _("It is open again. We look at it anew."))
    return redirect("citizen:follow", token)


@require_POST
def close(request: HttpRequest, token: str) -> HttpResponse:
    ticket, by = _find(token)
    if ticket is None:
        return _gone(request)
    try:
        moves.make(ticket, "close", by=by)
        messages.success(request, _("Closed. Thank you for your report."))
    except Refused:
        messages.error(request, _("This ticket cannot be closed now."))
    return redirect("citizen:follow", token)
