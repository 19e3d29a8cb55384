"""What the PBX must be told so that its queues have the operators the app says are there, and nobody else. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from caunoi.calls.pbx import Ami
from caunoi.telephony.events import MemberSeen
from caunoi.telephony.presence import Desk

AUTO_PAUSE = "Auto-Pause"
"""Asterisk's own reason for the pause of a phone that rang in vain (autopause = yes)."""


@dataclass(frozen=True, kw_only=True)
class Operator:
    """Somebody on duty with a desk phone: `available` or on a `break` for a reason, which `ends` by itself or not."""

    username: str
    extension: str
    state: str
    reason: str = ""
    ends: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Step:
    """One AMI action, with its parameters."""

    action: str
    fields: Mapping[str, str]


def steps(
    operators: Iterable[Operator], desks: Mapping[str, Desk], ami: Ami, *, former: Iterable[str] = ()
) -> tuple[Step, ...]:
    """The actions that make the members of the queues those who are wanted; none where they are. `former`: queues that
    were ours and are to be emptied. Members that the exchange's own files name are left alone. All of them as of now:
    the desks change while the first is done."""
    return tuple(_steps(operators, desks, ami, former))


def _steps(operators: Iterable[Operator], desks: Mapping[str, Desk], ami: Ami, former: Iterable[str]) -> Iterator[Step]:
    operator_at = {ami.phone(operator.extension): operator for operator in operators}
    for interface, desk in desks.items():
        for queue, place in desk.places.items():
            stays = queue in ami.queues and interface in operator_at
            if place.joined and not place.fixed and not stays and queue in {*ami.queues, *former}:
                yield _step("QueueRemove", queue, interface)
    for interface, operator in operator_at.items():
        for queue in ami.queues:
            seen = desks[interface].places.get(queue) if interface in desks else None
            yield from _at_queue(operator, seen if seen and seen.joined else None, queue, interface)


def _at_queue(operator: Operator, place: MemberSeen | None, queue: str, interface: str) -> Iterator[Step]:
    paused = "true" if operator.state == "break" else "false"
    if place and place.member != operator.username and not place.fixed:
        yield _step("QueueRemove", queue, interface)  # somebody else sits at this phone now
        place = None
    if place is None:
        yield _step("QueueAdd", queue, interface, MemberName=operator.username, Paused=paused)
    current = (place.paused, place.reason if place.paused else "") if place else (False, "")
    if current != (operator.state == "break", operator.reason):
        word = {"Reason": operator.reason} if operator.reason else {}
        yield _step("QueuePause", queue, interface, Paused=paused, **word)


def _step(action: str, queue: str, interface: str, **fields: str) -> Step:
    return Step(action=action, fields={"Queue": queue, "Interface": interface, **fields})


def rung_in_vain(desks: Iterable[Desk]) -> Iterator[MemberSeen]:
    """The places that the exchange itself paused because nobody answered."""
    for desk in desks:
        yield from (
            place for place in desk.places.values() if place.joined and place.paused and place.reason == AUTO_PAUSE
        )
