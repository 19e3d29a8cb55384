"""The outer door: `published()` is the only way from the public to a ticket."""

from django.db.models import QuerySet

from caunoi.lib import codes
from caunoi.publication.models import Publication
from caunoi.tickets.models import Ticket


def published() -> QuerySet[Publication]:
    """What anybody may read."""
    return Publication.objects.filter(state=Publication.State.PUBLISHED).select_related(
        "ticket__category", "ticket__area", "ticket__agency"
    )


def one(code: str) -> Publication | None:
    canonical = codes.parse(code)
    return published().filter(ticket__code=canonical).first() if canonical else None


def of(ticket: Ticket) -> Publication | None:
    """The publication of a ticket in whatever state, for the staff."""
    return Publication.objects.filter(ticket=ticket).first()


def waiting() -> QuerySet[Publication]:
    """Drafts that a person must look at, oldest first."""
    return Publication.objects.filter(state=Publication.State.DRAFT).select_related("ticket__category").order_by("id")
