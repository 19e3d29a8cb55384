"""Asking another agency to help: one small form for the centre and for the agency that leads."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from caunoi.directory import queries as directory
from caunoi.events.actor import Actor
from caunoi.routing import actions, queries
from caunoi.routing.models import OPEN_LEGS, Handover
from caunoi.tickets.lifecycle import RefusedError
from caunoi.tickets.models import Ticket
from caunoi.web.case import get_ticket
from caunoi.web.drafts import undone
from caunoi.web.labels import localised_name, moved_on
from caunoi.web.selects import LongSelect, choose
from caunoi.web.who import actor


class Help(forms.Form):
    agency = forms.ChoiceField(label=gettext_lazy("Agency"), widget=LongSelect)
    note = forms.CharField(
        label=gettext_lazy("What do you need from it?"), max_length=4000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, ticket: Ticket, by: Actor, data: Any = None, *, legs: Iterable[Handover] | None = None) -> None:
        super().__init__(data, prefix="help")
        self.ticket, self.by = ticket, by
        legs = queries.custody(ticket) if legs is None else legs
        has = {leg.agency_id for leg in legs if leg.state in OPEN_LEGS}
        rows = [(a.code, localised_name(a)) for a in directory.agencies() if a.pk not in has]
        choose(self, agency=[("", _("Choose an agency")), *rows])

    def send(self, request: HttpRequest) -> None:
        """Ask, or say why it cannot be."""
        agency = directory.agency(self.cleaned_data["agency"]) if self.is_valid() else None
        if agency is None:
            messages.error(request, _("Choose an agency, and say what you need from it."))
            undone(request)
            return
        try:
            actions.involve(self.ticket, agency, by=self.by, note=self.cleaned_data["note"])
        except RefusedError:
            messages.error(request, moved_on())
            undone(request)
        else:
            messages.success(request, _("%(agency)s has been asked to help.") % {"agency": localised_name(agency)})


@require_POST
def ask(request: HttpRequest, code: str, back: str) -> HttpResponse:
    """The centre, or the agency that leads, asks another one to help; `back` is the view of the ticket."""
    ticket = get_ticket(request, code)
    Help(ticket, actor(request), request.POST).send(request)
    return redirect(back, ticket.code)


def offered(ticket: Ticket, by: Actor, legs: list[Handover]) -> Help | None:
    """The form, where help may be asked for now."""
    return Help(ticket, by, legs=legs) if queries.may_ask_help(ticket, by, legs) else None
