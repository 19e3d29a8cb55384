from caunoi.directives import queries as directives
from caunoi.events.models import Event
from caunoi.notifications import actions
from caunoi.tickets.models import Ticket


def tell(event: Event) -> None:
    """Tell whoever notices.py names."""
    actions.tell(Ticket.objects.select_related("agency").get(pk=event.subject_id), event)


def announce(event: Event) -> None:
    """Refresh the screens that show the ticket."""
    actions.announce(Ticket.objects.get(pk=event.subject_id), event)


def tell_order(event: Event) -> None:
    """Tell whom a leader's order concerns."""
    directive = directives.directive(event.subject_id)
    if directive is not None:
        actions.tell(directive.ticket, event, directive)


def announce_order(event: Event) -> None:
    directive = directives.directive(event.subject_id)
    if directive is not None:
        actions.announce_order(directive, event)


def announce_all(event: Event) -> None:
    """Refresh every list."""
    actions.announce_all()
