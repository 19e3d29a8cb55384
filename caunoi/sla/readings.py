"""What every clock of a ticket says at a moment, as unsaved rows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from caunoi.directory.queries import calendar, option
from caunoi.events.queries import histories
from caunoi.lib.worktime.counting import Calendar
from caunoi.routing.models import Handover
from caunoi.sla import clocks, ladder, queries
from caunoi.sla.clocks import Amount, Reading, Step
from caunoi.sla.models import Deadline, Target
from caunoi.tickets.lifecycle import OPEN as OPEN_STATES
from caunoi.tickets.lifecycle import State
from caunoi.tickets.models import Ticket
from caunoi.tickets.undoing import UNDO

TICKET_CLOCKS = (*queries.CENTRE_CLOCKS, "handle", "reply")


@dataclass(frozen=True, kw_only=True)
class ClockHistory:
    """A ticket's history as its clocks need it: when it entered which state, and its legs, oldest first."""

    steps: list[Step]
    legs: list[Handover]


@dataclass(frozen=True, kw_only=True)
class ClockSpec:
    """One clock of a ticket, with what it is read by."""

    clock: str
    steps: list[Step]
    leg: Handover | None
    agency_id: int | None
    extra_days: int


LEG = ("ticket_id", "agency_id", "role", "state", "sent", "accepted", "ended", "granted_days", "began", "hours_of")


def gather(ids: Sequence[int]) -> dict[int, ClockHistory]:
    """The histories of these tickets, in two statements. They go in the order in which they were made, as the states
    did: what is written down late, or by a host whose clock is behind, happened no earlier than what it followed (as
    in statistics/story.py)."""
    result = {pk: ClockHistory(steps=[], legs=[]) for pk in ids}
    moves = histories("ticket", list(ids)).filter(data__has_key="to").order_by("subject_id", "pk")
    events = list(moves.values_list("subject_id", "at", "data__to", "pk", "kind", "data__event"))
    undone = {event for *_, kind, event in events if kind == UNDO}
    for pk, at, state, event, kind, _ in events:
        if kind != UNDO and event not in undone:  # as if it had never been
            steps = result[pk].steps
            steps.append(Step(at=max(at, steps[-1].at) if steps else at, state=state))
    for leg in Handover.objects.filter(ticket_id__in=ids).order_by("sent", "id").only(*LEG):
        result[leg.ticket_id].legs.append(leg)
    return result


def leg_steps(leg: Handover) -> list[Step]:
    """A leg's own history: routed when it was sent (where it goes on from another by an act: when that was), working
    when it was accepted, ended when it ended."""
    steps = [Step(at=leg.began or leg.sent, state=State.ROUTED)]
    if leg.accepted:
        steps.append(Step(at=leg.accepted, state=State.WORKING))
    if leg.ended:
        steps.append(Step(at=leg.ended, state=State.ANSWERED))
    return steps


def clock_specs(ticket: Ticket, history: ClockHistory) -> list[ClockSpec]:
    """The clocks of a ticket: its own, one for each agency to accept, and one for each that helps to answer."""
    helps = Handover.Role.COORDINATE
    extra = sum(leg.granted_days for leg in history.legs if leg.role != helps)
    result = [
        ClockSpec(
            clock=name,
            steps=history.steps,
            leg=None,
            agency_id=None if name in queries.CENTRE_CLOCKS else ticket.agency_id,
            extra_days=extra if name == "handle" else 0,
        )
        for name in TICKET_CLOCKS
    ]
    for leg in history.legs:
        own = leg_steps(leg)
        if not (leg.began and leg.accepted and leg.accepted < leg.sent):  # the one before had accepted it already
            result.append(ClockSpec(clock="agency_accept", steps=own, leg=leg, agency_id=leg.agency_id, extra_days=0))
        if leg.role == helps:
            more = leg.granted_days
            result.append(ClockSpec(clock="handle", steps=own, leg=leg, agency_id=leg.agency_id, extra_days=more))
    return result


def calendar_of(leg: Handover | None, target: Target) -> Calendar:
    """Whose hours count: a leg runs by its agency's calendar, where that has one; one that goes on by an act, by the
    calendar it began with."""
    own = queries.agency_calendars().get(leg.hours_of or leg.agency_id, "") if leg else ""
    return calendar(own or target.calendar)


def amount(target: Target, extra_days: int = 0) -> Amount:
    return Amount(days=target.days, minutes=target.minutes, extra_days=extra_days)


def read(one: ClockSpec, target: Target, at: datetime) -> Reading | None:
    """What a clock says at a moment, with the trace that explains it."""
    return clocks.read(
        clocks.CLOCKS[one.clock], one.steps, amount(target, one.extra_days), calendar_of(one.leg, target), at
    )


def since_reopening(steps: Sequence[Step]) -> Sequence[Step]:
    """How a history goes on from where the ticket was opened again the last time; empty when it never was."""
    for number in range(len(steps) - 1, 0, -1):
        if steps[number].state in OPEN_STATES and steps[number - 1].state not in OPEN_STATES:
            return steps[number:]
    return []


