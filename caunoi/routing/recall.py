"""Undoing what a move of a ticket did to its legs, along with the move (tickets/undoing.py)."""

from django.db import transaction

from caunoi.events.models import Event
from caunoi.routing.models import Handover
from caunoi.tickets import actions as tickets
from caunoi.tickets.lifecycle import NotPossibleError
from caunoi.tickets.models import Ticket


def lock(ticket: Ticket) -> None:
    """Its legs, before the ticket itself: whoever acts on a leg takes them in this order."""
    list(Handover.objects.select_for_update(of=("self",)).filter(ticket=ticket).order_by("pk").values_list("pk"))


@transaction.atomic
def withdraw(ticket: Ticket, event: Event) -> None:
    """Its legs were never there, as long as no agency has accepted one or has a link to it; else NotPossibleError. Who
    has had it before goes on to see it."""
    legs = Handover.objects.select_for_update(of=("self",)).filter(ticket=ticket)
    fresh = list(legs.filter(sent__gte=event.at).select_related("agency"))
    if any(leg.state != Handover.State.SENT or leg.links.exists() for leg in fresh):
        raise NotPossibleError("undo")
    over = (Handover.State.RETURNED, Handover.State.RECALLED)
    for leg in fresh:
        leg.delete()
        if not Handover.objects.filter(ticket=ticket, agency=leg.agency).exclude(state__in=over).exists():
            tickets.unshare(ticket, leg.agency)


@transaction.atomic
def reopen_legs(ticket: Ticket, event: Event) -> None:
    """The legs that ended with the move go on."""
    ended = Handover.objects.filter(ticket=ticket, state=Handover.State.DONE, ended=event.at)
    ended.filter(accepted=None).update(state=Handover.State.SENT, ended=None)
    ended.exclude(accepted=None).update(state=Handover.State.ACCEPTED, ended=None)
