"""Asterisk's events in our words. Stateless: one packet gives none, one or a few events, whatever came before.

The root channel of a call has Uniqueid == Linkedid. Event names and fields: Asterisk 20–22, and the UserEvents of our
example dialplan (docs/asterisk/extensions.conf).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from .ami import Packet
from .events import (
    Answered,
    CallEvent,
    CitizenPackets,
    ConsentAsked,
    Direction,
    Ended,
    GaveUp,
    Graded,
    KeyPressed,
    LeftQueue,
    LegEnded,
    LegEvent,
    LegPackets,
    MemberSeen,
    MessageLeft,
    Missed,
    Outcome,
    PickedUp,
    PlaceKept,
    Queued,
    Rang,
    Recorded,
    RingEnded,
    Started,
    Transferred,
)
from .members import member_of
from .names import CLICK_TO_CALL, is_call, outside_number, served

Events = tuple[CallEvent | MemberSeen, ...]

# Extensions that Asterisk itself steps into; nobody dialled them.
OWN_EXTENSIONS = frozenset({"s", "h", "i", "t", "o", "a", "T"})

DIAL_STATUS = {"BUSY": Outcome.BUSY, "CANCEL": Outcome.ABANDONED}  # all others: no answer
HANGUP_CAUSE = {"17": Outcome.BUSY, "18": Outcome.NO_ANSWER, "19": Outcome.NO_ANSWER}
QUEUE_STATUS = {
    "TIMEOUT": Outcome.TIMEOUT,
    "JOINEMPTY": Outcome.JOIN_EMPTY,
    "LEAVEEMPTY": Outcome.JOIN_EMPTY,
    "JOINUNAVAIL": Outcome.JOIN_EMPTY,
    "LEAVEUNAVAIL": Outcome.JOIN_EMPTY,
    "FULL": Outcome.BUSY,
}


@dataclass(frozen=True, kw_only=True)
class Dialplan:
    """What the translation must know of a PBX: the contexts in which an operator's own phone starts a call."""

    operator_contexts: frozenset[str] = frozenset({"from-agents", "from-internal"})


EXAMPLE = Dialplan()


def translate(packet: Packet, received_at: datetime, dialplan: Dialplan = EXAMPLE) -> Events:
    """Say what a packet means. `received_at` stands in where the PBX sends no Timestamp (timestampevents = no)."""
    rule = RULES.get(packet["Event"])
    if not rule:
        return ()
    events = rule(packet, _at(packet, received_at), dialplan)
    ours = (event if isinstance(event, MemberSeen) else of_its_call(event) for event in events)
    return tuple(event for event in ours if event)


def of_its_call(event: CallEvent) -> CallEvent | None:
    """Whom we call into a call is a phone of that call, and none of its own; nothing else that is told of such a
    channel says anything about the call."""
    call_id = served(event.call_id)
    if call_id is None:
        return event if is_call(event.call_id) else None
    if isinstance(event, Ended):
        return LegEnded(call_id=call_id, at=event.at, leg=event.call_id)
    return replace(event, call_id=call_id, caller=None, dialled=None) if isinstance(event, LegEvent) else None


def _at(packet: Packet, received_at: datetime) -> datetime:
    try:
        return datetime.fromtimestamp(float(packet["Timestamp"]), UTC)
    except (ValueError, OverflowError, OSError):
        return received_at


def _seconds(packet: Packet, key: str, unit: float = 1.0) -> float | None:
    try:
        return float(packet[key]) * unit
    except ValueError:
        return None


def _root(packet: Packet) -> bool:
    return packet["Uniqueid"] == packet["Linkedid"] != ""


PLACE = re.compile(r"\d*\*[^*]+\*(\+?\d+)")
"""What our dialplan calls the half that stands in the queue for somebody: place, queue, number."""


def dialled(exten: str | None) -> str | None:
    """What was dialled, where the extension that a channel is at says it."""
    if exten and (place := PLACE.fullmatch(exten)):
        return place[1]
    return None if exten in OWN_EXTENSIONS else exten or None


def leads_out(call_id: str, context: str, channel: str, dialplan: Dialplan) -> bool:
    """Whether a call's first channel is an operator's, or the exchange's own that stands in the queue for somebody."""
    return call_id.startswith(CLICK_TO_CALL) or channel.startswith("Local/") or context in dialplan.operator_contexts


def _newchannel(packet: Packet, at: datetime, dialplan: Dialplan) -> Events:
    if not _root(packet):
        return ()
    call_id = packet["Linkedid"]
    out = leads_out(call_id, packet["Context"], packet["Channel"], dialplan)
    return (
        Started(
            call_id=call_id,
            at=at,
            # The number shown outside is set later; here an outgoing channel still carries the operator's own.
            caller=None if out else packet.value("CallerIDNum"),
            dialled=dialled(packet["Exten"]),
            direction=Direction.OUT if out else Direction.IN,
            channel=packet["Channel"],
        ),
    )


