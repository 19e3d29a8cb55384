"""A snapshot's unknown calls, which began while nobody listened, as the events that were missed.

Only for unknown calls: a channel's context and extension change as a call goes on, so their present values must not
contradict what was heard at its beginning.
"""

import re
from collections.abc import Container, Iterator, Sequence
from datetime import datetime, timedelta

from .ami import Packet
from .asterisk import EXAMPLE, Dialplan, dialled, leads_out
from .client import Snapshot
from .events import Answered, CallEvent, Direction, Queued, Rang, Started
from .names import is_call, served


def events(snapshot: Snapshot, known_ids: Container[str], dialplan: Dialplan = EXAMPLE) -> tuple[CallEvent, ...]:
    """The beginnings, waits and connections of the calls that the PBX has and we do not."""
    calls: dict[str, list[Packet]] = {}
    for channel in snapshot.channels:
        if not is_call(channel["Linkedid"]) or served(channel["Linkedid"]):
            continue
        calls.setdefault(channel["Linkedid"], []).append(channel)
    roots = {call_id: root for call_id, channels in calls.items() if call_id and (root := _root(call_id, channels))}
    result: list[CallEvent] = []
    for call_id, root in roots.items():
        if call_id not in known_ids:
            result += _begun(call_id, root, snapshot.at, dialplan)
            result += _phones(call_id, root, calls[call_id], snapshot.at)
    for entry in snapshot.waiting:
        call_id = entry["Uniqueid"]
        if call_id and call_id not in known_ids:
            since = snapshot.at - timedelta(seconds=_number(entry["Wait"]))
            result.append(Queued(call_id=call_id, at=since, queue=entry["Queue"], caller=entry.value("CallerIDNum")))
    return tuple(result)


def _root(call_id: str, channels: Sequence[Packet]) -> Packet | None:
    return next((channel for channel in channels if channel["Uniqueid"] == call_id), None)


def _begun(call_id: str, root: Packet, at: datetime, dialplan: Dialplan) -> Iterator[CallEvent]:
    out = leads_out(call_id, root["Context"], root["Channel"], dialplan)
    yield Started(
        call_id=call_id,
        at=at - timedelta(seconds=_duration(root["Duration"])),
        caller=None if out else root.value("CallerIDNum"),
        dialled=dialled(root["Exten"]),
        direction=Direction.OUT if out else Direction.IN,
        channel=root["Channel"],
    )


def _phones(call_id: str, root: Packet, channels: Sequence[Packet], at: datetime) -> Iterator[CallEvent]:
    for channel in channels:
        leg, name = channel["Uniqueid"], channel["Channel"]
        if leg == call_id or not leg:
            continue
        if channel["BridgeId"] and channel["BridgeId"] == root["BridgeId"]:
            yield Answered(call_id=call_id, at=at, leg=leg, channel=name)
        elif channel["ChannelStateDesc"] == "Ringing":
            yield Rang(
                call_id=call_id, at=at - timedelta(seconds=_duration(channel["Duration"])), leg=leg, channel=name
            )


def _number(text: str) -> float:
    return float(text) if re.fullmatch(r"\d{1,6}(\.\d+)?", text) else 0.0


def _duration(text: str) -> float:
    """A duration such as `00:01:25` in seconds."""
    match = re.fullmatch(r"(\d{1,4}):(\d\d):(\d\d)", text)
    return int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3]) if match else 0.0
