"""A person erased from what is on its way to another province. What has arrived there is theirs to erase."""

from collections.abc import Collection, Mapping

from django.db import transaction
from django.utils.timezone import now

from caunoi.transfers.models import Transfer


@transaction.atomic
def erase(tickets: Collection[int]) -> Mapping[str, int]:
    """Send no more words of these tickets, whatever waits is taken back, and forget where the citizen follows what has
    gone. How many rows."""
    rows = list(Transfer.objects.select_for_update().filter(ticket__in=tickets))
    for row in rows:
        row.report, row.receipt = {}, {}
        if row.state == Transfer.State.WAITING:
            row.recalled, row.due = True, now()
        row.save(update_fields=["report", "receipt", "recalled", "due"])
    return {"transfers.transfer": len(rows)}
