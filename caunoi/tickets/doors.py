"""The doors of what lies before tickets: a thread, person, call or message is as visible as its ticket. settings.DOORS
names them; `events.visibility.visible` asks them."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from caunoi.calls.models import Call
from caunoi.conversations.models import Callback, Contact, Conversation, Enclosure, Message, Outgoing
from caunoi.events.actor import CENTRE, Actor, Role
from caunoi.tickets.models import Sight, Talk, Ticket, TicketCall
from caunoi.tickets.queries import closed_to, hidden_from, sees_restricted


def _about(tickets: QuerySet[Sight], thread: str) -> Q:
    """Whether a thread (the outer column of its id) has to do with one of these tickets."""
    own = Exists(tickets.filter(conversation=OuterRef(thread)))
    linked = Exists(Talk.objects.filter(conversation=OuterRef(thread), ticket__in=tickets))
    return Q(own) | Q(linked)


def _exchanged(tickets: QuerySet[Sight], message: str) -> Q:
    return Q(Exists(Talk.objects.filter(message=OuterRef(message), ticket__in=tickets)))


READERS = CENTRE - {Role.ADMIN}


def _open[R: QuerySet[Any]](rows: R, by: Actor, readers: frozenset[Role] = READERS) -> tuple[R, QuerySet[Sight] | None]:
    """The rows, none for roles without access; and the tickets closed to this actor, if any."""
    return (rows if by.has(*readers) else rows.none()), hidden_from(by)


def threads(rows: QuerySet[Conversation], by: Actor) -> QuerySet[Conversation]:
    """Threads in which no message is about a ticket closed to the actor; administrators see who wrote last."""
    rows, closed = _open(rows, by, CENTRE)
    return rows if closed is None else rows.exclude(_about(closed, "pk"))


def messages(rows: QuerySet[Message], by: Actor) -> QuerySet[Message]:
    """Messages about tickets that are open to them; those about none, where the whole thread is."""
    rows, closed = _open(rows, by)
    if closed is None:
        return rows
    return rows.exclude(_exchanged(closed, "pk")).exclude(Q(exchange=None) & _about(closed, "conversation_id"))


def enclosures(rows: QuerySet[Enclosure], by: Actor) -> QuerySet[Enclosure]:
    rows, closed = _open(rows, by)
    return rows if closed is None else rows.filter(message__in=messages(Message.objects.all(), by).values("pk"))


def outgoing(rows: QuerySet[Outgoing], by: Actor) -> QuerySet[Outgoing]:
    rows, closed = _open(rows, by)
    if closed is None:
        return rows
    rows = rows.exclude(_exchanged(closed, "message_id"))
    return rows.exclude(Q(message__exchange=None) & _about(closed, "conversation_id"))


def people(rows: QuerySet[Contact], by: Actor) -> QuerySet[Contact]:
    """People who reported something that is open to them, or nothing at all."""
    rows, closed = _open(rows, by)
    if closed is None:
        return rows
    own = Exists(closed.filter(contact=OuterRef("pk")))
    linked = Exists(Talk.objects.filter(contact=OuterRef("pk"), ticket__in=closed))
    open_to_them = Exists(Ticket.objects.filter(contact=OuterRef("pk")).exclude(closed_to(by)))
    return rows.exclude((Q(own) | Q(linked)) & ~Q(open_to_them))


def calls(rows: QuerySet[Call], by: Actor) -> QuerySet[Call]:
    """Calls about nothing that is closed to them."""
    rows, closed = _open(rows, by)
    rows = rows if sees_restricted(by) else rows.filter(shut=False)
    return rows if closed is None else rows.exclude(_called(closed, "pk"))


def _called(tickets: QuerySet[Sight], call: str) -> Q:
    return Q(Exists(TicketCall.objects.filter(call=OuterRef(call), ticket__in=tickets.values("pk"))))


def callbacks(rows: QuerySet[Callback], by: Actor) -> QuerySet[Callback]:
    """The call-backs to make, without those because of a ticket, call or message closed to the actor."""
    rows, closed = _open(rows, by)
    if closed is None:
        return rows
    ticket = Exists(closed.filter(pk=OuterRef("subject_id")))
    unsent = ~Exists(outgoing(Outgoing.objects.filter(pk=OuterRef("subject_id")), by))
    rows = rows.exclude(Q(ticket), subject="ticket").exclude(_called(closed, "subject_id"), subject="call")
    rows = rows.exclude(Q(unsent), subject="outgoing")
    return rows.filter(Q(contact=None) | Q(contact__in=people(Contact.objects.all(), by).values("pk")))