def promise(spec: ClockSpec, history: ClockHistory, target: Target, at: datetime) -> Reading | None:
    """The citizen's deadline of a reopened ticket: the same time once more, from the reopening."""
    steps = since_reopening(spec.steps) if spec.clock == "handle" and spec.leg is None else []
    if not steps:
        return None
    granted = sum(
        leg.granted_days for leg in history.legs if leg.sent >= steps[0].at and leg.role != Handover.Role.COORDINATE
    )
    return clocks.read(clocks.CLOCKS["handle"], steps, amount(target, granted), calendar_of(spec.leg, target), at)


def readings(
    ticket: Ticket,
    history: ClockHistory,
    rows: Sequence[Target],
    at: datetime,
    existing: Mapping[tuple[str, int | None], Deadline] | None = None,
    *,
    only: Collection[tuple[str, int | None]] | None = None,
) -> list[Deadline]:
    """What every clock of a ticket says at a moment: unsaved rows, one a clock, one a leg.

    The target is the best one for the ticket until it has been accepted; from then on the one in `existing` stays, so
    that an edit never moves a deadline. `only` names the clocks to read, by clock and leg."""
    result: list[Deadline] = []
    accepted = any(step.state not in (State.NEW, State.WAITING) for step in history.steps)
    for one in clock_specs(ticket, history):
        key = (one.clock, one.leg.pk if one.leg else None)
        if only is not None and key not in only:
            continue
        old = (existing or {}).get(key)
        target = old.target if old and old.fixed else queries.target(one.clock, ticket, rows, one.agency_id)
        if target is None:
            continue
        reading = read(one, target, at)
        if reading is None:
            continue
        again = promise(one, history, target, at)
        result.append(
            Deadline(
                again=again.started if again else None,
                promise=again.due if again else None,
                ticket=ticket,
                leg=one.leg,
                clock=one.clock,
                agency_id=one.agency_id,
                target=target,
                fixed=accepted,
                extra_days=one.extra_days,
                state=reading.state,
                started=reading.started,
                due=reading.due,
                first_due=reading.first_due,
                last_due=reading.last_due,
                met=reading.met,
                late=reading.late,
            )
        )
    return result


def settled(row: Deadline, old: Deadline | None, *, late: bool = False) -> Deadline:
    """A new reading, reconciled with the stored one: it is marked late only where the caller may (`late`), rungs that
    notified in this run stay so, and the next rung is set."""
    again = old is not None and old.started == row.started
    row.told = list(old.told) if old is not None and again else []
    if row.state == Deadline.State.BREACHED and not late and (old is None or old.state != Deadline.State.BREACHED):
        row.state, row.late = Deadline.State.RUNNING, False
    row.wake = wake(row)
    return row


FIELDS = "agency target fixed extra_days state started due first_due last_due met late wake told again promise".split()


def same(new: Deadline, old: Deadline | None) -> bool:
    """Whether a reading says nothing new. What is met stays as it was, whatever the calendar has become."""
    if old is None:
        return False
    if old.met is not None and new.met == old.met and new.started == old.started:
        return True
    return all(_value(new, name) == _value(old, name) for name in FIELDS)


def _value(row: Deadline, name: str) -> Any:
    return getattr(row, f"{name}_id" if name in ("agency", "target") else name)


def wake(row: Deadline) -> datetime | None:
    """When the next rung of a deadline notifies; None while it is paused or met, or after the last rung."""
    if row.state not in queries.OPEN_CLOCK or row.due is None:
        return None
    return min((lands for _, _, lands in rungs(row)), default=None)


def rungs(row: Deadline) -> list[tuple[ladder.LadderStep, datetime, datetime]]:
    """The rungs of a deadline with a due that have not notified yet: (rung, when it falls, when it notifies)."""
    assert row.due is not None
    warn, result = option("warn_percent"), []
    for step in ladder.ahead(queries.ladder_of(row.clock), row.told):
        falls = step.falls(row.started, row.due, warn)
        to = ladder.recipient(step.to, agency=row.agency_id is not None)
        result.append((step, falls, ladder.lands(falls, queries.hours(to, row.agency_id))))
    return result


@dataclass(frozen=True, kw_only=True)
class Explained:
    """A deadline with all that made it: which clock, which target, whose calendar, and what happened to it."""

    row: Deadline
    spec: ClockSpec
    calendar: Calendar
    reading: Reading


def explained(ticket: Ticket, at: datetime) -> list[Explained]:
    """Why each deadline of a ticket is what it is, read again from its history."""
    history, result = gather([ticket.pk])[ticket.pk], []
    rows = {
        (d.clock, d.leg_id): d for d in queries.deadlines(ticket).select_related("target__category", "target__agency")
    }
    for one in clock_specs(ticket, history):
        row = rows.get((one.clock, one.leg.pk if one.leg else None))
        if row is None or row.target is None:
            continue
        reading = read(one, row.target, at)
        if reading is not None:
            result.append(Explained(row=row, spec=one, calendar=calendar_of(one.leg, row.target), reading=reading))
    return result
