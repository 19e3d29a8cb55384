"""What the product could not do after an event although it tried again and again: its matter, why, and what becomes of
it. For supervisors and administrators."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext
from django.views.decorators.http import require_POST

from caunoi.conversations import queries as conversations
from caunoi.events import actions, queries
from caunoi.events.actor import Actor
from caunoi.events.models import Event, Failure
from caunoi.tickets import queries as tickets
from caunoi.web import reactions
from caunoi.web.access import may_open
from caunoi.web.desk.tabs import tabs
from caunoi.web.labels import EVENT, choices, word
from caunoi.web.page import Page, Tab, render_page
from caunoi.web.paging import newest
from caunoi.web.who import actor

PAGE = 50
REASON = {
    "by_hand": gettext_noop("somebody did it by hand"),
    "unneeded": gettext_noop("nobody needs it"),
    "obsolete": gettext_noop("it is obsolete"),
}


@dataclass(frozen=True)
class Matter:
    """What an event is about, and where to look at it."""

    label: str
    url: str


@dataclass(frozen=True, kw_only=True)
class UnfinishedLine:
    """What was not done after an event, and why."""

    row: Failure
    event: str
    matter: Matter
    reaction: str
    cause: str


@dataclass(frozen=True, kw_only=True)
class UnfinishedPage(Page):
    template = "desk/unfinished.html"

    rows: list[UnfinishedLine]
    tabs: list[Tab]
    reasons: list[tuple[str, str]]
    older: str


def _matter(event: Event, by: Actor) -> Matter:
    """What the event is about; its address only for those who may look."""
    label, url = f"{reactions.subject(event.subject)} {event.subject_id}", ""
    ticket_id = event.subject_id if event.subject == "ticket" else event.data.get("ticket")
    thread_id = event.subject_id if event.subject == "conversation" else None
    if event.subject == "message" and (message := conversations.message(event.subject_id, by)):
        exchange = getattr(message, "exchange", None)
        ticket_id, thread_id = exchange.ticket_id if exchange else None, message.conversation_id
    if isinstance(ticket_id, int) and (ticket := tickets.of_id(by, ticket_id)):
        label, url = ticket.code, reverse("desk:ticket", args=[ticket.code])
        view = "desk:ticket"
    elif thread_id and not ticket_id:
        url, view = reverse("desk:conversation", args=[thread_id]), "desk:conversation"
    return Matter(label, url if url and may_open(by, view) else "")


def _line(row: Failure, by: Actor) -> UnfinishedLine:
    event = row.event
    return UnfinishedLine(
        row=row,
        event=word({kind: h.staff for kind, h in EVENT.items() if "%(" not in h.staff}, event.kind),
        matter=_matter(event, by),
        reaction=reactions.reaction(row.reaction),
        cause=reactions.cause(row.error),
    )


def show(request: HttpRequest) -> HttpResponse:
    by = actor(request)
    rows, older = newest(request, queries.failures(), PAGE)
    page = UnfinishedPage(
        rows=[_line(row, by) for row in rows],
        tabs=tabs("unfinished", by),
        reasons=choices(REASON, empty=_("Why not?")),
        older=older,
    )
    return render_page(request, page)


@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """Try again, or dismiss, all that were chosen."""
    chosen = [int(pk) for pk in request.POST.getlist("id") if pk.isdecimal()]
    do, reason, by = request.POST.get("do", ""), request.POST.get("reason", ""), actor(request)
    if not chosen or do not in {"again", "dismiss"}:
        messages.error(request, _("Choose at least one line, and what is to be done with it."))
    elif do == "dismiss" and reason not in REASON:
        messages.error(request, _("Say why it need not be done."))
    else:
        rows = list(queries.failures().filter(pk__in=chosen))
        if do == "again":
            done = sum(actions.try_now(row, by=by) for row in rows)
            words = ngettext("%(count)s is tried again now.", "%(count)s are tried again now.", done)
        else:
            done = sum(actions.dismiss(row, reason, by=by) for row in rows)
            words = ngettext("%(count)s was dismissed.", "%(count)s were dismissed.", done)
        messages.success(request, words % {"count": done})
    return redirect("desk:unfinished")
