"""Stringee's call events (JSON by POST, unsigned; the connector token in the address is the only key).

developer.stringee.com/docs/server/call-events: `call_status` created, started, ringing, answered, agentEnded, ended;
`from` and `to` are objects {number, alias, type: internal | external}; recordings are fetched by REST with call_id.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..events import (
    Answered,
    CallEvent,
    Direction,
    Ended,
    GaveUp,
    LegEnded,
    Outcome,
    PickedUp,
    Rang,
    Started,
)
from .base import (
    FAR,
    Connector,
    Delivery,
    Request,
    UnreadableError,
    moment,
    outgoing,
    required,
    seconds,
    sip_reason,
    text,
    unanswered,
)


def translate(request: Request, received_at: datetime) -> Delivery:
    fields = request.fields
    at = moment(fields.get("timestamp_ms"), received_at)
    events = _events(required(fields, "call_status"), required(fields, "call_id"), fields, at)
    return Delivery(id=request.digest, events=events)


def _events(status: str, call_id: str, fields: Mapping[str, Any], at: datetime) -> tuple[CallEvent, ...]:
    source, target = _party(fields, "from"), _party(fields, "to")
    out = text(source, "type") == "internal"
    # A call handed to an operator keeps the dialled number as its alias.
    internal = text(target, "type") == "internal"
    caller = text(source, "alias") if out else text(source, "number")
    dialled = text(target, "alias") if internal else text(target, "number")
    operator = text(target, "number") if internal else None
    started = Started(call_id=call_id, at=at, direction=Direction.IN, caller=caller, dialled=dialled)
    match status:
        case "created" | "started" if out:
            who = text(fields, "request_from_user_id") or text(source, "number")
            return outgoing(call_id, at, operator=who, caller=caller, dialled=dialled)
        case "created" | "started":
            return (started,)
        case "ringing" if out:
            return (Rang(call_id=call_id, at=at, leg=FAR, outside=dialled or FAR),)
        case "ringing":
            return (started, *([Rang(call_id=call_id, at=at, leg=operator, member=operator)] if operator else []))
        case "answered" if out:
            return (PickedUp(call_id=call_id, at=at, leg=FAR),)
        case "answered":
            # The PBX's own menu answers too, before any operator: that is no answer to the citizen.
            return (Answered(call_id=call_id, at=at, leg=operator, member=operator),) if operator else ()
        case "agentEnded":
            return (LegEnded(call_id=call_id, at=at, leg=operator),) if operator else ()
        case "ended":
            return _ended(call_id, at, fields, operator=operator, out=out)
    raise UnreadableError(f"unknown call_status {status[:40]!r}")


def _party(fields: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    party = fields.get(key)
    return party if isinstance(party, dict) else {"number": party}


def _ended(
    call_id: str, at: datetime, fields: Mapping[str, Any], *, operator: str | None, out: bool
) -> tuple[CallEvent, ...]:
    events: list[CallEvent] = []
    talked = seconds(fields, "answerDuration")
    if talked and operator and not out:
        events.append(LegEnded(call_id=call_id, at=at, leg=operator, member=operator, talked=talked))
    reason = sip_reason(fields.get("endCallCause"))
    if out:
        events.append(unanswered(call_id, at, reason))
    elif not talked and (text(fields, "endedBy") == "EXTERNAL" or reason is Outcome.ABANDONED):
        events.append(GaveUp(call_id=call_id, at=at))
    return (*events, Ended(call_id=call_id, at=at, reason=reason))


CONNECTOR = Connector(key="stringee", translate=translate)
