"""People's requests about their data: who asks for what, by when, whose it is, and what was decided."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from caunoi.conversations.models import Contact
from caunoi.events.actor import Actor, RefusedError
from caunoi.lib.numbers import codes
from caunoi.privacy import actions, queries
from caunoi.privacy.clocks import BY_HAND, GIVES, RequestKind
from caunoi.privacy.keeping import backup_days
from caunoi.privacy.models import DataRequest, Hold
from caunoi.web.access import may_open
from caunoi.web.errors import or_404
from caunoi.web.inputs import text_in
from caunoi.web.labels import choices
from caunoi.web.page import Page, render_page
from caunoi.web.personal import KIND, PROOF, VIA, Certificate, certificate, clock, kind_text, reachable, state_text
from caunoi.web.selects import choose
from caunoi.web.setup.page import done, form_page, saving
from caunoi.web.who import actor


@dataclass(frozen=True, kw_only=True)
class RequestLine:
    """`clock` is late, open or over."""

    row: DataRequest
    kind: str
    state: str
    who: str
    clock: str


@dataclass(frozen=True, kw_only=True)
class PrivacyPage(Page):
    """The requests, and how many breaches and holds there are; `decides`: whether this one may open them."""

    template = "setup/privacy.html"

    rows: list[RequestLine]
    past: list[RequestLine]
    breaches: int
    unreported: int
    holds: int
    decides: bool


@dataclass(frozen=True, kw_only=True)
class SubjectLine:
    contact: Contact
    codes: list[str]
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class NumberLine:
    number: str
    proved: bool
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class PrivacyRequestPage(Page):
    """`people` are theirs, or may be, without those `hidden` from who looks; `at_work` the tickets that are still being
    handled, `holds` what forbids to delete; `by_hand`: granted, and only a person can do it. `is_reachable`: they are
    sent the address of their own page; nobody else learns it, for the file with everything is on it."""

    template = "setup/privacy_request.html"

    row: DataRequest
    kind: str
    state: str
    via: str
    proof: str
    clock: str
    code: str
    people: list[SubjectLine]
    numbers: list[NumberLine]
    marks: str
    hidden: int
    hidden_others: int
    at_work: list[str]
    hidden_at_work: int
    holds: list[Hold]
    deletes: bool
    is_open: bool
    by_hand: bool
    is_reachable: bool
    gives: bool
    certificate: Certificate | None


def _lines(rows: Collection[DataRequest]) -> list[RequestLine]:
    people = queries.contacts_of_all(rows)
    return [_line(row, people[row.pk]) for row in rows]


def _line(row: DataRequest, people: Iterable[Contact]) -> RequestLine:
    who = next((one.name or one.phone or one.email for one in people if one.name or one.phone or one.email), "")
    return RequestLine(
        row=row, kind=kind_text(row), state=state_text(row), who=who or row.name or row.reach, clock=clock(row)
    )


def listing(request: HttpRequest) -> HttpResponse:
    page = PrivacyPage(
        rows=_lines(queries.requests(only_open=True)),
        past=_lines(queries.past_requests()),
        breaches=queries.breaches().filter(closed=None).count(),
        unreported=queries.unreported(),
        holds=queries.holds().count(),
        decides=may_open(actor(request), "setup:privacy-request"),
    )
    return render_page(request, page)


class DataRequestForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("What they ask for"), widget=forms.RadioSelect)
    code = forms.CharField(
        label=gettext_lazy("Ticket code"),
        required=False,
        max_length=20,
        help_text=gettext_lazy("Of any ticket of theirs; the others are found by it."),
    )
    name = forms.CharField(label=gettext_lazy("Name"), required=False, max_length=120)
    reach = forms.CharField(label=gettext_lazy("Phone number or e-mail to answer to"), required=False, max_length=254)
    text = forms.CharField(
        label=gettext_lazy("In their words"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    sure = forms.BooleanField(
        label=gettext_lazy("I have made sure that it is them"),
        required=False,
        help_text=gettext_lazy("Called back at the number of the ticket, or seen their papers at the counter."),
    )

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"].strip()
        if code and codes.parse(code) is None:
            raise forms.ValidationError(_("This is not a ticket code."))
        return codes.parse(code) or "" if code else ""

    def clean_reach(self) -> str:
        typed: str = self.cleaned_data["reach"].strip()
        reach = reachable(typed)
        if typed and not reach:
            raise forms.ValidationError(_("This is neither a phone number nor an e-mail address."))
        return reach


def add(request: HttpRequest) -> HttpResponse:
    """A request that came by telephone, by letter or at the counter."""
    form, by = DataRequestForm(request.POST or None, initial={"code": request.GET.get("code", "")}), actor(request)
    choose(form, kind=choices(KIND))
    if saving(request, form):
        d = form.cleaned_data
        ticket = queries.coded(d["code"]) if d["code"] else None
        if d["code"] and ticket is None:
            form.add_error("code", _("There is no such ticket."))
        elif ticket is None and not d["reach"]:
            form.add_error("reach", _("Please give a ticket, or how to answer them."))
        else:
            row = actions.ask(
                RequestKind(d["kind"]),
                via=DataRequest.Via.STAFF,
                by=by,
                contacts=[ticket.contact_id] if ticket else [],
                proof=DataRequest.Proof.STAFF if d["sure"] else DataRequest.Proof.NONE,
                text=d["text"],
                name=d["name"],
                reach=d["reach"],
            )
            message = _("Taken. The time runs from now.")
            if may_open(by, "setup:privacy-request"):
                return done(request, "setup:privacy-request", row.pk, message=message)
            return (
                done(request, "desk:ticket", ticket.code, message=message)
                if ticket
                else done(request, "desk:queue", message=message)
            )
    return form_page(request, form, title=_("Take a request about personal data"), back="setup:privacy", wide=True)


def detail(request: HttpRequest, pk: int) -> HttpResponse:
    row = or_404(queries.request(pk))
    mine = queries.contacts_of(row)
    is_open = row.state == DataRequest.State.RECEIVED
    others = queries.may_be_theirs(row) if is_open else []
    people = [(one, True) for one in mine] + [(one, False) for one in others]
    chosen = set(row.phones)
    hidden, hidden_others = queries.hidden_people(row, [one.pk for one, _mine in people]) if is_open else (0, 0)
    at_work = queries.at_work(row.contacts) if is_open else []
    page = PrivacyRequestPage(
        row=row,
        kind=kind_text(row),
        state=state_text(row),
        via=_(VIA[row.via]),
        proof=_(PROOF[row.proof]),
        clock=clock(row),
        code=queries.code_of(row.ticket),
        people=[SubjectLine(contact=one, codes=queries.codes_of(one.pk), chosen=is_mine) for one, is_mine in people],
        numbers=[
            NumberLine(number=number, proved=proved, chosen=number in chosen if chosen else proved)
            for number, proved in queries.numbers(row.contacts)
        ],
        marks="\n".join(row.marks),
        hidden=hidden,
        hidden_others=hidden_others,
        at_work=at_work,
        hidden_at_work=queries.tickets_at_work(row.contacts) - len(at_work) if is_open else 0,
        holds=queries.on_hold(row.contacts) if is_open else [],
        deletes=row.kind == RequestKind.DELETE,
        is_open=is_open,
        by_hand=row.state == DataRequest.State.GRANTED and row.kind in BY_HAND,
        is_reachable=actions.is_reachable(row),
        gives=row.kind in GIVES,
        certificate=certificate(row, backup_days()),
    )
    return render_page(request, page)


def _identify(request: HttpRequest, row: DataRequest, by: Actor) -> str:
    """Who was not on the form is not deselected by it: some people are hidden from some."""
    offered = {int(pk) for pk in request.POST.getlist("offered") if pk.isdecimal()}
    contacts = {int(pk) for pk in request.POST.getlist("contact") if pk.isdecimal()} | (set(row.contacts) - offered)
    numbers = {
        *request.POST.getlist("number")[:20],
        *set(row.phones).difference(request.POST.getlist("offered-number")),
    }
    marks = text_in(request.POST, "marks").splitlines()[:30]
    actions.identify(row, contacts, numbers, marks, by=by)
    return _("Saved.")


def _answer(request: HttpRequest, row: DataRequest, by: Actor) -> str:
    return _("They are told when it will be done.") if actions.answer(row, by=by) else ""


def _extend(request: HttpRequest, row: DataRequest, by: Actor) -> str:
    return _("Extended once; they can read why.") if actions.extend(row, text_in(request.POST, "reason"), by=by) else ""


def _grant(request: HttpRequest, row: DataRequest, by: Actor) -> str:
    return _("Granted. It is being carried out.") if actions.grant(row, text_in(request.POST, "reason"), by=by) else ""


def _decline(request: HttpRequest, row: DataRequest, by: Actor) -> str:
    return _("Declined; they can read why.") if actions.decline(row, text_in(request.POST, "reason"), by=by) else ""


def _finish(request: HttpRequest, row: DataRequest, by: Actor) -> str:
    return _("Done.") if actions.finish(row, text_in(request.POST, "reason"), by=by) else ""


ACTS = {
    "identify": _identify,
    "answer": _answer,
    "extend": _extend,
    "grant": _grant,
    "decline": _decline,
    "finish": _finish,
}


@require_POST
def act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """One step of a request, by its name."""
    row, step = or_404(queries.request(pk)), or_404(ACTS.get(act))
    try:
        if words := step(request, row, actor(request)):
            messages.success(request, words)
        else:
            messages.error(request, _("It is no longer in that state. Please look again."))
    except actions.HeldError:
        messages.error(request, _("Nothing may be deleted now: see below what forbids it."))
    except actions.SecondPersonError:
        messages.error(request, _("You added people to this request: somebody else has to grant it."))
    except actions.UnreachableError:
        text = _(
            "None of those you added can be written to, so the file would reach nobody. They ask for it themselves."
        )
        messages.error(request, text)
    except RefusedError:
        messages.error(request, _("Something is missing: who it is about, or a reason."))
    return redirect("setup:privacy-request", row.pk)
