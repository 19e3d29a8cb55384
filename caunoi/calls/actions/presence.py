"""Who is there to answer: said by the operators themselves, kept as a history."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.timezone import now

from caunoi.accounts.models import User
from caunoi.accounts.queries import phones
from caunoi.calls.actions.telling import tell_presence
from caunoi.calls.models import Presence
from caunoi.events.actor import SYSTEM, Actor, NotAllowed, Role
from caunoi.telephony.events import MemberSeen


@transaction.atomic
def set_presence(user: User, state: str, *, by: Actor, reason: str = "", at: datetime | None = None) -> Presence:
    """Say that somebody is available, on a break for a reason, or off. One's own; a supervisor's for others. The same
    again changes nothing, and what was true earlier than what is known comes too late."""
    if by.user_id != user.pk and not by.has(Role.SUPERVISOR, Role.SYSTEM):
        raise NotAllowed("own_presence")
    state = Presence.State(state)
    reason = reason.strip()[:60] if state is Presence.State.BREAK else ""
    at = at or now()
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    current = Presence.objects.filter(user=user, until=None).first()
    if current and ((current.state, current.reason) == (state, reason) or current.since > at):
        return current
    if current:
        current.until = at
        current.save(update_fields=["until"])
    row = Presence.objects.create(user=user, state=state, reason=reason, since=at, by=by.name)
    tell_presence(user.pk)
    return row


def echo_presence(seen: Iterable[MemberSeen]) -> None:
    """What a cloud PBX says of its people: there the pause is pressed on the phone, and we are told."""
    people = phones()
    for each in sorted(seen, key=lambda one: one.at):
        user = people.get(each.member)
        if user:
            state = "off" if not each.joined else "break" if each.paused else "available"
            set_presence(user, state, by=SYSTEM, reason=each.reason, at=each.at)
