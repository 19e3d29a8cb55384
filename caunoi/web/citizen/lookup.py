"""How far a ticket is, by its code and phone number: the state, who holds it, until when. The report itself is behind
its citizen's own link; a number that many know is no key to it, nor a way to find out who reported."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from caunoi.conversations.queries import senders
from caunoi.directory.queries import option
from caunoi.lib.numbers import codes
from caunoi.notifications.codes import private_ways
from caunoi.publication import queries as publication
from caunoi.sla.queries import handle
from caunoi.tickets.lookups import LimitedError, TooOftenError, find
from caunoi.tickets.models import Ticket
from caunoi.web.case import Hold, current_holder
from caunoi.web.citizen.follow import secret
from caunoi.web.citizen.forms import ErrorLink
from caunoi.web.citizen.limits import address, count, note, often, retry_after
from caunoi.web.citizen.news import how_reached
from caunoi.web.citizen.own import account_name
from caunoi.web.citizen.proof import from_agency
from caunoi.web.labels import STATE, word
from caunoi.web.lines import Line, line
from caunoi.web.page import Page, render_page

SECONDS = 900


@dataclass(frozen=True, kw_only=True)
class LookupPage(Page):
    """`sends`: whether our messages name a ticket's code; `account`: what people call the account that opens theirs;
    `errors` by field. `proves`: it was looked up too often, perhaps by somebody else; its citizen opens it all the same
    by a code (`offer`: how it is sent, as far as anybody may know)."""

    template = "citizen/lookup.html"

    code: str
    phone: str
    sends: bool
    account: str
    errors: Mapping[str, str]
    summary: list[ErrorLink]
    proves: bool
    offer: str


@dataclass(frozen=True, kw_only=True)
class LookupStatePage(Page):
    """With what was typed; `offer` says how a one-time code is sent (empty when nobody can be written to), `call`
    that one may be read out on the phone."""

    template = "citizen/lookup_state.html"

    ticket: Ticket
    line: Line
    state: str
    hold: Hold
    published: bool
    code: str
    phone: str
    offer: str
    call: bool
    account: str


@csrf_exempt  # it must work without cookies
def ask(request: HttpRequest) -> HttpResponse:
    """The state of a ticket by code and phone number; a code alone opens the published page."""
    code, number = request.POST.get("code", "").strip()[:40], request.POST.get("phone", "").strip()[:40]
    errors: dict[str, str] = {}
    status = 200
    if request.method == "POST" and number and (refusal := from_agency(request)):
        return refusal
    if request.method == "POST":
        ticket, errors, status = _find(request, code, number)
        count("lookup", request, seconds=SECONDS)
        if ticket is not None:
            return _state(request, ticket, number)
        if not errors:
            return redirect("citizen:ticket", codes.parse(code))
    page = LookupPage(
        code=code,
        phone=number,
        sends=bool(senders().sms or senders().mail),
        account=account_name(),
        errors=errors,
        summary=[ErrorLink(f"#id_{name}", text) for name, text in errors.items()],
        proves=status == 429 and codes.parse(code) is not None,
        offer=_general_offer(),
    )
    return retry_after(request, render_page(request, page, status=status))


def _find(request: HttpRequest, code: str, number: str) -> tuple[Ticket | None, dict[str, str], int]:
    """The ticket whose state is shown, or what is wrong; neither for the code of a published page."""
    if request.user.is_authenticated:
        return None, {"code": _("You are signed in as staff: find the ticket in your own list.")}, 403
    if often("lookup", request, option("lookups_per_quarter")):
        return None, {"code": _("Too many attempts. Please wait a quarter of an hour, or call 1022.")}, 429
    if codes.mistyped(code):
        words = _("One digit of this code is not right, or two have changed places. Please check each digit.")
        return None, {"code": words}, 422
    if codes.parse(code) is None:
        words = _("This is not a ticket code: a code has nine digits, like 26-000123-4. Please check each digit.")
        return None, {"code": words}, 422
    published = publication.find(code)
    if published is not None:  # what everybody may read tells nothing about a number
        return (published.ticket if number else None), {}, 200
    if not number:
        words = _("No published ticket has this code. If it is yours, give the phone number too.")
        return None, {"phone": words}, 422
    try:
        ticket = find(code, number, address(request))
    except LimitedError as error:
        note(request, error.verdict)
        if error.limit == "lookup-phone":
            words = _("This phone number was tried very often. Please try again in a quarter of an hour, or call 1022.")
            return None, {"phone": words}, 429
        words = _("This ticket was looked up very often. Please try again in an hour, or call 1022.")
        return None, {"code": words}, 429
    except TooOftenError:
        words = _("Too many wrong numbers were tried on this ticket. Please try again tomorrow, or call 1022.")
        return None, {"phone": words}, 429
    if ticket is None:
        return None, {"phone": _("No ticket with this code and this phone number. Please check both.")}, 422
    return ticket, {}, 200


def _state(request: HttpRequest, ticket: Ticket, number: str) -> HttpResponse:
    deadline, published = handle(ticket), publication.find(ticket.code) is not None
    page = LookupStatePage(
        ticket=ticket,
        line=line(ticket, deadline, promised=True),
        state=word(STATE, ticket.state),
        hold=current_holder(ticket, handle=deadline),
        published=published,
        code=ticket.code,
        phone=number,
        offer=_offer(ticket, published),
        call=published or bool(ticket.contact.phone),
        account=account_name(),
    )
    return secret(render_page(request, page))


def _offer(ticket: Ticket, published: bool) -> str:
    """How a code reaches the citizen; of a published ticket, whose number anybody may guess at, only in general."""
    if not published:
        ways = how_reached(private_ways(ticket))
        return _("We send a one-time code %(ways)s.") % {"ways": ways} if ways else ""
    return _general_offer()


def _general_offer() -> str:
    """How a code reaches somebody of whom nothing is known."""
    able = senders()
    if not (able.sms or able.mail):
        return ""
    return _("If the phone number is the one you gave, we send a one-time code by the way you used.")
