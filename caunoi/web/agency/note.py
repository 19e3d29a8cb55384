"""What was seen on the spot: photos and a few words for everybody who works on the ticket."""

from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from caunoi.directory.queries import option
from caunoi.files import actions as files
from caunoi.tickets import actions, datum
from caunoi.tickets.models import Ticket
from caunoi.web.case import get_ticket
from caunoi.web.lines import title
from caunoi.web.moves import Photos
from caunoi.web.page import Page, render_page
from caunoi.web.who import actor


class Note(forms.Form):
    before = Photos.of(datum.BEFORE)
    after = Photos.of(datum.AFTER)
    text = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("For the agencies and the centre; the citizen does not see it."),
    )

    def clean(self) -> None:
        if not self.errors and not any(self.cleaned_data.values()):
            self.add_error("text", _("Take a photo or write a few words."))


@dataclass(frozen=True, kw_only=True)
class TicketActPage(Page):
    """One act on one ticket, agency/_form.html: its photos, of which at most so many of so many megabytes, its other
    fields, and the form that its `draft` is kept under."""

    ticket: Ticket
    title: str
    form: forms.Form
    photos: list[forms.BoundField]
    fields: list[forms.BoundField]
    most: int
    megabytes: int
    draft: str


@dataclass(frozen=True, kw_only=True)
class AgencyNotePage(TicketActPage):
    template = "agency/note.html"


def write(request: HttpRequest, code: str) -> HttpResponse:
    ticket, by = get_ticket(request, code), actor(request)
    form = Note(request.POST, request.FILES, prefix="note") if request.method == "POST" else Note(prefix="note")
    if request.method == "POST" and form.is_valid():
        for role in ("before", "after"):
            stored = [files.store(data, by=by).pk for data in form.cleaned_data[role]]
            actions.add_photos(ticket, stored, role, by=by)
        if text := form.cleaned_data["text"].strip():
            actions.remark(ticket, text, by=by)
        messages.success(request, _("Saved."))
        return redirect("agency:ticket", ticket.code)
    page = AgencyNotePage(
        ticket=ticket,
        form=form,
        title=title(ticket, by),
        photos=[form["before"], form["after"]],
        fields=[form["text"]],
        most=option("photo_limit"),
        megabytes=option("photo_megabytes"),
        draft="note",
    )
    return render_page(request, page, status=422 if form.errors else 200)
