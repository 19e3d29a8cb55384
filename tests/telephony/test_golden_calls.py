"""Every transcript, recorded or invented, says the calls that were worked out from it by hand."""

import random
from itertools import groupby
from typing import Any

import pytest
from recordings import GOLDEN, RECORDED, call_events, frames_of

from caunoi.cli.calls import row
from caunoi.telephony.calls import Call, fold, reduce
from caunoi.telephony.events import CallEvent, ConsentAsked, Graded, KeyPressed, Outcome

NAMES = sorted(GOLDEN)
NOT_YET: set[str] = set()
"""Recorded, but read as other calls than they were."""


def rows(events: list[CallEvent]) -> dict[str, dict[str, Any]]:
    return {call_id: row(call) for call_id, call in fold(events).items()}


def alike(said: Any, expected: Any) -> bool:
    """Equal, seconds to within one."""
    if isinstance(expected, dict):
        return said.keys() == expected.keys() and all(alike(said[key], expected[key]) for key in expected)
    if isinstance(expected, list):
        return len(said) == len(expected) and all(alike(one, other) for one, other in zip(said, expected, strict=True))
    if isinstance(expected, int) and not isinstance(expected, bool):
        return isinstance(said, int) and abs(said - expected) <= 1
    return bool(said == expected)


@pytest.mark.parametrize("name", NAMES)
def test_a_transcript_is_read_as_its_calls(name: str) -> None:
    said = list(rows(call_events(frames_of(name))).values())
    assert alike(said, GOLDEN[name]), said


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_events_does_not_matter(name: str) -> None:
    events = call_events(frames_of(name))
    expected = rows(events)
    for seed in range(5):
        shuffled = random.Random(seed).sample(events, len(events))
        assert rows(shuffled) == expected


@pytest.mark.parametrize("name", NAMES)
def test_packets_shuffled_within_their_second_say_the_same(name: str) -> None:
    frames = frames_of(name)
    chance = random.Random(1022)
    seconds = [list(group) for _, group in groupby(frames, key=lambda frame: frame.at.replace(microsecond=0))]
    shuffled = [frame for second in seconds for frame in chance.sample(second, len(second))]
    assert rows(call_events(tuple(shuffled))) == rows(call_events(frames))


@pytest.mark.parametrize("name", NAMES)
def test_events_that_come_twice_change_nothing(name: str) -> None:
    events = call_events(frames_of(name))
    assert fold(events + events) == fold(events) == fold([each for event in events for each in (event, event)])


@pytest.mark.parametrize("name", NAMES)
def test_a_stream_cut_anywhere_gives_no_wrong_outcome(name: str) -> None:
    frames = frames_of(name)
    whole = fold(call_events(frames))
    for cut in range(len(frames)):
        for call_id, call in fold(call_events(frames[:cut])).items():
            assert call.outcome in (Outcome.UNKNOWN, whole[call_id].outcome), f"cut at {cut}"


@pytest.mark.parametrize("name", NAMES)
def test_an_ended_call_never_steps_back_whatever_comes_late(name: str) -> None:
    events = [
        event for event in call_events(frames_of(name)) if not isinstance(event, ConsentAsked | KeyPressed | Graded)
    ]
    for seed in range(5):
        seen: dict[str, list[Outcome]] = {}
        calls: dict[str, Call] = {}
        for event in random.Random(seed).sample(events, len(events)):
            calls[event.call_id] = reduce(calls.get(event.call_id), event)
            seen.setdefault(event.call_id, []).append(calls[event.call_id].outcome)
        for outcomes in seen.values():
            ended = [outcome for outcome in outcomes if outcome is not Outcome.UNKNOWN]
            if Outcome.ANSWERED in ended:
                assert set(ended[ended.index(Outcome.ANSWERED) :]) == {Outcome.ANSWERED}
            if Outcome.VOICEMAIL in ended:
                assert set(ended[ended.index(Outcome.VOICEMAIL) :]) <= {Outcome.VOICEMAIL, Outcome.ANSWERED}


@pytest.mark.parametrize("name", NAMES)
def test_any_single_packet_may_be_lost(name: str) -> None:
    """An answered call stays answered, except where the only end was lost; nothing raises."""
    frames = frames_of(name)
    whole = fold(call_events(frames))
    for lost in range(len(frames)):
        for call_id, call in fold(call_events(frames[:lost] + frames[lost + 1 :])).items():
            if whole[call_id].outcome is Outcome.ANSWERED:
                assert call.outcome in (Outcome.ANSWERED, Outcome.UNKNOWN), f"{frames[lost].packet} lost"


def test_every_recorded_transcript_has_its_expectation() -> None:
    recorded = {path.name.removesuffix(".ami.txt") for path in RECORDED.glob("*.ami.txt")}
    assert len(recorded) >= 27 and recorded <= set(NAMES) | NOT_YET


@pytest.mark.parametrize("name", NAMES)
def test_nobody_talked_longer_than_the_call_whatever_was_lost(name: str) -> None:
    """AgentComplete may come without its leg; then it is the operator's own leg and not a second one."""
    frames = frames_of(name)
    for lost in range(len(frames)):
        for call in fold(call_events(frames[:lost] + frames[lost + 1 :])).values():
            if call.over_at:
                length = (call.over_at - call.began_at).total_seconds()
                assert call.talked <= length
                assert all(leg.talked <= length for leg in call.legs)
