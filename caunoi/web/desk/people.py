"""One person over several channels: what they reported by each, who else they may be and why, joined and un-joined."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from caunoi.conversations import actions, queries
from caunoi.conversations.models import Contact, Joining
from caunoi.lib.numbers.phone import display
from caunoi.tickets.queries import of_person
from caunoi.tickets.showings import show_contacts
from caunoi.web.errors import or_404
from caunoi.web.labels import word
from caunoi.web.lines import Line, pressing_lines
from caunoi.web.page import Page, render_page
from caunoi.web.who import actor

PROOF = {
    "phone": gettext_noop("the providers vouch for the same phone number"),
    "link": gettext_noop("they opened a link that we had sent"),
    "operator": gettext_noop("an operator said so"),
}
WHY = {
    "phone": gettext_noop("the same phone number was given"),
    "email": gettext_noop("the same e-mail address was given"),
}


@dataclass(frozen=True)
class ContactLine:
    row: Contact
    name: str
    phone: str


@dataclass(frozen=True)
class JoiningLine:
    """Two contacts that are one person, and the proof."""

    row: Joining
    proof: str
    contact: ContactLine
    into: ContactLine


@dataclass(frozen=True)
class Candidate(ContactLine):
    """Who may be the same person, and why."""

    why: str


@dataclass(frozen=True, kw_only=True)
class ContactPage(Page):
    template = "desk/person.html"

    line: ContactLine
    joinings: list[JoiningLine]
    candidates: list[Candidate]
    tickets: list[Line]


def _get_contact(request: HttpRequest, pk: int) -> Contact:
    return or_404(queries.contact(pk, actor(request)))


def _line(row: Contact) -> ContactLine:
    return ContactLine(row, row.name or _("not named"), display(row.phone) if row.phone else "")


def show(request: HttpRequest, pk: int) -> HttpResponse:
    contact, by = _get_contact(request, pk), actor(request)
    show_contacts([contact], by=by, place="person")
    page = ContactPage(
        line=_line(contact),
        joinings=[
            JoiningLine(row, word(PROOF, row.proof), _line(row.contact), _line(row.into))
            for row in queries.joinings(contact, by)
        ],
        candidates=[Candidate(**vars(_line(row)), why=word(WHY, why)) for row, why in queries.candidates(contact, by)],
        tickets=pressing_lines(of_person(contact, by, 25), by),
    )
    return render_page(request, page)


@require_POST
def join(request: HttpRequest, pk: int) -> HttpResponse:
    contact, other = _get_contact(request, pk), request.POST.get("with", "")
    if not other.isdecimal():
        raise Http404
    if actions.join(contact, _get_contact(request, int(other)), proof="operator", by=actor(request)):
        messages.success(request, _("They are one person from now on; nothing of either is lost."))
    return redirect("desk:contact", pk)


@require_POST
def part(request: HttpRequest, pk: int) -> HttpResponse:
    joining_pk = request.POST.get("joining", "")
    row = or_404(queries.joining(int(joining_pk), actor(request)) if joining_pk.isdecimal() else None)
    if actions.part(row, by=actor(request)):
        messages.success(request, _("They are two people again, each with what was theirs."))
    return redirect("desk:contact", pk)
