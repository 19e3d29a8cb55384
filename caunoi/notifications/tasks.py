from caunoi.events.models import Event
from caunoi.notifications import actions
from caunoi.tickets.models import Ticket


def tell(event: Event) -> None:
    """Tell whoever notices.py names."""
    actions.tell(Ticket.objects.select_related("agency").get(pk=event.subject_id), event)


def announce(event: Event) -> None:
    """Refresh the screens that show the ticket."""
    actions.announce(Ticket.objects.get(pk=event.subject_id), event)
