"""Calls as the exchange reports them, into rows: joined with the facts that are there, so that the same may come again,
late, or from two sides."""

import logging
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.timezone import now

from caunoi.accounts.queries import phones
from caunoi.calls import models, queries
from caunoi.calls.actions.erasing import drop_recordings
from caunoi.calls.actions.presence import hang_up
from caunoi.calls.actions.telling import tell_calls, tell_ringing
from caunoi.calls.models import Call, CallLeg
from caunoi.calls.pbx import words
from caunoi.conversations.models import Inbox
from caunoi.events.actions import record
from caunoi.events.actor import SYSTEM
from caunoi.lib.numbers import phone
from caunoi.telephony import calls as reducer
from caunoi.telephony import facts
from caunoi.telephony.calls import State
from caunoi.telephony.events import Direction, Lost
from caunoi.telephony.legs import Leg
from caunoi.telephony.names import command_of
from caunoi.telephony.skills import OWN
from caunoi.vault.fields import followers

log = logging.getLogger(__name__)
type LegKey = tuple[int, str]  # call and leg

FORGOTTEN = timedelta(hours=12)
NUMBERED, NUMBER = re.compile(models.NUMBERED), re.compile(models.NUMBER)
SEALED_AT_ONCE = 500  # legs
COLUMNS = (
    "facts",
    "internal",
    "direction",
    "state",
    "outcome",
    "caller",
    "dialled",
    "phone",
    "queue",
    "transferred_to",
    "began",
    "connected",
    "ended",
    "waited",
    "talked",
    "operator",
    "recording",
    "one_way",
)
WRITTEN = sorted({*COLUMNS, *followers(Call, COLUMNS)})
LEG_COLUMNS = (
    "operator",
    "outside",
    "user",
    "rang_at",
    "talk_from",
    "ended_at",
    "rang",
    "talked",
    "outcome",
    "beaten",
    "ringing",
)


@transaction.atomic
def absorb(box: Inbox, calls: Iterable[reducer.Call]) -> list[Call]:
    """Join new facts of calls with the stored ones; the rows that changed by it. One writer per inbox, so that two who
    report the same call at the same moment lose nothing. A call's end, and a later change of how it ended, is an event
    `call.end`."""
    new = {call.call_id: call for call in calls}
    Inbox.objects.select_for_update(no_key=True).get(pk=box.pk)
    rows = {row.call_id: row for row in Call.objects.filter(inbox=box, call_id__in=list(new))}
    changed: list[tuple[Call, reducer.Call]] = []
    before: dict[str, tuple[str, str, str]] = {}
    numbers: dict[str, str] = {}
    for call_id, call in sorted(new.items()):
        row = rows.get(call_id)
        if row:
            earlier = facts.load(row.facts)
            call = facts.join(earlier, call)
            if call == earlier:
                continue
            before[call_id], numbers[call_id] = (row.state, row.outcome, row.recording), row.phone
        else:
            row = Call(inbox=box, call_id=call_id)
        changed.append((row, call))
    if not changed:
        return []
    stored = [row.pk for row, _ in changed if row.pk]
    old = {(leg.call_id, leg.key): leg for leg in CallLeg.objects.filter(call__in=stored)}
    legs = _legs(changed, old)
    for row, call in changed:
        _derive(row, call, legs[row.call_id])
        if row.queue.startswith(OWN):  # the operator of last time was rung first
            row.queue = next(iter(words(queries.settings(box).get("queues"))), "")
    written = [row for row, _ in changed]
    Call.objects.bulk_create(written, update_conflicts=True, unique_fields=["inbox", "call_id"], update_fields=WRITTEN)
    # Who did not want to be recorded may be known to us only after a copy was made.
    if refused := [row.pk for row, call in changed if call.unrecorded and row.sound and not row.recording]:
        drop_recordings(refused)
    people = _write_legs(written, legs, old)
    hang_up(_over(written, legs, old))
    _note_parties(written, legs, old)
    for row in written:
        if row.phone != numbers.get(row.call_id, row.phone):  # who is on it sees now with whom
            people |= _on_it(legs[row.call_id])
        if any(command_of(leg.key) is not None for leg in legs[row.call_id]):  # who is with them sees how it goes
            people |= _on_it(legs[row.call_id])
        now_is = (row.state, row.outcome, row.recording)
        if row.state == State.ENDED and before.get(row.call_id) != now_is:
            record("call.end", row, by=SYSTEM, at=row.ended, outcome=row.outcome)
    tell_calls(written)
    tell_ringing(people)
    return written


