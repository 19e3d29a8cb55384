"""Deadlines: worked out anew from a ticket's history whenever something happens to it, and the same however often."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import localdate, now

from caunoi.directory.actions import forget
from caunoi.directory.queries import calendar
from caunoi.events.actions import record
from caunoi.events.actor import SYSTEM, Actor, administrators_only
from caunoi.events.models import Event
from caunoi.events.queries import histories, history
from caunoi.routing.models import Handover
from caunoi.sla import clocks, queries
from caunoi.sla.clocks import Amount, Step
from caunoi.sla.models import Deadline, Target
from caunoi.tickets.lifecycle import OPEN, State
from caunoi.tickets.models import Ticket

CENTRE_CLOCKS = ("accept", "forward")  # the centre's own time, whoever gets the ticket afterwards
TICKET_CLOCKS = (*CENTRE_CLOCKS, "handle", "reply")
FIELDS = ["agency", "target", "fixed", "extra_days", "state", "started", "due", "first_due", "met", "late"]


def _amount(target: Target, extra_days: int = 0) -> Amount:
    return Amount(days=target.days, minutes=target.minutes, extra_days=extra_days)


def _leg_steps(leg: Handover) -> list[Step]:
    """A leg's own history: routed when it was sent, working when it was accepted, ended when it ended."""
    steps = [Step(at=leg.sent, state=State.ROUTED)]
    if leg.accepted:
        steps.append(Step(at=leg.accepted, state=State.WORKING))
    if leg.ended:
        steps.append(Step(at=leg.ended, state=State.ANSWERED))
    return steps


def readings(
    ticket: Ticket,
    events: Sequence[Event],
    legs: Sequence[Handover],
    rows: Sequence[Target],
    at: datetime,
    known: Mapping[tuple[str, int | None], Deadline] | None = None,
) -> list[Deadline]:
    """What every clock of a ticket says at a moment: unsaved rows, one a clock, one a leg.

    The target is the best one for the ticket until it has been accepted; from then on the one in `known` stays, so that
    an edit never moves a deadline.
    """
    found: list[Deadline] = []
    steps = queries.steps(events)
    accepted = any(step.state not in (State.NEW, State.WAITING) for step in steps)
    extra = sum(leg.granted_days for leg in legs)
    asked: list[tuple[str, list[Step], Handover | None, int]] = [
        (name, steps, None, extra if name == "handle" else 0) for name in TICKET_CLOCKS
    ]
    asked += [("agency_accept", _leg_steps(leg), leg, 0) for leg in legs]
    for name, history_of, leg, more in asked:
        old = (known or {}).get((name, leg.pk if leg else None))
        agency_id = leg.agency_id if leg else None if name in CENTRE_CLOCKS else ticket.agency_id
        target = old.target if old and old.fixed else queries.target(name, ticket, rows, agency_id)
        if target is None:
            continue
        code = (leg.agency.calendar.code if leg and leg.agency.calendar else "") or target.calendar
        reading = clocks.read(clocks.CLOCKS[name], history_of, _amount(target, more), calendar(code), at)
        if reading is None:
            continue
        found.append(
            Deadline(
                ticket=ticket, leg=leg, clock=name, agency_id=agency_id, target=target, fixed=accepted, extra_days=more,
                state=reading.state, started=reading.started, due=reading.due, first_due=reading.last_due,
                met=reading.met, late=reading.late,
            )
        )  # fmt: skip
    return found


def _save(rows: Iterable[Deadline]) -> None:
    Deadline.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["ticket", "clock", "leg"], update_fields=FIELDS, batch_size=1000
    )


@transaction.atomic
def refresh(ticket: Ticket, *, at: datetime | None = None) -> list[Deadline]:
    """Work out a ticket's deadlines from its history, the same however often. That one has become late is for `sweep`
    to say, so that it is told, and told once, also when something happened to the ticket just then."""
    legs = list(Handover.objects.filter(ticket=ticket).select_related("agency__calendar").order_by("sent", "id"))
    known = {(d.clock, d.leg_id): d for d in queries.deadlines(ticket)}
    rows = readings(ticket, list(history(ticket)), legs, queries.targets(), at or now(), known)
    for row in rows:
        old = known.get((row.clock, row.leg_id))
        if row.state == Deadline.State.BREACHED and (old is None or old.state != Deadline.State.BREACHED):
            row.state, row.late = Deadline.State.RUNNING, False
    _save(rows)
    return rows


