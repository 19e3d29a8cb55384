"""Calls out of events, in any order, twice or with gaps: `reduce` only ever adds facts, and everything about a call is
derived from its facts.

Times are kept as the earliest seen, evidence as sets, so adding facts is commutative and idempotent, and a call never
steps back: what has ended stays ended, what was answered stays answered. Seconds come from the events' own clock; what
the PBX counted itself is used only where one end was not seen.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

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
    LegEvent,
    Lost,
    MessageLeft,
    Missed,
    Outcome,
    PlaceKept,
    Queued,
    Recorded,
    Started,
    Transferred,
)
from .legs import Leg, Phone, add_fact, least, read_legs
from .names import CLICK_TO_CALL, leads_outside

Dated = tuple[datetime, str]

LONG_ENOUGH = 5.0  # seconds of talk, before silence says anything

# Why nobody answered, strongest first: a queue that is shut or empty explains a timeout, a timeout the hanging up.
REASONS = (
    Outcome.OUT_OF_HOURS,
    Outcome.JOIN_EMPTY,
    Outcome.TIMEOUT,
    Outcome.BUSY,
    Outcome.NO_ANSWER,
    Outcome.ABANDONED,
)


class State(StrEnum):
    WAITING = "waiting"
    RINGING = "ringing"
    TALKING = "talking"
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call. The fields are facts as they were seen; read the properties."""

    call_id: str
    seen_at: datetime
    outgoing: bool = False
    channel: str | None = None
    first_caller: Dated | None = None
    first_dialled: Dated | None = None
    started_at: datetime | None = None
    joined: Dated | None = None
    left_at: datetime | None = None
    gave_up_at: datetime | None = None
    waited_told: float | None = None
    reasons: frozenset[Outcome] = frozenset()
    end_reasons: frozenset[Outcome] = frozenset()
    phones: tuple[Phone, ...] = ()
    transferred_to: Dated | None = None
    message_left: bool = False
    message_file: Dated | None = None
    recorded_file: Dated | None = None
    expected_file: str | None = None
    announced: bool = False
    unrecorded: bool = False
    pressed: tuple[Dated, ...] = ()
    kept_place: Dated | None = None
    graded: Dated | None = None
    packets: int | None = None
    ended_at: datetime | None = None
    lost_at: datetime | None = None

    @property
    def direction(self) -> Direction:
        return Direction.OUT if self.outgoing else Direction.IN

    @property
    def caller(self) -> str | None:
        return self.first_caller and self.first_caller[1]

    @property
    def dialled(self) -> str | None:
        """What was dialled first, before any transfer."""
        if self.outgoing:
            far = [phone.outside for phone in self.phones if phone.outside]
            return self.first_dialled[1] if self.first_dialled else next(iter(far), None)
        return self.first_dialled and self.first_dialled[1]

    @property
    def internal(self) -> bool:
        """Whether no citizen has a part in it: operators among themselves, listening in, a phone lifted and laid
        down."""
        if not self.outgoing or self.joined or self.call_id.startswith(CLICK_TO_CALL):
            return False
        return not any(phone.outside for phone in self.phones) and not leads_outside(self.dialled or "")

    @property
    def is_turn(self) -> bool:
        """Whether it stands in the queue for somebody who hung up, and calls them when it is their turn."""
        return self.outgoing and self.joined is not None

    @property
    def queue(self) -> str | None:
        return self.joined and self.joined[1]

    @property
    def joined_at(self) -> datetime | None:
        return self.joined and self.joined[0]

    @property
    def over_at(self) -> datetime | None:
        """When it ended, or was found to have ended unseen."""
        return self.ended_at or self.lost_at

    @property
    def began_at(self) -> datetime:
        """The earliest moment at which it was seen."""
        phones = [at for phone in self.phones for at in (phone.rang_at, phone.picked_up_at, phone.answered_at)]
        moments = [at for at in (self.started_at, self.joined_at, *phones, self.over_at) if at]
        return min(moments, default=self.seen_at)

    @property
    def legs(self) -> tuple[Leg, ...]:
        """The operators' phones that were rung, in order. On an outgoing call the citizen's phone is none."""
        return read_legs(
            tuple(phone for phone in self.phones if phone.id != self.call_id) if self.is_turn else self.phones,
            root=(self.call_id, self.channel, self.started_at) if self.outgoing and not self.is_turn else None,
            calls_out=self.outgoing,
            began_at=self.began_at,
            over_at=self.over_at,
            seen_at=self.seen_at,
        )

    @property
    def connected_at(self) -> datetime | None:
        """When citizen and operator could first talk."""
        return min((leg.talk_from for leg in self.legs if leg.talk_from), default=None)

    @property
    def state(self) -> State:
        if self.over_at:
            return State.ENDED
        legs = self.legs
        if any(leg.talking for leg in legs):
            return State.TALKING
        return State.RINGING if any(leg.outcome is Outcome.UNKNOWN for leg in legs) else State.WAITING

    @property
    def outcome(self) -> Outcome:
        """Final once the root hung up. Unknown until then, and where too little was seen to say. Of a call whose end
        was not seen it is what was told before."""
        # Without its beginning it is not even sure which way a call went; a queue has only callers.
        if not self.over_at or not (self.started_at or self.joined):
            return Outcome.UNKNOWN
        legs = self.legs
        if any(leg.connected for leg in legs):
            return Outcome.ANSWERED
        if self.outgoing:
            not_met = self._unanswered_turn if self.is_turn else self._unanswered_out
            return not_met() if self.ended_at else Outcome.UNKNOWN
        return self._evidence() or (self._unanswered_in(legs) if self.ended_at else Outcome.UNKNOWN)

    def _unanswered_out(self) -> Outcome:
        if [phone.id for phone in self.phones] == [self.call_id]:
            return Outcome.NO_ANSWER  # only the operator's own phone was rung, and the citizen's never
        refusals = {phone.refusal for phone in self.phones} | self.end_reasons
        if Outcome.BUSY in refusals:
            return Outcome.BUSY
        rung_in_vain = refusals - {None} or all(phone.id == self.call_id for phone in self.phones)
        return Outcome.NO_ANSWER if rung_in_vain else Outcome.UNKNOWN

    def _unanswered_turn(self) -> Outcome:
        phones = [phone for phone in self.phones if phone.id != self.call_id]
        refusals = {phone.refusal for phone in phones if phone.is_far} - {None}
        if refusals:
            return Outcome.BUSY if Outcome.BUSY in refusals else Outcome.NO_ANSWER
        if any(phone.picked_up_at or phone.answered_at or phone.completed_at for phone in phones):
            return Outcome.UNKNOWN
        return self._evidence() or Outcome.TIMEOUT  # no operator was free to call them

    def _evidence(self) -> Outcome | None:
        """Why nobody answered, where the exchange has said so."""
        if self.message_left:
            return Outcome.VOICEMAIL
        if self.kept_place:
            return Outcome.KEEPS_PLACE
        strongest = next((reason for reason in REASONS if reason in self.reasons), None)
        return strongest or (Outcome.ABANDONED if self.gave_up_at else None)

    def _unanswered_in(self, legs: tuple[Leg, ...]) -> Outcome:
        if self.joined:
            lifted = any(phone.picked_up_at for phone in self.phones)
            return Outcome.UNKNOWN if lifted else Outcome.ABANDONED
        # Dialled without a queue: the phones say why.
        refusals = {leg.outcome for leg in legs}
        return next((each for each in (Outcome.ABANDONED, *REASONS) if each in refusals), Outcome.ABANDONED)

    @property
    def waited(self) -> float:
        """Seconds in the queue, up to the connection or to giving up; 0 without a queue."""
        if not self.joined_at:
            return self.waited_told or 0.0
        answered = [leg.talk_from for leg in self.legs if leg.talk_from and leg.talk_from >= self.joined_at]
        until = least(min(answered, default=None) or self.left_at, self.over_at) or self.seen_at
        return max(0.0, (until - self.joined_at).total_seconds())

    @property
    def talked(self) -> float:
        """Seconds, all operators together; never longer than the call."""
        talked = sum(leg.talked for leg in self.legs)
        return talked if self.length is None else min(talked, self.length)

    @property
    def waited_in_vain(self) -> bool:
        """Whether who had talked was put back into the queue, and nobody talked to them any more: their operator's
        phone was lost, or nobody picked up whom they were handed over to."""
        ends = [leg.ended_at for leg in self.legs if leg.talk_from]
        if not self.over_at or self.gave_up_at is None or not ends:
            return False
        return all(end is not None and end < self.gave_up_at for end in ends)

    @property
    def length(self) -> float | None:
        """Seconds from its beginning to its end; None while it goes on."""
        return (self.over_at - self.began_at).total_seconds() if self.over_at else None

    @property
    def one_way(self) -> str:
        """Whose sound never came, though they were put through: "citizen", "operator", or ""."""
        if self.talked < LONG_ENOUGH:
            return ""
        if self.packets == 0:
            return "operator" if self.outgoing else "citizen"
        counts = [phone.packets for phone in self.phones if phone.picked_up_at or phone.answered_at]
        return "operator" if counts and not self.outgoing and all(count == 0 for count in counts) else ""

    @property
    def transferred(self) -> bool:
        return self.transferred_to is not None

    @property
    def recording(self) -> str | None:
        """The file or address of the message or of the talk, as told, else the name our dialplan gives it."""
        if self.outcome is Outcome.VOICEMAIL and self.message_file:
            return self.message_file[1]
        if self.unrecorded:
            return None
        if self.outcome in (Outcome.ANSWERED, Outcome.VOICEMAIL):
            return self.recorded_file[1] if self.recorded_file else self.expected_file
        return None


