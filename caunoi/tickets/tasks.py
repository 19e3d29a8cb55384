from django.conf import settings
from django.utils.timezone import localdate, localtime

from caunoi.calls import queries as calls
from caunoi.directory import queries as directory
from caunoi.events.actor import SYSTEM
from caunoi.events.models import Event
from caunoi.lib.address import resolve
from caunoi.tickets import actions
from caunoi.tickets.models import Ticket, Words

SURE = 0.8


def index(event: Event) -> None:
    """Make a new ticket findable by its words."""
    ticket = Ticket.objects.get(pk=event.subject_id)
    Words.objects.bulk_create([actions.words(ticket)], ignore_conflicts=True)


def locate(event: Event) -> None:
    """Work out the commune of a new ticket from its pin, else its address; when in doubt leave it to the operator."""
    ticket = Ticket.objects.get(pk=event.subject_id)
    if ticket.area_id or not (ticket.address or ticket.latitude is not None):
        return
    area = None
    if ticket.latitude is not None and ticket.longitude is not None:
        area = directory.area_at(ticket.latitude, ticket.longitude)
    if area is None and ticket.address:
        found = resolve(ticket.address, on=localdate(localtime(ticket.received)), home=settings.PROVINCE)
        if found.area_code and found.confidence >= SURE:
            area = directory.area(found.area_code)
    if area:
        actions.edit(ticket, by=SYSTEM, area=area)


def link(event: Event) -> None:
    """A call that was dialled from a ticket is about it."""
    call = calls.call(event.subject_id)
    dial = calls.dial_of(call) if call else None
    if call and dial and dial.subject == "ticket":
        ticket = Ticket.objects.filter(pk=dial.subject_id or 0).first()
        if ticket:
            actions.link_call(ticket, call, by=dial.user.as_actor())
