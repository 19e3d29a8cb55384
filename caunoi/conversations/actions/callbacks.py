"""Call-backs: any stage may ask for one; there is one open task for each number and reason."""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, models, transaction
from django.utils.timezone import now

from caunoi.accounts.models import User
from caunoi.conversations.models import Callback, Contact
from caunoi.directory.queries import option
from caunoi.events.actions import record
from caunoi.events.actor import CENTRE, Actor, NotAllowedError, RefusedError, Role
from caunoi.events.queries import history, last
from caunoi.vault import blind

MISSED = "missed_call"
SAME_CALL = timedelta(minutes=15)
OPEN = (Callback.State.OPEN, Callback.State.CLAIMED)
LOCK = "SELECT pg_advisory_xact_lock(hashtext('caunoi callback'), hashtext(%s))"
BEFORE = ("state", "operator", "operator_user")  # what the undo of an end gives back


class AlreadyTakenError(RefusedError):
    """Somebody else has it, or it has ended."""

    code = "taken"


def ask_callback(
    *,
    phone: str,
    reason: str,
    by: Actor,
    contact: Contact | None = None,
    about: models.Model | None = None,
    text: str = "",
    due: datetime | None = None,
    at: datetime | None = None,
) -> Callback:
    """Ask that somebody be called at `phone` (E.164). While one is open for the same number and reason, its count goes
    up instead, and the newest `text`, `about` and `contact` replace the old ones."""
    at = at or now()
    values: dict[str, object] = {"latest": at}
    if contact:
        values["contact"] = contact
    if about is not None:
        values |= {"subject": str(about._meta.model_name), "subject_id": about.pk}
    if text:
        values["text"] = text
    while True:
        with transaction.atomic():
            _lock(phone)
            row = Callback.objects.select_for_update().filter(_waiting(phone, reason)).first()
            if row:
                for name, value in values.items():
                    setattr(row, name, value)
                row.times += 1
                row.save()
                record("callback.again", row, by=by, at=at)
                return row
            try:
                with transaction.atomic():
                    row = Callback.objects.create(phone=phone, reason=reason, asked=at, due=due, **values)
            except IntegrityError:
                continue  # a process of the release before asked at the same moment: count on theirs
            record("callback.ask", row, by=by, at=at, reason=reason)
            return row


