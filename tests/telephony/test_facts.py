"""A call seen in parts: by a bridge before and after its restart, by two workers, by one who heard everything twice."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recordings import GOLDEN, call_events, frames_of
from test_call_reducer import events

from caunoi.telephony.calls import Call, fold
from caunoi.telephony.events import CallEvent
from caunoi.telephony.facts import dump, join, load


def known(happened: list[CallEvent]) -> Call:
    (call,) = fold(happened).values()
    return call


@given(st.lists(events(), min_size=2, max_size=14), st.data())
def test_two_who_saw_parts_of_a_call_know_together_what_one_who_saw_all_knows(
    happened: list[CallEvent], data: st.DataObject
) -> None:
    cut = data.draw(st.integers(1, len(happened) - 1))
    first, second = known(happened[:cut]), known(happened[cut:])
    assert join(first, second) == join(second, first) == known(happened)
    assert join(first, first) == first


@given(st.lists(events(), min_size=1, max_size=14))
def test_what_is_known_survives_as_json(happened: list[CallEvent]) -> None:
    call = known(happened)
    assert load(json.loads(json.dumps(dump(call)))) == call


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_a_transcript_heard_in_pieces_is_the_same_calls(name: str) -> None:
    whole = call_events(frames_of(name))
    chance = random.Random(1022)
    together: dict[str, Call] = {}
    pieces = chance.sample(whole, len(whole)) + chance.sample(whole, len(whole) // 2)
    while pieces:
        size = chance.randint(1, 5)
        for call_id, call in fold(pieces[:size]).items():
            call = load(json.loads(json.dumps(dump(call))))
            together[call_id] = join(together[call_id], call) if call_id in together else call
        pieces = pieces[size:]
    assert together == fold(whole)
