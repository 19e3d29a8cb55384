"""What happens to a call and to an operator's phone, in our words: the one vocabulary of every PBX.

Asterisk (`asterisk.py`) and the cloud PBXs (`connectors/`) are translated into these; `calls.py` and `presence.py` read
nothing else. `at` is the PBX's own clock, UTC. `call_id` is Asterisk's Linkedid or the provider's call id; `leg` names
one phone that was rung for a call (Asterisk: its Uniqueid).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Direction(StrEnum):
    IN = "in"
    OUT = "out"


class Outcome(StrEnum):
    """How a call, or one phone rung for it, ended. `unknown`: not over, or its end was not seen."""

    ANSWERED = "answered"
    VOICEMAIL = "voicemail"
    KEEPS_PLACE = "keeps_place"  # hung up to be called when it is their turn
    OUT_OF_HOURS = "out_of_hours"
    JOIN_EMPTY = "join_empty"
    TIMEOUT = "timeout"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    ABANDONED = "abandoned"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class CallEvent:
    """Something happened to a call. `caller` and `dialled` are given wherever the PBX repeats them."""

    call_id: str
    at: datetime
    caller: str | None = None
    dialled: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Started(CallEvent):
    """The call exists. `channel` is the first channel: the caller's, or the operator's own on an outgoing call."""

    direction: Direction
    channel: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Queued(CallEvent):
    queue: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LeftQueue(CallEvent):
    """The caller waits no longer, for whatever reason. `waited`: seconds, as the PBX counted them."""

    waited: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class GaveUp(CallEvent):
    """The queue lost its caller; Asterisk says so on a timeout too. `waited`: seconds, as the PBX counted them."""

    waited: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Missed(CallEvent):
    """The PBX says why nobody will answer."""

    reason: Outcome


@dataclass(frozen=True, kw_only=True, slots=True)
class LegEvent(CallEvent):
    """Something happened to one phone. `member` is the queue's name for its operator, `channel` the PBX's channel."""

    leg: str
    member: str | None = None
    channel: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Rang(LegEvent):
    """A phone rings. `by` is the channel that dials it; `outside` the number, where it is no phone of ours."""

    by: str | None = None
    outside: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RingEnded(LegEvent):
    """A phone stopped ringing unanswered: no_answer, busy, or abandoned (ended by the caller or by another phone)."""

    reason: Outcome
    rang: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PickedUp(LegEvent):
    """A phone was lifted; a queue may still play its operator an announcement before it connects the caller."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered(LegEvent):
    """Caller and operator are connected. `rang`, `waited`: seconds, as the PBX counted them."""

    rang: float | None = None
    waited: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LegEnded(LegEvent):
    """A phone left the call. `talked` (seconds, as the PBX counted them) says that it had been connected."""

    talked: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Transferred(CallEvent):
    """The call was handed to another number, successfully."""

    to: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageLeft(CallEvent):
    file: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsentAsked(CallEvent):
    """The caller was told of the recording (`announced`), and is recorded or not."""

    announced: bool
    recorded: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyPressed(CallEvent):
    """In a menu; an empty `key` where none was pressed."""

    menu: str
    key: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PlaceKept(CallEvent):
    """Who waited hangs up, and is called at `number` when it is their turn: by another call, which stands in the
    queue for them."""

    number: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Graded(CallEvent):
    """The caller gave a grade by key after the talk."""

    grade: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded(CallEvent):
    """The talk is recorded in `file`: a path on the PBX, or an address to fetch at once."""

    file: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CitizenPackets(CallEvent):
    """How many packets of sound came by the call's first phone until it ended: the citizen's, or, on a call out, the
    operator's own."""

    packets: int


@dataclass(frozen=True, kw_only=True, slots=True)
class LegPackets(LegEvent):
    """How many packets of sound came from a phone until it ended."""

    packets: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended(CallEvent):
    """The root hung up: the call is over.

    `reason` only where the PBX says more than that it is over. `expected_file`: the name a recording has by convention.
    """

    reason: Outcome | None = None
    expected_file: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Lost(CallEvent):
    """The PBX no longer knows a call that was open here: its end was missed."""


class Device(StrEnum):
    """The state of an operator's phone; Asterisk's device states, folded to what a supervisor needs."""

    UNKNOWN = "unknown"
    IDLE = "idle"
    RINGING = "ringing"
    BUSY = "busy"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, kw_only=True, slots=True)
class MemberSeen:
    """An operator's place in a queue, whole, as of `at`. `joined` False: signed out of that queue. `fixed`: the
    exchange's own files name it, and nobody can sign it out. `penalty`: those of a lower one are rung first."""

    at: datetime
    queue: str
    interface: str
    member: str
    joined: bool
    paused: bool
    reason: str
    device: Device
    fixed: bool = False
    penalty: int = 0
