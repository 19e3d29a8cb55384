"""What an operator or a supervisor may do with a call that goes on, and what an exchange must be told for it. Pure.

A call of two is a bridge of the exchange's own. For more than that it is led into a room (ConfBridge) named by the
call: there each leg stands for itself, so that one can be put on hold, a third called in and the operator let go. The
room keeps the citizen for as long as somebody who serves is in it; docs/asterisk/extensions.conf has the contexts.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from .legs import Phone
from .names import command_of, listener_id, party_id

ROOM, CITIZEN_ROOM, HOLD, TRANSFER = "hotline-conference", "hotline-citizen", "hotline-hold", "hotline-transfer"
SECONDS_TO_RING = 60
DIGIT = frozenset("0123456789*#ABCD")
RIGHTS = {
    "BlindTransfer": "call",
    "ConfbridgeMute": "call",
    "ConfbridgeUnmute": "call",
    "Getvar": "call",  # or reporting
    "Hangup": "call",
    "MixMonitorMute": "call",  # or system
    "Originate": "originate",
    "PlayDTMF": "call",
    "Redirect": "call",
}
"""The right of the manager user that each action needs, all of which it has. MuteAudio would need `system`, and Atxfer
a key of features.conf and the caller's patience until its digits are read."""


class Kind(StrEnum):
    HANG_UP = "hang_up"
    HOLD = "hold"
    RESUME = "resume"
    MUTE = "mute"
    UNMUTE = "unmute"
    DIGITS = "digits"
    UNRECORD = "unrecord"
    RECORD = "record"
    TRANSFER = "transfer"
    CONSULT = "consult"
    COMPLETE = "complete"
    CANCEL = "cancel"
    BRING_IN = "bring_in"
    LISTEN = "listen"
    WHISPER = "whisper"
    BARGE = "barge"
    TAKE_OVER = "take_over"


SPYING = {Kind.LISTEN: "qE", Kind.WHISPER: "qwE", Kind.BARGE: "qBE"}
"""Options of ChanSpy: without a tone, until the operator's leg ends; w: heard by the operator, B: by both."""
SUPERVISING = frozenset({*SPYING, Kind.TAKE_OVER})
HANDING_OVER = frozenset({Kind.TRANSFER, Kind.COMPLETE, Kind.TAKE_OVER})
CALLING = frozenset({Kind.TRANSFER, Kind.CONSULT, Kind.BRING_IN})
"""Those that need a number."""
GATHERING = frozenset({Kind.HOLD, Kind.MUTE, Kind.CONSULT, Kind.BRING_IN})
"""After those the call is in its room."""


class CommandError(ValueError):
    """What cannot be done with this call now: `code` says why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a call stands by what was done with it: in its room, its citizen on hold, its operator mute, its recording
    paused (`unrecorded`); `party`: the command by which somebody is consulted while the citizen waits."""

    room: bool = False
    on_hold: bool = False
    muted: bool = False
    unrecorded: bool = False
    party: int | None = None


def standing(done: Iterable[tuple[int, Kind]], *, there: Iterable[int] = ()) -> Standing:
    """How a call stands after these commands, in order. `there`: the parties that ring or talk."""
    parties = set(there)
    now = Standing()
    for command, kind in done:
        now = replace(now, room=now.room or kind in GATHERING)
        match kind:
            case Kind.HOLD:
                now = replace(now, on_hold=True)
            case Kind.RESUME:  # with whoever was consulted meanwhile
                now = replace(now, on_hold=False, party=None)
            case Kind.MUTE | Kind.UNMUTE:
                now = replace(now, muted=kind is Kind.MUTE)
            case Kind.UNRECORD | Kind.RECORD:
                now = replace(now, unrecorded=kind is Kind.UNRECORD)
            case Kind.CONSULT:
                now = replace(now, on_hold=True, party=command)
            case Kind.CANCEL | Kind.BRING_IN:
                now = replace(now, on_hold=False, party=None)
            case Kind.COMPLETE:
                now = Standing(room=True, unrecorded=now.unrecorded)
            case Kind.TRANSFER | Kind.TAKE_OVER:
                now = Standing(unrecorded=now.unrecorded)
    return now if now.party in parties else replace(now, party=None)


