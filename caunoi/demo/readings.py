"""What was proposed of some of the demo's tickets, as if they had come in one by one."""

from django.db.models import F, Q

from caunoi.routing.actions import read
from caunoi.tickets.lifecycle import FIRST
from caunoi.tickets.models import Ticket
from caunoi.triage.actions import count

EACH = 5
"""Of tickets that somebody has decided, one in so many."""
MONTHS = 13


def propose() -> None:
    """Of all that nobody has read yet, and of some of the others."""
    some = Ticket.objects.alias(turn=F("pk") % EACH).filter(Q(state=FIRST) | Q(turn=0))
    read(Ticket.objects.filter(pk__in=some.values("pk")))
    count(MONTHS)
