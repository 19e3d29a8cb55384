"""Tickets that turn out to be confidential: restricted at once, and emptied when the confidential lane has taken in
their words. What stays is that there was one."""

from functools import partial

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.timezone import now

from caunoi.conversations.actions.erasing import blank_receipts
from caunoi.conversations.models import Draft, Enclosure, Message, Outgoing, Wording
from caunoi.events.actor import SYSTEM, Kind
from caunoi.events.models import Event
from caunoi.files import actions as files
from caunoi.lib.privacy.identity import ERASED
from caunoi.tickets import actions
from caunoi.tickets.lifecycle import State
from caunoi.tickets.models import Note, Photo, Suggestion, Ticket
from caunoi.tickets.undoing import WITHIN

REFUSE = "ticket.refuse"


def refuse(ticket: Ticket) -> None:
    """What its words keep from the staff is no ticket: it is over as such, and no clock runs."""
    if ticket.restricted and ticket.state == State.NEW:
        actions.move(ticket, "refuse", by=SYSTEM, reason="confidential")


def refused_by_words(ticket: Ticket) -> bool:
    """Whether the product itself kept it from the staff."""
    last = Event.objects.filter(subject="ticket", subject_id=ticket.pk, kind=REFUSE).order_by("-id").first()
    return last is not None and last.actor_kind == Kind.SYSTEM


def to_take_in() -> QuerySet[Ticket]:
    """Restricted tickets with words, once nobody can take the decision back, and what was sent with it is fetched."""
    rows = Ticket.objects.filter(restricted=True, touched__lte=now() - WITHIN)
    return rows.exclude(text=ERASED).order_by("pk")


def to_add() -> QuerySet[Ticket]:
    """Restricted tickets that were taken in, and to which something was sent since; all of it is fetched."""
    of = OuterRef("pk")
    written = Message.objects.filter(exchange__ticket=of)
    new = (
        Exists(Note.objects.filter(ticket=of).exclude(text=ERASED))
        | Exists(Photo.objects.filter(ticket=of))
        | Exists(written.exclude(text=ERASED))
    )
    waiting = Enclosure.objects.filter(message__exchange__ticket=of, state=Enclosure.State.WAITING)
    return Ticket.objects.filter(new, ~Exists(waiting), restricted=True, text=ERASED).order_by("pk")


def sent_since(ticket: Ticket) -> list[str]:
    """The words that its citizen has sent since it was taken in, in their order, each once."""
    notes = Note.objects.filter(ticket=ticket, internal=False).exclude(text=ERASED).order_by("id")
    written = Message.objects.filter(exchange__ticket=ticket, inbound=True).exclude(text__in=["", ERASED])
    texts = [*notes.values_list("text", flat=True), *written.order_by("at", "id").values_list("text", flat=True)]
    return list(dict.fromkeys(texts))


def messages(ticket: Ticket) -> QuerySet[Message]:
    """What was written about it: its messages, and those of its own thread that belong to no other ticket."""
    rows = Message.objects.filter(
        Q(exchange__ticket=ticket) | Q(conversation=ticket.conversation_id, exchange__isnull=True)
    )
    return rows.order_by("at", "id")


@transaction.atomic
def empty(ticket: Ticket, *, again: bool = False) -> None:
    """Nothing of what was written stays in a ticket, its messages, receipts and files; the link to follow it does.
    `again`: what was sent since; of its thread that alone which belongs to it."""
    ticket.text, ticket.summary, ticket.address = ERASED, "", ""
    ticket.latitude = ticket.longitude = ticket.occurred = None
    ticket.save(update_fields=["text", "summary", "address", "latitude", "longitude", "occurred"])
    Note.objects.filter(ticket=ticket).update(text=ERASED)
    Suggestion.objects.filter(Q(ticket=ticket) | Q(other=ticket)).delete()
    photos = Photo.objects.filter(ticket=ticket)
    rows = Message.objects.filter(exchange__ticket=ticket) if again else messages(ticket)
    pks = list(rows.values_list("pk", flat=True))
    written = Message.objects.filter(pk__in=pks)
    enclosures = Enclosure.objects.filter(message__in=pks)
    pictures = [pk for rows in (photos, enclosures) for pk in rows.values_list("attachment", flat=True) if pk]
    photos.delete()
    enclosures.delete()
    Wording.objects.filter(message__in=pks).delete()
    blank_receipts(list(written.filter(receipt__isnull=False).values_list("receipt", flat=True)))
    written.update(text=ERASED, quoted="", subject_line="", latitude=None, longitude=None)
    sent = Outgoing.objects.filter(message__in=pks).exclude(state=Outgoing.State.QUEUED)
    sent.update(text=None, text_plain=ERASED, values=None, values_plain=None, title="")
    Draft.objects.filter(token=ticket.conversation.address).delete()
    actions.index([ticket])
    transaction.on_commit(partial(files.remove_unused, pictures))