def contradictions(call: Call) -> tuple[str, ...]:
    """What a call says that cannot be, in words for the log; nothing, whatever was seen of it in whatever order."""
    legs, outcome, length, over = call.legs, call.outcome, call.length, call.over_at
    connected = any(leg.connected for leg in legs)
    sure = over and (call.started_at or call.joined)
    wrong = {
        "talked longer than it was": length is not None and max([call.talked, *(leg.talked for leg in legs)]) > length,
        "waited longer than it was": call.joined_at and length is not None and call.waited > length,
        "an outcome before its end": not over and outcome is not Outcome.UNKNOWN,
        "answered by nobody": outcome is Outcome.ANSWERED and not connected,
        "somebody talked, and it was not answered": sure and connected and outcome is not Outcome.ANSWERED,
        "talk before it": any(leg.talk_from and leg.talk_from < call.began_at for leg in legs),
        "a phone after it": over and any(leg.ringing or leg.talking or (leg.ended_at or over) > over for leg in legs),
        "a recording of nothing": call.recording and outcome not in (Outcome.ANSWERED, Outcome.VOICEMAIL),
    }
    return tuple(words for words, so in wrong.items() if so)


def fold(events: Iterable[CallEvent]) -> dict[str, Call]:
    """All calls in a run of events, by id, in order of appearance."""
    calls: dict[str, Call] = {}
    for event in events:
        calls[event.call_id] = reduce(calls.get(event.call_id), event)
    return calls


