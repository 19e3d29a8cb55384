"""Every minute: deadlines that have become late are marked and escalated, once however many workers watch."""

from datetime import datetime
from itertools import groupby

from django.db import connection, transaction
from django.utils.timezone import now

from caunoi.events.actor import SYSTEM
from caunoi.events.models import Event
from caunoi.sla import ladder, queries
from caunoi.sla.models import Deadline, Escalation
from caunoi.sla.readings import amount, calendar_of, rungs, wake
from caunoi.tickets.lifecycle import OPEN

SIZE = 2000


def _event(kind: str, ticket_id: int, at: datetime, **data: object) -> Event:
    return Event(at=at, kind=kind, subject="ticket", subject_id=ticket_id, data=data, **SYSTEM.signature)


@transaction.atomic
def sweep(*, at: datetime | None = None, size: int = SIZE) -> int:
    """Mark deadlines that have just become late; returns their number."""
    moment = at or now()
    late = Deadline.objects.filter(state="running", due__lt=moment).order_by("due")
    late = late.select_for_update(skip_locked=True, of=("self",))
    rows = list(late.values_list("pk", "clock", "leg_id", "ticket_id", "ticket__state")[:size])
    Deadline.objects.filter(pk__in=[pk for pk, *_ in rows]).update(state="breached", late=True)
    Event.objects.bulk_create(
        _event("sla.breach", ticket_id, moment, clock=clock)
        for _, clock, leg_id, ticket_id, state in rows
        if clock == "handle" and leg_id is None and state in OPEN
    )
    return len(rows)


@transaction.atomic
def fill(size: int = SIZE) -> int:
    """Calculate the first due of deadlines that an earlier release wrote; returns their number."""
    lacking = Deadline.objects.filter(first_due=None, target__isnull=False).order_by("pk").select_related("leg")
    rows = list(lacking.select_for_update(skip_locked=True, of=("self",))[:size])
    targets = {row.pk: row for row in queries.target_rows({row.target_id for row in rows if row.target_id})}
    for row in rows:
        target = targets[row.target_id or 0]
        row.first_due = amount(target).due(row.started, calendar_of(row.leg, target))
    Deadline.objects.bulk_update(rows, ["first_due"])
    return len(rows)


@transaction.atomic
def escalate(*, at: datetime | None = None, size: int = SIZE, as_it_fell: bool = False) -> int:
    """Notify at the rungs that are due; returns how many deadlines were looked at. The lock on a deadline and a look at
    past escalations make sure that nobody is notified twice. `as_it_fell` dates each rung to when it would have
    notified, for histories written in bulk."""
    moment = at or now()
    deadlines = Deadline.objects.filter(wake__lt=moment).order_by("wake").select_related("ticket")
    columns = "clock", "agency_id", "state", "started", "due", "wake", "told", "ticket_id", "ticket__state"
    deadlines = deadlines.only(*columns)
    rows = list(deadlines.select_for_update(skip_locked=True, of=("self",))[:size])
    before = Escalation.objects.filter(deadline__in=rows).order_by("deadline_id")
    notified = {pk: {(e.started, e.rung) for e in group} for pk, group in groupby(before, key=lambda e: e.deadline_id)}
    escalations = [e for row in rows for e in _fallen(row, moment, notified.get(row.pk, set()), as_it_fell)]
    Escalation.objects.bulk_create(escalations)
    Event.objects.bulk_create(
        _event(
            "sla.escalate" if e.fell >= e.due else "sla.warn",
            e.ticket_id,
            e.at,
            clock=e.clock,
            rung=e.rung,
            audience=e.to,
            agency_id=e.agency_id,
            due=e.due.isoformat(),
        )
        for e in escalations
    )
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE sla_deadline SET wake = %s, told = %s WHERE id = %s", [(r.wake, r.told, r.pk) for r in rows]
        )
    return len(rows)


def _fallen(row: Deadline, at: datetime, notified: set[tuple[datetime, str]], as_it_fell: bool) -> list[Escalation]:
    """The rungs of a deadline that notify now; the row notes them, and when to look again."""
    if row.due is None or row.ticket.state not in OPEN:
        row.wake = None
        return []
    fallen = [rung for rung in rungs(row) if rung[2] < at]
    row.told = [*row.told, *(step.code for step, _, _ in fallen)]
    row.wake = wake(row)
    return [
        Escalation(
            deadline=row,
            ticket_id=row.ticket_id,
            clock=row.clock,
            agency_id=row.agency_id,
            rung=step.code,
            to=ladder.recipient(step.to, agency=row.agency_id is not None),
            started=row.started,
            due=row.due,
            fell=falls,
            at=lands if as_it_fell else at,
        )
        for step, falls, lands in fallen
        if (row.started, step.code) not in notified
    ]
