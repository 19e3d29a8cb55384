"""Deadlines: recalculated from a ticket's history whenever something happens to it, and the same however often."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

from django.db import connection, transaction
from django.utils.timezone import localdate, now

from caunoi.directory.actions import forget
from caunoi.events.actions import record
from caunoi.events.actor import Actor, administrators_only
from caunoi.events.models import Event
from caunoi.sla import ladder, queries
from caunoi.sla.models import Deadline, Due, Rung, Target
from caunoi.sla.readings import FIELDS, amount, gather, readings, rungs, same, settled, wake
from caunoi.tickets.models import Ticket

BATCH = 2000
SEPARATOR = "\x1f"  # between the codes of `told`
COLUMNS = [field for field in Deadline._meta.concrete_fields if not field.primary_key]
ARRAY = [field.name for field in COLUMNS].index("told")


@cache
def _upsert() -> str:
    """Insert deadlines given as a list a column, or update those that are there; their keys in this order."""
    names = [str(field.column) for field in COLUMNS]
    types = [str(field.db_type(connection)) for field in COLUMNS]
    values = list(names)
    types[ARRAY], values[ARRAY] = "text", "string_to_array(told, chr(31))"
    changed = [f"{field.column} = EXCLUDED.{field.column}" for field in COLUMNS if field.name in FIELDS]
    return (
        f"INSERT INTO {Deadline._meta.db_table} ({', '.join(names)}) SELECT {', '.join(values)} "  # noqa: S608 — our own
        f"FROM unnest({', '.join(f'%s::{kind}[]' for kind in types)}) AS new({', '.join(names)}) "
        f"ON CONFLICT (ticket_id, clock, leg_id) DO UPDATE SET {', '.join(changed)} RETURNING id"
    )


def save(rows: Sequence[Deadline]) -> None:
    """Insert or update deadlines. bulk_create would write them value by value, because of the array `told`, which takes
    four times as long."""
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        lists = [[getattr(row, field.attname) for row in batch] for field in COLUMNS]
        lists[ARRAY] = [SEPARATOR.join(row.told) for row in batch]
        with connection.cursor() as cursor:
            cursor.execute(_upsert(), lists)
            for row, (pk,) in zip(batch, cursor.fetchall(), strict=True):
                row.pk, row._state.adding = pk, False


def note(pairs: Iterable[tuple[Deadline, Deadline | None]], at: datetime | None) -> None:
    """Write down which tickets' own handling deadlines moved, and when that became known: `at`, or when the ticket came
    (None, for histories written in bulk). Pairs of the new reading and the stored one."""
    Due.objects.bulk_create(
        [
            Due(ticket=row.ticket, at=at or row.ticket.received, before=old.due if old else None, due=row.due)
            for row, old in pairs
            if row.clock == "handle" and row.leg_id is None and (old is None or old.due != row.due)
        ],
        batch_size=2000,
    )


def refresh(ticket: Ticket, *, at: datetime | None = None) -> list[Deadline]:
    """Recalculate the deadlines of one ticket."""
    return refresh_all([ticket], at=at)


@transaction.atomic
def refresh_all(
    tickets: Sequence[Ticket], *, at: datetime | None = None, past: bool = False, quiet: bool = False
) -> list[Deadline]:
    """Recalculate tickets' deadlines from their histories, the same however often; one at a time for each ticket. Only
    `sweep` marks one as late, so that people are notified once, also when something happened to the ticket just then.
    Histories of the `past` are marked at once, and their dues count as known since the ticket came; `quiet`: nobody is
    notified now of what was late then."""
    ids = [t.pk for t in tickets]
    list(Ticket.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True).values_list("pk"))
    existing: dict[int, dict[tuple[str, int | None], Deadline]] = {pk: {} for pk in ids}
    old = Deadline.objects.filter(ticket__in=ids).select_related("agency", "target").order_by("pk")
    for row in old.select_for_update(of=("self",)):
        existing[row.ticket_id][row.clock, row.leg_id] = row
    histories, targets, moment = gather(ids), queries.targets(), at or now()
    both = [
        (settled(row, old, late=past), old)
        for t in tickets
        for row in readings(t, histories[t.pk], targets, moment, existing[t.pk])
        for old in (existing[t.pk].get((row.clock, row.leg_id)),)
    ]
    for row, _ in both if quiet else ():
        row.told = [step.code for step, falls, _ in rungs(row) if falls <= moment] if row.wake else row.told
        row.wake = wake(row)
    changed = [(row, old) for row, old in both if not same(row, old)]
    save([row for row, _ in changed])
    note(changed, None if past else moment)
    return [row for row, _ in both]


class DuplicateTargetError(ValueError):
    """There is another target for the very same tickets."""


def _begin(target: Target, since: date) -> Target:
    """Put a target in force from a date on. ValueError for a past date or an invalid amount; DuplicateTargetError."""
    if since < localdate():
        raise ValueError("since")
    amount(target)
    target.valid_from = since
    if queries.rivals(target, since).exists():
        raise DuplicateTargetError("target")
    target.save()
    forget()
    return target


def _end(target: Target, on: date) -> None:
    """End a target on a date; one that would begin later never does."""
    target.valid_to = max(on, target.valid_from or on)
    target.save(update_fields=["valid_to"])
    forget()


@transaction.atomic
def add_target(*, by: Actor, since: date | None = None, **values: Any) -> Target:
    """A new target, for tickets accepted from a date on (default: today). Raises like `change_target`."""
    administrators_only(by)
    row = _begin(Target(**values), since or localdate())
    record("target.add", row, by=by, clock=row.clock)
    return row


@transaction.atomic
def change_target(
    target: Target, *, by: Actor, days: int | None, minutes: int | None, calendar: str, since: date | None = None
) -> Target:
    """Another length for the same tickets from a date on: the old row ends there, a new one begins. What was accepted
    before keeps its deadline. ValueError for a past date or an invalid amount; DuplicateTargetError."""
    administrators_only(by)
    on = since or localdate()
    if on < localdate():
        raise ValueError("since")
    ends, amount = target.valid_to, {"days": days, "minutes": minutes, "calendar": calendar}
    before = {name: getattr(target, name) for name in amount}
    _end(target, on)
    scope = {name: getattr(target, name) for name in ("clock", "category", "urgency", "kind", "agency")}
    row = _begin(Target(**scope, **amount, valid_to=ends), on)
    data: dict[str, Any] = {"instead_of": target.pk, "since": on.isoformat(), "before": before, "after": amount}
    record("target.change", row, by=by, clock=row.clock, **data)
    return row


@transaction.atomic
def retire_target(target: Target, *, by: Actor) -> None:
    """From today on the next most specific target counts; what was accepted before keeps its deadline."""
    administrators_only(by)
    if target.valid_to is not None and target.valid_to <= localdate():
        return
    _end(target, localdate())
    record("target.retire", target, by=by, clock=target.clock)


@transaction.atomic
def restore_target(target: Target, *, by: Actor, instead_of: Target | None = None) -> None:
    """Put a target in force again, and end the one that replaced it. DuplicateTargetError."""
    administrators_only(by)
    if instead_of is not None:
        _end(instead_of, instead_of.valid_from or localdate())
    if queries.rivals(target, localdate()).exists():
        raise DuplicateTargetError("target")
    target.valid_to = None
    target.save(update_fields=["valid_to"])
    forget()
    record("target.restore", target, by=by, clock=target.clock)


@transaction.atomic
def add_rung(clock: str, to: str, *, by: Actor, percent: int | None = None, minutes: int | None = None) -> Rung:
    """One more step of a clock's ladder; open deadlines climb it from now on. DuplicateTargetError when there is the
    same one."""
    administrators_only(by)
    step = ladder.LadderStep(clock=clock, to=to, percent=percent, minutes=minutes)
    if step.code in {rung.code for rung in queries.steps_up()}:
        raise DuplicateTargetError("rung")
    _own_ladder()
    row = Rung.objects.create(clock=clock, to=to, percent=percent, minutes=minutes, valid_from=localdate())
    record("rung.add", row, by=by, clock=clock, code=step.code)
    forget()
    return row


@transaction.atomic
def remove_rung(code: str, *, by: Actor) -> Event:
    """Stop notifying at this step; past notifications stay. KeyError for an unknown code."""
    administrators_only(by)
    _own_ladder()
    row = next((row for row in queries.rungs() if queries.step(row).code == code), None)
    if row is None:
        raise KeyError(code)
    Rung.objects.filter(pk=row.pk).update(valid_to=localdate())
    forget()
    return record("rung.remove", row, by=by, clock=row.clock, code=code)


def _own_ladder() -> None:
    """Before its first change, the province gets the usual ladder as rows of its own."""
    if not Rung.objects.exists():
        Rung.objects.bulk_create(
            Rung(clock=s.clock, to=s.to, percent=s.percent, minutes=s.minutes) for s in ladder.DEFAULT
        )
