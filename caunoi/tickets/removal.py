"""Removing tickets, as if they had never been imported: only for histories that were written in bulk by mistake.

Their events stay, as all events do; `ticket.remove` records that the ticket is gone.
"""

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils.timezone import now

from caunoi.conversations.models import Contact, Conversation
from caunoi.events.actor import Actor, administrators_only
from caunoi.events.models import Event
from caunoi.tickets.models import Ticket


@transaction.atomic
def remove(ids: Collection[int], *, by: Actor, **data: Any) -> int:
    """Remove tickets with all that hangs on them, and the contacts and conversations that came with them.
    ProtectedError where another ticket was merged into one of them. Returns how many."""
    administrators_only(by)
    rows = list(
        Ticket.objects.filter(pk__in=ids).select_for_update().values_list("pk", "conversation_id", "contact_id")
    )
    Ticket.objects.filter(pk__in=[pk for pk, _, _ in rows]).delete()
    Conversation.objects.filter(pk__in=[pk for _, pk, _ in rows], tickets=None).delete()
    Contact.objects.filter(pk__in=[pk for _, _, pk in rows], tickets=None, conversations=None).delete()
    waiting = Event.objects.filter(subject="ticket", subject_id__in=[pk for pk, _, _ in rows], pending=True)
    waiting.update(pending=False)  # nothing is to follow any more
    at, kind = now(), "ticket.remove"
    Event.objects.bulk_create(
        Event(at=at, kind=kind, subject="ticket", subject_id=pk, **by.signature, data=data, pending=False)
        for pk, _, _ in rows
    )
    return len(rows)
