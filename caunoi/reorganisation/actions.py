"""An act: drafted, scheduled, unscheduled until its day, carried out on it in one transaction."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.timezone import localdate, now

from caunoi.accounts import succession as accounts
from caunoi.directives import succession as directives
from caunoi.directory import succession as directory
from caunoi.events.actions import record
from caunoi.events.actor import SYSTEM, Actor, RefusedError, administrators_only
from caunoi.events.queries import history
from caunoi.lib.places.succession import NewUnit, Plan
from caunoi.lib.vietnamese.writing import nfc
from caunoi.procedures import succession as procedures
from caunoi.reorganisation import queries
from caunoi.reorganisation.checks import Problem
from caunoi.reorganisation.models import Act, Line
from caunoi.reorganisation.plan import Change
from caunoi.routing import succession as routing
from caunoi.sla import succession as sla
from caunoi.tickets import succession as tickets


class ImpossibleActError(RefusedError):
    """An act that cannot come into force; `problems` say why."""

    code = "impossible"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(", ".join(p.code for p in problems))


class UnconfirmedError(RefusedError):
    """An act of today or the past that nobody has confirmed: `lacks` is number or reason."""

    code = "unconfirmed"

    def __init__(self, lacks: str) -> None:
        self.lacks = lacks
        super().__init__(lacks)


class NotADraftError(RefusedError):
    """It is scheduled, in force or dropped already: too late for this."""

    code = "gone"


@transaction.atomic
def draft(number: str, title: str, on: date, *, by: Actor, signed: date | None = None) -> Act:
    """A new act. One document is one act: a repeated one gives the first. ValueError without a number or title."""
    administrators_only(by)
    number, title = " ".join(nfc(number).split()), nfc(title).strip()
    if not number or not title:
        raise ValueError("number" if not number else "title")
    with connection.cursor() as cursor:  # two at once wait for each other
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('caunoi act'), hashtext(%s))", [number])
    if existing := queries.of_number(number):
        return existing
    row = Act.objects.create(number=number, title=title, signed=signed, on=on, by=by.name, made=now())
    record("act.draft", row, by=by, number=number, on=on.isoformat())
    return row


def _open(act: Act, *states: str) -> Act:
    """The act, locked, in one of these states. NotADraftError."""
    row = Act.objects.select_for_update().get(pk=act.pk)
    if row.state not in states:
        raise NotADraftError(row.state)
    return row


@transaction.atomic
def edit(act: Act, *, by: Actor, **values: Any) -> Act:
    """Correct number, title, signed or on of a draft. NotADraftError."""
    administrators_only(by)
    row = _open(act, Act.State.DRAFT)
    for name in sorted(values.keys() & {"number", "title", "signed", "on"}):
        setattr(row, name, values[name])
    row.save()
    record("act.edit", row, by=by, number=row.number, on=row.on.isoformat())
    return row


@transaction.atomic
def add(act: Act, changes: Collection[Change], begins: Collection[NewUnit] = (), *, by: Actor) -> Act:
    """More changes for a draft, with the units that begin by them; a new unit that is there already is replaced."""
    administrators_only(by)
    row = _open(act, Act.State.DRAFT)
    by_code = {(u["what"], u["code"]): u for u in row.units} | {(u.what, u.code): asdict(u) for u in begins}
    row.units = list(by_code.values())
    row.save()
    Line.objects.bulk_create(
        Line(act=row, kind=c.kind, what=c.what, ends=list(c.ends), heirs=list(c.heirs)) for c in changes
    )
    record("act.edit", row, by=by, number=row.number, lines=len(changes))
    return row


@transaction.atomic
def remove(act: Act, line: int, *, by: Actor) -> Act:
    """Take a change out of a draft; what would begin only by it does not begin."""
    administrators_only(by)
    row = _open(act, Act.State.DRAFT)
    Line.objects.filter(act=row, pk=line).delete()
    used = {(left.what, code) for left in queries.lines(row) for code in left.heirs}
    row.units = [unit for unit in row.units if (unit["what"], unit["code"]) in used]
    row.save()
    record("act.edit", row, by=by, number=row.number, lines=-1)
    return row


@transaction.atomic
def choose(act: Act, choices: dict[str, str], *, by: Actor) -> Act:
    """Decide questions of the plan (key → id of the option), until it is carried out."""
    administrators_only(by)
    row = _open(act, Act.State.DRAFT, Act.State.SCHEDULED)
    row.choices = row.choices | choices
    row.save(update_fields=["choices"])
    record("act.choose", row, by=by, number=row.number, keys=sorted(choices)[:200])
    return row


DELAY = timedelta(minutes=5)


@transaction.atomic
def schedule(act: Act, *, by: Actor, number: str = "", reason: str = "") -> Act:
    """Let it come into force on its day. Twice is once. ImpossibleActError. One of today or the past begins DELAY
    later, and only with its `number` written again and, of the past, a `reason` (else Unconfirmed)."""
    administrators_only(by)
    row = _open(act, Act.State.DRAFT, Act.State.SCHEDULED)
    if row.state == Act.State.SCHEDULED:
        return row
    with connection.cursor() as cursor:  # two that contradict each other cannot both be scheduled
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('caunoi acts'))")
    if problems := queries.problems(row):
        raise ImpossibleActError(problems)
    row.starts, row.reason = None, ""
    if row.on <= localdate():
        if _plain(number) != _plain(row.number):
            raise UnconfirmedError("number")
        row.reason = nfc(reason).strip()[:300] if row.on < localdate() else ""
        if row.on < localdate() and not row.reason:
            raise UnconfirmedError("reason")
        row.starts = now() + DELAY
    row.state, row.scheduled, row.scheduled_by = Act.State.SCHEDULED, now(), by.name
    row.save()
    record("act.schedule", row, by=by, number=row.number, on=row.on.isoformat(), reason=row.reason)
    return row


def _plain(number: str) -> str:
    return "".join(nfc(number).casefold().split())


@transaction.atomic
def unschedule(act: Act, *, by: Actor) -> Act:
    """Cancel it before it begins: it is a draft again, and everything is as before. NotADraftError once it is carried
    out."""
    administrators_only(by)
    row = _open(act, Act.State.SCHEDULED, Act.State.DRAFT)
    if row.state == Act.State.SCHEDULED:
        row.state, row.scheduled, row.scheduled_by = Act.State.DRAFT, None, ""
        row.starts, row.reason = None, ""
        row.save()
        record("act.unschedule", row, by=by, number=row.number, on=row.on.isoformat())
    return row


@transaction.atomic
def drop(act: Act, *, by: Actor) -> Act:
    """A draft that comes to nothing; it stays in the history."""
    administrators_only(by)
    row = _open(act, Act.State.DRAFT)
    row.state = Act.State.DROPPED
    row.save()
    record("act.drop", row, by=by, number=row.number)
    return row


STAGES: tuple[Callable[..., Any], ...] = (
    sla.succeed,
    accounts.succeed,
    procedures.succeed,
    directives.succeed,
)


def carry_out(act: Act, *, at: datetime | None = None, located: queries.Located | None = None) -> Act:
    """Do what the act says, in one transaction: every stage moves its own rows. The same act again takes along what has
    come to its old units since. NotADraftError for a draft, or before its day; ImpossibleActError when others have
    changed the units."""
    located = queries.locate(act) if located is None else located
    with transaction.atomic():
        return _carry_out(act, at, located)


def _carry_out(act: Act, at: datetime | None, located: queries.Located) -> Act:
    row = _open(act, Act.State.SCHEDULED, Act.State.IN_FORCE)
    if row.on > localdate() or (row.starts and row.starts > now()):
        raise NotADraftError("early")
    if row.state == Act.State.SCHEDULED and (problems := queries.problems(row)):
        raise ImpossibleActError(problems)
    by = SYSTEM
    _step(row, 1)
    open_tickets, _, agencies = queries.touched(row)
    routing.lock(agencies)
    tickets.lock(list(open_tickets.values_list("pk", flat=True)))
    moment = at or now()
    plan, _ = queries.planned(row, at=moment, located=located)
    _step(row, 2)
    plan = directory.succeed(plan, by=by)
    _step(row, 3)
    tickets.succeed(plan, by=by)
    _step(row, 4)
    routing.succeed(plan, by=by)
    for number, succeed in enumerate(STAGES, 5):
        _step(row, number)
        succeed(plan, by=by)
    first = row.state == Act.State.SCHEDULED
    row.moved = {name: row.moved.get(name, 0) + n for name, n in counts(plan).items()}
    if first:
        row.state, row.carried_out = Act.State.IN_FORCE, moment
    row.save()
    record(
        "act.carry_out",
        row,
        by=by,
        at=moment,
        number=row.number,
        on=row.on.isoformat(),
        moved=counts(plan),
        first=first,
    )
    return row


@transaction.atomic
def remind(on: date) -> None:
    """On the eve of a day, once: its scheduled acts are announced again to whom they concern."""
    for row in Act.objects.select_for_update().filter(state=Act.State.SCHEDULED, on=on):
        if not history(row).filter(kind="act.eve", data__on=on.isoformat()).exists():
            record("act.eve", row, by=SYSTEM, number=row.number, on=on.isoformat())


STEPS = 4 + len(STAGES)


def _step(row: Act, number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('application_name', %s, true)", [f"{queries.STEP} {row.pk}:{number}"])


def counts(plan: Plan) -> dict[str, int]:
    """How many rows go where, by table."""
    every = {
        "areas_end": plan.ends_areas,
        "agencies_end": plan.ends_agencies,
        "begin": plan.begins,
        "renames": plan.renames,
        "tickets": plan.tickets,
        "legs": plan.legs,
        "agency_areas": plan.agency_areas,
        "parents": plan.parents,
        "people": plan.people,
        "people_areas": plan.people_areas,
        "programs": plan.programs,
        "program_areas": plan.program_areas,
        "closed_programs": plan.closed_programs,
        "notes": plan.notes,
        "orders": plan.orders,
        "rules": plan.rules,
        "targets": plan.targets,
    }
    return {name: len(rows) for name, rows in every.items()}
