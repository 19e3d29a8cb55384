"""Who is there to answer: set by the operators themselves, kept as a history, ended when they have left."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.timezone import now

from caunoi.accounts.models import User
from caunoi.accounts.queries import phones
from caunoi.calls.actions.telling import tell_presence
from caunoi.calls.models import Presence
from caunoi.directory.queries import option
from caunoi.events.actor import SYSTEM, Actor, NotAllowedError, Role
from caunoi.telephony.events import MemberSeen

AWAY = "away"  # the break of somebody whose pages are all closed
NO_ANSWER = "no_answer"  # the break of somebody whose phone rang in vain
FORSAKEN = timedelta(minutes=15)  # without any open page: no longer on duty


@transaction.atomic
def set_presence(user: User, state: str, *, by: Actor, reason: str = "", at: datetime | None = None) -> Presence:
    """Set somebody to available, on a break for a reason, or off. One's own; a supervisor's for others. The same again
    changes nothing, and neither does a change older than the current one."""
    own = by.is_person(user.pk)
    if not own and not by.has(Role.SUPERVISOR, Role.SYSTEM):
        raise NotAllowedError("own_presence")
    state = Presence.State(state)
    reason = reason.strip()[:60] if state is Presence.State.BREAK else ""
    at = at or now()
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    current = Presence.objects.filter(user=user, until=None).first()
    if current and ((current.state, current.reason) == (state, reason) or current.since > at):
        if own and current.seen is None:
            current.seen = now()
            current.save(update_fields=["seen"])
            tell_presence(user.pk)
        return current
    row = Presence(user=user, state=state, reason=reason, since=at, by=by.name, seen=now() if own else None)
    if current:
        current.until = at
        current.save(update_fields=["until"])
        row.seen = row.seen or current.seen
        row.unreachable = current.unreachable if state is not Presence.State.OFF else None
    row.save()
    tell_presence(user.pk)
    return row


def sign_off(user: User, *, by: Actor) -> None:
    """Somebody has signed out, or may not serve any more: off duty, where they were on it."""
    if Presence.objects.filter(user=user, until=None).exclude(state=Presence.State.OFF).exists():
        set_presence(user, "off", by=by)


def attend(user_ids: Collection[int]) -> None:
    """These people have a page open now. Anybody marked as away is back."""
    here = Presence.objects.filter(user_id__in=user_ids, until=None).exclude(state=Presence.State.OFF)
    # Presence that an exchange told of is the exchange's own; a page neither holds nor ends it.
    here = here.exclude(seen=None, by=SYSTEM.name)
    fresh = [row.user_id for row in here.filter(seen=None)]
    here.update(seen=now())
    for row in here.filter(reason=AWAY, by=SYSTEM.name).select_related("user"):
        set_presence(row.user, "available", by=SYSTEM)
    for pk in fresh:
        tell_presence(pk)


def miss_unattended() -> None:
    """Whose pages have all been closed for a while is away, and in the end off duty."""
    at = now()
    patience = timedelta(seconds=option("away_seconds"))
    rows = Presence.objects.filter(until=None, seen__lt=at - patience).exclude(state=Presence.State.OFF)
    for row in rows.select_related("user"):
        if row.seen and row.seen < at - FORSAKEN:
            set_presence(row.user, "off", by=SYSTEM)
        elif row.state == Presence.State.AVAILABLE:
            set_presence(row.user, "break", by=SYSTEM, reason=AWAY)


def miss_ring(username: str, *, at: datetime) -> None:
    """The exchange paused somebody whose phone rang in vain: a break until they say that they are back."""
    user = phones().get(username)
    current = user and Presence.objects.filter(user=user, until=None).first()
    if user and current and current.state == Presence.State.AVAILABLE:
        set_presence(user, "break", by=SYSTEM, reason=NO_ANSWER, at=min(at, now()))


@transaction.atomic
def note_reach(reached: Mapping[str, bool]) -> None:
    """Whose desk phone the exchange reaches and whose it does not, by user name."""
    people = phones()
    ids = {people[name].pk: there for name, there in reached.items() if name in people}
    rows = Presence.objects.filter(until=None, user_id__in=ids).exclude(state=Presence.State.OFF)
    for row in rows.select_for_update():
        if ids[row.user_id] == (row.unreachable is not None):
            row.unreachable = None if ids[row.user_id] else now()
            row.save(update_fields=["unreachable"])
            tell_presence(row.user_id)


def echo_presence(seen: Iterable[MemberSeen]) -> None:
    """What a cloud PBX reports of its people: there the pause is pressed on the phone, and we follow."""
    people = phones()
    for each in sorted(seen, key=lambda one: one.at):
        user = people.get(each.member)
        if user:
            state = "off" if not each.joined else "break" if each.paused else "available"
            set_presence(user, state, by=SYSTEM, reason=each.reason, at=each.at)
