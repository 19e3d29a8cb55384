"""The phones that were rung for one call: facts as they were seen (`Phone`), and what they mean together (`Leg`)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from .events import Answered, LegEnded, LegEvent, LegPackets, Outcome, PickedUp, Rang, RingEnded
from .names import command_of, endpoint

# What a phone said, strongest first: a refusal is followed by a cancel that is only its echo.
REFUSALS = (Outcome.BUSY, Outcome.NO_ANSWER, Outcome.ABANDONED)


@dataclass(frozen=True, kw_only=True)
class Phone:
    """One phone's facts. `by`: the channel that dialled it; `outside`: its number, where it is no phone of ours."""

    id: str
    member: str | None = None
    channel: str | None = None
    by: str | None = None
    outside: str | None = None
    rang_at: datetime | None = None
    silent_at: datetime | None = None
    refusals: frozenset[Outcome] = frozenset()
    picked_up_at: datetime | None = None
    answered_at: datetime | None = None
    completed_at: datetime | None = None
    hung_up_at: datetime | None = None
    rang_told: float | None = None
    talked_told: float | None = None
    packets: int | None = None

    @property
    def refusal(self) -> Outcome | None:
        return next((each for each in REFUSALS if each in self.refusals), None)

    @property
    def was_rung(self) -> bool:
        """False where all that was seen is a channel that went away."""
        seen = self.rang_at or self.picked_up_at or self.answered_at or self.completed_at
        return bool(seen or self.refusals)

    @property
    def is_far(self) -> bool:
        """On a call that stands in the queue for a citizen: theirs is the phone that is no member's."""
        return bool(self.outside) or not self.member

    @property
    def ended_at(self) -> datetime | None:
        # A queue's own word first: a Local channel is optimised away, and so hangs up, right after the answer.
        return self.completed_at or self.hung_up_at

    def connected_at(self, *, outgoing: bool) -> datetime | None:
        """When it was put through. A queue's phone can be lifted and yet lose its caller to an announcement, so there
        the queue must have said so."""
        lifted = self.picked_up_at if outgoing or not self.member or self.completed_at else None
        return self.answered_at or lifted


@dataclass(frozen=True, kw_only=True)
class Leg:
    """One operator's part in a call. `talk_from`: when citizen and operator could talk; seconds `rang`, `talked`.

    `outcome`: answered (the operator picked up), no_answer, busy, abandoned (the caller hung up meanwhile), or unknown
    while it rings. `beaten`: another phone was quicker; nothing this operator did. `ringing`: it rings, or, on a call
    out, has been picked up and the citizen's rings.
    """

    id: str
    operator: str
    rang_at: datetime | None
    talk_from: datetime | None
    ended_at: datetime | None
    rang: float
    talked: float
    outcome: Outcome
    beaten: bool
    ringing: bool

    @property
    def talking(self) -> bool:
        return self.talk_from is not None and self.ended_at is None

    @property
    def connected(self) -> bool:
        return self.talk_from is not None or self.talked > 0


def least[T: (datetime, str, float)](one: T | None, other: T | None) -> T | None:
    """The smaller of two facts, where both are there: the earliest time, whichever name."""
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


NAMELESS = "member:"
IN_VAIN = "in_vain:"


def add_fact(phones: tuple[Phone, ...], event: LegEvent) -> tuple[Phone, ...]:
    """Add an event's facts; the order of phones is theirs, not the events'. An event on an operator's phone that does
    not name the phone (Asterisk's AgentComplete once that channel has ended, its logs) is kept under the name of the
    operator, else of the channel; what rang in vain apart from what was answered."""
    by_id = {phone.id: phone for phone in phones}
    in_vain = IN_VAIN if isinstance(event, RingEnded) else ""
    key = event.leg or f"{NAMELESS}{in_vain}{event.member or event.channel or ''}"
    by_id[key] = _learn(by_id.get(key) or Phone(id=key), event)
    return tuple(by_id[key] for key in sorted(by_id))


