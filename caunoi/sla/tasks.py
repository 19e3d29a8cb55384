from caunoi.directory.queries import forget
from caunoi.events.models import Event
from caunoi.jobs import queue
from caunoi.sla import actions
from caunoi.tickets.models import Ticket


def refresh(event: Event) -> None:
    """Work out the ticket's deadlines anew from its history."""
    actions.refresh(Ticket.objects.select_related("category", "agency").get(pk=event.subject_id))


def recount(event: Event) -> None:
    """A calendar changed: count open deadlines anew, in a job of its own, for they are many."""
    recount_open.defer()


@queue.task(retry=3)
def recount_open() -> None:
    forget()
    actions.recount()


@queue.every("* * * * *")
def sweep(timestamp: int) -> None:
    """Every minute, mark what has become late."""
    while actions.sweep():
        pass
