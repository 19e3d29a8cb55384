"""How long data is kept: terms and holds, and the night in which they are applied."""

import logging

from django.db import transaction
from django.utils.timezone import now

from caunoi.directory.queries import option
from caunoi.events.actions import amend, record
from caunoi.events.actor import SYSTEM, Actor, NotAllowedError, Role, administrators_only
from caunoi.events.models import Event
from caunoi.lib.vietnamese.writing import nfc
from caunoi.privacy.models import Hold, Term
from caunoi.privacy.retention import TERMS, run
from caunoi.tickets.lifecycle import MissingDataError

log = logging.getLogger(__name__)


def term(kind: str) -> Term:
    """The row of a kind of data, unsaved while nobody has decided on it. KeyError for an unknown kind."""
    spec = TERMS[kind]
    return Term.objects.filter(kind=kind).first() or Term(kind=kind, days=spec.days, source="", active=False)


@transaction.atomic
def set_term(kind: str, *, days: int, source: str, active: bool, by: Actor) -> Event | None:
    """Decide how long a kind of data is kept, on what ground, and whether it is deleted then. ValueError below what the
    product needs."""
    administrators_only(by)
    spec = TERMS[kind]
    if days < spec.least:
        raise ValueError(days)
    Term.objects.get_or_create(kind=kind, defaults={"days": spec.days})
    row = Term.objects.select_for_update().get(kind=kind)
    values = {"days": days, "source": nfc(source).strip()[:300], "active": active}
    return amend("term.edit", row, values, by=by, code=kind)


def apply_terms() -> int:
    """Delete what is due, of every kind that is switched on; how many rows."""
    total = 0
    for row in Term.objects.filter(active=True, kind__in=list(TERMS)):
        count = run(TERMS[row.kind], row.days)
        Term.objects.filter(pk=row.pk).update(ran=now(), deleted=count)
        if count:
            record("term.apply", row, by=SYSTEM, code=row.kind, rows=count)
            log.info("retention: %s rows of %s deleted", count, row.kind)
        total += count
    return total


@transaction.atomic
def put_hold(reason: str, *, by: Actor, ticket: int | None = None, contact: int | None = None) -> Hold:
    """Let nothing of a ticket's person, or of a person, be deleted from now on; MissingDataError without a reason."""
    if not by.has(Role.ADMIN, Role.SUPERVISOR):
        raise NotAllowedError("holds")
    if not reason.strip():
        raise MissingDataError({"reason"})
    row = Hold.objects.create(reason=nfc(reason).strip()[:300], by=by.name, ticket=ticket, contact=contact)
    record("hold.put", row, by=by, ticket=ticket, contact=contact)
    return row


@transaction.atomic
def end_hold(row: Hold, *, by: Actor) -> bool:
    """It may be deleted again; False when the hold had ended."""
    if not by.has(Role.ADMIN, Role.SUPERVISOR):
        raise NotAllowedError("holds")
    if not Hold.objects.filter(pk=row.pk, ended=None).update(ended=now(), ended_by=by.name):
        return False
    record("hold.end", row, by=by)
    return True


def backup_days() -> int:
    """After how many days at most no backup holds any more what was erased today."""
    days, weeks, months = (int(option(f"backup_{name}")) for name in ("days", "weeks", "months"))
    return max(days, weeks * 7, months * 31)
