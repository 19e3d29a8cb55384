"""VoiceCloud / BizCloud: GET with a query string, unsigned; the token in the address is the only key.

support.bizcloud.vn, "API VoiceCloud Platform Call Center": call_in (event=RING | ANSWER, extension), hangup (callid
alone), calldata (status, duration, holdtime, recordingfile). The calls are told apart by their parameters, so that it
does not matter which path the operator configures. Incoming calls only: its outgoing ones are not described well
enough to map.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from ..events import (
    Answered,
    CallEvent,
    Direction,
    Ended,
    GaveUp,
    LegEnded,
    Missed,
    Outcome,
    Queued,
    Rang,
    Recorded,
    Started,
)
from .base import VIETNAM, Connector, Delivery, Request, moment, required, seconds, text

STATUS = {"BUSY": Outcome.BUSY, "NOANSWER": Outcome.NO_ANSWER, "FAILED": Outcome.NO_ANSWER}


def translate(request: Request, received_at: datetime) -> Delivery:
    fields = request.fields
    call_id = required(fields, "callid")
    if status := text(fields, "status"):
        events = _calldata(call_id, status, fields, received_at)
    elif text(fields, "phone") or text(fields, "event"):
        events = _call_in(call_id, fields, received_at)
    else:
        events = (Ended(call_id=call_id, at=received_at),)
    return Delivery(id=request.digest, events=events)


def _call_in(call_id: str, fields: Mapping[str, Any], at: datetime) -> tuple[CallEvent, ...]:
    caller, dialled = text(fields, "phone"), text(fields, "did")
    events: list[CallEvent] = [
        Started(call_id=call_id, at=at, direction=Direction.IN, caller=caller, dialled=dialled),
    ]
    if queue := text(fields, "queue"):
        events.append(Queued(call_id=call_id, at=at, queue=queue))
    if extension := text(fields, "extension"):
        if (text(fields, "event") or "").upper() == "ANSWER":
            events.append(Answered(call_id=call_id, at=at, leg=extension, member=extension))
        else:
            events.append(Rang(call_id=call_id, at=at, leg=extension, member=extension))
    return tuple(events)


def _calldata(call_id: str, status: str, fields: Mapping[str, Any], at: datetime) -> tuple[CallEvent, ...]:
    began = _calldate(text(fields, "calldate"), at)
    events: list[CallEvent] = [
        Started(call_id=call_id, at=began, direction=Direction.IN, caller=text(fields, "phone")),
    ]
    hold_time = seconds(fields, "holdtime")
    if queue := text(fields, "queue"):
        joined = began if hold_time is None else at - timedelta(seconds=hold_time)
        events.append(Queued(call_id=call_id, at=joined, queue=queue))
    extension = text(fields, "extension")
    match status.upper().replace(" ", ""):
        case "ANSWERED":
            if extension:
                talked = seconds(fields, "duration") or 0.0
                events.append(LegEnded(call_id=call_id, at=at, leg=extension, member=extension, talked=talked))
            if recording := text(fields, "recordingfile"):
                events.append(Recorded(call_id=call_id, at=at, file=recording))
        case "ABANDON":
            events.append(GaveUp(call_id=call_id, at=at, waited=hold_time))
        case other:
            events.append(Missed(call_id=call_id, at=at, reason=STATUS.get(other, Outcome.NO_ANSWER)))
    return (*events, Ended(call_id=call_id, at=at))


def _calldate(value: str | None, default: datetime) -> datetime:
    """Parse a time such as `2020-10-10-10:10:10` in Vietnamese time."""
    match = re.fullmatch(r"(\d{4}-\d\d-\d\d)[-T ](\d\d:\d\d:\d\d)", value or "")
    return moment(f"{match[1]}T{match[2]}", default).astimezone(VIETNAM) if match else default


CONNECTOR = Connector(key="voicecloud", translate=translate)
