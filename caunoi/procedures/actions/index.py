"""The index of the search, built once for all processes."""

from datetime import timedelta
from time import monotonic

from django.db import transaction
from django.utils.timezone import now

from caunoi.procedures import finding
from caunoi.procedures.models import SearchIndex

KEEP = timedelta(days=2)
"""How long the index of another release stays: while the hotline is upgraded, two of them answer."""


@transaction.atomic
def hand_over() -> bool:
    """Build the index of the procedures in force, for all processes of this release to take with what is committed
    beside it; whether there was need of one."""
    stamp = finding.stamp_now()
    if finding.newest()[1] == stamp:
        return False
    start = monotonic()
    body = finding.index_now().packed()
    row = SearchIndex.objects.create(
        release=finding.release(), stamp=stamp, at=now(), took=monotonic() - start, body=body
    )
    SearchIndex.objects.filter(release=row.release, id__lt=row.pk).delete()
    SearchIndex.objects.filter(at__lt=row.at - KEEP).exclude(release=row.release).delete()
    return True
