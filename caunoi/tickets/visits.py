"""Who looked at a ticket in its citizen's stead, for the citizen to read: look-ups, codes, new browsers. Nothing here
names an address."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.crypto import get_random_string

from caunoi.accounts.queries import digest
from caunoi.events.actions import record
from caunoi.events.actor import NOBODY
from caunoi.events.models import Event
from caunoi.events.queries import history
from caunoi.tickets import traces
from caunoi.tickets.models import Device, Ticket

LOOKUP = "ticket.lookup"
VISIT = "ticket.visit"
VISITS = frozenset({LOOKUP, VISIT, "ticket.send_code", "ticket.send_link", "ticket.read_code", "ticket.prove"})
"""The events that only say who looked: of no interest to whoever works on the ticket."""
MOST = 50  # browsers a ticket, and looks on a page


@transaction.atomic
def visit(ticket: Ticket, browser: str, network: str) -> str:
    """A ticket's link was opened in a browser with this secret ("" for one that keeps none yet) on this network. The
    first time is recorded. The secret that the browser is to keep."""
    fresh = browser or get_random_string(24)
    mark, places = digest(fresh), traces.digests("browser", network)
    rows = list(Device.objects.filter(ticket=ticket).order_by("id")[:MOST])
    mine = next((row for row in rows if row.digest == mark), None)
    same = next((row for row in rows if row.network in places and not row.returned), None)
    if mine is not None:
        if not mine.returned:
            Device.objects.filter(pk=mine.pk).update(returned=True)
    elif same is not None:  # a browser that keeps no cookies
        Device.objects.filter(pk=same.pk).update(digest=mark)
    elif len(rows) < MOST:
        Device.objects.create(ticket=ticket, digest=mark, network=places[0])
        record(VISIT, ticket, by=NOBODY, first=not rows)
    return fresh


def wrote(ticket: Ticket, browser: str) -> bool:
    """Whether a browser with this secret was the first in which the link was opened, before the ticket was last
    touched: the one in which it was written, not one of whoever came by the link later."""
    first = Device.objects.filter(ticket=ticket).order_by("id").first()
    return bool(browser) and first is not None and first.digest == digest(browser) and first.at < ticket.touched


def visits(ticket: Ticket) -> Sequence[Event]:
    """The last MOST looks at a ticket, newest first."""
    return list(history(ticket).filter(kind__in=VISITS).order_by("-at", "-id")[:MOST])
