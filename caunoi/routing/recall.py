"""What a move of a ticket did to its legs, taken back with the move (tickets/undoing.py)."""

from django.db import transaction

from caunoi.events.models import Event
from caunoi.routing.models import Handover
from caunoi.tickets import actions as tickets
from caunoi.tickets.lifecycle import NotPossible
from caunoi.tickets.models import Ticket


@transaction.atomic
def recall(ticket: Ticket, event: Event) -> None:
    """A hand-over: its legs were never there, as long as no agency has accepted one (NotPossible) or has a link to it.
    What ended with a refusal or a merge goes on."""
    legs = Handover.objects.select_for_update().filter(ticket=ticket)
    if event.kind != "ticket.route":
        ended = legs.filter(state=Handover.State.DONE, ended=event.at)
        ended.filter(accepted=None).update(state=Handover.State.SENT, ended=None)
        ended.exclude(accepted=None).update(state=Handover.State.ACCEPTED, ended=None)
        return
    fresh = list(legs.filter(sent__gte=event.at).select_related("agency"))
    if any(leg.state != Handover.State.SENT or leg.links.exists() for leg in fresh):
        raise NotPossible("undo")
    for leg in fresh:
        tickets.unshare(ticket, leg.agency)
        leg.delete()
