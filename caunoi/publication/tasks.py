from caunoi.events.models import Event
from caunoi.publication import actions
from caunoi.publication.models import Publication
from caunoi.tickets.lifecycle import OUTSIDE
from caunoi.tickets.models import Ticket


def propose(event: Event) -> None:
    """Draft, or bring up to date, what the public sees; what was refused or merged is not shown."""
    ticket = Ticket.objects.select_related("category").get(pk=event.subject_id)
    if ticket.state in OUTSIDE:
        Publication.objects.filter(ticket=ticket, state=Publication.State.DRAFT).delete()
    else:
        actions.propose(ticket)
