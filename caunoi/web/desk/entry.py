"""A ticket written while somebody speaks: the words as they fall, hints beside them, one key to finish."""

import re
import secrets
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from caunoi import moves
from caunoi.calls import queries as calls
from caunoi.calls.models import Call
from caunoi.channels.registry import by_hand
from caunoi.confidential import actions as confidential
from caunoi.confidential.lanes import Lane, Way
from caunoi.confidential.models import Case
from caunoi.confidential.queries import lane_of
from caunoi.conversations.queries import channels_in_use
from caunoi.conversations.queries.channels import channel_names
from caunoi.directory import queries as directory
from caunoi.directory.geography import resolve
from caunoi.directory.models import Area
from caunoi.files import actions as files
from caunoi.files.darkroom import darkroom
from caunoi.files.pictures import BadPictureError
from caunoi.lib.numbers import phone
from caunoi.lib.places.address import Answer
from caunoi.routing.queries import propose
from caunoi.routing.rules import Proposal
from caunoi.routing.understanding import understand
from caunoi.sla.actions import refresh
from caunoi.tickets import actions, queries
from caunoi.tickets.lifecycle import (
    Kind,
    MissingDataError,
    NotAllowedError,
    NotPossibleError,
    RefusedError,
    State,
    Urgency,
)
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report, Reporter
from caunoi.tickets.undoing import undoable
from caunoi.triage import alike
from caunoi.triage.actions import note_likes
from caunoi.triage.likes import like
from caunoi.triage.queries import Understanding
from caunoi.web.confidential.words import LANE
from caunoi.web.desk.calls import CallLine, call_line
from caunoi.web.labels import (
    KIND,
    URGENCY,
    agency_choices,
    area_choices,
    because,
    category_choices,
    choices,
    localised_name,
)
from caunoi.web.likes import LikeLine, like_lines
from caunoi.web.lines import Line, pressing_lines
from caunoi.web.moves import Photos, trouble
from caunoi.web.offers import Gate, Offer, gate_of, offers_of
from caunoi.web.page import Page, render_page
from caunoi.web.phone_field import PhoneField
from caunoi.web.selects import LongSelect, choose
from caunoi.web.who import actor

CONFIDED = "confided"  # in the session, until it is shown
THEN = {
    "keep": gettext_lazy("Only save"),
    "accept": gettext_lazy("Save and accept"),
    "route": gettext_lazy("Hand to an agency"),
    "answer": gettext_lazy("Answer now"),
    "confidential": gettext_lazy("Into confidence"),
}


