"""Whom we could not serve is called back: one open task a number, closed by whatever call reaches it.

Calls may be told late and in any order; what counts is when they were, so the outcome is the same.
"""

from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Q
from django.utils.timezone import now

from caunoi.calls.models import Call
from caunoi.calls.queries import MISSED
from caunoi.conversations.actions import ask_callback, finish_callback, try_callback
from caunoi.conversations.actions.callbacks import OPEN
from caunoi.conversations.models import Callback
from caunoi.directory.queries import option
from caunoi.events.actor import CENTRE, SYSTEM, Actor
from caunoi.telephony import facts
from caunoi.telephony.calls import State
from caunoi.telephony.events import Direction, Outcome
from caunoi.vault import blind

REASON = "missed_call"
RUNG = frozenset({Outcome.NO_ANSWER, Outcome.BUSY})
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 1022))"


@transaction.atomic
def settle(pk: int) -> None:
    """Once a call has ended: ask for a call-back where nobody answered, or nobody any more, else close the one that
    waits for this number; a call of ours that nobody answered is an attempt at it. Again changes nothing. Calls of one
    number are settled one after another."""
    call = Call.objects.select_related("operator").get(pk=pk)
    if not call.phone or call.state != State.ENDED:
        return
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [call.phone])
    call.refresh_from_db()
    missed = call.outcome in MISSED | {Outcome.KEEPS_PLACE} or facts.load(call.facts).waited_in_vain
    if call.direction == Direction.IN and missed and _sure(call):
        _missed(call)
    elif call.connected or call.outcome == Outcome.ANSWERED:
        _reached(call)
    elif call.direction == Direction.OUT and call.outcome in RUNG:
        _tried(call)


def _sure(call: Call) -> bool:
    """Without its beginning it is not even sure which way a call went."""
    return "started_at" in call.facts or "joined" in call.facts


def _missed(call: Call) -> None:
    if call.callback_id or call.ended is None:
        return
    same = blind.equal(Call, "phone", call.phone)
    later = Call.objects.filter(same, connected__gte=call.began).exclude(pk=call.pk)
    done = Callback.objects.filter(_called_back(call), ended__gte=call.ended)
    if later.exists() or done.exists():
        return
    due = max(call.ended, now()) + timedelta(minutes=option("callback_minutes"))
    call.callback = ask_callback(phone=call.phone, reason=REASON, by=SYSTEM, about=call, at=call.ended, due=due)
    call.save(update_fields=["callback"])


def _reached(call: Call) -> None:
    waiting = Callback.objects.filter(_called_back(call), state__in=OPEN).first()
    met = call.connected or call.ended
    if waiting is None or waiting.calls.exclude(pk=call.pk).filter(began__gt=met).exists():
        return
    finish_callback(waiting, "", by=_who(call), at=met)


def _tried(call: Call) -> None:
    phones = [phone for phone in call.facts.get("phones", ()) if phone["id"] != call.call_id]
    if call.queue:  # it stood there for the citizen: all phones but theirs are operators'
        phones = [phone for phone in phones if phone.get("outside")]
    if not phones:
        return  # the operator's own phone was not lifted, and the citizen's never rang
    waiting = Callback.objects.filter(_called_back(call), state__in=OPEN).first()
    if waiting and call.began >= waiting.asked:
        rung = call.legs.exclude(user=None).select_related("user").first()
        by = rung.user.as_actor() if rung and rung.user else SYSTEM
        try_callback(waiting, "", by=by if by.has(*CENTRE) else SYSTEM, call=call.pk)


def _called_back(call: Call) -> Q:
    return blind.equal(Callback, "phone", call.phone) & Q(reason=REASON)


def _who(call: Call) -> Actor:
    by = call.operator.as_actor() if call.operator else SYSTEM
    return by if by.has(*CENTRE) else SYSTEM