def _learn(phone: Phone, event: LegEvent) -> Phone:
    at = event.at
    changes: dict[str, object] = {}
    match event:
        case Rang():
            changes = {"rang_at": least(phone.rang_at, at), "by": least(phone.by, event.by)}
            changes["outside"] = least(phone.outside, event.outside)
        case RingEnded():
            changes = {"silent_at": least(phone.silent_at, at), "refusals": phone.refusals | {event.reason}}
            changes["rang_told"] = least(phone.rang_told, event.rang)
        case PickedUp():
            changes = {"picked_up_at": least(phone.picked_up_at, at)}
        case Answered():
            changes = {"answered_at": least(phone.answered_at, at), "rang_told": least(phone.rang_told, event.rang)}
        case LegPackets():
            changes = {"packets": max(phone.packets or 0, event.packets)}
        case LegEnded(talked=None):
            changes = {"hung_up_at": least(phone.hung_up_at, at)}
        case LegEnded():
            changes = {"completed_at": least(phone.completed_at, at)}
            changes["talked_told"] = least(phone.talked_told, event.talked)
    changes["member"] = least(phone.member, event.member)
    changes["channel"] = least(phone.channel, event.channel)
    return replace(phone, **changes)  # type: ignore[arg-type]


def read_legs(
    phones: tuple[Phone, ...],
    *,
    root: tuple[str, str | None, datetime | None] | None,
    calls_out: bool,
    began_at: datetime,
    over_at: datetime | None,
    seen_at: datetime,
) -> tuple[Leg, ...]:
    """The operators' legs of a call, none of which talked longer than the call was. `root`: id, channel and start of an
    outgoing call's first channel, an operator's. `calls_out`: the citizen is called; without a `root` by whoever the
    queue found."""
    rung = [phone for phone in _outermost(_with_operators(phones)) if phone.was_rung]
    far: list[Phone] = []
    if calls_out and not root:
        far = [phone for phone in rung if phone.is_far]
        rung = [phone for phone in rung if not phone.is_far]
    if root:
        root_id, channel, started_at = root
        # Outside numbers are the citizen's side; on a call between operators it is whichever phone is not the root's.
        others = [phone for phone in rung if phone.id != root_id and command_of(phone.id) is None]
        far = [phone for phone in others if phone.outside] or others
        rung = [phone for phone in rung if phone not in far]
        if channel and started_at and not any(phone.id == root_id for phone in rung):
            rung.append(Phone(id=root_id, channel=channel, rang_at=started_at, picked_up_at=started_at))
    met = [(at, phone.ended_at) for phone in far if (at := phone.connected_at(outgoing=True))]
    far_from = min((at for at, _ in met), default=None)
    far_until = min((until for _, until in met if until), default=None)
    legs = []
    for phone in sorted(rung, key=lambda phone: (_begun(phone, seen_at), phone.id)):
        picked_up = phone.connected_at(outgoing=root is not None)
        talk_from, ended_at = picked_up, least(phone.ended_at, over_at)
        if calls_out:
            talk_from = max(picked_up, far_from) if picked_up and far_from else None
            ended_at = least(ended_at, far_until) if talk_from else ended_at
        waits = bool(calls_out and picked_up and not talk_from and not ended_at)  # while the citizen's phone rings
        talk_from = least(talk_from, over_at) if talk_from else None
        talked_told = phone.talked_told if far_from or not calls_out else None
        talked = _between(talk_from, ended_at or seen_at) if talk_from else talked_told or 0.0
        # Whoever is called into a call is rung besides the others, and for nobody's sake.
        beaten_at = None if picked_up or command_of(phone.id) is not None else _beaten_at(phone, rung)
        silent_at = phone.silent_at or phone.ended_at or beaten_at or over_at
        legs.append(
            Leg(
                id=phone.id,
                operator=phone.member or phone.outside or endpoint(phone.channel or phone.id),
                rang_at=phone.rang_at,
                talk_from=talk_from,
                ended_at=ended_at if picked_up else least(silent_at, over_at),
                rang=_rang(phone, phone.picked_up_at or picked_up or silent_at or seen_at),
                talked=min(talked, _between(began_at, over_at or seen_at)) if over_at else talked,
                outcome=_outcome(phone, picked_up, silent_at, beaten=beaten_at is not None),
                beaten=beaten_at is not None,
                ringing=waits or not (phone.picked_up_at or picked_up or silent_at),
            )
        )
    return tuple(legs)


