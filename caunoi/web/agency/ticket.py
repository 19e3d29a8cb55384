"""One ticket for those who must act: what, where, until when, and the next move within reach of a thumb."""

from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from caunoi import moves
from caunoi.directory.queries import option
from caunoi.events.actor import Actor, Role
from caunoi.lib.numbers.phone import display
from caunoi.routing.actions import receive
from caunoi.routing.identity import open_identity
from caunoi.routing.queries import knowing, leg, opening
from caunoi.sla.queries import deadlines
from caunoi.tickets import queries
from caunoi.tickets.lifecycle import HANDLED, MissingDataError, RefusedError
from caunoi.tickets.models import Ticket
from caunoi.tickets.queries import AWAY
from caunoi.web import why as reasons
from caunoi.web.case import answers_given, current_holder, custody, folded
from caunoi.web.errors import or_404
from caunoi.web.help import Help
from caunoi.web.help import offered as offered_help
from caunoi.web.labels import CLOCK, localised_name, word
from caunoi.web.lines import line, mark
from caunoi.web.masks import readable
from caunoi.web.moves import MoveForm
from caunoi.web.orders import of_ticket
from caunoi.web.refresh import refreshed
from caunoi.web.story import for_staff, pictures
from caunoi.web.who import actor


def get_ticket(request: HttpRequest, code: str) -> Ticket:
    """The ticket of an address, if this agency has to do with it; else 404."""
    return or_404(queries.find(actor(request), code))


def why(request: HttpRequest, code: str) -> HttpResponse:
    ticket = get_ticket(request, code)
    return reasons.page(request, ticket, reverse("agency:ticket", args=[ticket.code]))


@require_POST
def help(request: HttpRequest, code: str) -> HttpResponse:
    """The agency that leads asks another one to help."""
    ticket = get_ticket(request, code)
    Help(ticket, actor(request), request.POST).send(request)
    return redirect("agency:ticket", ticket.code)


@require_POST
def identity(request: HttpRequest, code: str) -> HttpResponse:
    """Open the reporter's identity, with a reason."""
    ticket = get_ticket(request, code)
    try:
        open_identity(ticket, request.POST.get("reason", "").replace("\0", ""), by=actor(request))
    except MissingDataError:
        messages.error(request, _("Please say in a few words why you must know who reported."))
    except RefusedError:
        messages.error(request, _("The reporter's identity cannot be opened here now."))
    return redirect(f"{reverse('agency:ticket', args=[ticket.code])}#reporter")


def _reporter(ticket: Ticket, by: Actor) -> dict[str, Any]:
    """Who reported, while it is open to this person; else whether it may be opened."""
    opened = opening(ticket, by)
    contact = ticket.contact
    known = {
        "name": contact.name,
        "phone": contact.phone,
        "shown": display(contact.phone) if contact.phone else "",
        "email": contact.email,
        "address": contact.address,
    }
    may = ticket.state in (*AWAY, "waiting") and leg(ticket, by) is not None
    return {"opened": opened, "known": known if opened else None, "may": may, "minutes": option("identity_minutes")}


def acts(ticket: Ticket, by: Actor) -> list[dict[str, Any]]:
    """The moves as buttons, the next act first; what needs nothing but a tap is made at once, the rest has a page of
    its own."""
    return [
        {"name": m.name, "label": _(m.label), "icon": m.icon, "key": m.key, "at_once": not m.takes}
        for m in moves.possible(ticket, by)
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
    by = knowing(ticket, actor(request))
    clocks = list(deadlines(ticket))
    handle = next((d for d in clocks if d.clock == "handle" and d.leg_id is None), None)
    buttons = acts(ticket, by)
    approve = sent or (MoveForm(ticket, "approve", by) if any(b["name"] == "approve" for b in buttons) else None)
    orders = of_ticket(ticket, by)
    story = for_staff(ticket, by, orders)
    legs = custody(ticket, by, clocks)
    mine = next((leg for leg in reversed(legs) if leg["mine"]), None)
    own_due = next(
        (d for d in clocks if d.clock == "handle" and d.leg_id and d.agency_id == by.agency_id and d.met is None), None
    )
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
        "own_due": own_due,
        "own_mark": mark(ticket, own_due),
        "held": current_holder(ticket, legs, handle),
        "help": offered_help(ticket, by, [leg["row"] for leg in legs]),
        "reporter": _reporter(ticket, by),
        "orders": orders,
        "mine": mine,
        "helps": mine is not None and mine["row"].role == "coordinate",
        "lead": localised_name(ticket.agency),
        "geo": geo(ticket),
        "pictures": pictures(ticket),
        "acts": buttons,
        "approve": approve,
        "answers": [] if approve else answers_given(ticket, by),
        "revision": _revision(story) if ticket.state == "working" else None,
        "is_lead": by.has(Role.LEAD),
        "handled": ticket.state in HANDLED,
        "legs": legs,
        "story": story,
        "photo_limit": option("photo_limit"),
    }
    return render(request, refreshed(request, "agency/ticket.html"), context, status=422 if sent else 200)


def _revision(story: list[dict[str, Any]]) -> dict[str, Any] | None:
    """What the lead wants better, while it is being bettered."""
    told = [item for item in story if item["event"] in ("ticket.revise", "ticket.result")]
    return told[-1] if told and told[-1]["event"] == "ticket.revise" else None


def show(request: HttpRequest, code: str) -> HttpResponse:
    ticket = get_ticket(request, code)
    receive(ticket, by=actor(request))
    return page(request, ticket)
