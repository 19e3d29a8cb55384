"""The reducer's own rules, on a few events at a time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recordings import frames_of

from caunoi.cli.calls import row
from caunoi.telephony.asterisk import translate
from caunoi.telephony.calls import Call, State, contradictions, fold, reduce
from caunoi.telephony.events import (
    Answered,
    CallEvent,
    Direction,
    Ended,
    GaveUp,
    LeftQueue,
    LegEnded,
    Lost,
    MessageLeft,
    Missed,
    Outcome,
    PickedUp,
    Queued,
    Rang,
    Recorded,
    RingEnded,
    Started,
    Transferred,
)

AT = datetime(2026, 8, 6, 1, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def made(*events: CallEvent) -> Call:
    (call,) = fold(events).values()
    return call


STARTED = Started(call_id="1", at=at(0), direction=Direction.IN, caller="0912345678", dialled="1022")
QUEUED = Queued(call_id="1", at=at(1), queue="tongdai1022")
RANG = Rang(call_id="1", at=at(2), leg="2", member="lan")
ANSWERED = Answered(call_id="1", at=at(6), leg="2", member="lan")
ENDED = Ended(call_id="1", at=at(66))


def test_a_call_waits_rings_talks_and_ends() -> None:
    states = [made(*([STARTED, QUEUED, RANG, ANSWERED, ENDED][:count])).state for count in range(1, 6)]
    assert states == [State.WAITING, State.WAITING, State.RINGING, State.TALKING, State.ENDED]


def test_the_screen_pop_opens_with_a_ring_and_closes_with_its_end_even_without_a_no_answer() -> None:
    """Abandons and ring-all losers send no AgentRingNoAnswer (rule 4)."""
    call: Call | None = None
    pops: list[set[str]] = []
    for frame in frames_of("ringall"):
        for event in translate(frame.packet, frame.at):
            if isinstance(event, CallEvent):
                call = reduce(call, event)
                ringing = {leg.operator for leg in call.legs if leg.ringing}
                if not pops or pops[-1] != ringing:
                    pops.append(ringing)
    assert pops == [set(), {"agent2"}, {"agent1", "agent2"}, set()]


def test_an_operator_beaten_by_a_quicker_one_is_told_from_one_who_did_not_answer() -> None:
    late = Rang(call_id="1", at=at(2), leg="3", member="tam")
    call = made(STARTED, QUEUED, RANG, late, ANSWERED)
    assert [(leg.operator, leg.outcome, leg.beaten) for leg in call.legs] == [
        ("lan", Outcome.ANSWERED, False),
        ("tam", Outcome.NO_ANSWER, True),
    ]
    silent = RingEnded(call_id="1", at=at(5), leg="3", reason=Outcome.NO_ANSWER)
    assert [leg.beaten for leg in made(STARTED, QUEUED, RANG, late, silent, ANSWERED).legs] == [False, False]


def test_who_refused_or_lifted_the_phone_was_not_beaten() -> None:
    late = Rang(call_id="1", at=at(2), leg="3", member="tam")
    for reason in (Outcome.BUSY, Outcome.NO_ANSWER):
        refused = RingEnded(call_id="1", at=at(5.5), leg="3", reason=reason)
        assert [leg.beaten for leg in made(STARTED, QUEUED, RANG, late, refused, ANSWERED).legs] == [False, False]
    lifted = PickedUp(call_id="1", at=at(5.5), leg="3", member="tam")
    assert [leg.beaten for leg in made(STARTED, QUEUED, RANG, late, lifted, ANSWERED).legs] == [False, False]


def test_no_end_no_outcome() -> None:
    call = made(STARTED, QUEUED, RANG, ANSWERED)
    assert (call.outcome, call.recording) == (Outcome.UNKNOWN, None)
    assert (
        call.talked == 0
        and made(STARTED, QUEUED, RANG, ANSWERED, Recorded(call_id="1", at=at(9), file="f")).talked == 3
    )


@pytest.mark.parametrize(
    ("events", "outcome"),
    [
        ([], Outcome.ABANDONED),
        ([Missed(call_id="1", at=at(3), reason=Outcome.TIMEOUT)], Outcome.TIMEOUT),
        ([GaveUp(call_id="1", at=at(3)), Missed(call_id="1", at=at(3), reason=Outcome.TIMEOUT)], Outcome.TIMEOUT),
        ([Missed(call_id="1", at=at(3), reason=Outcome.OUT_OF_HOURS)], Outcome.OUT_OF_HOURS),
        (
            [Missed(call_id="1", at=at(3), reason=Outcome.TIMEOUT), MessageLeft(call_id="1", at=at(9))],
            Outcome.VOICEMAIL,
        ),
        ([MessageLeft(call_id="1", at=at(3)), ANSWERED], Outcome.ANSWERED),
        ([PickedUp(call_id="1", at=at(3), leg="2", member="lan")], Outcome.UNKNOWN),
        ([PickedUp(call_id="1", at=at(3), leg="2", member="lan"), GaveUp(call_id="1", at=at(5))], Outcome.ABANDONED),
        ([LegEnded(call_id="1", at=at(9), leg="2", member="lan", talked=4)], Outcome.ANSWERED),
    ],
)
def test_the_strongest_evidence_says_how_a_queued_call_ended(events: list[CallEvent], outcome: Outcome) -> None:
    assert made(STARTED, QUEUED, *events, ENDED).outcome is outcome


def test_without_its_beginning_a_call_is_not_guessed_at() -> None:
    assert made(ENDED).outcome is Outcome.UNKNOWN
    assert made(RingEnded(call_id="1", at=at(3), leg="2", reason=Outcome.NO_ANSWER), ENDED).outcome is Outcome.UNKNOWN


def test_a_call_that_the_pbx_no_longer_knows_ends_unknown_and_others_go_on() -> None:
    calls = fold([STARTED, Started(call_id="2", at=at(0), direction=Direction.IN), ENDED])
    ended = reduce(calls["2"], Lost(call_id="2", at=at(600)))
    assert (ended.state, ended.outcome, ended.over_at) == (State.ENDED, Outcome.UNKNOWN, at(600))
    assert reduce(calls["1"], Lost(call_id="1", at=at(600))).over_at == calls["1"].over_at


def test_a_call_whose_end_was_not_seen_is_what_was_told_of_it_before() -> None:
    lost, timeout = Lost(call_id="1", at=at(60)), Missed(call_id="1", at=at(30), reason=Outcome.TIMEOUT)
    assert made(STARTED, QUEUED, lost).outcome is Outcome.UNKNOWN
    assert made(STARTED, QUEUED, RANG, ANSWERED, lost).outcome is Outcome.ANSWERED
    assert made(STARTED, QUEUED, timeout, lost).outcome is Outcome.TIMEOUT
    assert made(STARTED, QUEUED, GaveUp(call_id="1", at=at(30)), lost).outcome is Outcome.ABANDONED


def test_a_contradiction_is_seen() -> None:
    """Facts cannot say one; a call that read them wrongly would."""

    class Misread(Call):
        talked = 99.0
        outcome = Outcome.VOICEMAIL

    call = Misread(**vars(made(STARTED, QUEUED, RANG, ANSWERED, ENDED)))
    assert contradictions(call) == ("talked longer than it was", "somebody talked, and it was not answered")


def test_where_a_clock_is_missing_the_seconds_the_pbx_counted_stand_in() -> None:
    """AgentConnect.RingTime and TalkTime are seconds, AgentRingNoAnswer.RingTime milliseconds (rule 6)."""
    frames = list(frames_of("noanswer_then_second"))
    for gone in ("AgentCalled", "DialBegin", "DialEnd", "QueueCallerJoin", "AgentConnect"):
        frames = [frame for frame in frames if frame.packet["Event"] != gone]
    events = [event for frame in frames for event in translate(frame.packet, frame.at)]
    said = row(made(*(event for event in events if isinstance(event, CallEvent))))
    assert (said["outcome"], said["talked"]) == ("answered", 7)
    assert said["legs"][0] == {"operator": "agent1", "rang": 8, "outcome": "no_answer", "talked": 0}
    told = Answered(call_id="1", at=at(6), leg="2", member="lan", rang=4.0, waited=5.0)
    call = made(STARTED, told, ENDED)
    assert (call.waited, call.legs[0].rang) == (5.0, 4.0)


def test_a_transfer_out_of_the_queue_does_not_lengthen_the_wait() -> None:
    call = made(STARTED, QUEUED, LeftQueue(call_id="1", at=at(6)), ANSWERED, Transferred(call_id="1", at=at(20)), ENDED)
    assert call.waited == 5 and call.transferred


def test_a_call_passed_into_the_queue_by_whom_it_reached_first_waits_from_then_on() -> None:
    porter = PickedUp(call_id="1", at=at(0.5), leg="9", channel="PJSIP/porter-00000001")
    assert made(STARTED, porter, QUEUED, RANG, ANSWERED, ENDED).waited == 5


def test_who_is_in_no_queue_or_answered_as_they_join_has_not_waited() -> None:
    assert made(STARTED, RANG, ANSWERED, ENDED).waited == 0
    at_once = Answered(call_id="1", at=QUEUED.at, leg="2", member="lan")
    assert made(STARTED, QUEUED, at_once, ENDED).waited == 0


def test_a_talk_of_a_second_is_an_answer_though_nobody_saw_it_begin() -> None:
    """AgentComplete's TalkTime is all that is left where a connection was lost."""
    ended = LegEnded(call_id="1", at=at(60), leg="2", member="lan", talked=1.0)
    assert made(STARTED, QUEUED, RANG, ended, ENDED).outcome is Outcome.ANSWERED
    silent = LegEnded(call_id="1", at=at(60), leg="2", member="lan", talked=0.0)
    assert made(STARTED, QUEUED, RANG, silent, ENDED).outcome is not Outcome.ANSWERED