def _with_operators(phones: tuple[Phone, ...]) -> tuple[Phone, ...]:
    """The phones, with the facts of an operator's nameless one added where they belong: to that operator's phone which
    was connected last and whose end the queue has not reported. What rang in vain is one more only where none of
    theirs is known to have done so."""
    by_id = {phone.id: phone for phone in phones if not _nameless(phone)}
    for phone in phones:
        if not _nameless(phone):
            continue
        theirs = [each for each in by_id.values() if _one_of(each, phone)]
        if phone.refusals:
            if not any(each.refusals for each in theirs):
                by_id[phone.id] = phone
            continue
        theirs = [each for each in theirs if not each.refusals]
        waiting = [each for each in theirs if not each.completed_at]
        if waiting:
            last = max(waiting, key=_connected_last)
            facts = ("rang_at", "picked_up_at", "completed_at", "hung_up_at", "talked_told", "outside")
            joint: dict[str, Any] = {name: least(getattr(last, name), getattr(phone, name)) for name in facts}
            by_id[last.id] = replace(last, **joint)
        elif not theirs:
            by_id[phone.id] = phone
    return tuple(by_id.values())


def _one_of(phone: Phone, nameless: Phone) -> bool:
    if nameless.member or not nameless.channel:
        return phone.member == nameless.member
    return phone.channel == nameless.channel


def _connected_last(phone: Phone) -> tuple[bool, float, str]:
    at = phone.answered_at or phone.picked_up_at or phone.rang_at
    return (phone.answered_at is not None, at.timestamp() if at else 0.0, phone.id)


def _nameless(phone: Phone) -> bool:
    # "" is how such a phone was kept until November 2026.
    return not phone.id or phone.id.startswith(NAMELESS)


def _outermost(phones: tuple[Phone, ...]) -> Iterator[Phone]:
    """Leave out the phone behind a Local channel that was itself rung: one leg, the queue's."""
    rung_locals = {
        phone.channel.removesuffix(";1")
        for phone in phones
        if phone.was_rung and phone.channel and phone.channel.startswith("Local/")
    }
    for phone in phones:
        if not (phone.by and phone.by.removesuffix(";2") in rung_locals):
            yield phone


def _begun(phone: Phone, seen_at: datetime) -> datetime:
    return phone.rang_at or phone.picked_up_at or phone.answered_at or phone.silent_at or phone.ended_at or seen_at


def _between(start: datetime, end: datetime) -> float:
    return max(0.0, (end - start).total_seconds())


def _rang(phone: Phone, until: datetime) -> float:
    return _between(phone.rang_at, until) if phone.rang_at else phone.rang_told or 0.0


def _outcome(phone: Phone, picked_up: datetime | None, silent_at: datetime | None, *, beaten: bool) -> Outcome:
    if picked_up or phone.completed_at:
        return Outcome.ANSWERED
    if phone.refusal and not beaten:
        return phone.refusal
    if phone.picked_up_at and silent_at:
        return Outcome.ABANDONED
    return Outcome.NO_ANSWER if silent_at else Outcome.UNKNOWN


def _beaten_at(phone: Phone, rung: list[Phone]) -> datetime | None:
    """When another phone was lifted while this one rang, if that is what silenced it."""
    if not phone.rang_at or phone.picked_up_at or phone.refusal in (Outcome.BUSY, Outcome.NO_ANSWER):
        return None
    lifted = [other.answered_at or other.picked_up_at for other in rung if other.id != phone.id]
    first = min((at for at in lifted if at and at >= phone.rang_at), default=None)
    silent_at = phone.silent_at or phone.ended_at
    # Asterisk stamps the winner's and the loser's end in any order, some hundred microseconds apart.
    return first if first and (not silent_at or first - silent_at < timedelta(seconds=1)) else None