def _dial_begin(packet: Packet, at: datetime, _: Dialplan) -> Events:
    call_id = packet["DestLinkedid"]
    outside = outside_number(packet["DialString"], packet["DestChannel"])
    if packet["DestUniqueid"] == call_id:
        # The PBX dials the root itself: a click-to-call, the operator's phone first; or somebody called into a call.
        started = Started(
            call_id=call_id,
            at=at,
            caller=packet.value("DestCallerIDNum"),
            dialled=outside,
            direction=Direction.OUT,
            channel=packet["DestChannel"],
        )
        far = outside if served(call_id) else None
        return (started, Rang(call_id=call_id, at=at, leg=call_id, channel=packet["DestChannel"], outside=far))
    root = _root(packet)
    return (
        Rang(
            call_id=call_id,
            at=at,
            leg=packet["DestUniqueid"],
            channel=packet["DestChannel"],
            by=packet.value("Channel"),
            outside=outside,
            caller=packet.value("CallerIDNum") if root else None,
            dialled=dialled(packet["Exten"]) if root else None,
        ),
    )


def _dial_end(packet: Packet, at: datetime, _: Dialplan) -> Events:
    call_id, leg, channel = packet["DestLinkedid"], packet["DestUniqueid"], packet["DestChannel"]
    if packet["DialStatus"] == "ANSWER":
        return (PickedUp(call_id=call_id, at=at, leg=leg, channel=channel),)
    reason = DIAL_STATUS.get(packet["DialStatus"], Outcome.NO_ANSWER)
    return (RingEnded(call_id=call_id, at=at, leg=leg, channel=channel, reason=reason),)


def _queue_phone(packet: Packet, at: datetime, _: Dialplan) -> Events:
    member = packet.value("MemberName")
    call_id, leg, channel = packet["Linkedid"], packet["DestUniqueid"], packet["DestChannel"]
    match packet["Event"]:
        case "AgentCalled":
            return (Rang(call_id=call_id, at=at, leg=leg, member=member, channel=channel),)
        case "AgentRingNoAnswer":
            rang, no = _seconds(packet, "RingTime", 0.001), Outcome.NO_ANSWER
            return (RingEnded(call_id=call_id, at=at, leg=leg, member=member, channel=channel, reason=no, rang=rang),)
        case "AgentConnect":
            rang, waited = _seconds(packet, "RingTime"), _seconds(packet, "HoldTime")
            return (
                Answered(call_id=call_id, at=at, leg=leg, member=member, channel=channel, rang=rang, waited=waited),
            )
        case _:
            talked = _seconds(packet, "TalkTime") or 0.0
            return (LegEnded(call_id=call_id, at=at, leg=leg, member=member, channel=channel, talked=talked),)


def _queue_caller(packet: Packet, at: datetime, _: Dialplan) -> Events:
    call_id = packet["Linkedid"]
    match packet["Event"]:
        case "QueueCallerJoin":
            caller, number = packet.value("CallerIDNum"), dialled(packet["Exten"])
            return (Queued(call_id=call_id, at=at, queue=packet["Queue"], caller=caller, dialled=number),)
        case "QueueCallerLeave":
            return (LeftQueue(call_id=call_id, at=at),)
        case _:
            return (GaveUp(call_id=call_id, at=at, waited=_seconds(packet, "HoldTime")),)


def _user_event(packet: Packet, at: datetime, _: Dialplan) -> Events:
    call_id = packet["Linkedid"]
    events: list[CallEvent] = []
    match packet["UserEvent"]:
        case "HotlineOutOfHours":
            events.append(Missed(call_id=call_id, at=at, reason=Outcome.OUT_OF_HOURS))
        case "HotlineConsent":
            announced, recorded = packet["Announced"] == "yes", packet["Recorded"] != "no"
            events.append(ConsentAsked(call_id=call_id, at=at, announced=announced, recorded=recorded))
        case "HotlineMenu":
            events.append(KeyPressed(call_id=call_id, at=at, menu=packet["Menu"], key=packet["Choice"]))
        case "HotlineLegEnd" if (packets := packet.value("Received")) and packets.isdecimal():
            events.append(LegPackets(call_id=call_id, at=at, leg=packet["Uniqueid"], packets=int(packets)))
        case "HotlineCallbackAsked" if number := packet.value("Number"):
            events.append(PlaceKept(call_id=call_id, at=at, number=number))
        case "HotlineSurvey" if grade := packet.value("Grade"):
            events.append(Graded(call_id=call_id, at=at, grade=grade))
        case "HotlineQueueExit" | "HotlineHangup":
            if reason := QUEUE_STATUS.get(packet["QueueStatus"]):
                events.append(Missed(call_id=call_id, at=at, reason=reason))
            if (packets := packet.value("Received")) and packets.isdecimal():
                events.append(CitizenPackets(call_id=call_id, at=at, packets=int(packets)))
            if (file := packet.value("VoicemailFile")) and packet["VmStatus"] != "FAILED":
                events.append(MessageLeft(call_id=call_id, at=at, file=file))
            if file := packet.value("MixmonitorFile"):
                events.append(Recorded(call_id=call_id, at=at, file=file))
    return tuple(events)


