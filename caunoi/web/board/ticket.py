"""One ticket to read, with its whole story, without its reporter."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from caunoi import moves
from caunoi.conversations.queries.channels import channel_name
from caunoi.events.actor import Actor, Role
from caunoi.sla.queries import deadlines
from caunoi.tickets import queries
from caunoi.tickets.lifecycle import HANDLED
from caunoi.tickets.models import Ticket
from caunoi.web.access import may_open
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
from caunoi.web.inputs import text_in
from caunoi.web.labels import localised_name, moved_on
from caunoi.web.lines import Line, line
from caunoi.web.masks import readable
from caunoi.web.orders import OrderLine, of_ticket
from caunoi.web.page import Page, render_page
from caunoi.web.story import PictureLinks, Step, for_staff, pictures
from caunoi.web.who import actor


@dataclass(frozen=True, kw_only=True)
class BoardTicketPage(Page):
    """`asks` is the hand-over whose agency asks for more time, and `grants` whether this reader decides on it."""

    template = "board/ticket.html"

    ticket: Ticket
    line: Line
    words: tuple[str, str]
    channel: str
    holder: str
    clocks: list[ClockLine]
    legs: list[Leg]
    hold: Hold
    orders: list[OrderLine]
    may_order: bool
    asks: Leg | None
    grants: bool
    pictures: Mapping[str, list[PictureLinks]]
    answers: list[AnswerLine]
    handled: bool
    story: list[Step]


def _reader(request: HttpRequest) -> Actor:
    """Whoever reads here reads as a leader does: without the reporter."""
    by = actor(request)
    return replace(by, roles=frozenset({Role.LEADER}), agency_id=None, opened_id=None)


def show(request: HttpRequest, code: str) -> HttpResponse:
    ticket, reader = get_ticket(request, code), _reader(request)
    clocks = list(deadlines(ticket))
    handle = next((d for d in clocks if d.clock == "handle" and d.leg_id is None), None)
    legs, orders = custody(ticket, reader, clocks), of_ticket(ticket, actor(request))
    page = BoardTicketPage(
        ticket=ticket,
        line=line(ticket, handle, reader),
        words=folded(readable(ticket.text, ticket, reader)),
        channel=channel_name(ticket.channel),
        holder=localised_name(queries.holder(ticket)),
        clocks=clock_lines(ticket, clocks),
        legs=legs,
        hold=current_holder(ticket, legs, handle),
        orders=orders,
        may_order=may_open(actor(request), "board:directive-new"),
        asks=next((leg for leg in legs if leg.row.asked_days), None),
        grants="leg_grant_extension" in {m.name for m in moves.possible(ticket, actor(request))},
        pictures=pictures(ticket),
        answers=answers_given(ticket, reader),
        handled=ticket.state in HANDLED,
        story=for_staff(ticket, reader, orders),
    )
    return render_page(request, page)


@require_POST
def grant(request: HttpRequest, code: str) -> HttpResponse:
    """A leader grants the time that an agency asked for, or does not and says why."""
    ticket, by = get_ticket(request, code), actor(request)
    refuses, reason = request.POST.get("do") == "refuse", text_in(request.POST, "reason")
    if "leg_grant_extension" in {m.name for m in moves.possible(ticket, by)}:
        if refuses and not reason:
            messages.error(request, _("Please say why there is no more time."))
        elif refuses:
            moves.perform("leg_refuse_extension", [ticket], by=by, move_input={"reason": reason})
            messages.success(request, _("No more time was granted."))
        else:
            moves.perform("leg_grant_extension", [ticket], by=by)
            messages.success(request, _("More time was granted."))
    else:
        messages.error(request, moved_on())
    return redirect("board:ticket", ticket.code)
