"""Who reads what is reported in confidence: proposed by one, confirmed by another."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from caunoi.accounts.queries import by_name
from caunoi.accounts.titles import TITLES
from caunoi.confidential import custodians, queries
from caunoi.confidential.models import Custodian
from caunoi.events.actor import Actor
from caunoi.web.errors import or_404
from caunoi.web.labels import word
from caunoi.web.page import Page, render_page
from caunoi.web.selects import choose
from caunoi.web.setup.page import done, form_page, saving
from caunoi.web.who import actor


@dataclass(frozen=True, kw_only=True)
class CustodianLine:
    row: Custodian
    role: str
    may_confirm: bool
    may_end: bool


@dataclass(frozen=True, kw_only=True)
class CustodiansPage(Page):
    """`confirmed`: how many there are now."""

    template = "setup/custodians.html"

    rows: list[CustodianLine]
    confirmed: int
    past: list[Custodian]


class CustodianForm(forms.Form):
    user = forms.ChoiceField(
        label=gettext_lazy("Who"),
        help_text=gettext_lazy("Not an administrator, who keeps the keys; not somebody of an agency or one commune."),
    )
    reason = forms.CharField(
        label=gettext_lazy("By which decision"),
        max_length=300,
        help_text=gettext_lazy("For example the number and date of the assignment."),
    )

    def __init__(self, *args: Any, by: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = by_name(queries.eligible(but=by))
        choose(self, user=[(user.username, f"{user.full_name} ({word(TITLES, user.role)})") for user in people])


def listing(request: HttpRequest) -> HttpResponse:
    by = actor(request)
    rows = [
        CustodianLine(
            row=row,
            role=word(TITLES, row.user.role),
            may_confirm=row.confirmed is None and not by.concerns(row.asked_by_id) and not by.concerns(row.user_id),
            may_end=by.is_person(row.user_id) or not by.concerns(row.user_id),
        )
        for row in queries.custodians()
    ]
    confirmed = sum(line.row.confirmed is not None for line in rows)
    return render_page(request, CustodiansPage(rows=rows, confirmed=confirmed, past=list(queries.former()[:50])))


def add(request: HttpRequest) -> HttpResponse:
    by = actor(request)
    form = CustodianForm(request.POST or None, by=by)
    if saving(request, form):
        user = or_404(queries.eligible().filter(username=form.cleaned_data["user"]).first())
        try:
            custodians.name(user, form.cleaned_data["reason"], by=by)
        except ValueError:
            form.add_error("user", _("This person cannot be one, or is proposed already."))
        else:
            message = _("Proposed. Another administrator or supervisor confirms it on this page.")
            return done(request, "setup:custodians", message=message)
    lead = _("A custodian reads denunciations, and what is reported about children and violence, and nobody else does.")
    return form_page(request, form, title=_("Propose a custodian"), back="setup:custodians", lead=lead)


def _decide(request: HttpRequest, pk: int, act: Callable[..., bool], message: str) -> HttpResponse:
    row = or_404(queries.custodians().filter(pk=pk).first())
    try:
        if act(row, by=actor(request)):
            messages.success(request, message)
        else:
            messages.error(request, _("Somebody else has decided this meanwhile."))
    except custodians.SamePersonError:
        messages.error(request, _("Another person must do this: not whoever proposed it, and nobody for themself."))
    return redirect("setup:custodians")


@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    return _decide(request, pk, custodians.confirm, _("They read what is reported in confidence from now on."))


@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    return _decide(request, pk, custodians.end, _("They read nothing of it any more."))