@dataclass(frozen=True, kw_only=True)
class Ends:
    """A call as the exchange has it: its id, the operator's channel, the citizen's, the one that is recorded (its
    first), and those of the parties that ring or talk, by their commands."""

    call_id: str
    operator: str
    citizen: str
    parties: Mapping[int, str]
    ringing: frozenset[int] = frozenset()
    recorder: str = ""


@dataclass(frozen=True, kw_only=True)
class Order:
    """A command: its number, and what it needs: `number` as it is dialled there, or the digits; `phone`: the channel by
    which a supervisor's own phone is rung."""

    id: int
    kind: Kind
    number: str = ""
    phone: str = ""
    caller: str = ""
    context: str = "from-agents"


@dataclass(frozen=True, kw_only=True)
class AmiAction:
    """One action of the manager interface. `needed`: when it is refused, nothing after it is done."""

    name: str
    fields: Mapping[str, str]
    needed: bool = True


def needs(order: Order, stands: Standing, ends: Ends) -> tuple[tuple[str, str], ...]:
    """The contexts and extensions into which a call is led by a command; whom an exchange leads into one that it does
    not have is cut off, so it is asked first."""
    led = (
        (action.fields.get(name, ""), action.fields.get(exten, ""))
        for action in actions(order, stands, ends)
        for name, exten in (("Context", "Exten"), ("ExtraContext", "ExtraExten"))
    )
    return tuple(dict.fromkeys(place for place in led if place[0]))


def actions(order: Order, stands: Standing, ends: Ends) -> tuple[AmiAction, ...]:
    """What the exchange must be told. CommandError where it cannot be done now."""
    return tuple(_actions(order, stands, ends))


def _actions(order: Order, stands: Standing, ends: Ends) -> Iterator[AmiAction]:
    _check(order, stands, ends)
    match order.kind:
        case Kind.HANG_UP:
            if stands.on_hold:  # else the queue would take them back
                yield from (_hang_up(channel) for channel in (ends.citizen, *ends.parties.values()))
            yield _hang_up(ends.operator)
        case Kind.HOLD:
            yield from _gather(stands, ends, citizen=HOLD)
        case Kind.RESUME:
            yield _lead(ends.citizen, CITIZEN_ROOM, ends.call_id)
        case Kind.MUTE:
            yield from _gather(stands, ends)
            yield _mute("ConfbridgeMute", ends)
        case Kind.UNMUTE:
            yield _mute("ConfbridgeUnmute", ends)
        case Kind.UNRECORD | Kind.RECORD:
            state = "1" if order.kind is Kind.UNRECORD else "0"
            fields = {"Channel": ends.recorder, "Direction": "both", "State": state}
            yield AmiAction(name="MixMonitorMute", fields=fields)
        case Kind.DIGITS:
            far = ends.parties[stands.party] if stands.party is not None else ends.citizen
            yield from (AmiAction(name="PlayDTMF", fields={"Channel": far, "Digit": each}) for each in order.number)
        case Kind.TRANSFER | Kind.TAKE_OVER:
            yield from _hand_over(order, stands, ends)
        case Kind.CONSULT:
            yield from _gather(stands, ends, citizen=HOLD)
            yield _call_in(order, ends)
        case Kind.BRING_IN:
            yield from _gather(stands, ends)
            yield _call_in(order, ends)
        case Kind.COMPLETE:
            yield _lead(ends.citizen, CITIZEN_ROOM, ends.call_id)
            yield _hang_up(ends.operator)
        case Kind.CANCEL:
            assert stands.party is not None
            yield _hang_up(ends.parties[stands.party])
            yield _lead(ends.citizen, CITIZEN_ROOM, ends.call_id)
        case _:
            yield _listen(order, ends)


def _check(order: Order, stands: Standing, ends: Ends) -> None:
    kind = order.kind
    if not ends.operator or not (ends.citizen or kind in SPYING):
        raise CommandError("not_talking")
    if kind in CALLING and not order.number:
        raise CommandError("no_number")
    if kind is Kind.DIGITS and not (order.number and DIGIT.issuperset(order.number)):
        raise CommandError("no_digits")
    if kind in SUPERVISING and not order.phone:
        raise CommandError("no_extension")
    if kind in (Kind.COMPLETE, Kind.CANCEL) and stands.party is None:
        raise CommandError("nobody_consulted")
    if kind is Kind.CONSULT and stands.party is not None:
        raise CommandError("consulting")
    undone = {Kind.RESUME: stands.on_hold, Kind.UNMUTE: stands.muted, Kind.RECORD: stands.unrecorded}
    if not undone.get(kind, True):
        raise CommandError("not_so")
    # Whoever is called in answers to nobody if the operator has gone by then.
    if kind in (Kind.HANG_UP, Kind.COMPLETE) and ends.ringing:
        raise CommandError("still_ringing")


