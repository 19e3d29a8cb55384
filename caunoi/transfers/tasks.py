import httpx

from caunoi.events.models import Event
from caunoi.jobs import queue
from caunoi.tickets.models import Ticket
from caunoi.transfers import actions, queries


def give_back(event: Event) -> None:
    """What another province handed over and is refused as outside, goes back there."""
    if event.data.get("reason") == actions.OUTSIDE:
        actions.send_back(Ticket.objects.get(pk=event.subject_id))


@queue.every("* * * * *")
def send(timestamp: int) -> None:
    """Say to other cells what is due."""
    if queries.is_due():
        with httpx.Client() as http:
            actions.send_all(http)
