"""Recalculating open deadlines after a calendar or the ladder changed: in short steps that block nobody, resumed after
an interruption."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils.timezone import get_default_timezone, now

from caunoi.events.actions import record
from caunoi.events.actor import SYSTEM
from caunoi.events.models import Event
from caunoi.sla import actions, queries
from caunoi.sla.models import Deadline, Recount
from caunoi.sla.readings import gather, readings, same, settled
from caunoi.tickets.lifecycle import OPEN
from caunoi.tickets.models import Ticket

MOVES = ("state", "due", "first_due", "last_due", "promise", "met", "late", "wake")
SIZE = 200  # tickets a step: it holds their rows for a tenth of a second


def ask(event_id: int, at: datetime, day: date | None = None) -> Recount:
    """Request a recalculation because of an event; idempotent."""
    row, _ = Recount.objects.get_or_create(event=event_id, defaults={"asked": at, "day": day})
    return row


def touched(day: date | None) -> QuerySet[Deadline]:
    """The deadlines not met yet that a day may move: those that run over it; without a day, all."""
    deadlines = Deadline.objects.filter(met=None)
    if day is None:
        return deadlines
    midnight = datetime.combine(day, datetime.min.time(), get_default_timezone())
    begun = Q(started__lt=midnight + timedelta(days=1))
    return deadlines.filter(begun, Q(due=None) | Q(due__gte=midnight))


def step(size: int = SIZE) -> bool:
    """Count the next few tickets of the oldest recount, in one short transaction; False when there is nothing to do, or
    another worker is at it."""
    with transaction.atomic():
        row = Recount.objects.filter(finished=None).order_by("id").select_for_update(skip_locked=True).first()
        if row is None:
            return False
        rest = touched(row.day).filter(ticket_id__gt=row.after)
        if not row.done:
            row.total = rest.values("ticket_id").distinct().count()
        ids = _next(rest, size)
        if ids:
            row.moved += _count(ids, row)
            row.after, row.done = ids[-1], row.done + len(ids)
        else:
            row.finished = now()
            record("recount.finish", row, by=SYSTEM, done=row.done, moved=row.moved)
        row.save()
    return True


def _next(rest: QuerySet[Deadline], size: int) -> list[int]:
    """The tickets among the next `size` ids: a range, so that no plan has to sort them all."""
    first = rest.order_by("ticket_id").values_list("ticket_id", flat=True).first()
    if first is None:
        return []
    near = rest.filter(ticket_id__lt=first + size).order_by("ticket_id").values_list("ticket_id", flat=True)
    return list(near.distinct())


def _count(ids: Sequence[int], row: Recount) -> int:
    """Recalculate the open deadlines of these tickets and save what differs; met ones stay. A ticket whose own deadline
    moved gets a line of history."""
    at, targets = now(), queries.targets()
    tickets = Ticket.objects.filter(pk__in=ids, state__in=OPEN).order_by("pk").select_for_update(no_key=True)
    rows = list(tickets.only("id", "category_id", "area_id", "agency_id", "urgency", "kind", "state"))
    existing: dict[int, dict[tuple[str, int | None], Deadline]] = {pk: {} for pk in ids}
    stored = list(Deadline.objects.filter(ticket_id__in=ids, met=None).select_for_update(of=("self",)))
    own = {target.pk: target for target in queries.target_rows({old.target_id for old in stored if old.target_id})}
    for old in stored:
        old.target = own.get(old.target_id or 0)
        existing[old.ticket_id][old.clock, old.leg_id] = old
    histories = gather(ids)
    changed: list[tuple[Deadline, Deadline]] = []
    events: list[Event] = []
    for ticket in rows:
        olds = existing[ticket.pk]
        for new in readings(ticket, histories[ticket.pk], targets, at, olds, only=olds):
            before = olds[new.clock, new.leg_id]
            if not same(settled(new, before), before):
                new.pk = before.pk
                changed.append((new, before))
            if new.clock == "handle" and new.leg_id is None and before.last_due != new.last_due:
                events.append(_recount_event(ticket.pk, at, before, new, row))
    _update([new for new, _ in changed])
    actions.note(changed, at)
    Event.objects.bulk_create(events)
    return len(events)


def _update(rows: Sequence[Deadline]) -> None:
    """Save what a calendar can change, in one statement."""
    columns = {name: [getattr(row, name) for row in rows] for name in ("pk", *MOVES)}
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE sla_deadline SET state = v.state, due = v.due, due_first = v.due_first, first_due = v.first_due, "
            "promise = v.promise, met = v.met, late = v.late, wake = v.wake FROM unnest(%s::bigint[], %s::text[], "
            "%s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], "
            "%s::boolean[], %s::timestamptz[]) "
            "AS v(id, state, due, due_first, first_due, promise, met, late, wake) WHERE sla_deadline.id = v.id",
            list(columns.values()),
        )


def _recount_event(ticket_id: int, at: datetime, before: Deadline, after: Deadline, row: Recount) -> Event:
    """The line in a ticket's history. Open screens are refreshed once, at the end: nothing reacts to each of these."""
    due = {"before": before.last_due, "after": after.last_due}
    data: dict[str, Any] = {name: at.isoformat() if at else None for name, at in due.items()}
    data |= {"clock": "handle", "day": row.day.isoformat() if row.day else None}
    return Event(
        at=at, kind="sla.recount", subject="ticket", subject_id=ticket_id, data=data, pending=False, **SYSTEM.signature
    )
