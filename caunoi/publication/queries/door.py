"""The outer door: `published()` is the only way from the public to a ticket."""

from collections.abc import Sequence

from django.db.models import QuerySet

from caunoi.events.relations import relation
from caunoi.publication.models import Publication

PUBLICATIONS = relation(Publication, "ticket state published")


def published() -> QuerySet[Publication]:
    """What anybody may read; never a denunciation, whatever its state."""
    return (
        Publication.objects.filter(state=Publication.State.PUBLISHED, ticket__restricted=False)
        .select_related("ticket__category", "ticket__area", "ticket__agency")
        .defer("ticket__area__outline")
    )


def of_ids(ids: Sequence[int]) -> list[Publication]:
    """The published ones of these publications, in this order."""
    rows = {p.pk: p for p in published().filter(pk__in=ids)}
    return [rows[pk] for pk in ids if pk in rows]
