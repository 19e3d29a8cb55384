"""The open webhook: Zammad's generic CTI (newCall, answer, hangup) and what we added for queues and recordings.

JSON, form or query string. `occurredAt` (ISO 8601) is the event's own time; `eventId` makes it once-only. With a
secret set, `X-Signature: sha256=<HMAC of the raw body>` is demanded, which a query string cannot carry.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..events import (
    Answered,
    CallEvent,
    Device,
    Direction,
    Ended,
    GaveUp,
    LeftQueue,
    LegEnded,
    MemberSeen,
    MessageLeft,
    Missed,
    Outcome,
    PickedUp,
    Queued,
    Rang,
    Recorded,
    RingEnded,
    Started,
    Transferred,
)
from .base import (
    FAR,
    Connector,
    Delivery,
    Request,
    UnreadableError,
    check_signature,
    moment,
    outgoing,
    required,
    seconds,
    text,
    texts,
    unanswered,
)

CAUSES = {
    "busy": Outcome.BUSY,
    "noAnswer": Outcome.NO_ANSWER,
    "congestion": Outcome.NO_ANSWER,
    "notFound": Outcome.NO_ANSWER,
    "cancel": Outcome.ABANDONED,
    "timeout": Outcome.TIMEOUT,
    "outOfHours": Outcome.OUT_OF_HOURS,
    "queueFull": Outcome.BUSY,
}
DEVICES = {"ready": Device.IDLE, "ringing": Device.RINGING, "busy": Device.BUSY, "unreachable": Device.UNREACHABLE}


def check(request: Request, settings: Mapping[str, str], received_at: datetime) -> None:
    if secret := settings.get("secret"):
        check_signature(request, "X-Signature", secret)


def translate(request: Request, received_at: datetime) -> Delivery:
    fields = request.fields
    at = moment(text(fields, "occurredAt"), received_at)
    event = required(fields, "event")
    delivery_id = text(fields, "eventId") or request.digest
    if event == "presence":
        return Delivery(id=delivery_id, events=_presence(fields, at))
    call_id = required(fields, "callId")
    return Delivery(id=delivery_id, events=_events(event, call_id, fields, at))


def _events(event: str, call_id: str, fields: Mapping[str, Any], at: datetime) -> tuple[CallEvent, ...]:
    users = texts(fields, "user")
    out = text(fields, "direction") == "out"
    queue = text(fields, "queue")
    caller, dialled = text(fields, "from"), text(fields, "to")
    joined = (Queued(call_id=call_id, at=at, queue=queue),) if queue else ()
    match event:
        case "newCall" if out:
            operator = users[0] if users else None
            return outgoing(call_id, at, operator=operator, caller=caller, dialled=dialled)
        case "newCall":
            started = Started(call_id=call_id, at=at, direction=Direction.IN, caller=caller, dialled=dialled)
            return (started, *joined, *(Rang(call_id=call_id, at=at, leg=user, member=user) for user in users))
        case "queue":
            return (Queued(call_id=call_id, at=at, queue=required(fields, "queue")),)
        case "ring":
            return tuple(Rang(call_id=call_id, at=at, leg=user, member=user) for user in users)
        case "ringEnd":
            why = CAUSES.get(text(fields, "cause") or "", Outcome.NO_ANSWER)
            return tuple(RingEnded(call_id=call_id, at=at, leg=user, member=user, reason=why) for user in users)
        case "answer" if out:
            return (PickedUp(call_id=call_id, at=at, leg=FAR),)
        case "answer":
            waited, who = seconds(fields, "waitSeconds"), _answering(fields, users) or "?"
            return (Answered(call_id=call_id, at=at, leg=who, member=who, waited=waited),)
        case "hangup":
            return _hangup(call_id, at, fields, users, out=out)
        case "transfer":
            return (Transferred(call_id=call_id, at=at, to=dialled),)
        case "recording":
            return (Recorded(call_id=call_id, at=at, file=required(fields, "recordingUrl")),)
        case "voicemail":
            return (MessageLeft(call_id=call_id, at=at, file=text(fields, "recordingUrl")),)
        case "hold":
            return ()
    raise UnreadableError(f"unknown event {event[:40]!r}")


def _answering(fields: Mapping[str, Any], users: tuple[str, ...]) -> str | None:
    return users[0] if len(users) == 1 else text(fields, "answeringNumber") or next(iter(users), None)


def _hangup(
    call_id: str, at: datetime, fields: Mapping[str, Any], users: tuple[str, ...], *, out: bool
) -> tuple[CallEvent, ...]:
    reason = CAUSES.get(text(fields, "cause") or "")
    events: list[CallEvent] = []
    if (waited := seconds(fields, "waitSeconds")) is not None:
        events.append(LeftQueue(call_id=call_id, at=at, waited=waited))
    who = call_id if out else _answering(fields, users)
    if who and (talked := seconds(fields, "talkSeconds")):
        events.append(LegEnded(call_id=call_id, at=at, leg=who, member=None if out else who, talked=talked))
    if out:
        events.append(unanswered(call_id, at, reason))
    elif reason is Outcome.ABANDONED:
        events.append(GaveUp(call_id=call_id, at=at, waited=waited))
    elif reason:
        events.append(Missed(call_id=call_id, at=at, reason=reason))
    caller, dialled = text(fields, "from"), text(fields, "to")
    events.append(Ended(call_id=call_id, at=at, reason=reason, caller=caller, dialled=dialled))
    return tuple(events)


def _presence(fields: Mapping[str, Any], at: datetime) -> tuple[MemberSeen, ...]:
    state = required(fields, "state")
    return tuple(
        MemberSeen(
            at=at,
            queue=text(fields, "queue") or "",
            interface=user,
            member=user,
            joined=state != "away",
            paused=state == "paused",
            reason=text(fields, "reason") or "",
            device=DEVICES.get(state, Device.UNKNOWN),
        )
        for user in texts(fields, "user")
    )


CONNECTOR = Connector(key="webhook", translate=translate, check=check)
