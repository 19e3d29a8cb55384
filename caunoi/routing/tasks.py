from collections.abc import Sequence

from caunoi.events.models import Event
from caunoi.events.outbox import Together
from caunoi.routing import actions
from caunoi.tickets.lifecycle import OPEN
from caunoi.tickets.models import Ticket


def finish(event: Event) -> None:
    """Close the legs of a ticket that has been answered or merged, unless that was undone meanwhile."""
    ticket = Ticket.objects.get(pk=event.subject_id)
    if ticket.state not in OPEN:
        actions.finish_late(ticket, event.at)


@Together
def read(events: Sequence[Event]) -> None:
    """Keep what is proposed of new tickets."""
    actions.read(Ticket.objects.filter(pk__in=[e.subject_id for e in events]))
