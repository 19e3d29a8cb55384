"""A person's comments erased; the grades stay in the figures."""

from collections.abc import Collection, Mapping

from django.db import transaction

from caunoi.events.actions import erase as erase_evidence
from caunoi.events.actor import SYSTEM
from caunoi.ratings.models import Rating


@transaction.atomic
def erase(tickets: Collection[int]) -> Mapping[str, int]:
    """Erase the comments on the answers to these tickets. How many rows."""
    rows = Rating.objects.filter(ticket__in=tickets).exclude(comment="").values_list("pk", flat=True)
    return {"ratings.rating": erase_evidence("rating", [*rows], by=SYSTEM)}
