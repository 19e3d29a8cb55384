"""The telephone of the demo: the calls behind its latest phone tickets, some that nobody answered, and who is on
duty."""

import io
import math
import wave
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from random import Random

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from caunoi.accounts.models import User
from caunoi.calls import actions
from caunoi.calls.models import Call, Presence
from caunoi.conversations.queries import inbox
from caunoi.demo.voice import phone
from caunoi.events.models import Event
from caunoi.lib.numbers.phone import display
from caunoi.telephony.calls import fold
from caunoi.telephony.events import (
    Answered,
    CallEvent,
    Direction,
    Ended,
    GaveUp,
    LegEnded,
    MessageLeft,
    Missed,
    Outcome,
    PickedUp,
    Queued,
    Rang,
    RingEnded,
    Started,
)
from caunoi.tickets.models import Ticket, TicketCall

QUEUE = "tongdai1022"
BEHIND_TICKETS = 30
SOUND = "recordings/demo.wav"
ON_DUTY = (("lan", "available", ""), ("dao", "available", ""), ("mai", "break", "meal"), ("tam", "available", ""))
LOST = (  # hours ago, minutes waited, why; the same number where the letter is the same
    (0.6, 1.4, "a", None),
    (1.2, 3.0, "b", Outcome.TIMEOUT),
    (1.9, 0.8, "a", None),
    (3.5, 0.3, "c", None),
    (7.0, 2.2, "d", Outcome.VOICEMAIL),
    (20.0, 4.0, "e", Outcome.TIMEOUT),
)


def ring(until: datetime) -> int:
    """Write the calls of the last days before a moment where there are none; returns how many."""
    if Call.objects.exists():
        return 0
    r, box = Random(1022), inbox("phone")
    _extensions()
    with transaction.atomic():
        tickets = list(
            Ticket.objects.filter(channel="phone").select_related("contact").order_by("-id")[:BEHIND_TICKETS]
        )
        by_call_id = {f"demo-{ticket.pk}": ticket for ticket in tickets}
        events = [event for call_id, ticket in by_call_id.items() for event in _answered(call_id, ticket, r)]
        events += list(_lost(until, r))
        rows = actions.absorb(box, fold(events).values())
        TicketCall.objects.bulk_create(
            TicketCall(ticket=by_call_id[row.call_id], call=row, at=row.began, by=by_call_id[row.call_id].operator)
            for row in rows
            if row.call_id in by_call_id
        )
        default_storage.delete(SOUND)
        with_sound = (Outcome.ANSWERED, Outcome.VOICEMAIL)
        Call.objects.filter(outcome__in=with_sound).update(sound=default_storage.save(SOUND, ContentFile(_tone())))
        for row in sorted(rows, key=lambda row: row.began):
            if row.outcome != Outcome.ANSWERED or row.direction == Direction.OUT:
                actions.settle(row.pk)
        Event.objects.filter(kind="call.end").update(pending=False)
        _duty(until)
    return len(rows)


def _extensions() -> None:
    numbers = (number for number in count(101) if number not in range(111, 116))  # those are for danger to life
    people = User.objects.filter(role__in=["operator", "supervisor"]).order_by("id")
    for number, user in zip(numbers, people, strict=False):
        if not user.extension:
            user.extension = str(number)
            user.save(update_fields=["extension"])


def _duty(until: datetime) -> None:
    users = {user.username: user for user in User.objects.filter(username__in=[name for name, *_ in ON_DUTY])}
    Presence.objects.bulk_create(
        Presence(
            user=users[name],
            state=state,
            reason=reason,
            by=name,
            since=until - timedelta(minutes=12 if reason else 95 + 7 * number),
        )
        for number, (name, state, reason) in enumerate(ON_DUTY)
        if name in users and not Presence.objects.filter(user=users[name]).exists()
    )