def _gather(stands: Standing, ends: Ends, citizen: str = CITIZEN_ROOM) -> Iterator[AmiAction]:
    """Lead both legs into the room, or the citizen's alone where the operator is in it."""
    if stands.room:
        if stands.on_hold is not (citizen == HOLD):
            yield _lead(ends.citizen, citizen, ends.call_id)
        return
    both = {f"Extra{name}": value for name, value in _place(ROOM, ends.call_id).items()}
    fields = {"Channel": ends.citizen, "ExtraChannel": ends.operator, **_place(citizen, ends.call_id), **both}
    yield AmiAction(name="Redirect", fields=fields)


def _hand_over(order: Order, stands: Standing, ends: Ends) -> Iterator[AmiAction]:
    to = order.number or order.phone.rpartition("/")[2]
    if not stands.room:
        yield AmiAction(name="BlindTransfer", fields={"Channel": ends.operator, "Context": TRANSFER, "Exten": to})
        return
    yield _lead(ends.citizen, TRANSFER, to)
    for channel in ends.parties.values():
        yield _hang_up(channel)
    yield _hang_up(ends.operator)


def _call_in(order: Order, ends: Ends) -> AmiAction:
    """By the dialplan, which knows the lines: a Local channel, whose other half dials."""
    return AmiAction(
        name="Originate",
        fields={
            "Channel": f"Local/{order.number}@{order.context}/n",
            **_place(ROOM, ends.call_id),
            "Timeout": str(SECONDS_TO_RING * 1000),
            "Async": "true",
            "ChannelId": party_id(order.id, ends.call_id),
            **({"CallerID": order.caller} if order.caller else {}),
        },
    )


def _listen(order: Order, ends: Ends) -> AmiAction:
    return AmiAction(
        name="Originate",
        fields={
            "Channel": order.phone,
            "Application": "ChanSpy",
            "Data": f"{ends.operator},{SPYING[order.kind]}",
            "Timeout": str(SECONDS_TO_RING * 1000),
            "Async": "true",
            "ChannelId": listener_id(order.id, ends.call_id),
            **({"CallerID": order.caller} if order.caller else {}),
        },
    )


def _place(context: str, extension: str) -> dict[str, str]:
    return {"Context": context, "Exten": extension, "Priority": "1"}


def _lead(channel: str, context: str, extension: str) -> AmiAction:
    return AmiAction(name="Redirect", fields={"Channel": channel, **_place(context, extension)})


def _mute(name: str, ends: Ends) -> AmiAction:
    return AmiAction(name=name, fields={"Conference": ends.call_id, "Channel": ends.operator})


def _hang_up(channel: str) -> AmiAction:
    """Its leg may have ended by itself meanwhile."""
    return AmiAction(name="Hangup", fields={"Channel": channel}, needed=False)


def ends(
    call_id: str, root: str | None, phones: Iterable[Phone], operator: str, *, outgoing: bool, over: datetime | None
) -> Ends:
    """A call's ends from its facts. `root`: its first channel; `operator`: the id of the operator's leg; `over`: when
    the call ended, with which all do."""
    if over:
        return Ends(call_id=call_id, operator="", citizen="", parties={})
    by_id = {phone.id: phone for phone in phones}
    mine = root if operator == call_id else by_id[operator].channel if operator in by_id else None
    far = root
    if outgoing:
        met = [phone for phone in by_id.values() if phone.outside and phone.picked_up_at and not phone.ended_at]
        far = next((phone.channel for phone in met if command_of(phone.id) is None), None)
    parties = {
        command: phone
        for phone in by_id.values()
        if (command := command_of(phone.id)) is not None
        and phone.id != operator
        and phone.channel
        and not (phone.ended_at or phone.silent_at)
    }
    return Ends(
        call_id=call_id,
        operator=mine or "",
        citizen=far or "",
        recorder=root or "",
        parties={command: phone.channel or "" for command, phone in parties.items()},
        ringing=frozenset(command for command, phone in parties.items() if not phone.picked_up_at),
    )
