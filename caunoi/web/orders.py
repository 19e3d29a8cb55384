"""Leaders' orders as the board's and the agencies' pages show them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.timezone import get_default_timezone, localdate, now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from caunoi.accounts.queries import names
from caunoi.directives import actions, queries
from caunoi.directives.models import Directive
from caunoi.directory import queries as directory
from caunoi.events.actor import Actor, NotAllowedError
from caunoi.tickets.lifecycle import MissingDataError, NotPossibleError
from caunoi.tickets.models import Ticket
from caunoi.web import sheets
from caunoi.web.drafts import undone
from caunoi.web.errors import or_404
from caunoi.web.inputs import text_in
from caunoi.web.labels import agency_choices, localised_name
from caunoi.web.lines import ticket_view
from caunoi.web.masks import readable
from caunoi.web.page import Page, Tab, render_page
from caunoi.web.paging import id_in
from caunoi.web.selects import LongSelect, choose
from caunoi.web.who import actor

PARTS = (("open", gettext_noop("Open orders")), ("overdue", gettext_noop("Overdue")), ("done", gettext_noop("Done")))
WAITED = (
    ("open", gettext_noop("Not received yet")),
    ("overdue", gettext_noop("Overdue")),
    ("done", gettext_noop("Explained")),
)
EVENING = time(17, 0)


class Order(forms.Form):
    """What is ordered, of whom, until when."""

    text = forms.CharField(
        label=gettext_lazy("What is to be done"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )
    due = forms.DateField(
        label=gettext_lazy("Until"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("By close of business on that day."),
    )
    agency = forms.ChoiceField(label=gettext_lazy("Agency"), widget=LongSelect)

    def __init__(self, *args: Any, ticket: Ticket | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ticket = ticket
        if ticket is not None:
            del self.fields["agency"]
            return
        choose(self, agency=agency_choices(_("Choose an agency")))

    def clean_due(self) -> datetime:
        due = datetime.combine(self.cleaned_data["due"], EVENING, get_default_timezone())
        if due <= now():
            raise forms.ValidationError(_("Choose a day that is not in the past."))
        return due

    def give(self, by: Actor) -> bool:
        if not self.is_valid():
            return False
        d = self.cleaned_data
        agency = directory.agency(d["agency"]) if "agency" in d else None
        try:
            actions.give(d["text"], d["due"], by=by, ticket=self.ticket, agency=agency)
        except MissingDataError as error:
            for name in error.fields:
                self.add_error(name if name in self.fields else None, _("Please fill this in."))
        return not self.errors


@dataclass(frozen=True, kw_only=True)
class OrderLine:
    """An order in a list: who orders what of whom, how far it is, and what this reader may do."""

    row: Directive
    to: str
    by: str
    text: str
    acknowledged_by: str
    done_by: str
    late: bool
    done_late: bool
    open: bool
    mine: bool
    explains: bool
    withdraws: bool


@dataclass(frozen=True, kw_only=True)
class OrdersPage(Page):
    """What every list of orders shows: one of the `tabs`; `ticket_view` opens an order's ticket, if any does."""

    tabs: list[Tab]
    lines: list[OrderLine]
    ticket_view: str
    older: str


@dataclass(frozen=True, kw_only=True)
class AgencyOrdersPage(OrdersPage):
    template = "agency/directives.html"

    sheets: list[dict[str, str]]


@dataclass(frozen=True, kw_only=True)
class NewOrderPage(Page):
    """`back` is the address of the ticket, or of all orders where it is about none."""

    template = "board/directive_new.html"

    form: Order
    ticket: Ticket | None
    back: str


def _text(row: Directive, by: Actor) -> str:
    """What is ordered, without the ticket's people for whom they are hidden; also where the ticket itself is."""
    ticket = row.ticket or queries.hidden_ticket(row)
    return readable(row.text, ticket, by) if ticket else row.text