def _legs(changed: Sequence[tuple[Call, reducer.Call]], old: Mapping[LegKey, CallLeg]) -> dict[str, list[CallLeg]]:
    """The legs that each call has now, unsaved; the owner of a phone is looked up only once."""
    owners = phones()
    result: dict[str, list[CallLeg]] = {}
    for row, call in changed:
        result[row.call_id] = []
        for leg in call.legs:
            before = old.get((row.pk or 0, leg.id))
            owner = owners.get(leg.operator)
            user_id = (before.user_id if before else None) or (owner.pk if owner else None)
            result[row.call_id].append(_leg(row, leg, user_id, before))
    return result


def _leg(row: Call, leg: Leg, user_id: int | None, before: CallLeg | None) -> CallLeg:
    return CallLeg(
        call=row,
        **leg_names(leg.id, leg.operator[:150], before),
        user_id=user_id,
        rang_at=leg.rang_at,
        talk_from=leg.talk_from,
        ended_at=leg.ended_at,
        rang=leg.rang,
        talked=leg.talked,
        outcome=leg.outcome,
        beaten=leg.beaten,
        ringing=leg.ringing,
    )


def leg_names(key: str, operator: str, before: CallLeg | None = None) -> dict[str, Any]:
    """By which columns a leg is told from others, and named; a number only sealed."""
    if not NUMBERED.search(operator) and not NUMBER.search(key):
        return {"leg_id": key, "operator": operator, "outside": {}}
    ours = before.leg_id if before and before.outside else f"outside:{secrets.token_hex(8)}"
    return {"leg_id": ours, "operator": "", "outside": {"id": key, "operator": operator}}


def _derive(row: Call, call: reducer.Call, legs: Sequence[CallLeg]) -> None:
    """Every column, from the facts."""
    if wrong := reducer.contradictions(call):
        log.error("call %.80s contradicts itself: %s", call.call_id, "; ".join(wrong))
    citizen = call.dialled if call.direction is Direction.OUT else call.caller
    parsed = phone.parse(citizen) if citizen else None
    connected = sorted((leg for leg in legs if leg.talk_from or leg.talked), key=_first_talk)
    values: dict[str, Any] = {
        "facts": facts.dump(call),
        "internal": call.internal,
        "direction": call.direction,
        "state": call.state,
        "outcome": call.outcome,
        "caller": (call.caller or "")[:80],
        "dialled": (call.dialled or "")[:80],
        "queue": (call.queue or "")[:80],
        "phone": (parsed.e164 or "") if parsed else "",
        "recording": call.recording or "",
        "one_way": call.one_way,
        "transferred_to": (call.transferred_to[1] if call.transferred_to else "")[:80],
        "began": call.began_at,
        "connected": call.connected_at,
        "ended": call.over_at,
        "waited": call.waited,
        "talked": call.talked,
        "operator_id": next((leg.user_id for leg in connected if leg.user_id), None),
    }
    for name, value in values.items():
        setattr(row, name, value)


def _first_talk(leg: CallLeg) -> tuple[bool, Any, str]:
    return (leg.talk_from is None, leg.talk_from or leg.leg_id, leg.leg_id)


def _write_legs(rows: Sequence[Call], legs: Mapping[str, list[CallLeg]], old: Mapping[LegKey, CallLeg]) -> set[int]:
    """Bring the legs up to date; the people for whom something began or stopped to ring or talk."""
    current: dict[LegKey, CallLeg] = {}
    for row in rows:
        for leg in legs[row.call_id]:
            leg.call = row
            current[row.pk, leg.key] = leg
    obsolete = [leg for key, leg in old.items() if key not in current or current[key].leg_id != leg.leg_id]
    CallLeg.objects.filter(pk__in=[leg.pk for leg in obsolete]).delete()
    fresh = [leg for key, leg in current.items() if key not in old or not _same(leg, old[key])]
    CallLeg.objects.bulk_create(
        fresh, update_conflicts=True, unique_fields=["call", "leg_id"], update_fields=list(LEG_COLUMNS)
    )
    people = {leg.user_id for leg in obsolete}
    for leg in fresh:
        before = old.get((leg.call_id, leg.key))
        if before is None or _milestones(before) != _milestones(leg):
            people.add(leg.user_id)
    return {pk for pk in people if pk}


