from caunoi.events.models import Event
from caunoi.jobs import queue
from caunoi.sla import actions
from caunoi.tickets.models import Ticket


def refresh(event: Event) -> None:
    """Work out the ticket's deadlines anew from its history."""
    actions.refresh(Ticket.objects.select_related("category", "agency").get(pk=event.subject_id))


@queue.every("* * * * *")
def sweep(timestamp: int) -> None:
    """Every minute, mark what has become late."""
    while actions.sweep():
        pass
