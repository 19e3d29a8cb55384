"""The register cut into ranges of ids, for sitemaps: each part is a range scan, however many there are."""

from datetime import datetime

from django.db.models import Max

from caunoi.publication.models import Publication
from caunoi.publication.queries.door import published

SIZE = 10_000
"""Ids of a part; a sitemap may hold 50,000 addresses."""


def parts() -> range:
    """The numbers of the parts there may be."""
    last = Publication.objects.aggregate(last=Max("id"))["last"]
    return range(0 if last is None else last // SIZE + 1)


def part(number: int) -> list[tuple[str, datetime]]:
    """The published tickets of a part: code, and when it last changed."""
    rows = published().filter(pk__gte=number * SIZE, pk__lt=(number + 1) * SIZE).order_by("pk")
    return list(rows.values_list("ticket__code", "ticket__touched"))
