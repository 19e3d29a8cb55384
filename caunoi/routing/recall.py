"""Undoing what a move of a ticket did to its legs, along with the move (tickets/undoing.py)."""

from django.db import transaction

from caunoi.events.models import Event
from caunoi.routing.models import Handover
from caunoi.tickets import actions as tickets
from caunoi.tickets.lifecycle import NotPossibleError
from caunoi.tickets.models import Ticket


@transaction.atomic
def withdraw(ticket: Ticket, event: Event) -> None:
    """Its legs were never there, as long as no agency has accepted one or has a link to it; else NotPossibleError."""
    legs = Handover.objects.select_for_update().filter(ticket=ticket)
    fresh = list(legs.filter(sent__gte=event.at).select_related("agency"))
    if any(leg.state != Handover.State.SENT or leg.links.exists() for leg in fresh):
        raise NotPossibleError("undo")
    for leg in fresh:
        tickets.unshare(ticket, leg.agency)
        leg.delete()


@transaction.atomic
def reopen_legs(ticket: Ticket, event: Event) -> None:
    """The legs that ended with the move go on."""
    ended = Handover.objects.filter(ticket=ticket, state=Handover.State.DONE, ended=event.at)
    ended.filter(accepted=None).update(state=Handover.State.SENT, ended=None)
    ended.exclude(accepted=None).update(state=Handover.State.ACCEPTED, ended=None)
