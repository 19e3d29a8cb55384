"""Whatever happened in whatever order, the members of the exchange's queues are in the end those who are wanted."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from caunoi.calls.operators import AUTO_PAUSE, Operator, Step, rung_in_vain, steps
from caunoi.calls.pbx import Ami
from caunoi.telephony import presence
from caunoi.telephony.events import Device, MemberSeen

AMI = Ami(host="pbx", username="caunoi", secret="s", queues=("a", "b"))
START = datetime(2026, 8, 6, 1, tzinfo=UTC)


@dataclass
class Exchange:
    """Members by queue and interface, as app_queue keeps them; what it says is heard late, in its own order."""

    members: dict[tuple[str, str], MemberSeen] = field(default_factory=dict)
    said: list[MemberSeen] = field(default_factory=list)
    clock: int = 0

    def _say(self, place: MemberSeen) -> None:
        self.clock += 1
        place = replace(place, at=START + timedelta(seconds=self.clock))
        self.said.append(place)
        key = (place.queue, place.interface)
        self.members.pop(key, None)
        if place.joined:
            self.members[key] = place

    def do(self, step: Step) -> None:
        queue, interface = step.fields["Queue"], step.fields["Interface"]
        there = self.members.get((queue, interface))
        paused, reason = step.fields.get("Paused") == "true", step.fields.get("Reason", "")
        match step.action:
            case "QueueAdd" if there is None:
                self._say(
                    MemberSeen(
                        at=START,
                        queue=queue,
                        interface=interface,
                        member=step.fields["MemberName"],
                        joined=True,
                        paused=paused,
                        reason="",
                        device=Device.IDLE,
                    )
                )
            case "QueueRemove" if there:
                self._say(replace(there, joined=False))
            case "QueuePause" if there:
                self._say(replace(there, paused=paused, reason=reason if paused else ""))

    def ring_in_vain(self, queue: str) -> None:
        for place in [place for place in self.members.values() if place.queue == queue and not place.paused][:1]:
            self._say(replace(place, paused=True, reason=AUTO_PAUSE))


@dataclass
class House:
    """The app: who is on duty at which phone; the bridge: what it has heard."""

    exchange: Exchange = field(default_factory=Exchange)
    people: dict[str, tuple[str, str]] = field(default_factory=dict)  # state and extension
    queues: tuple[str, ...] = AMI.queues
    desks: dict[str, presence.Desk] = field(default_factory=dict)

    def hear(self, count: int) -> None:
        heard, self.exchange.said = self.exchange.said[:count], self.exchange.said[count:]
        for place in heard:
            self.desks[place.interface] = presence.reduce(self.desks.get(place.interface), place)

    def wanted(self) -> dict[str, Operator]:
        return {
            f"PJSIP/{extension}": Operator(username=name, extension=extension, state=state)
            for name, (state, extension) in sorted(self.people.items())
            if state != "off"
        }

    def reconcile(self) -> tuple[Step, ...]:
        for place in rung_in_vain(self.desks.values()):
            if place.member in self.people:
                self.people[place.member] = ("break", self.people[place.member][1])
        ami = replace(AMI, queues=self.queues)
        told = steps(self.wanted().values(), self.desks, ami, former=AMI.queues)
        for step in told:
            self.exchange.do(step)
        return told


PEOPLE = st.sampled_from(["lan", "tam", "mai"])
ACTS = st.one_of(
    st.tuples(st.just("say"), PEOPLE, st.sampled_from(["available", "break", "off"])),
    st.tuples(st.just("phone"), PEOPLE, st.sampled_from(["101", "102", "103", "109"])),
    st.tuples(st.just("close"), PEOPLE, st.just("")),
    st.tuples(st.just("queues"), st.sampled_from(["a", "b", "a b"]), st.just("")),
    st.tuples(st.just("hear"), st.integers(0, 4), st.just("")),
    st.tuples(st.just("reconcile"), st.just(""), st.just("")),
    st.tuples(st.just("vain"), st.sampled_from(["a", "b"]), st.just("")),
    st.tuples(st.just("stranger"), st.sampled_from(["a", "b"]), st.sampled_from(["PJSIP/101", "PJSIP/777"])),
    st.tuples(st.just("restart"), st.just(""), st.just("")),
)


@given(st.lists(ACTS, max_size=25))
def test_the_members_of_the_exchange_are_those_who_are_wanted(acts: list[tuple[str, object, str]]) -> None:
    house = House()
    for act, who, what in acts:
        name = str(who)
        state, extension = house.people.get(name, ("off", {"lan": "101", "tam": "102"}.get(name, "103")))
        match act:
            case "say":
                house.people[name] = (what, extension)
            case "phone":
                house.people[name] = (state, what)
            case "close":
                house.people.pop(name, None)
            case "queues":
                house.queues = tuple(name.split())
            case "hear":
                house.hear(int(name))
            case "reconcile":
                house.reconcile()
            case "vain":
                house.exchange.ring_in_vain(name)
            case "stranger":
                house.exchange.do(
                    Step(action="QueueAdd", fields={"Queue": name, "Interface": what, "MemberName": "ai-do"})
                )
            case "restart":  # another bridge, which is told what there is and nothing of what was
                house.exchange.said.clear()
                house.desks = presence.fold(house.exchange.members.values())
    for _ in range(4):
        house.hear(1000)
        if not house.reconcile():
            break
    assert house.reconcile() == ()
    expected = {
        (queue, interface): (operator.username, operator.state == "break")
        for queue in house.queues
        for interface, operator in house.wanted().items()
    }
    assert {key: (place.member, place.paused) for key, place in house.exchange.members.items()} == expected
