"""Whose of the centre a ticket is: taken, given to a colleague, given back, put off until a time. It is a mark for the
people at work and no right: whoever may act on a ticket may act on a colleague's."""

from contextlib import suppress
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.timezone import now

from caunoi.accounts.models import User
from caunoi.events.actions import record
from caunoi.events.actor import CENTRE, Actor, NotAllowedError, RefusedError, Role
from caunoi.tickets.lifecycle import OPEN
from caunoi.tickets.models import Assignment, Ticket

LONGEST = timedelta(days=30)
AGAIN = timedelta(minutes=1)  # the same button pressed twice
"""For which a ticket can be put off."""


class TakenError(RefusedError):
    """Somebody else has it since the page was drawn; `assignee` is that person, None: nobody."""

    code = "taken"

    def __init__(self, assignee: User | None) -> None:
        self.assignee = assignee
        super().__init__(assignee.username if assignee else "")


class BadTimeError(RefusedError):
    """A ticket is put off to a time that is over, or too far away."""

    code = "bad_time"


@transaction.atomic
def assign(ticket: Ticket, to: User | None, *, by: Actor, seen: int | None) -> None:
    """Make it somebody's of the centre, or (None) nobody's. `seen`: whose it was (user id) on the page from which it is
    done; TakenError when it is another's by now, NotAllowedError for others than the centre's staff."""
    if not by.has(*CENTRE):
        raise NotAllowedError("centre_only")
    row = _locked(ticket)
    had = row.assignee if row else None
    if (had.pk if had else None) != seen:
        raise TakenError(had)
    if had == to:
        return
    if to is None:
        Assignment.objects.filter(ticket=ticket).delete()
        record("ticket.release", ticket, by=by, assignee=had.username if had else "")
        return
    Assignment.objects.update_or_create(ticket=ticket, defaults={"assignee": to, "at": now(), "snoozed": None})
    record("ticket.assign", ticket, by=by, assignee=to.username)


def claim(ticket: Ticket, *, by: Actor) -> None:
    """Whoever begins with a ticket that is nobody's has it, and needs no act of their own for that."""
    if by.user_id is not None and by.has(Role.OPERATOR, Role.SUPERVISOR):
        Assignment.objects.bulk_create([Assignment(ticket=ticket, assignee_id=by.user_id)], ignore_conflicts=True)


@transaction.atomic
def snooze(ticket: Ticket, until: datetime | None, *, by: Actor) -> None:
    """Put it off: until then it stands among those that rest, and is the person's who puts it off if it was nobody's.
    None: it rests no longer. BadTimeError, NotAllowedError; its deadlines run on."""
    if not by.has(*CENTRE) or by.user_id is None:
        raise NotAllowedError("centre_only")
    if until is not None and not now() < until <= now() + LONGEST:
        raise BadTimeError(until.isoformat())
    row = _locked(ticket)
    if row is None and until is None:
        return
    if row is None:
        row = Assignment(ticket=ticket, assignee_id=by.user_id)
    if row.snoozed == until or (row.snoozed and until and abs(row.snoozed - until) < AGAIN):
        return
    row.snoozed = until
    row.save()
    if until is None:
        record("ticket.wake", ticket, by=by)
    else:
        record("ticket.snooze", ticket, by=by, until=until.isoformat())


@transaction.atomic
def hand_on(of: User, to: User | None, *, by: Actor) -> int:
    """All open tickets of one to another, or to nobody, as a shift ends; returns how many. One that somebody takes
    meanwhile stays theirs."""
    rows = Assignment.objects.filter(assignee=of, ticket__state__in=sorted(OPEN)).select_related("ticket")
    tickets = [row.ticket for row in rows.order_by("ticket_id")]
    count = 0
    for ticket in tickets:
        with suppress(TakenError):
            assign(ticket, to, by=by, seen=of.pk)
            count += 1
    return count


def _locked(ticket: Ticket) -> Assignment | None:
    """Whose it is, while nobody else changes it; the ticket's row is what two that take it at once wait for."""
    Ticket.objects.select_for_update(of=("self",)).filter(pk=ticket.pk).order_by("pk").values_list("pk").first()
    return Assignment.objects.filter(ticket=ticket).select_related("assignee").first()