def lines(rows: list[Directive], by: Actor) -> list[OrderLine]:
    people = names({name for row in rows for name in (row.by, row.acknowledged_by, row.done_by)})
    return [
        OrderLine(
            row=row,
            to=localised_name(row.agency) or _("the centre"),
            by=people.get(row.by, row.by),
            text=_text(row, by),
            acknowledged_by=people.get(row.acknowledged_by, ""),
            done_by=people.get(row.done_by, ""),
            late=row.done is None and row.withdrawn is None and row.due < now(),
            done_late=row.done is not None and row.done > row.due,
            open=row.done is None and row.withdrawn is None,
            mine=queries.answers_for(row, by),
            explains=row.kind == Directive.Kind.EXPLAIN,
            withdraws=queries.may_withdraw(row, by),
        )
        for row in rows
    ]


def _table(form: sheets.Export, part: str, kind: str, by: Actor) -> HttpResponseBase:
    """The orders of a tab as a file."""
    head = [
        _("Ticket"),
        _("Agency"),
        _("What is to be done"),
        _("Given by"),
        _("Given"),
        _("Due"),
        _("Read"),
        _("Done"),
        _("Taken back"),
        _("Answer"),
    ]
    rows = (
        (
            row.ticket.code if row.ticket else None,
            line.to,
            line.text,
            line.by,
            row.at,
            row.due,
            row.acknowledged,
            row.done,
            row.withdrawn,
            row.answer,
        )
        for row, line in ((line.row, line) for line in lines(queries.listed(by, part, kind=kind, size=sheets.MOST), by))
    )
    return sheets.sheet(form, "orders", head, rows, by=by)


def listing(request: HttpRequest, page: Callable[..., OrdersPage], *, kind: str = "order") -> HttpResponseBase:
    """A list of orders on one of the OrdersPages, or as a file."""
    by, part = actor(request), request.GET.get("part", "open")
    part = part if part in dict(PARTS) else "open"
    if form := sheets.export_format(request):
        return _table(form, part, kind, by)
    batch = queries.listed(by, part, kind=kind, before=id_in(request))
    rows, counts = batch[: queries.PAGE], queries.counts(by, kind)
    made = page(
        tabs=[
            Tab(_(label), f"?part={code}", active=code == part, count=counts.get(code))
            for code, label in (WAITED if kind == "explain" else PARTS)
        ],
        lines=lines(rows, by),
        ticket_view=ticket_view(by),
        older=f"?part=done&before={rows[-1].pk}" if part == "done" and len(batch) > len(rows) else "",
    )
    return render_page(request, made)


def act(request: HttpRequest, pk: int, back: str) -> HttpResponse:
    """Acknowledge, carry out with an answer, or take back; then back to the list, or to the ticket it came from."""
    by = actor(request)
    row = or_404(queries.find(by, pk))
    if request.method == "POST":
        try:
            _do(request, row, by)
        except MissingDataError:
            messages.error(request, _("Please write what was done."))
            undone(request)
        except (NotPossibleError, NotAllowedError):
            too_late = _("Somebody else has just dealt with this order.")
            own = _("You gave this order yourself: somebody else answers it.")
            messages.error(request, own if by.concerns(row.by_user) and row.done is None else too_late)
            undone(request)
    return redirect(f"{reverse(back)}#order-{pk}")


def _do(request: HttpRequest, row: Directive, by: Actor) -> None:
    do = request.POST.get("do", "")
    if do == "acknowledge":
        actions.acknowledge(row, by=by)
        messages.success(request, _("The leader sees that you have read it."))
    elif do == "complete":
        actions.complete(row, text_in(request.POST, "answer"), by=by)
        messages.success(request, _("Done: the leader sees your answer."))
    elif do == "withdraw":
        actions.withdraw(row, by=by)
        messages.success(request, _("Taken back."))


def new(request: HttpRequest, ticket: Ticket | None, back: str) -> HttpResponse:
    """A leader's new order, about a ticket or to an agency."""
    form = Order(
        request.POST or None, ticket=ticket, initial={"due": localdate(), "agency": request.GET.get("agency", "")}
    )
    if request.method == "POST" and form.give(actor(request)):
        messages.success(request, _("The order has been sent."))
        return redirect(back)
    page = NewOrderPage(form=form, ticket=ticket, back=back)
    return render_page(request, page, status=422 if form.errors else 200)


def of_ticket(ticket: Ticket, by: Actor) -> list[OrderLine]:
    """The orders about a ticket, as this reader may see them."""
    return lines(list(queries.visible_to(by).filter(ticket=ticket).order_by("at", "id")), by)
