"""What did not reach people: read, sent again, given up, or replaced by a call; one or many."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from caunoi.conversations import actions, queries
from caunoi.conversations.models import Outgoing
from caunoi.conversations.queries.channels import channel_icon
from caunoi.events.actor import Actor
from caunoi.lib.numbers.phone import display
from caunoi.tickets.models import Ticket
from caunoi.tickets.showings import show_contacts
from caunoi.web.desk.tabs import tabs
from caunoi.web.page import Page, Tab, render_page
from caunoi.web.paging import newest
from caunoi.web.who import actor

PAGE = 50


@dataclass(frozen=True, kw_only=True)
class UndeliveredLine:
    """A message of ours that did not arrive, to whom, and the ticket it is about."""

    row: Outgoing
    to: str
    phone: str
    icon: str
    ticket: Ticket | None


@dataclass(frozen=True, kw_only=True)
class UndeliveredPage(Page):
    """`waiting`: how many messages are still to be sent."""

    template = "desk/undelivered.html"

    rows: list[UndeliveredLine]
    tabs: list[Tab]
    older: str
    waiting: int


def _phone(row: Outgoing) -> str:
    return row.contact.phone if row.contact else ""


def _line(row: Outgoing) -> UndeliveredLine:
    exchange = getattr(row.message, "exchange", None) if row.message else None
    contact = row.contact
    return UndeliveredLine(
        row=row,
        to=(contact.name if contact else "") or row.address,
        phone=display(_phone(row)) if _phone(row) else "",
        icon=channel_icon(row.inbox.channel),
        ticket=exchange.ticket if exchange else None,
    )


def show(request: HttpRequest) -> HttpResponse:
    every, inbox = queries.undelivered(actor(request)), request.GET.get("inbox", "")
    every = every.select_related("message__exchange__ticket")
    rows, older = newest(request, every.filter(inbox__name=inbox) if inbox else every, PAGE, f"inbox={inbox}&")
    show_contacts([row.contact for row in rows], by=actor(request), place="undelivered")
    page = UndeliveredPage(
        rows=[_line(row) for row in rows],
        tabs=tabs("undelivered", actor(request)),
        older=older,
        waiting=queries.waiting_to_go(),
    )
    return render_page(request, page)


def _call(row: Outgoing, *, by: Actor) -> bool:
    return bool(_phone(row)) and actions.call_instead(row, _phone(row), by=by)


DO = {"again": actions.send_again, "call": _call, "drop": actions.drop}


@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """Do the same with all that were chosen."""
    do, chosen = DO.get(request.POST.get("do", "")), [pk for pk in request.POST.getlist("id") if pk.isdecimal()]
    if do is None or not chosen:
        messages.error(request, _("Choose at least one message, and what is to be done with it."))
        return redirect("desk:undelivered")
    by = actor(request)
    rows = queries.undelivered(by).filter(pk__in=chosen)
    done = sum(do(row, by=by) for row in rows)
    left = len(chosen) - done
    words = (
        ngettext("%(count)s call-back was made.", "%(count)s call-backs were made.", done)
        if do is _call
        else ngettext("%(count)s message dealt with.", "%(count)s messages dealt with.", done)
    )
    messages.success(request, words % {"count": done})
    if left:
        messages.warning(
            request,
            _("%(count)s were skipped: somebody else dealt with them, or there is no phone number.") % {"count": left},
        )
    return redirect("desk:undelivered")