def _answered(call_id: str, ticket: Ticket, r: Random) -> Iterator[CallEvent]:
    """The call that brought a ticket, which is written down near its end."""
    talked = timedelta(seconds=r.randint(70, 400))
    waited = timedelta(seconds=r.choice((3, 4, 6, 9, 15, 34)))
    end = ticket.received + timedelta(seconds=r.randint(5, 40))
    met = end - talked
    began = met - waited
    caller = display(ticket.contact.phone).replace(" ", "") if ticket.contact.phone else "anonymous"
    yield from _came(call_id, began, caller)
    if waited > timedelta(seconds=20):
        yield Rang(call_id=call_id, at=began + timedelta(seconds=1), leg="1", member="truc")
        no = Outcome.NO_ANSWER
        yield RingEnded(call_id=call_id, at=began + timedelta(seconds=16), leg="1", member="truc", reason=no)
    member = ticket.operator
    yield Rang(call_id=call_id, at=met - timedelta(seconds=3), leg="2", member=member)
    yield Answered(call_id=call_id, at=met, leg="2", member=member)
    yield LegEnded(call_id=call_id, at=end, leg="2", member=member, talked=talked.total_seconds())
    yield Ended(call_id=call_id, at=end, expected_file=f"{call_id}.wav")


def _came(call_id: str, at: datetime, caller: str) -> Iterator[CallEvent]:
    yield Started(call_id=call_id, at=at, direction=Direction.IN, caller=caller, dialled="1022")
    yield Queued(call_id=call_id, at=at + timedelta(seconds=1), queue=QUEUE)


def _lost(until: datetime, r: Random) -> Iterator[CallEvent]:
    """Calls that nobody answered, and two call-backs: one reached somebody, one did not."""
    numbers = {name: display(phone(r)).replace(" ", "") for name in "abcdefg"}
    for number, (hours, minutes, who, why) in enumerate(LOST):
        call_id, began = f"demo-lost-{number}", until - timedelta(hours=hours)
        end = began + timedelta(minutes=minutes)
        yield from _came(call_id, began, numbers[who])
        yield Rang(call_id=call_id, at=began + timedelta(seconds=2), leg="1", member="sen")
        yield RingEnded(call_id=call_id, at=end, leg="1", member="sen", reason=Outcome.ABANDONED)
        if why is Outcome.TIMEOUT:
            yield Missed(call_id=call_id, at=end, reason=why)
        elif why is Outcome.VOICEMAIL:
            yield MessageLeft(call_id=call_id, at=end, file=f"{call_id}.wav")
        else:
            yield GaveUp(call_id=call_id, at=end)
        yield Ended(call_id=call_id, at=end)
    for number, (who, hours, reached) in enumerate((("e", 18.5, True), ("b", 0.7, False))):
        call_id, began = f"demo-out-{number}", until - timedelta(hours=hours)
        yield Started(call_id=call_id, at=began, direction=Direction.OUT, caller="1022", dialled=numbers[who])
        yield PickedUp(call_id=call_id, at=began, leg=call_id, member="dao")
        yield Rang(call_id=call_id, at=began, leg="far", outside=numbers[who])
        if reached:
            yield PickedUp(call_id=call_id, at=began + timedelta(seconds=8), leg="far")
        else:
            no = Outcome.NO_ANSWER
            yield RingEnded(call_id=call_id, at=began + timedelta(seconds=28), leg="far", reason=no)
        yield Ended(call_id=call_id, at=began + timedelta(seconds=95 if reached else 28))


def _tone() -> bytes:
    """Three seconds of a soft tone, as a recording for everybody to hear."""
    out, rate = io.BytesIO(), 8000
    fade = rate // 4
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(rate)
        whole = 3 * rate
        file.writeframes(
            bytes(
                128 + round(30 * min(1, i / fade, (whole - i) / fade) * math.sin(i * 2 * math.pi * 440 / rate))
                for i in range(whole)
            )
        )
    return out.getvalue()