def test_who_left_the_queue_twice_waited_until_the_last_time() -> None:
    gone = Missed(call_id="1", at=at(40), reason=Outcome.TIMEOUT)
    left = [LeftQueue(call_id="1", at=at(seconds)) for seconds in (40, 11)]
    assert (
        made(STARTED, QUEUED, *left, gone, ENDED).waited == made(STARTED, QUEUED, *left[::-1], gone, ENDED).waited == 39
    )


def test_what_the_queue_says_of_a_leg_without_its_name_belongs_to_the_operators_own() -> None:
    done = LegEnded(call_id="1", at=at(13), leg="", member="lan", talked=7)
    for told in ([RANG, ANSWERED, done], [done, RANG, ANSWERED], [RANG, done]):
        call = made(STARTED, QUEUED, *told, ENDED)
        assert [(leg.operator, leg.talked) for leg in call.legs] == [("lan", 7)]
    again = Rang(call_id="1", at=at(30), leg="4", member="lan")
    back = Answered(call_id="1", at=at(33), leg="4", member="lan")
    first = LegEnded(call_id="1", at=at(12), leg="2", member="lan", talked=6)
    late = LegEnded(call_id="1", at=at(53), leg="", member="lan", talked=20)
    assert [leg.talked for leg in made(STARTED, QUEUED, RANG, ANSWERED, first, again, back, late, ENDED).legs] == [
        6,
        20,
    ]
    assert [leg.talked for leg in made(STARTED, QUEUED, done, ENDED).legs] == [7]


