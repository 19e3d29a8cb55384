"""Who is signed in where. A session locks when its person does nothing for the option `idle_minutes`, and ends after
`session_hours`, when they sign out, or when they or an administrator end it; a locked one is opened by signing in
again. What a page does by itself, as a live part that asks anew, is nothing that a person does."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import QuerySet
from django.utils.timezone import now

from caunoi.accounts.models import Session, User
from caunoi.directory.queries import option
from caunoi.events.actions import record
from caunoi.events.actor import SYSTEM, Actor, NotAllowedError, Role
from caunoi.events.screens import tell_screens

MINUTE = timedelta(minutes=1)  # how exactly it is known when somebody last did something
RETENTION = timedelta(days=90)  # of sessions that have ended
SIGNED_OUT, RENEWED = "signed-out", "signed-in-again"  # what screens hear; their streams end, or begin anew


class Ending(StrEnum):
    """Why a session ended."""

    SIGN_OUT = "sign_out"
    AGAIN = "again"  # it was locked, and somebody has signed in there since
    AGE = "age"
    OWN = "own"  # by its person, from elsewhere
    ADMIN = "admin"
    CLOSED = "closed"  # the account was
    PASSWORD = "password"  # noqa: S105  the reason that a new one was made


class Standing(StrEnum):
    OPEN = "open"
    LOCKED = "locked"
    OVER = "over"


@transaction.atomic
def begin(user: User, *, device: str, address: str, method: str, familiar: bool) -> Session:
    """Somebody has signed in; `familiar`: they had done so in this browser before. On a device that is new for somebody
    who had others, an event has them notified; the demo's people share their passwords, and are not."""
    new = not familiar and not user.demo and user.sessions.exists()
    at = now()
    row = Session.objects.create(
        user=user, begun=at, seen=at, device=device[:80], address=address[:45], method=method, new=new
    )
    by = user.as_actor()
    record("session.begin", row, by=by, username=user.username, device=row.device, method=method, new=new)
    if new:
        record("session.new_device", row, by=SYSTEM, username=user.username, device=row.device, user=user.pk)
    return row


def refuse(username: str) -> None:
    """Record a try to sign in that failed. Of a name that is nobody's nothing is written down: it may be a password."""
    user = User.objects.filter(username__iexact=username.strip(), removed=None).first()
    if user is not None:
        record("session.refuse", user, by=SYSTEM, username=user.username)


def current(pk: int, user: User) -> Session | None:
    return Session.objects.filter(pk=pk, user=user).first()


def standing(row: Session, at: datetime | None = None) -> Standing:
    """Whether a session is open; one that has just locked or grown too old is marked so."""
    at = at or now()
    if row.ended is not None:
        return Standing.OVER
    if row.begun + timedelta(hours=int(option("session_hours"))) <= at:
        _end([row], Ending.AGE, by=SYSTEM)
        return Standing.OVER
    if row.locked is None and row.seen + timedelta(minutes=int(option("idle_minutes"))) + MINUTE <= at:
        lock(row)
    return Standing.LOCKED if row.locked else Standing.OPEN


def touch(row: Session) -> None:
    """Its person has done something."""
    if row.seen + MINUTE <= now():
        Session.objects.filter(pk=row.pk, ended=None, locked=None).update(seen=now())


@transaction.atomic
def lock(row: Session) -> None:
    """Nobody is before it any more: it opens by signing in again."""
    row.locked = now()
    if Session.objects.filter(pk=row.pk, ended=None, locked=None).update(locked=row.locked):
        record("session.lock", row, by=SYSTEM, username=row.user.username)


def open_of(user: User) -> QuerySet[Session]:
    """Where somebody is signed in, the latest used first."""
    oldest = now() - timedelta(hours=int(option("session_hours")))
    return user.sessions.filter(ended=None, begun__gt=oldest).order_by("-seen", "-pk")


def signed_in(user_ids: Collection[int]) -> set[int]:
    """Which of these people have a session that is not over; one that is locked counts, as in `open_of`."""
    oldest = now() - timedelta(hours=int(option("session_hours")))
    rows = Session.objects.filter(user__in=user_ids, ended=None, begun__gt=oldest)
    return set(rows.values_list("user_id", flat=True))


def is_anybody_in(roles: Collection[Role], *, custodians: bool = False) -> bool:
    """Whether anybody of these roles, or any custodian, has an open session in which they did something lately."""
    at = now()
    rows = Session.objects.filter(
        ended=None,
        locked=None,
        begun__gt=at - timedelta(hours=int(option("session_hours"))),
        seen__gt=at - timedelta(minutes=int(option("idle_minutes"))) - MINUTE,
        user__is_active=True,
    )
    of_them = rows.filter(user__custodian=True) if custodians else rows.filter(user__role__in=sorted(roles))
    return of_them.exists()


def past_of(user: User) -> QuerySet[Session]:
    """Where somebody was signed in, the last first."""
    return user.sessions.exclude(ended=None).order_by("-ended", "-pk")


def finish(row: Session, *, by: Actor, ending: Ending = Ending.SIGN_OUT) -> bool:
    """End one of one's own sessions, or as an administrator anybody's; False when it had ended. Its pages go at once to
    signing in, its streams end. NotAllowedError for another's."""
    if not (by.is_person(row.user_id) or by.has(Role.ADMIN, Role.SYSTEM)):
        raise NotAllowedError("own_sessions")
    return _end([row], ending, by=by) > 0


def finish_all(user: User, ending: Ending, *, by: Actor, but: int | None = None) -> int:
    """End all sessions of somebody, `but` one; how many. NotAllowedError like `finish`."""
    if not (by.is_person(user.pk) or by.has(Role.ADMIN, Role.SYSTEM)):
        raise NotAllowedError("own_sessions")
    rows = user.sessions.filter(ended=None).select_related("user")
    return _end(rows.exclude(pk=but) if but is not None else rows, ending, by=by)


def replace(pks: Collection[int | None]) -> None:
    """Somebody has signed in anew in the browser of these sessions."""
    for row in Session.objects.filter(pk__in=[pk for pk in pks if pk], ended=None).select_related("user"):
        _end([row], Ending.AGAIN, by=row.user.as_actor())


@transaction.atomic
def _end(rows: Iterable[Session], ending: Ending, *, by: Actor) -> int:
    count, at = 0, now()
    for row in rows:
        if Session.objects.filter(pk=row.pk, ended=None).update(ended=at, ending=ending):
            row.ended, row.ending = at, ending
            record("session.end", row, by=by, username=row.user.username, reason=ending)
            event = RENEWED if ending is Ending.AGAIN else SIGNED_OUT
            tell_screens([{"to": [topic(row.pk)], "event": event, "id": row.pk}])
            count += 1
    return count


def renew_streams(user: User) -> None:
    """Somebody's rights have changed: their open streams begin anew, with what they may hear now."""
    topics = [topic(pk) for pk in user.sessions.filter(ended=None).values_list("pk", flat=True)]
    if topics:
        tell_screens([{"to": topics, "event": RENEWED}])


def topic(pk: int) -> str:
    """What the streams of a session hear when it ends."""
    return f"session:{pk}"


def forget_past() -> None:
    """Delete what ended long ago; end what nobody came back to."""
    oldest = now() - timedelta(hours=int(option("session_hours")))
    _end(Session.objects.filter(ended=None, begun__lt=oldest).select_related("user"), Ending.AGE, by=SYSTEM)
    Session.objects.filter(ended__lt=now() - RETENTION).delete()
