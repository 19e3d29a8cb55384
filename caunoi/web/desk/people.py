"""One person over several channels: what to know of them, what they reported, wrote and called about, who else they may
be and why, joined and un-joined."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from caunoi.calls.queries import of_phone
from caunoi.conversations import actions, queries
from caunoi.conversations.models import Callback, Contact, ContactNote, Joining
from caunoi.events.actor import NotAllowedError, Role
from caunoi.lib.languages import LANGUAGES
from caunoi.lib.numbers.phone import display
from caunoi.tickets.queries import of_person
from caunoi.tickets.showings import show_contacts
from caunoi.web.desk.calls import CallLine, call_line
from caunoi.web.desk.conversations import ThreadLine, thread_line
from caunoi.web.errors import or_404
from caunoi.web.inputs import text_in
from caunoi.web.labels import word
from caunoi.web.lines import Line, pressing_lines
from caunoi.web.page import Page, render_page
from caunoi.web.who import actor

MOST, MOST_CALLS = 25, 10  # tickets and threads; calls
NAME_LENGTH = 120
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


@dataclass(frozen=True)
class NoteLine:
    """What somebody wrote of a person, and whether this reader may take it away."""

    row: ContactNote
    mine: bool


@dataclass(frozen=True, kw_only=True)
class ContactPage(Page):
    """`language`: its name, "" where none is known; `typed`: a note that was not taken, and its `error`."""

    template = "desk/person.html"

    line: ContactLine
    language: str
    languages: list[tuple[str, str]]
    notes: list[NoteLine]
    typed: str
    error: str
    joinings: list[JoiningLine]
    candidates: list[Candidate]
    tickets: list[Line]
    threads: list[ThreadLine]
    calls: list[CallLine]
    callback: Callback | None


def _get_contact(request: HttpRequest, pk: int) -> Contact:
    return or_404(queries.contact(pk, actor(request)))


def _line(row: Contact) -> ContactLine:
    return ContactLine(row, row.name or _("not named"), display(row.phone) if row.phone else "")


def show(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _get_contact(request, pk))


def _page(request: HttpRequest, contact: Contact, typed: str = "", error: str = "") -> HttpResponse:
    by = actor(request)
    everyone, candidates = queries.person(contact, by), queries.candidates(contact, by)
    show_contacts([*everyone, *(row for row, _why in candidates)], by=by, place="person")
    numbers = dict.fromkeys(one.phone for one in everyone if one.phone)
    calls = [call for number in numbers for call in of_phone(number, by, limit=MOST_CALLS)]
    waiting = (queries.callback_waiting(number, by) for number in numbers)
    page = ContactPage(
        line=_line(contact),
        language=LANGUAGES.get(contact.language, ""),
        languages=list(LANGUAGES.items()),
        notes=[
            NoteLine(row, by.has(Role.SUPERVISOR) or by.is_person(row.by_id)) for row in queries.notes([contact.pk], by)
        ],
        typed=typed,
        error=error,
        joinings=[
            JoiningLine(row, word(PROOF, row.proof), _line(row.contact), _line(row.into))
            for row in queries.joinings(contact, by)
        ],
        candidates=[Candidate(**vars(_line(row)), why=word(WHY, why)) for row, why in candidates],
        tickets=pressing_lines(of_person(contact, by, MOST), by),
        threads=[thread_line(row) for row in queries.threads_of((one.pk for one in everyone), by, MOST)],
        calls=[call_line(call) for call in sorted(calls, key=lambda call: call.began, reverse=True)[:MOST_CALLS]],
        callback=next((row for row in waiting if row), None),
    )
    return render_page(request, page)


@require_POST
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """What they are called and speak instead."""
    contact, language = _get_contact(request, pk), request.POST.get("language", "")
    name = text_in(request.POST, "name", NAME_LENGTH)
    speaks = {"language": language} if language in LANGUAGES or not language else {}
    if actions.correct(contact, by=actor(request), name=name, **speaks):
        messages.success(request, _("Saved."))
    return redirect("desk:contact", pk)


@require_POST
def note(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down what to know before one speaks with them."""
    contact, text = _get_contact(request, pk), text_in(request.POST, "text")
    try:
        written = actions.note_person(contact, text, by=actor(request))
    except actions.BadNoteError:
        return _page(request, contact, text, _("This note is too long."))
    if written is None:
        return _page(request, contact, text, _("Write what to know first."))
    messages.success(request, _("Saved."))
    return redirect("desk:contact", pk)


@require_POST
def strike_note(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a note away."""
    note_pk = request.POST.get("note", "")
    row = or_404(queries.note(int(note_pk), actor(request)) if note_pk.isdecimal() else None)
    try:
        actions.strike_note(row, by=actor(request))
    except NotAllowedError:
        raise PermissionDenied from None
    messages.success(request, _("The note is gone."))
    return redirect("desk:contact", pk)


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