class Entry(forms.Form):
    """`once` is the form's own id: pressing twice makes one ticket."""

    once = forms.CharField(widget=forms.HiddenInput)
    call = forms.IntegerField(widget=forms.HiddenInput, required=False)  # the call in which it was reported
    channel = forms.ChoiceField(label=gettext_lazy("How it came in"), widget=forms.RadioSelect)
    phone = PhoneField(
        widget=forms.TextInput,
        error_messages={
            "invalid": gettext_lazy("This is not a phone number. Leave it empty if the number is withheld.")
        },
    )
    name = forms.CharField(label=gettext_lazy("Name"), required=False, max_length=120)
    text = forms.CharField(
        label=gettext_lazy("In the citizen's own words"),
        widget=forms.Textarea(attrs={"rows": 7, "autofocus": True}),
        max_length=10_000,
    )
    summary = forms.CharField(label=gettext_lazy("Summary in one sentence"), required=False, max_length=300)
    address = forms.CharField(label=gettext_lazy("Where it is"), required=False, max_length=300)
    area = forms.ChoiceField(label=gettext_lazy("Commune"), required=False, widget=LongSelect)
    occurred = forms.DateTimeField(
        label=gettext_lazy("When it happened"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), widget=forms.RadioSelect)
    category = forms.ChoiceField(label=gettext_lazy("Category"), required=False, widget=LongSelect)
    urgency = forms.ChoiceField(label=gettext_lazy("Urgency"), required=False, widget=LongSelect)
    into = forms.CharField(required=False, widget=forms.HiddenInput)  # the ticket that it is joined to, by its button
    photos = Photos(label=gettext_lazy("Photos"), required=False)
    then = forms.ChoiceField(label=gettext_lazy("And then"), widget=forms.RadioSelect)
    lane = forms.ChoiceField(
        label=gettext_lazy("It is about"),
        required=False,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("Only custodians read it afterwards; you do not either."),
    )
    agency = forms.ChoiceField(label=gettext_lazy("Agency"), required=False, widget=LongSelect)
    answer = forms.CharField(
        label=gettext_lazy("Answer to the citizen"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=10_000,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        in_use = channels_in_use()
        choose(
            self,
            channel=[(key, name) for key, name in channel_names().items() if by_hand(key) and key in in_use],
            area=area_choices(_("Not known")),
            kind=choices(KIND),
            category=category_choices(_("Not yet chosen")),
            urgency=choices(URGENCY, empty=_("As set for the category")),
            then=list(THEN.items()),
            lane=choices(LANE),
            agency=agency_choices(_("The proposed one")),
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("into"):
            cleaned["then"] = "keep"
            self.errors.pop("then", None)
        then = cleaned.get("then")
        if then in ("accept", "route", "answer") and not cleaned.get("category"):
            self.add_error("category", _("Choose a category first."))
        if then == "confidential" and not cleaned.get("lane"):
            cleaned["lane"] = lane_of(f"{cleaned.get('summary', '')}\n{cleaned.get('text', '')}") or Lane.DENUNCIATION
        if then == "answer" and not cleaned.get("answer"):
            self.add_error("answer", _("Write the answer that you give."))
        if then == "route" and cleaned.get("category") and not cleaned.get("agency") and not self.proposals():
            self.add_error("agency", _("No rule names an agency for this. Please choose one."))
        return cleaned

    def place(self) -> Answer | None:
        """What the address means, as far as it is typed."""
        address = self.cleaned_data.get("address")
        return resolve(address) if address else None

    def commune(self) -> Area | None:
        """The commune that is chosen, else that of the address where that is sure."""
        d = self.cleaned_data
        place = None if d.get("area") else self.place()
        return directory.commune(place) if place else directory.area(d.get("area", ""))

    def proposals(self) -> list[Proposal]:
        """Whom the rules name for what is typed, the one who gets it first."""
        d = self.cleaned_data
        return propose(
            Ticket(
                category=directory.category(d.get("category", "")),
                area=self.commune(),
                text=d.get("text", ""),
                summary=d.get("summary", ""),
                occurred=d.get("occurred"),
            )
        )

    def for_likeness(self, understanding: Understanding) -> alike.Report:
        """What is typed so far, with what is proposed where nobody has chosen."""
        d = self.cleaned_data
        area = self.commune() or understanding.area
        proposed = understanding.category.code if understanding.category else ""
        return alike.Report(
            text="\n".join(filter(None, (d.get("summary"), d.get("text"), d.get("address")))),
            at=d.get("occurred") or now(),
            category=d.get("category") or proposed,
            area=area.code if area else "",
        )

    def report(self) -> Report:
        d = self.cleaned_data
        category, area = directory.category(d["category"]), self.commune()
        return Report(
            text=d["text"],
            summary=d["summary"],
            channel=d["channel"],
            once=d["once"],
            kind=Kind(d["kind"]),
            urgency=Urgency(d["urgency"] or (category.urgency if category else "normal")),
            category_id=category.pk if category else None,
            area_id=area.pk if area else None,
            address=d["address"],
            occurred=d["occurred"],
            raw={"form": "entry", "text": d["text"]},
            reporter=Reporter(name=d["name"], phone=d["phone"]),
        )


@dataclass(frozen=True, kw_only=True)
class EntryPage(Page):
    """`matter` is what the draft of its words is about: a call, a number, or neither; `proposes`: a machine does."""

    template = "desk/new.html"

    form: Entry
    call: CallLine | None
    matter: str
    proposes: bool


@dataclass(frozen=True, kw_only=True)
class ConfidedPage(Page):
    """What an operator may still see of a matter that went to the custodians."""

    template = "desk/confided.html"

    text: str
    address: str


@dataclass(frozen=True, kw_only=True)
class HintsPage(Page):
    """What stands beside the form: `field` is the code of the category that is chosen; `proposes`: a machine does."""

    template = "desk/hints.html"

    earlier: list[Line]
    place: Answer | None
    area: Area | None
    field: str
    proposals: list[dict[str, str]]
    likes: list[LikeLine]
    gate: Gate | None
    offers: list[Offer]
    proposes: bool


def _finish(form: Entry, ticket: Ticket, request: HttpRequest) -> None:
    """What the operator wants to happen next, as far as it can."""
    d, by = form.cleaned_data, actor(request)
    if d["photos"]:
        actions.add_photos(ticket, [files.store(data, by=by).pk for data in d["photos"]], "report", by=by)
    if d["into"]:
        into = queries.find(by, d["into"])
        if into is None:
            raise NotPossibleError("merge")
        note_likes(ticket, [into])
        moves.perform("merge", [ticket], by=by, move_input={"into": into})
    elif d["then"] == "answer":
        moves.perform("answer", [ticket], by=by, move_input={"text": d["answer"]})
    elif d["then"] == "keep":
        refresh(ticket)
    else:
        moves.perform("accept", [ticket], by=by, move_input={"category": ticket.category, "urgency": d["urgency"]})
    if d["then"] == "route":
        agency = directory.agency(d["agency"]) or form.proposals()[0].agency
        moves.perform("route", [ticket], by=by, move_input={"agency": agency})
        messages.success(request, _("Handed to %(agency)s.") % {"agency": localised_name(agency)})


@transaction.atomic
def _save(form: Entry, request: HttpRequest) -> Ticket:
    """The ticket with all that the operator chose for it, or nothing; raises as the moves do."""
    ticket = actions.take(form.report(), by=actor(request))
    if call := _find_call(request, form.cleaned_data["call"]):
        actions.link_call(ticket, call, by=actor(request))
    if ticket.state == "new":
        _finish(form, ticket, request)
    return ticket


def _saved(form: Entry, request: HttpRequest) -> Ticket | None:
    """The ticket; None, with the reason as errors of the form, when it cannot be made as it was chosen."""
    try:
        return _save(form, request)
    except MissingDataError as error:
        for field in error.fields:
            form.add_error(field if field in form.fields else None, _("Please fill this in."))
    except NotAllowedError:
        form.add_error("then", _("This is not for your role."))
    except RefusedError:
        form.add_error("then", _("This is not possible now. Choose something else; nothing is lost."))
    return None


@transaction.atomic
def _confide(form: Entry, request: HttpRequest) -> Case:
    """What was said goes to the custodians; no ticket is made, and the call is theirs too."""
    d = form.cleaned_data
    pictures = [("photo.webp", "image/webp", darkroom.develop(data).large) for data in d["photos"] or ()]
    call = _find_call(request, d["call"])
    by = actor(request)
    once = sha256(f"{by.user_id}:{d['once']}".encode()).hexdigest()[:40]  # nobody is led to another's case by its id
    report = replace(form.report(), once=f"desk:{once}")
    return confidential.receive(report, Lane(d["lane"]), Way.OPERATOR, by=by, files=pictures, call=call)


def _confided(form: Entry, request: HttpRequest) -> HttpResponse | None:
    try:
        row = _confide(form, request)
    except BadPictureError as error:
        form.add_error("photos", trouble(error) % {"name": _("Photo")})
        return None
    request.session[CONFIDED] = [
        row.code,
        f"{settings.PUBLIC_URL.rstrip('/')}{reverse('citizen:case', args=[row.follow])}",
    ]
    return redirect("desk:confided")


def confided(request: HttpRequest) -> HttpResponse:
    """The code and the caller's address of what was given over, this once."""
    code, address = request.session.pop(CONFIDED, ("", ""))
    if not code:
        return redirect("desk:queue")
    text = _("Kept in confidence as %(code)s. Only custodians can read it. Tell the caller the address of their page:")
    return render_page(request, ConfidedPage(text=text % {"code": code}, address=address))


def _say_saved(request: HttpRequest, ticket: Ticket) -> None:
    if ticket.state != State.MERGED or ticket.merged_into is None:
        messages.success(request, _("Saved as %(code)s.") % {"code": ticket.code})
        return
    words = {"code": ticket.code, "into": ticket.merged_into.code}
    undo = f"undo:{reverse('desk:undo', args=[ticket.code])}" if undoable(ticket, actor(request)) else ""
    messages.success(request, _("Saved as %(code)s and joined to %(into)s.") % words, extra_tags=undo)


def write(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        form = Entry(request.POST, request.FILES)
        valid = form.is_valid()
        if valid and form.cleaned_data["then"] == "confidential" and (answer := _confided(form, request)):
            return answer
        if valid and form.cleaned_data["then"] != "confidential" and (ticket := _saved(form, request)):
            _say_saved(request, ticket)
            return redirect("desk:ticket", ticket.code)
    else:
        call = _find_call(request, request.GET.get("call"))
        form = Entry(
            initial={
                "once": secrets.token_urlsafe(12),
                "channel": request.GET.get("channel", "phone"),
                "kind": "report",
                "then": "accept" if directory.categories() else "keep",  # a province that has no fields yet
                "phone": phone.display(call.phone) if call else request.GET.get("phone", ""),
                "call": call.pk if call else None,
            }
        )
    source_call = _find_call(request, form["call"].value())
    number = re.sub(r"\D", "", request.GET.get("phone", ""))[:20]
    page = EntryPage(
        form=form,
        call=call_line(source_call) if source_call else None,
        matter=f"call-{source_call.pk}" if source_call else f"phone-{number}" if number else "new",
        proposes=directory.is_helping("triage"),
    )
    return render_page(request, page, status=422 if form.errors else 200)


def _find_call(request: HttpRequest, pk: Any) -> Call | None:
    return calls.find(actor(request), int(pk)) if str(pk or "").isdecimal() else None


def hints(request: HttpRequest) -> HttpResponse:
    """Beside the form, as it is typed: what this number reported before, where the address lies, who is competent."""
    by, form = actor(request), Entry(request.POST)
    form.is_valid()  # what is typed already counts, whatever else lacks
    typed = form.cleaned_data
    number = request.POST.get("phone", "")
    words = "\n".join(filter(None, (typed.get("summary"), typed.get("text"))))
    understanding = understand(words)
    area, field = form.commune(), typed.get("category", "")
    page = HintsPage(
        earlier=pressing_lines(queries.of_phone(number, by, 5), by),
        place=form.place(),
        area=area,
        field=field,
        proposals=[because(p) for p in form.proposals()] if field else [],
        likes=like_lines(like(form.for_likeness(understanding), by), by),
        gate=gate_of(understanding),
        offers=offers_of(understanding),
        proposes=directory.is_helping("triage"),
    )
    return render_page(request, page)
