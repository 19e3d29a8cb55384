"""Undoing a move: by the person who made it, until somebody has acted upon it; the ticket is then as before."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.utils.timezone import now

from caunoi.conversations.actions import unsay
from caunoi.conversations.models import Outgoing
from caunoi.events.actor import Actor
from caunoi.events.models import Event
from caunoi.tickets import actions
from caunoi.tickets.lifecycle import MOVES, NotPossibleError, State
from caunoi.tickets.models import Exchange, Note, Ticket

UNDO = "ticket.undo"
UNDOABLE = frozenset(move.event for move in MOVES.values() if move.undo)
WITHIN = timedelta(minutes=5)  # after that it is a decision of its own


def undoable(ticket: Ticket, by: Actor) -> Event | None:
    """The last move of a ticket, if this person made it a moment ago and it can be undone."""
    steps = Event.objects.filter(subject="ticket", subject_id=ticket.pk, kind__startswith="ticket.", data__has_key="to")
    last = steps.order_by("-id").first()
    if last is None or not by.is_person(last.by_user) or last.kind not in UNDOABLE or last.at <= now() - WITHIN:
        return None
    public = last.data["to"] == State.ANSWERED and ticket.category and ticket.category.publish == "at_once"
    return None if public else last  # everybody reads it by now, and the public log cannot be rewritten


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
    return last, unsay([ticket.conversation_id], f"{last.pk}:")


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
    return (about, row.text) if unsay([row.conversation_id], row.once) else None


def undone(events: Iterable[Event]) -> set[int]:
    """Which of these events were undone, by id."""
    tickets = [event.subject_id for event in events if event.kind in UNDOABLE]
    rows = Event.objects.filter(subject="ticket", subject_id__in=tickets, kind=UNDO)  # no tickets: no query
    return {data["event"] for data in rows.values_list("data", flat=True)}