def out(*events: CallEvent, call_id: str = "9") -> Call:
    started = Started(call_id=call_id, at=at(0), direction=Direction.OUT, channel="PJSIP/101-00000001")
    return made(started, *events, Ended(call_id=call_id, at=at(30), reason=Outcome.BUSY))


def test_a_phone_of_ones_own_that_refuses_is_no_busy_citizen() -> None:
    busy = RingEnded(call_id="c2c-1-1", at=at(3), leg="c2c-1-1", reason=Outcome.BUSY)
    assert out(busy, call_id="c2c-1-1").outcome is Outcome.NO_ANSWER
    far = RingEnded(call_id="c2c-1-1", at=at(9), leg="2", reason=Outcome.BUSY)
    assert out(Rang(call_id="c2c-1-1", at=at(4), leg="2", outside="0912345678"), far, call_id="c2c-1-1").outcome is (
        Outcome.BUSY
    )


@pytest.mark.parametrize(
    ("dialled", "far", "internal"),
    [
        ("102", None, True),
        (None, None, True),
        ("113", None, False),
        ("0912345678", None, False),
        ("7", "0912345678", False),
    ],
)
def test_a_call_without_a_citizen_is_internal(dialled: str | None, far: str | None, internal: bool) -> None:
    started = Started(call_id="9", at=at(0), direction=Direction.OUT, dialled=dialled)
    assert made(started, Rang(call_id="9", at=at(1), leg="2", outside=far)).internal is internal
    assert not made(STARTED).internal
    assert not made(Started(call_id="c2c-1-1", at=at(0), direction=Direction.OUT)).internal