def replay(tickets: Sequence[Ticket], *, at: datetime | None = None) -> None:
    """The deadlines of histories written in bulk."""
    ids = [t.pk for t in tickets]
    events: dict[int, list[Event]] = {}
    for event in histories("ticket", ids):
        events.setdefault(event.subject_id, []).append(event)
    legs: dict[int, list[Handover]] = {}
    for leg in Handover.objects.filter(ticket_id__in=ids).select_related("agency__calendar").order_by("sent", "id"):
        legs.setdefault(leg.ticket_id, []).append(leg)
    targets, moment = queries.targets(), at or now()
    _save(row for t in tickets for row in readings(t, events.get(t.pk, []), legs.get(t.pk, []), targets, moment))


@transaction.atomic
def sweep(*, at: datetime | None = None, size: int = 1000) -> int:
    """Mark what has just become late; each is told once, however many sweep at once."""
    late = Deadline.objects.filter(state="running", due__lt=at or now()).select_for_update(
        skip_locked=True, of=("self",)
    )
    rows = list(late.select_related("ticket").order_by("due")[:size])
    Deadline.objects.filter(pk__in=[d.pk for d in rows]).update(state="breached", late=True)
    for deadline in rows:
        if deadline.clock == "handle" and deadline.ticket.state in OPEN:
            record("sla.breach", deadline.ticket, by=SYSTEM, clock=deadline.clock)
    return len(rows)


def recount() -> int:
    """Count the deadlines of all open tickets anew after a calendar changed; a ticket whose own deadline moved says so
    in its history. Returns how many tickets that were."""
    moved = 0
    open_tickets = Ticket.objects.filter(state__in=OPEN).select_related("category", "agency")
    for ticket in open_tickets.order_by("id").iterator(chunk_size=500):
        with transaction.atomic():
            before = queries.handle(ticket)
            refresh(ticket)
            after = queries.handle(ticket)
            if before and after and before.first_due != after.first_due:
                record("sla.recount", ticket, by=SYSTEM, clock="handle")
                moved += 1
    return moved


class Taken(ValueError):
    """There is another target for the very same tickets."""


def _begin(target: Target, since: date) -> Target:
    """Put a target in force from a date on. ValueError for a date gone by or an amount that is none; Taken."""
    if since < localdate():
        raise ValueError("since")
    _amount(target)
    target.valid_from = since
    if queries.rivals(target, since).exists():
        raise Taken("target")
    target.save()
    forget()
    return target


def _end(target: Target, on: date) -> None:
    """No longer from a date on; what would have begun later never does."""
    target.valid_to = max(on, target.valid_from or on)
    target.save(update_fields=["valid_to"])
    forget()


@transaction.atomic
def add_target(*, by: Actor, since: date | None = None, **values: Any) -> Target:
    """A new target, for tickets accepted from a date on (today where none is given). Raises like `change_target`."""
    administrators_only(by)
    row = _begin(Target(**values), since or localdate())
    record("target.add", row, by=by, clock=row.clock)
    return row


@transaction.atomic
def change_target(
    target: Target, *, by: Actor, days: int | None, minutes: int | None, calendar: str, since: date | None = None
) -> Target:
    """Another length for the same tickets from a date on: the old row ends there, a new one begins. What was accepted
    before keeps its deadline. ValueError for a date gone by or an amount that is none; Taken."""
    administrators_only(by)
    on = since or localdate()
    if on < localdate():
        raise ValueError("since")
    ends, amount = target.valid_to, {"days": days, "minutes": minutes, "calendar": calendar}
    before = {name: getattr(target, name) for name in amount}
    _end(target, on)
    scope = {name: getattr(target, name) for name in ("clock", "category", "urgency", "kind", "agency")}
    row = _begin(Target(**scope, **amount, valid_to=ends), on)
    record(
        "target.change",
        row,
        by=by,
        clock=row.clock,
        instead_of=target.pk,
        since=on.isoformat(),
        before=before,
        after=amount,
    )
    return row


@transaction.atomic
def retire_target(target: Target, *, by: Actor) -> None:
    """From today on the next most specific target counts; what was accepted before keeps its deadline."""
    administrators_only(by)
    _end(target, localdate())
    record("target.retire", target, by=by, clock=target.clock)


@transaction.atomic
def restore_target(target: Target, *, by: Actor, instead_of: Target | None = None) -> None:
    """Put a target in force again, and take away the one that came instead of it. Taken."""
    administrators_only(by)
    if instead_of is not None:
        _end(instead_of, instead_of.valid_from or localdate())
    if queries.rivals(target, localdate()).exists():
        raise Taken("target")
    target.valid_to = None
    target.save(update_fields=["valid_to"])
    forget()
    record("target.restore", target, by=by, clock=target.clock)