def _variable(packet: Packet, at: datetime, _: Dialplan) -> Events:
    """Channel variables reach only a manager user with read=dialplan; ours is told by UserEvent instead."""
    call_id, value = packet["Linkedid"], packet.value("Value")
    if value is None or not _root(packet):
        return ()
    match packet["Variable"]:
        case "VM_MESSAGEFILE":
            return (MessageLeft(call_id=call_id, at=at, file=value),)
        case "MIXMONITOR_FILENAME":
            return (Recorded(call_id=call_id, at=at, file=value),)
        case "QUEUESTATUS" if value in QUEUE_STATUS:
            return (Missed(call_id=call_id, at=at, reason=QUEUE_STATUS[value]),)
    return ()


def _message_waiting(packet: Packet, at: datetime, _: Dialplan) -> Events:
    if _root(packet) and packet["Waiting"] == "1":
        return (MessageLeft(call_id=packet["Linkedid"], at=at),)
    return ()


def _blind_transfer(packet: Packet, at: datetime, _: Dialplan) -> Events:
    if packet["Result"] != "Success":
        return ()
    return (Transferred(call_id=packet["TransfererLinkedid"], at=at, to=packet.value("Extension")),)


def _attended_transfer(packet: Packet, at: datetime, _: Dialplan) -> Events:
    if packet["Result"] != "Success":
        return ()
    call_id, consultation = packet["OrigTransfererLinkedid"], packet["SecondTransfererLinkedid"]
    events: list[CallEvent] = [
        Transferred(call_id=call_id, at=at, to=packet.value("SecondTransfererConnectedLineNum")),
    ]
    if leg := packet.value("TransferTargetUniqueid"):
        events.append(Answered(call_id=call_id, at=at, leg=leg, channel=packet["TransferTargetChannel"]))
    if consultation not in ("", call_id):
        # The consultation was a call of its own; from here its channels carry the first call's Linkedid.
        events.append(Ended(call_id=consultation, at=at))
    return tuple(events)


def _originated(packet: Packet, at: datetime, _: Dialplan) -> Events:
    call_id = packet.value("Uniqueid")
    if call_id is None or not (call_id.startswith(CLICK_TO_CALL) or served(call_id)):
        return ()
    channel, caller, number = packet["Channel"], packet.value("CallerIDNum"), dialled(packet["Exten"])
    if packet["Response"] == "Success":
        return (PickedUp(call_id=call_id, at=at, leg=call_id, channel=channel, caller=caller, dialled=number),)
    # Reason: 5 busy; 0, 3 and 8 (failed, not answered, congested) are no answer to us.
    reason = Outcome.BUSY if packet["Reason"] == "5" else Outcome.NO_ANSWER
    return (
        RingEnded(call_id=call_id, at=at, leg=call_id, channel=channel, caller=caller, dialled=number, reason=reason),
    )


def _hangup(packet: Packet, at: datetime, _: Dialplan) -> Events:
    call_id = packet["Linkedid"]
    if _root(packet):
        return (
            Ended(
                call_id=call_id,
                at=at,
                reason=HANGUP_CAUSE.get(packet["Cause"]),
                expected_file=f"{call_id}.wav",
                caller=packet.value("CallerIDNum"),
                dialled=dialled(packet["Exten"]),
            ),
        )
    return (LegEnded(call_id=call_id, at=at, leg=packet["Uniqueid"], channel=packet["Channel"]),)


def _member(packet: Packet, at: datetime, _: Dialplan) -> Events:
    return (member_of(packet, at),)


RULES: dict[str, Callable[[Packet, datetime, Dialplan], Events]] = {
    "Newchannel": _newchannel,
    "DialBegin": _dial_begin,
    "DialEnd": _dial_end,
    "AgentCalled": _queue_phone,
    "AgentConnect": _queue_phone,
    "AgentComplete": _queue_phone,
    "AgentRingNoAnswer": _queue_phone,
    "QueueCallerJoin": _queue_caller,
    "QueueCallerLeave": _queue_caller,
    "QueueCallerAbandon": _queue_caller,
    "UserEvent": _user_event,
    "VarSet": _variable,
    "MessageWaiting": _message_waiting,
    "BlindTransfer": _blind_transfer,
    "AttendedTransfer": _attended_transfer,
    "OriginateResponse": _originated,
    "Hangup": _hangup,
    "QueueMemberAdded": _member,
    "QueueMemberPause": _member,
    "QueueMemberPenalty": _member,
    "QueueMemberRemoved": _member,
    "QueueMemberRinginuse": _member,
    "QueueMemberStatus": _member,
}
