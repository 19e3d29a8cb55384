"""Undoing a move: by the person who made it, until somebody has acted upon it; the ticket is then as before."""

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils.timezone import now

from caunoi.conversations.actions import unsay
from caunoi.conversations.models import Outgoing
from caunoi.events.actor import Actor
from caunoi.events.models import Event
from caunoi.tickets import actions
from caunoi.tickets.lifecycle import MOVES, NotPossibleError, State, Urgency
from caunoi.tickets.models import Exchange, Note, Ticket

UNDO = "ticket.undo"
UNDOABLE = frozenset(move.event for move in MOVES.values() if move.undo)
WITHIN = timedelta(minutes=5)  # after that it is a decision of its own


def hold(event: Event, ticket: Ticket) -> float:
    """Seconds for which what leaves the house because of this event still waits, so that it can be taken back; 0 for
    what is urgent, and for what is not undone."""
    if event.kind not in UNDOABLE or ticket.urgency == Urgency.URGENT:
        return 0.0
    return max(settings.HOLD_SECONDS - (now() - event.at).total_seconds(), 0.0)


def undoable(ticket: Ticket, by: Actor) -> Event | None:
    """The last move of a ticket, if this person made it a moment ago and it can be undone."""
    steps = Event.objects.filter(subject="ticket", subject_id=ticket.pk, kind__startswith="ticket.", data__has_key="to")
    last = steps.order_by("-id").first()
    if last is None or not by.is_person(last.by_user) or last.kind not in UNDOABLE or last.at <= now() - WITHIN:
        return None
    at_once = last.data["to"] == State.ANSWERED and ticket.category and ticket.category.publish == "at_once"
    public = at_once and not hold(last, ticket)  # everybody reads it by now, and the public log cannot be rewritten
    return None if public else last


@transaction.atomic
def undo(ticket: Ticket, *, by: Actor) -> tuple[Event, bool]:
    """Undo the last move of a ticket; its messages to the citizen are not sent. Returns the event that was undone, and
    whether nothing had been sent yet. NotPossibleError when the ticket has moved on, or it is too late."""
    ticket.refresh_from_db(from_queryset=Ticket.objects.select_for_update(of=("self",)))
    last = undoable(ticket, by)
    if last is None:
        raise NotPossibleError("undo")
    ticket.merged_into = None
    ticket.restricted = ticket.restricted and not last.data.get("restricts")
    ticket.answered = None if ticket.answered == last.at else ticket.answered
    ticket.agency = None if "agency" in last.data else ticket.agency
    actions.take_back(ticket, last, by=by, at=now())
    Note.objects.filter(ticket=ticket, event=last.pk).update(internal=True)  # the citizen's page tells of it no more
    return last, unsay(f"{last.pk}:")


@transaction.atomic
def unsay_reply(once: str, *, by: Actor) -> tuple[str, str] | None:
    """Take back what this person wrote to a citizen (`once` of its form): what it was about (ticket-12, thread-7) and
    its words. None when it is on its way already."""
    rows = Outgoing.objects.filter(once=f"reply:{once}", message__by_user=by.user_id or -1)
    row = rows.select_related("message").first()
    if row is None or row.message is None or row.conversation_id is None:
        return None
    exchange = Exchange.objects.filter(message=row.message).first()
    about = f"ticket-{exchange.ticket_id}" if exchange else f"thread-{row.conversation_id}"
    return (about, row.text) if unsay(row.once) else None


def undone(events: Iterable[Event]) -> set[int]:
    """Which of these events were undone, by id."""
    tickets = [event.subject_id for event in events if event.kind in UNDOABLE]
    rows = Event.objects.filter(subject="ticket", subject_id__in=tickets, kind=UNDO)  # no tickets: no query
    return {data["event"] for data in rows.values_list("data", flat=True)}