@pytest.mark.parametrize(
    ("name", "kept"),
    [("supervisor_listen_whisper_barge", ["0912345504"]), ("conference_with_114", ["0912345505"])],
)
def test_neither_listening_in_nor_calling_somebody_in_is_a_call_of_its_own(name: str, kept: list[str]) -> None:
    events = [event for frame in frames_of(name) for event in translate(frame.packet, frame.at)]
    calls = fold(event for event in events if isinstance(event, CallEvent)).values()
    assert [call.caller for call in calls if not call.internal] == kept


def moments() -> st.SearchStrategy[datetime]:
    return st.integers(0, 30).map(at)


def events() -> st.SearchStrategy[CallEvent]:
    base: dict[str, Any] = {"call_id": st.just("1"), "at": moments()}
    leg = {"leg": st.sampled_from(["", "1", "2", "3"]), "member": st.sampled_from([None, "lan", "tam"])}
    reasons = st.sampled_from([Outcome.BUSY, Outcome.NO_ANSWER, Outcome.ABANDONED])
    numbers = st.sampled_from([None, "1022", "0912345678"])
    return st.one_of(
        st.builds(Started, **base, caller=numbers, dialled=numbers, direction=st.sampled_from(Direction)),
        st.builds(Queued, **base, queue=st.sampled_from(["a", "b"])),
        st.builds(LeftQueue, **base),
        st.builds(GaveUp, **base, waited=st.none() | st.floats(0, 60)),
        st.builds(Missed, **base, reason=st.sampled_from([Outcome.TIMEOUT, Outcome.JOIN_EMPTY, Outcome.OUT_OF_HOURS])),
        st.builds(Rang, **base, **leg, outside=st.sampled_from([None, "114"])),
        st.builds(RingEnded, **base, **leg, reason=reasons, rang=st.none() | st.floats(0, 60)),
        st.builds(PickedUp, **base, **leg),
        st.builds(Answered, **base, **leg, rang=st.none() | st.floats(0, 60)),
        st.builds(LegEnded, **base, **leg, talked=st.none() | st.floats(0, 60)),
        st.builds(MessageLeft, **base, file=st.sampled_from([None, "msg0001", "msg0002"])),
        st.builds(Recorded, **base, file=st.sampled_from(["a.wav", "b.wav"])),
        st.builds(Transferred, **base, to=st.sampled_from([None, "114"])),
        st.builds(Ended, **base, reason=st.none() | reasons),
        st.builds(Lost, **base),
    )


@given(st.lists(events(), min_size=1, max_size=14), st.randoms(use_true_random=False))
def test_any_events_in_any_order_any_number_of_times_make_the_same_sane_call(
    happened: list[CallEvent], chance: Any
) -> None:
    call = made(*happened)
    again = happened + chance.sample(happened, chance.randint(0, len(happened)))
    assert made(*chance.sample(again, len(again))) == call
    said = row(call)
    assert said["waited"] >= 0 and said["talked"] == sum(leg["talked"] for leg in said["legs"])
    assert all(leg["rang"] >= 0 and leg["talked"] >= 0 for leg in said["legs"])
    assert (said["recording"] is None) or said["outcome"] in ("answered", "voicemail")
    assert (call.state is State.ENDED) == any(isinstance(event, Ended | Lost) for event in happened)
    assert contradictions(call) == ()