def _over(
    rows: Sequence[Call], legs: Mapping[str, list[CallLeg]], old: Mapping[LegKey, CallLeg]
) -> dict[int, datetime]:
    """Who had talked and is known only now to have ended, by user."""
    over: dict[int, datetime] = {}
    for row in rows:
        for leg in legs[row.call_id]:
            before = old.get((row.pk, leg.key))
            if leg.user_id and leg.talk_from and leg.ended_at and not (before and before.ended_at):
                over[leg.user_id] = max(leg.ended_at, over.get(leg.user_id, leg.ended_at))
    return over


def _on_it(legs: Sequence[CallLeg]) -> set[int]:
    return {leg.user_id for leg in legs if leg.user_id and not leg.ended_at}


def _note_parties(rows: Sequence[Call], legs: Mapping[str, list[CallLeg]], old: Mapping[LegKey, CallLeg]) -> None:
    """Write down, once, that whom a command called into a call has answered (`call.join`), or has not."""
    for row in rows:
        for leg in legs[row.call_id]:
            command, before = command_of(leg.key), old.get((row.pk, leg.key))
            if command is None or (before and (before.talk_from or before.ended_at)):
                continue
            if leg.talk_from:
                record("call.join", row, by=SYSTEM, at=leg.talk_from, command=command)
            elif leg.ended_at:
                record("call.decline", row, by=SYSTEM, at=leg.ended_at, command=command, outcome=leg.outcome)


def _same(one: CallLeg, other: CallLeg) -> bool:
    columns = ("leg_id", *(name if name != "user" else "user_id" for name in LEG_COLUMNS))
    return all(getattr(one, name) == getattr(other, name) for name in columns)


def _milestones(leg: CallLeg) -> tuple[bool, bool, bool]:
    return (leg.ringing, leg.talk_from is not None, leg.ended_at is not None)


def lose(box: Inbox, live_ids: Iterable[str], at: datetime) -> list[Call]:
    """After a gap: what is open here and unknown to the PBX has ended unseen."""
    lost_ids = queries.open_ids(box) - set(live_ids)
    return absorb(box, [reducer.reduce(None, Lost(call_id=call_id, at=at)) for call_id in lost_ids])


def lose_forgotten() -> int:
    """Calls whose end nobody reported for half a day have ended unseen (a cloud PBX cannot be asked)."""
    at = now()
    old = Call.objects.exclude(state=State.ENDED).filter(began__lt=at - FORGOTTEN).select_related("inbox")
    boxes: dict[Inbox, list[str]] = {}
    for row in old:
        boxes.setdefault(row.inbox, []).append(row.call_id)
    for box, ids in boxes.items():
        absorb(box, [reducer.reduce(None, Lost(call_id=call_id, at=at)) for call_id in ids])
    return sum(len(ids) for ids in boxes.values())


def seal_legs() -> int:
    """Put away, a batch a transaction, what legs of calls that are over say of phones outside, as processes of the
    release before wrote it; how many."""
    done, after = 0, 0
    while True:
        with transaction.atomic():
            plain = CallLeg.objects.filter(queries.NUMBERED_LEGS, call__state=State.ENDED, pk__gt=after).order_by("pk")
            rows = list(plain.select_for_update(skip_locked=True, of=("self",))[:SEALED_AT_ONCE])
            for leg in rows:
                for name, value in leg_names(leg.leg_id, leg.operator).items():
                    setattr(leg, name, value)
                leg.save(update_fields=["leg_id", "operator", "outside"])
        if not rows:
            return done
        done, after = done + len(rows), rows[-1].pk
