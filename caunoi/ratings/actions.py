from collections.abc import Sequence

from django.db import transaction

from caunoi.events.actions import record
from caunoi.events.actor import Actor, citizen
from caunoi.lib.vietnamese import nfc
from caunoi.ratings import queries
from caunoi.ratings.models import Rating
from caunoi.ratings.reasons import REASONS
from caunoi.tickets.lifecycle import Missing, NotAllowed, NotPossible
from caunoi.tickets.models import Ticket


@transaction.atomic
def rate(ticket: Ticket, grade: str, *, by: Actor, reasons: Sequence[str] = (), comment: str = "") -> Rating:
    """The citizen of the ticket rates its answer, once. The event names no rater (Decree 224/2026: kept secret)."""
    if by.ticket_id != ticket.pk:
        raise NotAllowed("rate")
    if grade not in Rating.Grade.values:
        raise Missing({"grade"})
    ticket = Ticket.objects.select_for_update().get(pk=ticket.pk)
    if not queries.can_rate(ticket):
        raise NotPossible("rate")
    rating = Rating.objects.create(
        ticket=ticket, round=ticket.reopened, agency_id=ticket.agency_id, grade=grade,
        reasons=[r for r in reasons if r in REASONS[grade]], comment=nfc(comment).strip(),
    )  # fmt: skip
    record("ticket.rate", ticket, by=citizen(), grade=grade)
    return rating
