"""A ticket's progress, by code and phone number, and nothing more. A number proves no person, so it opens nothing, and
tries are limited across all processes."""

from datetime import timedelta

from django.db import transaction
from django.utils.timezone import now

from caunoi.events.actions import record
from caunoi.events.actor import NOBODY
from caunoi.events.models import Event
from caunoi.lib.numbers import codes, phone
from caunoi.tickets.lifecycle import RefusedError
from caunoi.tickets.models import Ticket

WRONG = "ticket.lookup"
TRIES, WITHIN = 5, timedelta(days=1)  # wrong numbers a ticket


class TooOftenError(RefusedError):
    """Too many wrong numbers were tried on this ticket."""

    code = "too_often"


@transaction.atomic
def look_up(code: str, number: str) -> Ticket | None:
    """The ticket of somebody who remembers its code and their phone number; a wrong number is recorded in its history.
    TooOftenError after TRIES wrong ones, also for the right one."""
    canonical, parsed = codes.parse(code), phone.parse(number)
    if not canonical or parsed is None or not parsed.e164:
        return None
    rows = Ticket.objects.select_for_update(of=("self",)).select_related("contact")
    ticket = rows.filter(code=canonical).first()
    if ticket is None:
        return None
    wrong = Event.objects.filter(subject="ticket", subject_id=ticket.pk, kind=WRONG, at__gte=now() - WITHIN)
    if wrong.count() >= TRIES:
        raise TooOftenError("lookup")
    if ticket.contact.phone == parsed.e164:
        return ticket
    record(WRONG, ticket, by=NOBODY)
    return None
