"""Who is there to answer: said by the operators themselves or by a supervisor, seen by the product, kept as a history.

What people say counts whatever counted before; what is seen moves by the table of operator_states.py."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.timezone import now

from caunoi.accounts.models import User
from caunoi.accounts.queries import phones
from caunoi.calls.actions.telling import tell_presence
from caunoi.calls.models import Link, Presence
from caunoi.calls.operator_states import MOVES, SEEN_BREAKS, Cause, Word
from caunoi.conversations.models import Inbox
from caunoi.directory.queries import option
from caunoi.events.actor import SYSTEM, Actor, NotAllowedError, Role
from caunoi.telephony.events import MemberSeen

FORSAKEN = timedelta(minutes=15)  # without any open page: no longer on duty


@transaction.atomic
def set_presence(
    user: User, state: str, *, by: Actor, reason: str = "", why: str = "", at: datetime | None = None
) -> Presence:
    """Set somebody to available, on a break for a reason, or off. One's own; a supervisor's for others, which is told
    to its owner with `why`. The same again changes nothing, and neither does a change older than the current one.
    ValueError for a break that is seen and not taken."""
    own = by.is_person(user.pk)
    if not own and not by.has(Role.SUPERVISOR, Role.SYSTEM):
        raise NotAllowedError("own_presence")
    state = Presence.State(state)
    reason = reason.strip()[:60] if state is Presence.State.BREAK else ""
    if by.user_id and reason in SEEN_BREAKS:
        raise ValueError(f"nobody takes a break for the reason {reason}")
    at = at or now()
    current = _locked(user)
    if current and ((current.state, current.reason) == (state, reason) or current.since > at):
        if own and current.seen is None:
            current.seen = now()
            current.save(update_fields=["seen"])
            tell_presence(user.pk)
        return current
    row = Presence(user=user, state=state, reason=reason, since=at, by=by.name, why=why.strip()[:200])
    row.seen = now() if own else None
    row.unread = not own and by.user_id is not None
    return _follow(current, row)


def acknowledge(user: User, *, by: Actor) -> None:
    """Its owner has read what others set them to, and why."""
    if not by.is_person(user.pk):
        raise NotAllowedError("own_presence")
    if Presence.objects.filter(user=user, unread=True).update(unread=False):
        tell_presence(user.pk)


def sign_off(user: User, *, by: Actor) -> None:
    """Somebody has signed out, or may not serve any more: off duty, where they were on it."""
    if Presence.objects.filter(user=user, until=None).exclude(state=Presence.State.OFF).exists():
        set_presence(user, "off", by=by)


def attend(user_ids: Collection[int]) -> None:
    """These people have a page open now. Anybody marked as away is back."""
    here = Presence.objects.filter(user_id__in=user_ids, until=None).exclude(state=Presence.State.OFF)
    # Presence that an exchange told of is the exchange's own; a page neither holds nor ends it.
    here = here.exclude(seen=None, by=SYSTEM.name)
    with transaction.atomic():  # in one order, in which everybody else locks more than one, and let go before `_see`
        rows = list(here.select_related("user").select_for_update(of=("self",)).order_by("user_id"))
        Presence.objects.filter(pk__in=[row.pk for row in rows]).update(seen=now())
    for row in rows:
        if row.reason == Word.AWAY:
            _see(row.user, Cause.PAGE_OPENED)
        if row.seen is None:
            tell_presence(row.user_id)


def miss_unattended() -> None:
    """Whose pages have all been closed for a while is away, and in the end off duty."""
    at = now()
    patience = timedelta(seconds=option("away_seconds"))
    rows = Presence.objects.filter(until=None, seen__lt=at - patience).exclude(state=Presence.State.OFF)
    for row in rows.select_related("user"):
        forsaken = row.seen is not None and row.seen < at - FORSAKEN
        _see(row.user, Cause.FORSAKEN if forsaken else Cause.PAGES_CLOSED)


def miss_ring(username: str, *, at: datetime) -> None:
    """The exchange paused somebody whose phone rang in vain: a break until they say that they are back."""
    if user := phones().get(username):
        _see(user, Cause.RANG_IN_VAIN, at=min(at, now()))


def hang_up(ended: Mapping[int, datetime]) -> None:
    """These users, by key, have talked until then: ⚙ seconds after a call are theirs. Not where an exchange of its own
    keeps who is there, and not for a call that ended long ago and is told only now."""
    length = timedelta(seconds=option("after_call_seconds"))
    at = now()
    times = {pk: min(end, at) for pk, end in ended.items() if min(end, at) + length > at}
    rows = Presence.objects.filter(user_id__in=times, until=None).exclude(seen=None, by=SYSTEM.name)
    for row in rows.select_related("user").order_by("user_id"):
        _see(row.user, Cause.HUNG_UP, at=times[row.user_id], ends=times[row.user_id] + length)


@transaction.atomic
def prolong(user: User, *, by: Actor) -> bool:
    """More time after a call, as long again; whether there was any left to prolong."""
    if not by.is_person(user.pk):
        raise NotAllowedError("own_presence")
    current = _locked(user)
    if current is None or current.ends is None or current.ends <= now():
        return False
    return _see(user, Cause.MORE_TIME, ends=current.ends + timedelta(seconds=option("after_call_seconds")))


def end_after_calls() -> None:
    """Whose time after a call is over is available again, since then."""
    rows = Presence.objects.filter(until=None, ends__lte=now()).select_related("user")
    for row in rows:
        _see(row.user, Cause.TIME_UP)


@transaction.atomic
def note_reach(box: Inbox, reached: Mapping[str, bool]) -> None:
    """Whose desk phone an exchange reaches and whose it does not, by user name. Of two exchanges one is enough."""
    Link.objects.filter(inbox=box).exclude(reached=reached).update(reached=reached)
    people, together = phones(), dict(reached)
    for other in Link.objects.exclude(inbox=box).exclude(up_since=None):
        together |= {name: there or together.get(name, False) for name, there in other.reached.items()}
    ids = {people[name].pk: there for name, there in together.items() if name in people}
    rows = Presence.objects.filter(until=None, user_id__in=ids).exclude(state=Presence.State.OFF)
    for row in rows.select_for_update().order_by("user_id"):
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


@transaction.atomic
def _see(user: User, cause: Cause, *, at: datetime | None = None, ends: datetime | None = None) -> bool:
    """Move what counts of somebody by the table; False where it says nothing of it, or a later word counts."""
    current = _locked(user)
    if current is None:
        return False
    before = current.statement
    if cause is Cause.TIME_UP:
        if before.ends is None or before.ends > now():
            return False
        at = before.ends
    word, at = MOVES.get((cause, before.word)), at or now()
    if word is None or current.since > at:
        return False
    if word is before.word:
        current.ends = max(filter(None, (ends, current.ends)), default=None)
        current.save(update_fields=["ends"])
        tell_presence(user.pk)
        return True
    seen = word in SEEN_BREAKS
    state, reason = (Presence.State.BREAK, word.value) if seen else (Presence.State(word), "")
    _follow(current, Presence(user=user, state=state, reason=reason, since=at, by=SYSTEM.name, ends=ends))
    return True


def _locked(user: User) -> Presence | None:
    """The presence of somebody that counts; nobody else changes it in this transaction."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    return Presence.objects.filter(user=user, until=None).first()


def _follow(current: Presence | None, row: Presence) -> Presence:
    if current:
        current.until = row.since
        current.save(update_fields=["until"])
        # A page of an earlier shift says nothing of this one.
        row.seen = row.seen or (current.seen if current.state != Presence.State.OFF else None)
        row.unreachable = current.unreachable if row.state != Presence.State.OFF else None
    row.save()
    tell_presence(row.user_id)
    return row
