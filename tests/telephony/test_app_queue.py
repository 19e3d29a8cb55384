"""The model of app_queue does what a real exchange did, fails with the older file as that did, and serves a hotline
with the file that is written.

Proves: 13 of 360 without autofill (P2), an absent operator starves all (P3), 20 of 30 callers ring within a second,
5,000 calls a day with 20 operators as Erlang says (D1)"""

from dataclasses import dataclass, field
from statistics import mean

import pytest
from app_queue import Caller, Exchange, Operator, Pick
from queue_loads import OLD, QUEUE, WRITTEN, a_day, changed, erlang_waits, load, ringing_within, served
from recordings import RECORDED, frames_of
from shipped import Section

from caunoi.telephony import transcript
from caunoi.telephony.ami import Packet

TELLING = ("QueueCallerJoin", "AgentCalled", "AgentConnect", "AgentRingNoAnswer", "QueueCallerAbandon", "AgentComplete")
TOLERANCE = 1.2  # seconds: the exchange polls once in each, and rings take some


# --- what was recorded ---


@dataclass
class Story:
    """What people did in a transcript, and what the exchange made of it."""

    begun: float
    callers: dict[str, Caller] = field(default_factory=dict)
    queue: str = ""
    rings: dict[str, list[Pick | None]] = field(default_factory=dict)
    happened: list[tuple[float, str, str]] = field(default_factory=list)
    paused: list[tuple[float, str, bool]] = field(default_factory=list)
    last_calls: dict[str, int] = field(default_factory=dict)
    longest_ring: float = 15.0


def told(name: str) -> Story:
    packets = [frame.packet for frame in frames_of(name) if frame.packet["Timestamp"]]
    story = Story(float(packets[0]["Timestamp"]))
    ringing: dict[tuple[str, str], float] = {}
    for packet in packets:
        at, event, member = float(packet["Timestamp"]), packet["Event"], packet["MemberName"]
        key = packet["Uniqueid"] or packet["Linkedid"]
        if event == "QueueMemberPause":
            story.paused.append((at, member, packet["Paused"] == "1"))
        if member and packet["LastCall"]:
            story.last_calls.setdefault(member, int(packet["LastCall"]))
        if event == "QueueCallerLeave" and packet["Context"] == "lab-keys":
            story.callers[key].presses = at - story.callers[key].came
        if event not in TELLING:
            continue
        if event != "AgentComplete" or key:
            story.happened.append((at, event, member))
        _behave(story, packet, at, ringing, key)
    return story


def _behave(story: Story, packet: Packet, at: float, ringing: dict[tuple[str, str], float], key: str) -> None:
    member = packet["MemberName"]
    match packet["Event"]:
        case "QueueCallerJoin":
            story.queue = packet["Queue"]
            number = len(story.callers) + 1
            story.callers[key] = Caller(number=number, came=at, priority=10 if key.startswith("cbq") else 0)
        case "AgentCalled":
            ringing[key, member] = at
            story.rings.setdefault(member, [])
        case "AgentConnect":
            story.rings[member].append(Pick(at - ringing.pop((key, member))))
            story.callers[key].talks = NOT_ENDED
        case "AgentRingNoAnswer":
            rang = at - ringing.pop((key, member))
            story.longest_ring = max(7.0, rang) if rang > 5 else story.longest_ring
            story.rings[member].append(None if rang > 5 else Pick(rang, up=False))
        case "AgentComplete" if key:
            story.callers[key].talks = at - next(
                moment for moment, event, name in reversed(story.happened) if event == "AgentConnect" and name == member
            )
        case "QueueCallerAbandon":
            # an exchange says so of who was timed out, too; to the queue that is alike
            story.callers[key].patience = at - story.callers[key].came
            for (caller, name), _ in list(ringing.items()):
                if caller == key:
                    story.rings[name].append(None)


NOT_ENDED = 3600.0
RECORDED_QUEUES: dict[str, dict[str, str]] = {
    "ringall": {"strategy": "ringall"},
    "absent_operator_rung_again": {"strategy": "leastrecent"},
}
"""How the queue of a recording was set up, where it was not `linear`, as that of the snapshot."""
ALONE = {
    path.name.removesuffix(".ami.txt")
    for path in RECORDED.glob("*.ami.txt")
    if "Event: QueueCallerJoin" in path.read_text("utf-8")
} - {"agentcomplete_without_call", "agentcomplete_without_leg"}
"""Those in which a queue did anything; the two others are one caller's share of thirty."""