def _lock(phone: str) -> None:
    """Whoever opens a call-back of a number waits for the others: the constraint does not see two of one number that
    are indexed by two keys."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [phone])


def _waiting(phone: str, reason: str) -> models.Q:
    return blind.equal(Callback, "phone", phone) & models.Q(reason=reason, state__in=OPEN)


def _locked(row: Callback, by: Actor) -> Callback:
    if not by.has(*CENTRE):
        raise NotAllowedError("centre_only")
    return Callback.objects.select_for_update().get(pk=row.pk)


@transaction.atomic
def claim_callback(row: Callback, *, by: Actor) -> Callback:
    """Take it on; whoever has it takes nothing on. AlreadyTakenError when another has it or it has ended."""
    row = _locked(row, by)
    if row.state not in OPEN or (row.operator and not by.is_person(row.operator_user)):
        raise AlreadyTakenError(row.operator)
    if row.state == Callback.State.CLAIMED:
        return row
    row.state, row.operator, row.operator_user = Callback.State.CLAIMED, by.name, by.user_id
    row.save(update_fields=["state", "operator", "operator_user"])
    record("callback.claim", row, by=by)
    return row


@transaction.atomic
def release_callback(row: Callback, *, by: Actor) -> Callback:
    """Put it back for others."""
    row = _locked(row, by)
    if row.state != Callback.State.CLAIMED:
        raise AlreadyTakenError(row.operator)
    row.state, row.operator, row.operator_user = Callback.State.OPEN, "", None
    row.save(update_fields=["state", "operator", "operator_user"])
    record("callback.release", row, by=by)
    return row


@transaction.atomic
def assign_callback(row: Callback, user: User, *, by: Actor) -> Callback:
    """A supervisor gives it to somebody of the desk, whoever has it now."""
    row = _locked(row, by)
    if not by.has(Role.SUPERVISOR) or not user.as_actor().has(*CENTRE):
        raise NotAllowedError("supervisor_assigns")
    if row.state not in OPEN:
        raise AlreadyTakenError(row.operator)
    if row.operator_user == user.pk:
        return row
    row.state, row.operator, row.operator_user = Callback.State.CLAIMED, user.username, user.pk
    row.save(update_fields=["state", "operator", "operator_user"])
    record("callback.assign", row, by=by, to=user.pk)
    return row


@transaction.atomic
def try_callback(row: Callback, outcome: str, *, by: Actor, call: int | None = None) -> Callback:
    """Called without reaching anybody: it stays open, with one attempt more, and is due again after ⚙
    `callback_retry_minutes`; a missed call is given up after ⚙ `callback_tries`. `call`: the call of ours that nobody
    answered, which counts by itself and once; what its operator says of it then is no attempt more."""
    row = _locked(row, by)
    if row.state not in OPEN:
        raise AlreadyTakenError(row.operator)
    if call is not None and history(row).filter(kind="callback.try", data__call=call).exists():
        return row
    counted = call is None and _counted(row, by)
    tries = row.attempts + (not counted)
    if call is None and row.reason == MISSED and tries >= option("callback_tries"):
        row.attempts = tries - 1
        row.save(update_fields=["attempts"])
        return finish_callback(row, outcome or row.outcome, by=by, reached=False)
    row.attempts, row.outcome = tries, outcome or row.outcome
    row.due = now() + timedelta(minutes=option("callback_retry_minutes"))
    if call is None:
        row.state, row.operator, row.operator_user = Callback.State.OPEN, "", None
    row.save(update_fields=["attempts", "outcome", "due", "state", "operator", "operator_user"])
    which: dict[str, Any] = {} if call is None else {"call": call}
    record("callback.note" if counted else "callback.try", row, by=by, **which)
    return row


def _counted(row: Callback, by: Actor) -> bool:
    """Whether their latest call was counted by itself a moment ago."""
    tried = last(row, "callback.try")
    return bool(tried and "call" in tried.data and by.is_person(tried.by_user) and tried.at > now() - SAME_CALL)


@transaction.atomic
def finish_callback(
    row: Callback, outcome: str, *, by: Actor, reached: bool = True, at: datetime | None = None
) -> Callback:
    """It is done, or given up after `attempts`; `at` where it was over before we learnt of it."""
    row = _locked(row, by)
    if row.state not in OPEN:
        raise AlreadyTakenError(row.operator)
    before = {name: getattr(row, name) for name in BEFORE}
    row.state = Callback.State.DONE if reached else Callback.State.GIVEN_UP
    row.attempts, row.outcome, row.ended = row.attempts + 1, outcome, at or now()
    row.operator, row.operator_user = by.name, by.user_id
    row.save(update_fields=["attempts", "outcome", "state", "operator", "operator_user", "ended"])
    record("callback.finish", row, by=by, reached=reached, before=before)
    return row


@transaction.atomic
def reopen_callback(row: Callback, *, by: Actor) -> Callback:
    """Undo `finish_callback`. AlreadyTakenError when a new one is open for the number by now."""
    _lock(row.phone)
    row = _locked(row, by)
    if row.state in OPEN or Callback.objects.filter(_waiting(row.phone, row.reason)).exists():
        raise AlreadyTakenError(row.operator)
    last = history(row).filter(kind="callback.finish").last()
    before = last.data.get("before") if last else None
    for name, value in (before or {"state": Callback.State.OPEN, "operator": "", "operator_user": None}).items():
        setattr(row, name, value)
    row.ended, row.attempts = None, max(0, row.attempts - 1)
    row.save(update_fields=[*BEFORE, "ended", "attempts"])
    record("callback.reopen", row, by=by)
    return row
