"""One ticket for those who must act: what, where, until when, and the next move within reach of a thumb."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from caunoi import moves
from caunoi.conversations.models import Contact
from caunoi.directory.queries import option
from caunoi.events.actor import Actor
from caunoi.lib.numbers.phone import display
from caunoi.routing.actions import receive
from caunoi.routing.identity import open_identity
from caunoi.routing.queries import knowing, opening
from caunoi.routing.queries import leg as leg_of
from caunoi.sla.models import Deadline
from caunoi.sla.queries import deadlines
from caunoi.tickets.lifecycle import HANDLED, MissingDataError, RefusedError
from caunoi.tickets.models import Ticket
from caunoi.tickets.queries import AWAY
from caunoi.tickets.showings import show_ticket
from caunoi.web.case import (
    AnswerLine,
    ClockLine,
    Hold,
    Leg,
    answers_given,
    clock_lines,
    current_holder,
    custody,
    folded,
    get_ticket,
)
from caunoi.web.help import Help
from caunoi.web.help import offered as offered_help
from caunoi.web.inputs import text_in
from caunoi.web.labels import localised_name
from caunoi.web.lines import Line, line, mark
from caunoi.web.masks import readable
from caunoi.web.moves import MoveForm
from caunoi.web.orders import OrderLine, of_ticket
from caunoi.web.page import Page, render_page
from caunoi.web.story import PictureLinks, Step, for_staff, pictures
from caunoi.web.who import actor


@dataclass(frozen=True)
class OpenIdentity:
    """Who reported, open to this person `until` then."""

    contact: Contact
    phone: str
    until: datetime


@dataclass(frozen=True, kw_only=True)
class MoveButton:
    """A move that may be made now: `at_once` by a tap, or else on a page of its own."""

    name: str
    label: str
    icon: str
    key: str
    at_once: bool


@dataclass(frozen=True, kw_only=True)
class AgencyTicketPage(Page):
    """`line` is by the citizen's deadline, `own_due` that of this agency's part, `clocks` those by which it confirms
    the ticket, `mine` its last hand-over; it `helps` the one that is in the `lead`. `approve` is the answer to approve,
    `revision` what the lead wants better."""

    template = "agency/ticket.html"

    ticket: Ticket
    line: Line
    words: tuple[str, str]
    clocks: list[ClockLine]
    own_due: Deadline | None
    own_mark: str
    holder: Hold
    help: Help | None
    reporter: OpenIdentity | None
    may_open: bool
    minutes: int
    orders: list[OrderLine]
    mine: Leg | None
    helps: bool
    lead: str
    geo: str
    pictures: dict[str, list[PictureLinks]]
    acts: list[MoveButton]
    approve: MoveForm | None
    answers: list[AnswerLine]
    revision: Step | None
    handled: bool
    legs: list[Leg]
    story: list[Step]


@require_POST
def identity(request: HttpRequest, code: str) -> HttpResponse:
    """Open the reporter's identity, with a reason."""
    ticket = get_ticket(request, code)
    try:
        open_identity(ticket, text_in(request.POST, "reason"), by=actor(request))
    except MissingDataError:
        messages.error(request, _("Please say in a few words why you must know who reported."))
    except RefusedError:
        messages.error(request, _("The reporter's identity cannot be opened here now."))
    return redirect(f"{reverse('agency:ticket', args=[ticket.code])}#reporter")


def _reporter(ticket: Ticket, by: Actor) -> OpenIdentity | None:
    """Who reported, while it is open to this person."""
    if (row := opening(ticket, by)) is None:
        return None
    show_ticket(ticket, by=by, place="agency")
    contact = ticket.contact
    return OpenIdentity(contact, display(contact.phone) if contact.phone else "", row.until)


def acts(ticket: Ticket, by: Actor) -> list[MoveButton]:
    """The moves as buttons, the next act first; what needs nothing but a tap is made at once, the rest has a page of
    its own."""
    return [
        MoveButton(name=m.name, label=_(m.label), icon=m.icon, key=m.key, at_once=not m.takes)
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
    approve = sent or (MoveForm(ticket, "approve", by) if any(b.name == "approve" for b in buttons) else None)
    orders = of_ticket(ticket, by)
    story = for_staff(ticket, by, orders)
    legs = custody(ticket, by, clocks)
    mine = next((leg for leg in reversed(legs) if leg.mine), None)
    own_due = next(
        (d for d in clocks if d.clock == "handle" and d.leg_id and d.agency_id == by.agency_id and d.met is None), None
    )
    whole = AgencyTicketPage(
        ticket=ticket,
        line=line(ticket, handle, by),
        words=folded(readable(ticket.text, ticket, by)),
        clocks=clock_lines(ticket, (d for d in clocks if d.clock == "agency_accept" and _presses(d, by))),
        own_due=own_due,
        own_mark=mark(ticket, own_due),
        holder=current_holder(ticket, legs, handle),
        help=offered_help(ticket, by, [leg.row for leg in legs]),
        reporter=_reporter(ticket, by),
        may_open=ticket.state in (*AWAY, "waiting") and leg_of(ticket, by) is not None,
        minutes=option("identity_minutes"),
        orders=orders,
        mine=mine,
        helps=mine is not None and mine.row.role == "coordinate",
        lead=localised_name(ticket.agency),
        geo=geo(ticket),
        pictures=pictures(ticket),
        acts=buttons,
        approve=approve,
        answers=[] if approve else answers_given(ticket, by),
        revision=_revision(story) if ticket.state == "working" else None,
        handled=ticket.state in HANDLED,
        legs=legs,
        story=story,
    )
    return render_page(request, whole, status=422 if sent else 200)


def _presses(clock: Deadline, by: Actor) -> bool:
    return clock.agency_id == by.agency_id and clock.state in ("running", "breached")


def _revision(story: list[Step]) -> Step | None:
    """What the lead wants improved, until the new result is in."""
    steps = [step for step in story if step.event in ("ticket.revise", "ticket.result")]
    return steps[-1] if steps and steps[-1].event == "ticket.revise" else None


def show(request: HttpRequest, code: str) -> HttpResponse:
    ticket = get_ticket(request, code)
    receive(ticket, by=actor(request))
    return page(request, ticket)
