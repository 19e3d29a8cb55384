"""A person's comments erased; the grades stay in the figures."""

from collections.abc import Collection, Mapping

from django.db import transaction

from caunoi.ratings.models import Rating


@transaction.atomic
def erase(tickets: Collection[int]) -> Mapping[str, int]:
    """Erase the comments on the answers to these tickets. How many rows."""
    return {"ratings.rating": Rating.objects.filter(ticket__in=tickets).exclude(comment="").update(comment="")}
