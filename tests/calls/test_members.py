"""Whatever happened in whatever order, after the next reconciliation the members of the exchange's queues are those who
are wanted.

Proves: Operators' states: queue members = wanted, whatever happened"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from caunoi.calls.bridge import Line
from caunoi.calls.operator_states import MOVES, SEEN_BREAKS, Cause, Statement, Word
from caunoi.calls.operators import AUTO_PAUSE, Operator, rung_in_vain, steps
from caunoi.calls.pbx import Ami
from caunoi.telephony.ami import Packet
from caunoi.telephony.client import ActionRefusedError, Snapshot
from caunoi.telephony.skills import places

AMI = Ami(host="pbx", username="caunoi", secret="s", queues=("a", "b"))
THERE = ("skill-sti", "own-101", "own-102", "own-103")
START = datetime(2026, 8, 6, 1, tzinfo=UTC)
AFTER_CALL = timedelta(seconds=20)
SLOW = timedelta(minutes=3)  # by which the exchange's clock is behind ours


@dataclass
class Member:
    """A place in a queue, as app_queue keeps it."""

    name: str
    fixed: bool = False
    paused: bool = False
    reason: str = ""
    penalty: int = 0


@dataclass
class Exchange:
    """Members by queue and interface, by app_queue's rules: who is there cannot be added, who is not cannot be removed
    or paused, nobody removes whom the files name. What it says is heard late, in its own order, by its own clock."""

    members: dict[tuple[str, str], Member] = field(default_factory=dict)
    said: list[Packet] = field(default_factory=list)
    clock: int = 0

    def act(self, action: str, fields: Mapping[str, Any]) -> str:
        """What it answers; "" where it did it."""
        key = fields["Queue"], fields["Interface"]
        there = self.members.get(key)
        paused = fields.get("Paused") == "true"
        match action:
            case "QueueAdd":
                if there:
                    return "Unable to add interface: Already there"
                if key[0] not in {*AMI.queues, *THERE}:
                    return "Unable to add interface to queue: No such queue"
                penalty = int(fields.get("Penalty", "0"))
                self.members[key] = Member(name=fields["MemberName"], paused=paused, penalty=penalty)
                self._say("QueueMemberAdded", key, self.members[key])
            case "QueueRemove":
                if there is None or there.fixed:
                    return "Unable to remove interface: Not there"
                del self.members[key]
                self._say("QueueMemberRemoved", key, there)
            case "QueuePenalty":
                if there is None:
                    return "Invalid interface, queue or penalty"
                there.penalty = int(fields["Penalty"])
                self._say("QueueMemberPenalty", key, there)
            case "QueuePause":
                if there is None:
                    return "Interface not found"
                self.pause(key, paused=paused, reason=fields.get("Reason", ""))
        return ""

    def pause(self, key: tuple[str, str], *, paused: bool, reason: str) -> None:
        member = self.members[key]
        member.paused, member.reason = paused, reason if paused else ""
        self._say("QueueMemberPause", key, member)

    def fix(self, key: tuple[str, str], name: str) -> None:
        """Its files are read again and name a member, who is dynamic no more."""
        self.members[key] = replace(self.members.get(key, Member(name=name)), name=name, fixed=True)
        self._say("QueueMemberAdded", key, self.members[key])

    def listed(self) -> tuple[Packet, ...]:
        return tuple(self._packet("QueueMember", key, member) for key, member in self.members.items())

    def _say(self, event: str, key: tuple[str, str], member: Member) -> None:
        self.clock += 1
        self.said.append(self._packet(event, key, member))

    def _packet(self, event: str, key: tuple[str, str], member: Member) -> Packet:
        queue, interface = key
        at = (START + timedelta(seconds=self.clock) - SLOW).timestamp()
        return Packet(
            (
                ("Event", event),
                ("Timestamp", f"{at:.6f}"),
                ("Queue", queue),
                ("MemberName", member.name),
                ("Interface", interface),
                ("Membership", "static" if member.fixed else "dynamic"),
                ("Paused", "1" if member.paused else "0"),
                ("PausedReason", member.reason),
                ("Status", "1"),
                ("Penalty", str(member.penalty)),
            )
        )


@dataclass
class House:
    """The app: what counts of whom, at which phone. The bridge is ours; its link is to this exchange."""

    exchange: Exchange = field(default_factory=Exchange)
    people: dict[str, tuple[Statement, str]] = field(default_factory=dict)  # and the extension
    skills: dict[str, dict[str, bool]] = field(default_factory=dict)
    queues: tuple[str, ...] = AMI.queues
    linked: bool = True

    def __post_init__(self) -> None:
        self.clock = START
        self.bridge()

    def bridge(self) -> None:
        """Another bridge, which remembers nothing."""
        self.line = Line(SimpleNamespace(pk=1), AMI)  # type: ignore[arg-type]
        self.line.client = self  # type: ignore[assignment]
        self.link()

    async def act(self, action: str, fields: Mapping[str, Any]) -> Packet:
        if refusal := self.exchange.act(action, fields):
            raise ActionRefusedError(refusal)
        return Packet(())

    def now(self) -> datetime:
        self.clock += timedelta(milliseconds=100)
        return self.clock

    def link(self) -> None:
        """Linked (again): the list of members comes; what was said before it is lost."""
        if self.linked:
            self.line.down("gone", self.now())
        self.exchange.said.clear()
        members = self.exchange.listed()
        self.line.up(Snapshot(at=self.now(), members=members, channels=(), seen_ids=frozenset(), waiting=()))
        self.linked = True

    def hear(self, count: int) -> None:
        heard, self.exchange.said = self.exchange.said[:count], self.exchange.said[count:]
        for packet in heard if self.linked else ():
            self.line.event(packet, self.now())

    def say(self, name: str, word: Word) -> None:
        extension = self.people[name][1] if name in self.people else {"lan": "101", "tam": "102"}.get(name, "103")
        reason = word.value if word in SEEN_BREAKS else ""
        ends = self.clock + AFTER_CALL if word is Word.AFTER_CALL else None
        self.people[name] = (Statement(word=word, since=self.now(), reason=reason, ends=ends), extension)

    def see(self, name: str, cause: Cause) -> None:
        if name in self.people and (word := MOVES.get((cause, self.people[name][0].at(self.clock).word))):
            self.say(name, word)

    def wanted(self) -> dict[str, Operator]:
        found = {}
        for name, (statement, extension) in sorted(self.people.items()):
            word = statement.at(self.clock)
            if word.word is not Word.OFF:
                state = "available" if word.word is Word.AVAILABLE else "break"
                skills = self.skills.get(name, {})
                operator = Operator(username=name, extension=extension, state=state, reason=word.reason, skills=skills)
                found[f"PJSIP/{extension}"] = operator
        return found

    def reconcile(self) -> int:
        """How many actions it took."""
        if not self.linked:
            return 0
        for place in rung_in_vain(self.line.desks.values()):
            if place.member in self.people and place.at >= self.people[place.member][0].since:
                self.see(place.member, Cause.RANG_IN_VAIN)
        ami = replace(AMI, queues=self.queues)
        told = steps(self.wanted().values(), self.line.desks, ami, former=AMI.queues, there=THERE)
        asyncio.run(self.line.act(told))
        return len(told)


PEOPLE = st.sampled_from(["lan", "tam", "mai"])
QUEUES = st.sampled_from(["a", "b", "skill-sti", "own-101"])
SKILLS = st.sampled_from([{}, {"sti": True}, {"sti": False, "km": True}, {"": False}])
PHONES = st.sampled_from(["PJSIP/101", "PJSIP/777"])
NOTHING = st.just("")
ACTS = st.one_of(
    st.tuples(st.just("say"), PEOPLE, st.sampled_from([Word.AVAILABLE, Word.BREAK, Word.OFF])),
    st.tuples(st.just("see"), PEOPLE, st.sampled_from(list(Cause))),
    st.tuples(st.just("wait"), st.sampled_from([1, 15, 60]), NOTHING),
    st.tuples(st.just("phone"), PEOPLE, st.sampled_from(["101", "102", "103", "109"])),
    st.tuples(st.just("skill"), PEOPLE, SKILLS),
    st.tuples(st.just("close"), PEOPLE, NOTHING),
    st.tuples(st.just("queues"), st.sampled_from(["a", "b", "a b"]), NOTHING),
    st.tuples(st.just("hear"), st.integers(0, 4), NOTHING),
    st.tuples(st.just("reconcile"), NOTHING, NOTHING),
    st.tuples(st.just("vain"), QUEUES, NOTHING),
    st.tuples(st.just("stranger"), QUEUES, PHONES),
    st.tuples(st.just("by hand"), QUEUES, PHONES),
    st.tuples(st.just("files"), QUEUES, PHONES),
    st.tuples(st.just("lose"), NOTHING, NOTHING),
    st.tuples(st.just("link"), NOTHING, NOTHING),
    st.tuples(st.just("bridge"), NOTHING, NOTHING),
)


def live(house: House, act: str, who: Any, what: Any) -> None:
    match act:
        case "say":
            house.say(who, what)
        case "see":
            house.see(who, what)
        case "wait":
            house.clock += timedelta(seconds=who)
        case "phone" if who in house.people:
            house.people[who] = (house.people[who][0], what)
        case "skill":
            house.skills[who] = what
        case "close":
            house.people.pop(who, None)
        case "queues":
            house.queues = tuple(who.split())
        case "hear":
            house.hear(who)
        case "reconcile":
            house.reconcile()
        case "vain":
            free = [key for key, one in house.exchange.members.items() if key[0] == who and not one.paused]
            for key in free[:1]:
                house.exchange.pause(key, paused=True, reason=AUTO_PAUSE)
        case "stranger":
            house.exchange.act("QueueAdd", {"Queue": who, "Interface": what, "MemberName": "ai-do"})
        case "by hand":
            house.exchange.act("QueueRemove", {"Queue": who, "Interface": what})
        case "files":
            house.exchange.fix((who, what), "bàn trực")
        case "lose":
            house.linked = False
            house.line.down("gone", house.now())
        case "link":
            house.link()
        case "bridge":
            house.linked = False
            house.bridge()


@given(st.lists(ACTS, max_size=30))
def test_after_the_next_reconciliation_the_members_are_those_who_are_wanted(acts: list[tuple[str, Any, Any]]) -> None:
    house = House()
    for act in acts:
        live(house, *act)
    if not house.linked:
        house.link()
    for _ in range(4):
        house.hear(1000)
        if not house.reconcile():
            break
    assert house.reconcile() == 0
    expected = {
        (queue, interface): (operator.username, operator.state == "break", operator.reason, penalty)
        for interface, operator in house.wanted().items()
        for queue, penalty in places(house.queues, operator.skills, operator.extension).items()
        if queue in {*house.queues, *THERE}
    }
    members = house.exchange.members
    dynamic = {key: one for key, one in members.items() if not one.fixed}
    assert {key: (one.name, one.paused, one.reason, one.penalty) for key, one in dynamic.items()} == {
        key: value for key, value in expected.items() if key not in members or not members[key].fixed
    }
    for key, one in members.items():  # whom the files name nobody can sign out, but who sits there is paused all right
        if one.fixed and key in expected:
            assert (one.paused, one.reason) == expected[key][1:3]


def test_what_was_refused_is_asked_again_once_the_exchange_has_it_otherwise() -> None:
    house = House()
    house.say("lan", Word.AVAILABLE)
    live(house, "stranger", "a", "PJSIP/101")  # unheard, so that the sign-in is refused
    house.reconcile()
    assert house.line.refused
    house.hear(9)
    house.reconcile()
    assert house.exchange.members["a", "PJSIP/101"].name == "lan"


def test_what_is_told_while_the_list_of_members_comes_is_not_forgotten() -> None:
    house = House()
    members = house.exchange.listed()
    house.linked = False
    house.line.down("gone", house.now())
    live(house, "stranger", "a", "PJSIP/777")
    for packet in house.exchange.said:
        house.line.event(packet, house.now())
    house.line.up(Snapshot(at=house.now(), members=members, channels=(), seen_ids=frozenset(), waiting=()))
    house.linked = True
    house.reconcile()
    assert house.exchange.members == {}
