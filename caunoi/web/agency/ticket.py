"""One ticket for those who must act: what, where, until when, and the next move within reach of a thumb."""

from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from caunoi import moves
from caunoi.directory.queries import option
from caunoi.events.actor import Actor, Role
from caunoi.sla.queries import deadlines
from caunoi.tickets import queries
from caunoi.tickets.lifecycle import HANDLED
from caunoi.tickets.models import Ticket
from caunoi.web.case import custody, folded, said
from caunoi.web.labels import CLOCK, MOVE, named, word
from caunoi.web.lines import line, mark
from caunoi.web.masks import readable
from caunoi.web.moves import MoveForm
from caunoi.web.story import for_staff, pictures
from caunoi.web.who import actor

# The next act comes first; what needs nothing but a tap is made at once, the rest has a page of its own.
FIRST = ("approve", "start", "result", "resume", "leg_accept", "ask", "leg_ask_extension")
AT_ONCE = ("start", "leg_accept", "resume")


def found(request: HttpRequest, code: str) -> Ticket:
    """The ticket of an address, if this agency has to do with it; else 404."""
    ticket = queries.one(actor(request), code)
    if ticket is None:
        raise Http404
    return ticket


def acts(ticket: Ticket, by: Actor) -> list[dict[str, Any]]:
    """The moves as buttons, the next act first."""
    names = [m.name for m in moves.possible(ticket, by)]
    names.sort(key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST))
    return [
        {"name": n, "label": _(MOVE[n][0]), "icon": MOVE[n][1], "key": MOVE[n][2], "at_once": n in AT_ONCE}
        for n in names
    ]


def geo(ticket: Ticket) -> str:
    """The place for the phone's own maps (RFC 5870, with the query that Android reads), or nothing."""
    if ticket.latitude is not None and ticket.longitude is not None:
        at = f"{ticket.latitude:.6f},{ticket.longitude:.6f}"
        return f"geo:{at}?q={at}({quote(ticket.code)})"
    where = ", ".join(part for part in (ticket.address, ticket.area.name if ticket.area else "") if part)
    return f"geo:0,0?q={quote(where)}" if ticket.address else ""


def page(request: HttpRequest, ticket: Ticket, *, sent: MoveForm | None = None) -> HttpResponse:
    """The whole ticket; an approval that failed comes back as it was typed."""
    by = actor(request)
    clocks = list(deadlines(ticket))
    handle = next((d for d in clocks if d.clock == "handle"), None)
    buttons = acts(ticket, by)
    approve = sent or (MoveForm(ticket, "approve", by) if any(b["name"] == "approve" for b in buttons) else None)
    story = for_staff(ticket, by)
    legs = custody(ticket, by)
    mine = next((leg for leg in reversed(legs) if leg["mine"]), None)
    context = {
        "ticket": ticket,
        "line": line(ticket, handle, by),
        "words": folded(readable(ticket.text, ticket, by)),
        "handle": handle,
        "clocks": [
            {"label": word(CLOCK, d.clock), "row": d, "mark": mark(ticket, d)}
            for d in clocks
            if d.clock == "agency_accept" and d.agency_id == by.agency_id and d.state in ("running", "breached")
        ],
        "mine": mine,
        "helps": mine is not None and mine["row"].role == "coordinate",
        "lead": named(ticket.agency),
        "geo": geo(ticket),
        "pictures": pictures(ticket),
        "acts": buttons,
        "approve": approve,
        "answers": [] if approve else said(ticket, by),
        "revision": _revision(story) if ticket.state == "working" else None,
        "is_lead": by.has(Role.LEAD),
        "handled": ticket.state in HANDLED,
        "legs": legs,
        "story": story,
        "sent": request.GET.get("sent", ""),
        "photo_limit": option("photo_limit"),
    }
    return render(request, "agency/ticket.html", context, status=422 if sent else 200)


def _revision(story: list[dict[str, Any]]) -> dict[str, Any] | None:
    """What the lead wants better, while it is being bettered."""
    told = [item for item in story if item["event"] in ("ticket.revise", "ticket.result")]
    return told[-1] if told and told[-1]["event"] == "ticket.revise" else None


def show(request: HttpRequest, code: str) -> HttpResponse:
    return page(request, found(request, code))
