"""A person erased from what is on its way to another province. What has arrived there is theirs to erase: they are told
that it was asked."""

from collections.abc import Collection, Mapping

from django.db import transaction
from django.utils.timezone import now

from caunoi.transfers.models import Transfer


@transaction.atomic
def erase(tickets: Collection[int]) -> Mapping[str, int]:
    """Send no more words of these tickets, whatever waits is taken back, forget where the citizen follows what has
    gone, and have it said there. How many rows."""
    at = now()
    rows = list(Transfer.objects.select_for_update().filter(ticket__in=tickets))
    for row in rows:
        row.report, row.receipt, row.due = {}, {}, at
        if row.state == Transfer.State.WAITING:
            row.recalled = True
        if row.state != Transfer.State.WITHDRAWN and row.erased is None:
            row.erased = at
        row.save(update_fields=["report", "receipt", "due", "recalled", "erased"])
    return {"transfers.transfer": len(rows)}
