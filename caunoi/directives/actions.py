"""Leaders' orders: given, acknowledged, carried out with an answer, or withdrawn."""

from datetime import datetime

from django.db import transaction
from django.utils.timezone import now

from caunoi.directives import queries
from caunoi.directives.models import Directive
from caunoi.directory.models import Agency
from caunoi.events.actions import record
from caunoi.events.actor import SYSTEM, Actor, NotAllowedError, Role
from caunoi.lib.vietnamese.writing import nfc
from caunoi.tickets.lifecycle import MissingDataError, NotPossibleError
from caunoi.tickets.models import Ticket
from caunoi.tickets.queries import holder


@transaction.atomic
def give(
    text: str,
    due: datetime,
    *,
    by: Actor,
    ticket: Ticket | None = None,
    agency: Agency | None = None,
    at: datetime | None = None,
) -> Directive:
    """A leader orders something: about a ticket, from the agency that holds it now (none = the centre), or from an
    agency. MissingDataError without words, or with a past due."""
    if not by.has(Role.LEADER, Role.SYSTEM):
        raise NotAllowedError("directive")
    return _give(Directive.Kind.ORDER, text, due, by, ticket, agency, at or now())


@transaction.atomic
def ask_to_explain(
    ticket: Ticket, text: str, due: datetime, *, by: Actor, at: datetime | None = None
) -> Directive | None:
    """A leader or the centre asks the holder of a late ticket for the reason. None while an earlier request is
    unanswered. MissingDataError without words, or with a past due."""
    if not by.has(Role.LEADER, Role.SUPERVISOR, Role.REVIEWER, Role.SYSTEM):
        raise NotAllowedError("explanation")
    Ticket.objects.select_for_update().get(pk=ticket.pk)
    open_requests = Directive.objects.filter(kind=Directive.Kind.EXPLAIN, ticket=ticket, done=None, withdrawn=None)
    if open_requests.filter(agency=holder(ticket)).exists():
        return None
    return _give(Directive.Kind.EXPLAIN, text, due, by, ticket, None, at or now())


def _give(
    kind: str, text: str, due: datetime, by: Actor, ticket: Ticket | None, agency: Agency | None, at: datetime
) -> Directive:
    if ticket is not None:
        agency = holder(ticket)
    lacking = {n for n, ok in (("text", text.strip()), ("due", due > at), ("agency", ticket or agency)) if not ok}
    if lacking:
        raise MissingDataError(lacking)
    row = Directive.objects.create(
        ticket=ticket, agency=agency, text=nfc(text).strip(), due=due, by=by.name, by_user=by.user_id, at=at, kind=kind
    )
    _tell("give", row, by, at)
    return row


def _tell(verb: str, row: Directive, by: Actor, at: datetime) -> None:
    codes = {"ticket": row.ticket.code if row.ticket else None, "agency": row.agency.code if row.agency else None}
    record(f"{'explanation' if row.kind == Directive.Kind.EXPLAIN else 'directive'}.{verb}", row, by=by, at=at, **codes)


def _mine(row: Directive, by: Actor) -> Directive:
    """The order, locked, when this actor answers for it and it is open."""
    locked = queries.directives().select_for_update(of=("self",)).get(pk=row.pk)
    if not queries.answers_for(locked, by):
        raise NotAllowedError("directive")
    if locked.done or locked.withdrawn:
        raise NotPossibleError("directive")
    return locked


@transaction.atomic
def acknowledge(row: Directive, *, by: Actor) -> Directive:
    """Record that the recipient has read a directive; a second call changes nothing."""
    locked = _mine(row, by)
    if locked.acknowledged is None:
        locked.acknowledged, locked.acknowledged_by = now(), by.name
        locked.save()
        _tell("acknowledge", locked, by, locked.acknowledged)
    return locked


@transaction.atomic
def complete(row: Directive, answer: str, *, by: Actor) -> Directive:
    """It is carried out, and how."""
    if not answer.strip():
        raise MissingDataError({"answer"})
    locked, at = _mine(row, by), now()
    if locked.acknowledged is None:
        locked.acknowledged, locked.acknowledged_by = at, by.name
    locked.done, locked.done_by, locked.answer = at, by.name, nfc(answer).strip()
    locked.save()
    _tell("complete", locked, by, at)
    return locked


@transaction.atomic
def withdraw(row: Directive, *, by: Actor) -> Directive:
    """A leader withdraws an order; a request to explain, also its author."""
    locked = queries.directives().select_for_update(of=("self",)).get(pk=row.pk)
    if not queries.may_withdraw(locked, by):
        raise NotAllowedError("directive")
    if locked.done or locked.withdrawn:
        raise NotPossibleError("directive")
    locked.withdrawn = now()
    locked.save()
    _tell("withdraw", locked, by, locked.withdrawn)
    return locked


@transaction.atomic
def sweep(*, at: datetime | None = None) -> int:
    """Record once of each order that it is overdue."""
    moment = at or now()
    late = queries.directives().filter(done=None, withdrawn=None, late_told=None, due__lt=moment)
    rows = list(late.select_for_update(skip_locked=True, of=("self",)))
    for row in rows:
        _tell("late", row, SYSTEM, moment)
    Directive.objects.filter(pk__in=[row.pk for row in rows]).update(late_told=moment)
    return len(rows)
