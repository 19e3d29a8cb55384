"""What the PBX must be told so that its queues have the operators the app says are there. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from caunoi.calls.pbx import Ami
from caunoi.telephony.events import MemberSeen
from caunoi.telephony.presence import Desk


@dataclass(frozen=True, kw_only=True)
class Operator:
    """Somebody with a desk phone, and what they said last: `available`, `break` or `off`."""

    username: str
    extension: str
    state: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One action of AMI."""

    action: str
    fields: Mapping[str, str]


def steps(operators: Iterable[Operator], desks: Mapping[str, Desk], ami: Ami) -> Iterator[Step]:
    """The actions that make the PBX agree; none where it does. Who has said nothing yet is left alone."""
    for operator in operators:
        interface = ami.phone(operator.extension)
        desk = desks.get(interface)
        for queue in ami.queues:
            place = desk.places.get(queue) if desk else None
            yield from _step(operator, place if place and place.joined else None, queue, interface)


def _step(operator: Operator, place: MemberSeen | None, queue: str, interface: str) -> Iterator[Step]:
    here = {"Queue": queue, "Interface": interface}
    if operator.state == "off":
        if place:
            yield Step(action="QueueRemove", fields=here)
        return
    paused, reason = operator.state == "break", operator.reason
    if place is None:
        name = {"MemberName": operator.username, "Paused": "true" if paused else "false"}
        yield Step(action="QueueAdd", fields=here | name)
    if place is None and not paused:
        return
    if place is None or (place.paused, place.reason if paused else "") != (paused, reason):
        word = {"Reason": reason} if reason else {}
        yield Step(action="QueuePause", fields=here | {"Paused": "true" if paused else "false"} | word)
