"""What the centre does about hand-overs: ask others to help, one-time links, and what only the supervisor decides."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from caunoi.accounts.queries import names
from caunoi.directives import queries as directives
from caunoi.directory.models import Agency
from caunoi.directory.queries import option
from caunoi.events.actor import Actor
from caunoi.routing import links, queries
from caunoi.routing.models import Handover, Link, Opening
from caunoi.tickets import showings
from caunoi.tickets.lifecycle import RefusedError
from caunoi.tickets.models import Ticket
from caunoi.web import sheets
from caunoi.web.case import get_ticket
from caunoi.web.errors import or_404
from caunoi.web.labels import localised_name
from caunoi.web.lines import Line, pressing_lines
from caunoi.web.page import Page, render_page
from caunoi.web.paging import newest
from caunoi.web.who import actor

PAGE = 50
LOOKS = 30  # people in the list of who was shown reporters
RECENT = timedelta(days=30)
MADE, FRESH = "one-time-link", timedelta(minutes=10)  # key in the session; how long its maker can see it


@dataclass(frozen=True, kw_only=True)
class MadeLinkPage(Page):
    """A one-time link for an agency, by its `name`, just made."""

    template = "desk/link.html"

    ticket: Ticket
    link: Link
    agency: Agency
    name: str
    address: str


@dataclass(frozen=True, kw_only=True)
class OneTimeLinkLine:
    """A link made for an agency, by whom, and its `state`: open, used, revoked, expired."""

    row: Link
    agency: str
    by: str
    state: str


@dataclass(frozen=True)
class LegToDecide:
    """A hand-over that the supervisor decides about, with its ticket."""

    leg: Handover
    agency: str
    line: Line


@dataclass(frozen=True, kw_only=True)
class DecidePage(Page):
    """`orders` counts those of the leaders, `opened` the openings of identities in seven days."""

    template = "desk/decide.html"

    often: list[Line]
    extensions: list[LegToDecide]
    back: list[LegToDecide]
    orders: dict[str, int]
    opened: int


@dataclass(frozen=True)
class OpeningLine:
    """Who opened a reporter's identity."""

    row: Opening
    by: str
    agency: str


@dataclass(frozen=True, kw_only=True)
class ShowingLine:
    """Who was shown how many reporters in a day; `noticed`: when it was too many within an hour, else None."""

    by: str
    count: int
    noticed: datetime | None


@dataclass(frozen=True, kw_only=True)
class OpeningsPage(Page):
    """`looks`: who was shown reporters in the last day, the most first; only with the newest openings."""

    template = "desk/openings.html"

    looks: list[ShowingLine]
    most: int
    rows: list[OpeningLine]
    older: str
    sheets: list[dict[str, str]]


def link(request: HttpRequest, code: str) -> HttpResponse:
    """Make a one-time link for a leg; its maker sees it until they leave its page."""
    ticket, by = get_ticket(request, code), actor(request)
    if request.method != "POST":
        return _made(request, ticket)
    leg = or_404(next((leg for leg in queries.custody(ticket) if str(leg.pk) == request.POST.get("leg")), None))
    try:
        made = links.make(leg, by=by)
    except RefusedError:
        messages.error(request, _("This hand-over has ended: there is nothing left to answer."))
        return redirect("desk:ticket", ticket.code)
    request.session[MADE] = made.pk
    return redirect("desk:link", ticket.code)  # so that a reload makes no other one


def _made(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """The link that this person made last, as long as it opens something and is new."""
    row = queries.links(ticket).filter(pk=request.session.get(MADE, 0)).first()
    if row is None or _state(row) != "open" or row.made < now() - FRESH:
        return redirect("desk:ticket", ticket.code)
    address = f"{settings.PUBLIC_URL.rstrip('/')}{reverse('link', args=[queries.token(row)])}"
    agency = row.leg.agency
    page = MadeLinkPage(ticket=ticket, link=row, agency=agency, name=localised_name(agency), address=address)
    response = render_page(request, page)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def revoke(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    ticket = get_ticket(request, code)
    row = or_404(queries.links(ticket).filter(pk=pk).first())
    links.revoke(row, by=actor(request))
    messages.success(request, _("The link no longer works."))
    return redirect("desk:ticket", ticket.code)


def link_lines(ticket: Ticket, legs: Iterable[Handover]) -> list[OneTimeLinkLine]:
    """The links made for a ticket's `legs`, with who made them and what became of them."""
    agencies = {leg.pk: localised_name(leg.agency) for leg in legs}
    rows = list(queries.links(ticket)) if agencies else []
    people = names({row.by for row in rows})
    return [
        OneTimeLinkLine(row=row, agency=agencies[row.leg_id], by=people.get(row.by, row.by), state=_state(row))
        for row in rows
    ]


def _state(row: Link) -> str:
    if row.used:
        return "used"
    if row.revoked:
        return "revoked"
    return "expired" if row.expires <= now() else "open"


def decide(request: HttpRequest) -> HttpResponse:
    """What waits for the supervisor: too many hand-overs, more time asked for, what came back, orders to the centre."""
    by = actor(request)
    often = list(queries.handed_on_too_often(by).order_by("touched")[:PAGE])
    extensions = list(queries.extensions_asked(by)[:PAGE])
    back = [leg for leg in queries.returned(by, now() - RECENT)[:PAGE] if leg.ticket not in often]
    tickets = [*often, *(leg.ticket for leg in [*extensions, *back])]
    lines = {line.code: line for line in pressing_lines(tickets, by)}
    page = DecidePage(
        often=[lines[ticket.code] for ticket in often],
        extensions=[LegToDecide(leg, localised_name(leg.agency), lines[leg.ticket.code]) for leg in extensions],
        back=[LegToDecide(leg, localised_name(leg.agency), lines[leg.ticket.code]) for leg in back],
        orders=directives.counts(by),
        opened=queries.openings(since=now() - timedelta(days=7)).count(),
    )
    return render_page(request, page)


def _openings_table(form: sheets.Export, by: Actor) -> HttpResponseBase:
    """All openings as a file."""
    head = [_("When"), _("Who"), _("Agency"), _("Ticket"), _("Reason"), _("Open until")]
    rows = (
        (
            row.at,
            names({row.by}).get(row.by, row.by),
            localised_name(row.agency),
            row.ticket.code,
            row.reason,
            row.until,
        )
        for row in queries.openings()[: sheets.MOST].iterator(1000)
    )
    return sheets.sheet(form, "openings", head, rows, by=by)


def _looks() -> list[ShowingLine]:
    since = now() - timedelta(days=1)
    noticed = {(event.subject, event.subject_id): event.at for event in reversed(showings.volumes(since=since))}
    counts = showings.counts(since=since)[:LOOKS]
    people = names({row.name for row in counts})
    return [
        ShowingLine(by=people.get(row.name, row.name), count=row.count, noticed=noticed.get(row.of)) for row in counts
    ]


def openings(request: HttpRequest) -> HttpResponseBase:
    """Who opened a reporter's identity, on which ticket, and why."""
    if form := sheets.export_format(request):
        return _openings_table(form, actor(request))
    rows, older = newest(request, queries.openings(), PAGE)
    people = names({row.by for row in rows})
    page = OpeningsPage(
        looks=[] if "before" in request.GET else _looks(),
        most=option("showings_an_hour"),
        rows=[OpeningLine(row, people.get(row.by, row.by), localised_name(row.agency)) for row in rows],
        older=older,
        sheets=sheets.links(request),
    )
    return render_page(request, page)
