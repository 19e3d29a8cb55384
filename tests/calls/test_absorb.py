"""What was heard of calls becomes rows: every transcript, in pieces, shuffled, doubled and cut off."""

import random
from collections.abc import Iterable
from itertools import groupby
from typing import Any

import pytest
from recordings import GOLDEN, call_events, frames_of

from caunoi.calls import actions
from caunoi.calls.models import Call, CallLeg
from caunoi.cli.calls import row as said
from caunoi.conversations.models import Inbox
from caunoi.events.models import Event
from caunoi.telephony import calls as reducer
from caunoi.telephony.calls import fold, reduce
from caunoi.telephony.events import CallEvent, Lost, Outcome
from caunoi.telephony.transcript import Frame

NAMES = sorted(GOLDEN)


def hear(box: Inbox, events: Iterable[CallEvent], *, piece: int = 3) -> None:
    """Tell the events a few at a time, as a bridge does that remembers nothing in between."""
    told = list(events)
    for start in range(0, len(told), piece):
        actions.absorb(box, fold(told[start : start + piece]).values())


def rows() -> list[dict[str, Any]]:
    """Everything the tables say, ids of ours apart."""
    result = []
    for call in Call.objects.order_by("call_id"):
        legs = sorted(CallLeg.objects.filter(call=call), key=lambda leg: leg.key)
        plain = {k: getattr(call, k) for k in vars(call) if k not in ("_state", "id", "inbox_id")}
        names = [name for name in vars(CallLeg()) if name not in ("_state", "id", "call_id", "leg_id")]
        result.append(plain | {"legs": [{k: getattr(leg, k) for k in ("key", *names)} for leg in legs]})
    return result


def assert_says(calls: dict[str, reducer.Call]) -> None:
    """The rows say what the reducer says."""
    assert {call.call_id for call in Call.objects.all()} == set(calls)
    for row in Call.objects.all():
        call, told = calls[row.call_id], said(calls[row.call_id])
        assert (row.direction, row.outcome, row.state) == (call.direction, call.outcome, call.state)
        assert (row.caller or None, row.dialled or None, row.queue or None) == (told["from"], told["to"], told["queue"])
        assert (round(row.waited), bool(row.transferred_to or row.facts.get("transferred_to"))) == (
            told["waited"],
            told["transferred"],
        )
        assert (row.recording.rpartition("/")[2] or None, row.ended) == (told["recording"], call.over_at)
        legs = sorted(CallLeg.objects.filter(call=row), key=lambda leg: leg.key)
        expected = sorted(call.legs, key=lambda leg: leg.id)
        assert [(leg.name, leg.outcome, leg.rang, leg.talked, leg.beaten) for leg in legs] == [
            (leg.operator, leg.outcome, leg.rang, leg.talked, leg.beaten) for leg in expected
        ]


def seconds(frames: tuple[Frame, ...]) -> list[list[Frame]]:
    return [list(group) for _, group in groupby(frames, key=lambda frame: frame.at.replace(microsecond=0))]


@pytest.mark.parametrize("name", NAMES)
def test_a_transcript_becomes_the_calls_it_tells_of(box: Inbox, name: str) -> None:
    events = call_events(frames_of(name))
    hear(box, events)
    assert_says(fold(events))
    once = rows()
    hear(box, events, piece=7)
    assert rows() == once


@pytest.mark.parametrize("name", NAMES)
def test_shuffled_within_a_second_and_doubled_it_becomes_the_same_rows(box: Inbox, name: str) -> None:
    frames, chance = frames_of(name), random.Random(1022)
    hear(box, call_events(frames), piece=1000)
    once = rows()
    Call.objects.all().delete()
    shuffled = [frame for second in seconds(frames) for frame in chance.sample(second * 2, len(second) * 2)]
    hear(box, call_events(tuple(shuffled)), piece=chance.randint(1, 6))
    assert rows() == once


@pytest.mark.parametrize("name", NAMES)
def test_cut_off_half_way_it_says_no_more_than_was_seen_and_the_rest_may_come_later(box: Inbox, name: str) -> None:
    frames = frames_of(name)
    half = frames[: len(frames) // 2]
    hear(box, call_events(half))
    assert_says(fold(call_events(half)))
    hear(box, call_events(frames[len(frames) // 2 :]))
    assert_says(fold(call_events(frames)))


def test_nothing_new_writes_nothing(box: Inbox, django_assert_num_queries: Any) -> None:
    events = call_events(frames_of("missed"))
    hear(box, events)
    with django_assert_num_queries(4):  # a savepoint and its release, the inbox' lock, the rows
        assert actions.absorb(box, fold(events).values()) == []


def test_a_calls_end_is_told_once_and_again_only_when_it_was_otherwise(box: Inbox) -> None:
    events = call_events(frames_of("missed"))
    for _ in range(2):
        hear(box, events)
    told = Event.objects.filter(kind="call.end").order_by("subject_id")
    assert [(event.subject_id, event.data["outcome"]) for event in told] == list(
        Call.objects.order_by("pk").values_list("pk", "outcome")
    )


def test_a_recording_once_known_is_never_lost(box: Inbox) -> None:
    events = call_events(frames_of("answered"))
    hear(box, events)
    call = Call.objects.get()
    assert call.recording.endswith(".wav")
    Call.objects.update(sound="recordings/x.wav")
    late = Lost(call_id=call.call_id, at=call.began)
    actions.absorb(box, [reduce(None, late)])
    hear(box, events[:5])
    call.refresh_from_db()
    assert (call.recording.endswith(".wav"), call.sound) == (True, "recordings/x.wav")


def test_whose_phone_it_was_stays_so_when_the_phone_changes_hands(box: Inbox, town: Any) -> None:
    lan, tam = town.users["lan"], town.users["tam"]
    lan.extension = "agent1"
    lan.save()
    hear(box, call_events(frames_of("answered")))
    assert Call.objects.get().operator == lan
    lan.extension, tam.extension = "", "agent1"
    lan.save()
    tam.save()
    late = Lost(call_id=Call.objects.get().call_id, at=Call.objects.get().began)
    actions.absorb(box, [reduce(None, late)])
    assert CallLeg.objects.get().user == lan


def test_after_a_gap_what_the_pbx_no_longer_knows_has_ended_unseen(box: Inbox) -> None:
    events = call_events(frames_of("answered"))
    hear(box, events[: len(events) // 2])
    call = Call.objects.get()
    assert actions.lose(box, {call.call_id}, call.began) == []
    (gone,) = actions.lose(box, set(), call.began)
    assert (gone.state, gone.outcome) == ("ended", Outcome.UNKNOWN)
    hear(box, events[len(events) // 2 :])
    assert_says(
        {**fold(events), call.call_id: reduce(fold(events)[call.call_id], Lost(call_id=call.call_id, at=call.began))}
    )
