from caunoi.events.models import Event
from caunoi.routing import actions
from caunoi.tickets.models import Ticket


def finish(event: Event) -> None:
    """Close the legs of a ticket that has been answered or merged."""
    actions.finish(Ticket.objects.get(pk=event.subject_id), at=event.at)
