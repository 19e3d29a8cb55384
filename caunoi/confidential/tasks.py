from collections.abc import Sequence

from caunoi.confidential import actions
from caunoi.events.models import Event
from caunoi.events.outbox import Together
from caunoi.jobs import queue
from caunoi.tickets import confidence
from caunoi.tickets.models import Ticket


@Together
def confide(events: Sequence[Event]) -> None:
    """What its words keep from the staff is over as a ticket."""
    for ticket in Ticket.objects.filter(pk__in=[event.subject_id for event in events], restricted=True):
        confidence.refuse(ticket)


@queue.every("* * * * *")
def take_in_all(timestamp: int) -> None:
    """Every minute, seal what has become confidential meanwhile."""
    actions.take_in_all()