def replayed(name: str) -> tuple[Story, Exchange]:
    story = told(name)
    settings = {
        "strategy": "linear",
        "timeout": str(round(story.longest_ring)),
        "retry": "1",
        "announce-frequency": "45" if story.queue == "lab1023" else "0",
        "autofill": "yes",
        "ringinuse": "no",
        **RECORDED_QUEUES.get(name, {}),
    }
    exchange = Exchange({story.queue: settings}, epoch=story.begun)
    # who was rung later in the recording stands later in the line of members
    members = [*dict.fromkeys([*story.rings, *(member for _, member, _ in story.paused)])]
    if name == "absent_operator_rung_again":
        members.append("tam")
    for member in members:
        rings = story.rings.get(member, [])
        operator = Operator(member, picks=lambda nth, rings=rings: rings[nth - 1] if nth <= len(rings) else None)
        place = exchange.add(operator, story.queue)
        place.last_call = story.last_calls.get(member, 0) or (int(story.begun) - 60 if member == "tam" else 0)
        first = next((paused for _, name_, paused in story.paused if name_ == member), False)
        place.paused = not first and any(name_ == member for _, name_, _ in story.paused)
    for at, member, paused in story.paused:
        if member in exchange.operators:
            exchange.at(at, lambda one=exchange.operators[member], paused=paused: exchange.pause(one, paused))
    for caller in story.callers.values():
        exchange.call(caller, story.queue)
    exchange.run(story.begun + NOT_ENDED - 1)
    return story, exchange


@pytest.mark.parametrize("name", sorted(ALONE))
def test_the_model_does_what_the_exchange_did(name: str) -> None:
    story, exchange = replayed(name)
    made = [(one.at, one.event, one.member) for one in exchange.log if one.event in TELLING]
    order = sorted(story.happened, key=lambda one: round(one[0], 1))
    assert sorted((event, member) for _, event, member in made) == sorted((event, member) for _, event, member in order)
    for event, member in {(event, member) for _, event, member in order}:
        ours = [at for at, *what in made if what == [event, member]]
        theirs = [at for at, *what in order if what == [event, member]]
        assert all(abs(one - other) <= TOLERANCE for one, other in zip(ours, theirs, strict=True)), (event, member)


def test_all_recordings_with_a_queue_are_replayed() -> None:
    assert len(ALONE) >= 16


def test_a_message_and_a_line_with_nobody_are_told_apart() -> None:
    """voicemail_joinempty: the queue let nobody in; the model with the same condition neither."""
    assert "QueueCallerJoin" not in {
        frame.packet["Event"] for frame in transcript.read(RECORDED / "voicemail_joinempty.ami.txt").received
    }
    exchange = Exchange(WRITTEN)
    caller = Caller(number=1, came=1000)
    exchange.call(caller, QUEUE)
    exchange.run()
    assert caller.status == "JOINEMPTY" and exchange.log == []


# --- a load as sipp made it ---


def test_without_autofill_one_in_thirty_is_answered() -> None:
    """P2 with the file of that day: 13 of 360 (3.6 %) were answered while twenty were free."""
    answered = [sum(caller.answered is not None for caller in load(OLD, calls=360, seed=seed)) for seed in range(3)]
    assert all(8 <= count <= 20 for count in answered)


def test_with_one_line_more_it_is_every_second_one() -> None:
    """P2: autofill alone made it 116 of 200 (58 %), by wrapuptime 10 and not by the line."""
    callers = load(changed(OLD, autofill="yes"), calls=200)
    waits = [caller.waited for caller in callers if caller.answered is not None]
    assert 0.45 <= served(callers) <= 0.75 and 4 <= mean(waits) <= 12


def test_the_written_file_serves_whoever_waits_for_as_long_as_phones_are_free() -> None:
    assert served(load(WRITTEN, calls=360)) >= 0.95


def test_twenty_free_operators_and_thirty_callers_twenty_ring_within_a_second() -> None:
    assert ringing_within(WRITTEN, 1, operators=20, callers=30) == (20, 30)


def absent(sections: dict[str, Section], *, patience: float = 48) -> tuple[Caller, Operator, Operator]:
    """Lan is signed in and not there, Tâm is free and was called a minute ago."""
    exchange = Exchange(sections)
    lan, tam = Operator("lan", picks=lambda _: None), Operator("tam")
    exchange.add(lan, QUEUE)
    exchange.add(tam, QUEUE).last_call = int(exchange.now) - 60
    caller = Caller(1, came=exchange.now, patience=patience)
    exchange.call(caller, QUEUE)
    exchange.run(exchange.now + 200)
    return caller, lan, tam


def test_with_the_older_file_one_absent_operator_starves_the_queue() -> None:
    """P3: lan was rung at 0, 16 and 32 s, tam never, and the caller gave up after 48."""
    caller, lan, tam = absent(OLD)
    assert (caller.status, lan.rung, tam.rung) == ("ABANDON", 3, 0)


def test_with_the_written_one_the_next_phone_rings() -> None:
    caller, lan, tam = absent(WRITTEN)
    assert (caller.status, caller.by, lan.rung, tam.rung) == ("ANSWERED", "tam", 1, 1)
    assert caller.waited <= 18 and lan.places[QUEUE].paused and not tam.places[QUEUE].paused


# --- a day ---


def test_five_thousand_calls_a_day_are_answered_as_fast_as_erlang_says() -> None:
    """Fourteen hours, 120 s of talk and 20 s of writing up: 14.2 Erlangs on twenty operators."""
    callers = a_day(WRITTEN, calls=5000, hours=14, talks=120, writes_up=20)
    fast = mean(caller.answered is not None and caller.waited <= 20 for caller in callers)
    promised = erlang_waits(5000 / 14 / 3600, 120 + 20 + 3, 20, 20)
    assert promised >= 0.8 and fast >= 0.8
    assert abs(fast - promised) <= 0.08


