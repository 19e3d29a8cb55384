"""What the PBX must be told so that its queues have the operators the app says are there, and nobody else. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from caunoi.calls.pbx import Ami
from caunoi.telephony.events import MemberSeen
from caunoi.telephony.presence import Desk
from caunoi.telephony.skills import is_written, places

AUTO_PAUSE = "Auto-Pause"
"""Asterisk's own reason for the pause of a phone that rang in vain (autopause = yes)."""


@dataclass(frozen=True, kw_only=True)
class Operator:
    """Somebody on duty with a desk phone: `available` or on a `break` for a reason, which `ends` by itself or not.
    `skills`: telephony.skills."""

    username: str
    extension: str
    state: str
    reason: str = ""
    ends: datetime | None = None
    skills: Mapping[str, bool] = field(default_factory=dict, hash=False)

    def places(self, ami: Ami) -> dict[str, int]:
        """The queues in which they are to serve, with the penalty there."""
        return places(ami.queues, self.skills, self.extension)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One AMI action, with its parameters."""

    action: str
    fields: Mapping[str, str]


def steps(
    operators: Iterable[Operator],
    desks: Mapping[str, Desk],
    ami: Ami,
    *,
    former: Iterable[str] = (),
    there: Collection[str] = (),
) -> tuple[Step, ...]:
    """The actions that make the members of the queues those who are wanted; none where they are. `former`: queues that
    were ours and are to be emptied; `there`: those of skills and operators that the exchange has. Members that the
    exchange's own files name are left alone. All of them as of now: the desks change while the first is done."""
    return tuple(_steps(operators, desks, ami, former, there))


def _steps(
    operators: Iterable[Operator],
    desks: Mapping[str, Desk],
    ami: Ami,
    former: Iterable[str],
    there: Collection[str],
) -> Iterator[Step]:
    operator_at = {ami.phone(operator.extension): operator for operator in operators}
    places_of = {
        interface: {queue: penalty for queue, penalty in operator.places(ami).items() if queue in {*ami.queues, *there}}
        for interface, operator in operator_at.items()
    }
    ours = {*ami.queues, *former}
    for interface, desk in desks.items():
        for queue, place in desk.places.items():
            stays = queue in places_of.get(interface, ())
            if place.joined and not place.fixed and not stays and (queue in ours or is_written(queue)):
                yield _step("QueueRemove", queue, interface)
    for interface, operator in operator_at.items():
        for queue, penalty in places_of[interface].items():
            seen = desks[interface].places.get(queue) if interface in desks else None
            yield from _at_queue(operator, seen if seen and seen.joined else None, queue, interface, penalty)


def _at_queue(operator: Operator, place: MemberSeen | None, queue: str, interface: str, penalty: int) -> Iterator[Step]:
    paused = "true" if operator.state == "break" else "false"
    if place and place.member != operator.username and not place.fixed:
        yield _step("QueueRemove", queue, interface)  # somebody else sits at this phone now
        place = None
    if place is None:
        last = {"Penalty": str(penalty)} if penalty else {}
        yield _step("QueueAdd", queue, interface, MemberName=operator.username, Paused=paused, **last)
    elif place.penalty != penalty and not place.fixed:
        yield _step("QueuePenalty", queue, interface, Penalty=str(penalty))
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
