"""A move on a page of its own: one thing at a time, with the camera first, and nothing typed is lost."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from caunoi import moves
from caunoi.answers.queries import own as wrote_it
from caunoi.directory.queries import option
from caunoi.tickets.models import Ticket
from caunoi.tickets.queries import find
from caunoi.web.agency import ticket as whole
from caunoi.web.agency.note import TicketActPage
from caunoi.web.case import Leg, custody, get_ticket
from caunoi.web.drafts import undone
from caunoi.web.labels import moved_on
from caunoi.web.lines import title
from caunoi.web.masks import readable
from caunoi.web.moves import MoveForm
from caunoi.web.own_answer import approved_by_others
from caunoi.web.page import render_page
from caunoi.web.who import actor


@dataclass(frozen=True, kw_only=True)
class AgencyMovePage(TicketActPage):
    """`words` are the citizen's, `answers` those of whom helps."""

    template = "agency/move.html"

    form: MoveForm
    words: str
    answers: list[Leg]


def _page(request: HttpRequest, ticket: Ticket, form: MoveForm) -> HttpResponse:
    by = actor(request)
    names = [name for name in form.fields if name in ("before", "after")]
    page = AgencyMovePage(
        ticket=ticket,
        form=form,
        title=title(ticket, by),
        words=readable(ticket.text, ticket, by),
        photos=[form[name] for name in names],
        fields=[field for field in form if field.name not in names],
        most=option("photo_limit"),
        megabytes=option("photo_megabytes"),
        draft=form.name,
        answers=[leg for leg in custody(ticket, by) if leg.answer] if form.begins else [],
    )
    return render_page(request, page, status=422 if form.errors else 200)


def make(request: HttpRequest, code: str, move: str) -> HttpResponse:
    """Ask for what a move needs (GET) and make it (POST)."""
    ticket, by = get_ticket(request, code), actor(request)
    if move not in {m.name for m in moves.possible(ticket, by)}:
        own = move == "approve" and wrote_it(ticket, by)
        messages.error(request, approved_by_others(by, ticket.agency_id) if own else moved_on())
        undone(request)
        return redirect("agency:ticket", ticket.code)
    if request.method != "POST":
        return _page(request, ticket, MoveForm(ticket, move, by))
    form = MoveForm(ticket, move, by, request.POST, request.FILES)
    if not form.make():
        return whole.page(request, ticket, sent=form) if move == "approve" else _page(request, ticket, form)
    messages.success(request, form.confirmation())
    if find(by, ticket.code) is None:  # returned or passed on: no longer ours to see
        return redirect("agency:list")
    return redirect("agency:ticket", ticket.code)
