"""An operator's place in a queue, and the present calls, in Asterisk's words: events and lists alike."""

from collections.abc import Iterable
from datetime import datetime

from .ami import Packet
from .events import Device, MemberSeen
from .names import endpoint

DEVICE_STATE = {
    "1": Device.IDLE,
    "2": Device.BUSY,
    "3": Device.BUSY,
    "4": Device.UNREACHABLE,
    "5": Device.UNREACHABLE,
    "6": Device.RINGING,
    "7": Device.BUSY,
    "8": Device.BUSY,
}


def open_calls(channels: Iterable[Packet]) -> frozenset[str]:
    """The ids of the calls that the PBX has now, from the list that CoreShowChannels answers."""
    return frozenset(packet["Linkedid"] for packet in channels if packet.value("Linkedid"))


def member_of(packet: Packet, at: datetime) -> MemberSeen:
    """An operator's place in a queue, from a QueueMember… event or from an item of QueueStatus' list."""
    interface = packet.value("Interface") or packet["Location"]
    return MemberSeen(
        at=at,
        queue=packet["Queue"],
        interface=interface,
        member=packet.value("MemberName") or packet.value("Name") or endpoint(interface),
        joined=packet["Event"] != "QueueMemberRemoved",
        paused=packet["Paused"] == "1",
        reason=packet["PausedReason"],
        device=DEVICE_STATE.get(packet["Status"], Device.UNKNOWN),
        fixed=packet["Membership"] == "static",
        penalty=int(packet["Penalty"]) if packet["Penalty"].isdecimal() else 0,
    )
