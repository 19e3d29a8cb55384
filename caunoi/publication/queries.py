"""The outer door: `published()` is the only way from the public to a ticket."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q, QuerySet

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


def of_codes(codes: Collection[str]) -> list[Publication]:
    """The published ones of these ticket codes, newest first."""
    return list(published().filter(ticket__code__in=codes).prefetch_related("photos").order_by("-ticket__id"))


def received(
    since: datetime, until: datetime, *, categories: Collection[str] = (), states: Collection[str] = (),
    before: str | None = None, skip: int = 0, size: int,
) -> list[Publication]:  # fmt: skip
    """Published tickets that were received from `since` to `until`, newest first, from `before` (a code) on."""
    found = published().filter(ticket__received__gte=since, ticket__received__lte=until)
    if categories:
        found = found.filter(ticket__category__code__in=categories)
    if states:
        found = found.filter(ticket__state__in=states)
    if before and (last := Ticket.objects.filter(code=before).values_list("received", "id").first()):
        found = found.filter(Q(ticket__received__lt=last[0]) | Q(ticket__received=last[0], ticket__id__lt=last[1]))
    ordered = found.order_by("-ticket__received", "-ticket__id").prefetch_related("photos")
    return list(ordered[skip : skip + size])


def of(ticket: Ticket) -> Publication | None:
    """The publication of a ticket in whatever state, for the staff."""
    return Publication.objects.filter(ticket=ticket).first()


def waiting() -> QuerySet[Publication]:
    """Drafts that a person must look at, oldest first."""
    return Publication.objects.filter(state=Publication.State.DRAFT).select_related("ticket__category").order_by("id")