def test_where_erlang_says_that_it_cannot_be_the_model_says_so_too() -> None:
    callers = a_day(WRITTEN, calls=5000, hours=10, talks=140, writes_up=30)
    assert erlang_waits(5000 / 10 / 3600, 173, 20, 20) == 0.0
    assert mean(caller.answered is not None and caller.waited <= 20 for caller in callers) < 0.6


# --- single rules ---


def rung_in_order(*, strategy: str, calls: int = 6, penalties: tuple[int, ...] = (0, 0, 0), busy: int = 0) -> list[str]:
    """Who is rung for calls that come one after the other, three operators being signed in as a, b, c."""
    exchange = Exchange(changed(WRITTEN, strategy=strategy, wrapuptime="0"))
    for name, penalty in zip("abc", penalties, strict=True):
        operator = Operator(name)
        exchange.add(operator, QUEUE, penalty=penalty, paused="abc".index(name) < busy)
    for number in range(calls):
        exchange.call(Caller(number, came=exchange.now + 30 * number, talks=10), QUEUE)
    exchange.run()
    return [one.member for one in exchange.log if one.event == "AgentCalled"]


def test_each_strategy_chooses_as_it_says() -> None:
    assert rung_in_order(strategy="linear") == ["a"] * 6
    assert rung_in_order(strategy="leastrecent") == ["a", "b", "c"] * 2
    assert sorted(rung_in_order(strategy="fewestcalls")) == ["a", "a", "b", "b", "c", "c"]
    assert rung_in_order(strategy="rrmemory") == ["a", "b", "c"] * 2
    assert rung_in_order(strategy="ringall", calls=2) == ["a", "b", "c"] * 2
    assert len(set(rung_in_order(strategy="random", calls=30))) == 3


def test_skills_are_penalties_and_the_next_group_is_rung_where_the_first_is_away() -> None:
    for strategy in ("leastrecent", "rrmemory", "fewestcalls", "ringall"):
        assert set(rung_in_order(strategy=strategy, penalties=(0, 5, 5))) == {"a"}
        assert set(rung_in_order(strategy=strategy, penalties=(0, 5, 9), busy=1)) == {"b"}


def test_a_caller_who_may_have_only_skilled_operators_waits_for_them() -> None:
    exchange = Exchange(WRITTEN)
    exchange.add(Operator("a"), QUEUE, penalty=5)
    caller = Caller(1, came=exchange.now, max_penalty=0, longest=20)
    exchange.call(caller, QUEUE)
    exchange.run()
    assert (caller.status, round(caller.waited)) == ("TIMEOUT", 20)


def test_who_waits_longer_than_is_allowed_is_led_to_the_message() -> None:
    exchange = Exchange(WRITTEN)
    exchange.add(Operator("a"), QUEUE, paused=True)
    caller = Caller(1, came=exchange.now, longest=300)
    exchange.call(caller, QUEUE)
    exchange.run()
    assert caller.status == "TIMEOUT" and 300 <= caller.waited <= 306


def test_where_the_last_phone_is_lost_who_waits_is_led_to_the_message() -> None:
    exchange = Exchange(WRITTEN)
    lan = Operator("lan")
    exchange.add(lan, QUEUE, paused=True)
    caller = Caller(1, came=exchange.now)
    exchange.call(caller, QUEUE)
    exchange.at(exchange.now + 10, lambda: setattr(lan, "device", "unavailable"))
    exchange.run(exchange.now + 60)
    assert caller.status == "LEAVEEMPTY" and caller.waited <= 16


def test_with_a_call_back_somebody_stands_where_they_stood() -> None:
    """Queue()'s last argument is the place; a priority would lead to the head of the line."""
    exchange = Exchange(WRITTEN)
    lan = Operator("lan")
    exchange.add(lan, QUEUE, paused=True)
    leaves = Caller(2, came=exchange.now + 2, presses=20)
    line = [Caller(1, came=exchange.now), leaves, Caller(3, came=exchange.now + 4), Caller(4, came=exchange.now + 5)]
    back = Caller(5, came=exchange.now + 22.5, place=2)
    for caller in (*line, back):
        exchange.call(caller, QUEUE)
    exchange.at(exchange.now + 60, lambda: exchange.pause(lan, False))
    exchange.run()
    assert leaves.status == "KEY"
    assert [one.caller for one in exchange.log if one.event == "AgentConnect"] == [1, 5, 3, 4]


def test_an_operator_who_refuses_is_paused_and_the_next_phone_rings_at_once() -> None:
    exchange = Exchange(WRITTEN)
    refuses = Operator("a", picks=lambda _: Pick(0.5, up=False))
    exchange.add(refuses, QUEUE)
    exchange.add(Operator("b"), QUEUE)
    caller = Caller(1, came=exchange.now)
    exchange.call(caller, QUEUE)
    exchange.run()
    assert (caller.by, refuses.places[QUEUE].paused) == ("b", True) and caller.waited <= 2
