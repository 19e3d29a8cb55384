"""Zorio's PBX events: JSON by POST, signed; wants a 2xx within 5 s and retries with the same delivery id.

docs.zorio.vn, "Webhook events PBX" and "HMAC-SHA256 signing": envelope {event, timestamp, data}; X-Zorio-Signature over
the raw body, X-Zorio-Timestamp within 300 s of now, X-Zorio-Delivery once only.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..events import (
    Answered,
    CallEvent,
    Direction,
    Ended,
    LegEnded,
    Outcome,
    PickedUp,
    Queued,
    Rang,
    Recorded,
    RingEnded,
    Started,
)
from .base import (
    FAR,
    Connector,
    Delivery,
    ForgedError,
    Request,
    UnreadableError,
    check_signature,
    moment,
    outgoing,
    required,
    text,
    unanswered,
)

TOLERANCE = 300


def check(request: Request, settings: Mapping[str, str], received_at: datetime) -> None:
    check_signature(request, "X-Zorio-Signature", settings["secret"])
    try:
        sent = float(request.header("X-Zorio-Timestamp"))
    except ValueError:
        raise ForgedError("X-Zorio-Timestamp is missing") from None
    if not abs(received_at.timestamp() - sent) <= TOLERANCE:
        raise ForgedError("X-Zorio-Timestamp is too far from now")


def translate(request: Request, received_at: datetime) -> Delivery:
    fields = request.fields
    data = fields.get("data")
    if not isinstance(data, dict):
        raise UnreadableError("data is missing")
    at = moment(text(fields, "timestamp"), received_at)
    events = _events(required(fields, "event"), data, at)
    return Delivery(id=request.header("X-Zorio-Delivery") or request.digest, events=events)


def _events(event: str, data: Mapping[str, Any], at: datetime) -> tuple[CallEvent, ...]:
    if not event.startswith("pbx."):
        return ()  # other products of theirs may share the subscription
    call_id = text(data, "call_uuid") or required(data, "uuid")
    out = text(data, "direction") == "outbound"
    caller, dialled = text(data, "caller_number"), text(data, "destination_number")
    extension = text(data, "agent_extension") or text(data, "extension")
    match event:
        case "pbx.call.ringing" if out:
            at = moment(data.get("timestamp"), at)
            return outgoing(call_id, at, operator=extension, caller=caller, dialled=dialled)
        case "pbx.call.ringing":
            at = moment(data.get("timestamp"), at)
            started = Started(call_id=call_id, at=at, direction=Direction.IN, caller=caller, dialled=dialled)
            return (started, *_at_phone(Rang, call_id, at, extension))
        case "pbx.call.answered" if out:
            return (PickedUp(call_id=call_id, at=moment(data.get("answered_at"), at), leg=FAR),)
        case "pbx.call.answered":
            return _at_phone(Answered, call_id, moment(data.get("answered_at"), at), extension)
        case "pbx.call.hangup":
            return _hangup(call_id, data, at, extension=extension, out=out)
        case "pbx.cdr.created":
            url, queue = text(data, "recording_url"), text(data, "queue_name")
            began = moment(data.get("start_time"), at)
            joined = (Queued(call_id=call_id, at=began, queue=queue),) if queue else ()
            return (*joined, *((Recorded(call_id=call_id, at=at, file=url),) if url else ()))
    raise UnreadableError(f"unknown event {event[:40]!r}")


def _at_phone(kind: type[Rang | Answered], call_id: str, at: datetime, extension: str | None) -> tuple[CallEvent, ...]:
    return (kind(call_id=call_id, at=at, leg=extension, member=extension),) if extension else ()


def _hangup(
    call_id: str, data: Mapping[str, Any], at: datetime, *, extension: str | None, out: bool
) -> tuple[CallEvent, ...]:
    """Repeats the whole call: what came late or never is made good here. `answered_at` null: missed."""
    ended_at = moment(data.get("ended_at"), at)
    began = moment(data.get("started_at"), ended_at)
    answered_at = moment(data["answered_at"], ended_at) if data.get("answered_at") else None
    caller, dialled = text(data, "caller_number"), text(data, "destination_number")
    events: list[CallEvent] = []
    if out:
        events += outgoing(call_id, began, operator=extension, caller=caller, dialled=dialled)
        if answered_at:
            events.append(PickedUp(call_id=call_id, at=answered_at, leg=FAR))
        else:
            events.append(unanswered(call_id, ended_at, None))
    else:
        events.append(Started(call_id=call_id, at=began, direction=Direction.IN, caller=caller, dialled=dialled))
        if extension and answered_at:
            events.append(Answered(call_id=call_id, at=answered_at, leg=extension, member=extension))
            events.append(LegEnded(call_id=call_id, at=ended_at, leg=extension))
        elif extension:
            no = Outcome.NO_ANSWER
            events.append(RingEnded(call_id=call_id, at=ended_at, leg=extension, member=extension, reason=no))
    return (*events, Ended(call_id=call_id, at=ended_at))


CONNECTOR = Connector(key="zorio", translate=translate, check=check)