def _first(current: Dated | None, at: datetime, value: str) -> Dated:
    return min(current, (at, value)) if current else (at, value)


def _last(current: datetime | None, at: datetime) -> datetime:
    return max(current, at) if current else at


def reduce(call: Call | None, event: CallEvent) -> Call:
    """Add an event's facts to those of its call."""
    if call is None:
        call = Call(call_id=event.call_id, seen_at=event.at)
    changes = _facts_of_any(call, event) | _facts_of_kind(call, event) | _facts_of_dialplan(call, event)
    return replace(call, **changes)  # type: ignore[arg-type]


def _facts_of_any(call: Call, event: CallEvent) -> dict[str, object]:
    """The columns that an event of any kind may change."""
    changes: dict[str, object] = {}
    if event.at > call.seen_at:
        changes["seen_at"] = event.at
    if event.caller is not None:
        changes["first_caller"] = _first(call.first_caller, event.at, event.caller)
    if event.dialled is not None:
        changes["first_dialled"] = _first(call.first_dialled, event.at, event.dialled)
    return changes


def _facts_of_kind(call: Call, event: CallEvent) -> dict[str, object]:
    """The columns that this kind of event changes."""
    at = event.at
    changes: dict[str, object] = {}
    match event:
        case LegEvent():
            changes["phones"] = add_fact(call.phones, event)
            if isinstance(event, Answered) and event.waited is not None:
                changes["waited_told"] = least(call.waited_told, event.waited)
        case Started():
            changes["started_at"] = least(call.started_at, at)
            changes["outgoing"] = call.outgoing or event.direction is Direction.OUT
            changes["channel"] = least(call.channel, event.channel)
        case Queued():
            changes["joined"] = _first(call.joined, at, event.queue)
        case LeftQueue():
            changes["left_at"] = _last(call.left_at, at)
            changes["waited_told"] = least(call.waited_told, event.waited)
        case GaveUp():
            changes["gave_up_at"] = _last(call.gave_up_at, at)
            changes["waited_told"] = least(call.waited_told, event.waited)
        case Missed():
            changes["reasons"] = call.reasons | {event.reason}
        case Transferred():
            changes["transferred_to"] = _first(call.transferred_to, at, event.to or "")
        case MessageLeft():
            changes["message_left"] = True
            if event.file:
                changes["message_file"] = _first(call.message_file, at, event.file)
        case Recorded():
            changes["recorded_file"] = _first(call.recorded_file, at, event.file)
        case Ended():
            changes["ended_at"] = least(call.ended_at, at)
            changes["expected_file"] = least(call.expected_file, event.expected_file)
            if event.reason:
                changes["end_reasons"] = call.end_reasons | {event.reason}
        case Lost():
            changes["lost_at"] = least(call.lost_at, at)
    return changes


def _facts_of_dialplan(call: Call, event: CallEvent) -> dict[str, object]:
    """The columns that something changes which the dialplan alone tells: keys that were pressed, what was heard."""
    at = event.at
    match event:
        case ConsentAsked():
            announced, unrecorded = call.announced or event.announced, call.unrecorded or not event.recorded
            return {"announced": announced, "unrecorded": unrecorded}
        case KeyPressed():
            return {"pressed": tuple(sorted({*call.pressed, (at, f"{event.menu}:{event.key}")}))}
        case PlaceKept():
            return {"kept_place": _first(call.kept_place, at, event.number)}
        case CitizenPackets():
            return {"packets": max(call.packets or 0, event.packets)}
        case Graded():
            return {"graded": _first(call.graded, at, event.grade)}
    return {}
