"""Missed and abandoned calls become one open call-back a number, closed by whatever call reaches it."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from django.utils.timezone import now

from caunoi.calls import actions
from caunoi.calls.models import Call
from caunoi.conversations import actions as conversations
from caunoi.conversations.models import Callback, Inbox
from caunoi.telephony.calls import fold
from caunoi.telephony.events import (
    Answered,
    CallEvent,
    Direction,
    Ended,
    GaveUp,
    LegEnded,
    Outcome,
    PickedUp,
    Queued,
    Rang,
    RingEnded,
    Started,
)
from caunoi.vault import blind

AT = datetime(2026, 8, 6, 1, tzinfo=UTC)
NUMBER = "0900000001"


def at(minutes: float) -> datetime:
    return AT + timedelta(minutes=minutes)


def missed(call_id: str, minutes: float, number: str | None = NUMBER) -> list[CallEvent]:
    return [
        Started(call_id=call_id, at=at(minutes), direction=Direction.IN, caller=number, dialled="1022"),
        Queued(call_id=call_id, at=at(minutes), queue="tongdai1022"),
        GaveUp(call_id=call_id, at=at(minutes + 1)),
        Ended(call_id=call_id, at=at(minutes + 1)),
    ]


def answered(call_id: str, minutes: float, member: str = "lan") -> list[CallEvent]:
    return [
        Started(call_id=call_id, at=at(minutes), direction=Direction.IN, caller=NUMBER, dialled="1022"),
        Queued(call_id=call_id, at=at(minutes), queue="tongdai1022"),
        Answered(call_id=call_id, at=at(minutes + 0.5), leg="p", member=member),
        Ended(call_id=call_id, at=at(minutes + 2)),
    ]


def called(call_id: str, minutes: float, *, reached: bool) -> list[CallEvent]:
    events: list[CallEvent] = [
        Started(call_id=call_id, at=at(minutes), direction=Direction.OUT, caller="1022", dialled=NUMBER),
        PickedUp(call_id=call_id, at=at(minutes), leg=call_id, member="lan"),
        Rang(call_id=call_id, at=at(minutes), leg="far", outside=NUMBER),
        Ended(call_id=call_id, at=at(minutes + 1)),
    ]
    return events[:3] + [PickedUp(call_id=call_id, at=at(minutes + 0.2), leg="far")] * reached + events[3:]


def happen(box: Inbox, *calls: list[CallEvent]) -> None:
    """Each call is told and settled, one after the other."""
    for events in calls:
        for row in actions.absorb(box, fold(events).values()):
            actions.settle(row.pk)


def open_ones() -> list[Callback]:
    return list(Callback.objects.filter(state__in=["open", "claimed"]))


@pytest.mark.parametrize(("ends", "waiting"), [(GaveUp, 1), (None, 0)])
def test_who_was_taken_back_from_a_lost_phone_and_hangs_up_is_called_back(box: Inbox, ends: Any, waiting: int) -> None:
    talk = [
        *answered("a", 0)[:3],
        LegEnded(call_id="a", at=at(2), leg="p", member="lan", talked=90),
        Queued(call_id="a", at=at(2.1), queue="tongdai1022"),
        *([ends(call_id="a", at=at(3))] if ends else [Answered(call_id="a", at=at(3), leg="q", member="minh")]),
        Ended(call_id="a", at=at(4)),
    ]
    happen(box, missed("earlier", -5), talk)
    assert len(open_ones()) == waiting and Call.objects.get(call_id="a").outcome == Outcome.ANSWERED
    happen(box, answered("b", 9))
    assert open_ones() == []


def test_three_missed_calls_of_one_number_are_one_call_back(box: Inbox) -> None:
    happen(box, missed("a", 0), missed("b", 5), missed("c", 9), missed("d", 3, "0900000002"))
    assert {(row.phone, row.times) for row in open_ones()} == {("+84900000001", 3), ("+84900000002", 1)}
    assert {row.callback_id for row in Call.objects.all() if row.phone == "+84900000001"} == {
        Callback.objects.get(blind.equal(Callback, "phone", "+84900000001")).pk
    }


def test_told_and_settled_again_it_stays_one(box: Inbox) -> None:
    for _ in range(3):
        happen(box, missed("a", 0))
        actions.settle(Call.objects.get().pk)
    assert [row.times for row in open_ones()] == [1]


@pytest.mark.parametrize("reach", [answered("z", 10), called("z", 10, reached=True)], ids=["in", "out"])
def test_an_answered_call_in_or_out_closes_it(box: Inbox, town: Any, reach: list[CallEvent]) -> None:
    happen(box, missed("a", 0), reach)
    assert open_ones() == []
    done = Callback.objects.get()
    assert (done.state, done.operator) == ("done", "lan")


def test_a_call_out_that_nobody_lifts_leaves_it_open(box: Inbox) -> None:
    happen(box, missed("a", 0), called("z", 10, reached=False))
    assert len(open_ones()) == 1


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_what_counts_is_when_the_calls_were_not_when_they_were_told(
    box: Inbox, town: Any, order: tuple[int, ...]
) -> None:
    calls = [missed("a", 0), answered("b", 5), missed("c", 9)]
    happen(box, *(calls[number] for number in order))
    assert [(row.phone, list(row.calls.values_list("call_id", flat=True))) for row in open_ones()] in (
        [("+84900000001", ["c"])],
        [("+84900000001", ["a", "c"])],  # told of the answer last: the open one stands for both
        [("+84900000001", ["c", "a"])],
    )


@pytest.mark.parametrize("order", list(permutations(range(2))))
def test_a_miss_told_after_the_answer_that_followed_it_asks_for_nothing(
    box: Inbox, town: Any, order: tuple[int, ...]
) -> None:
    calls = [missed("a", 0), answered("b", 5)]
    happen(box, *(calls[number] for number in order))
    assert open_ones() == []


def test_a_miss_that_turns_out_to_have_been_answered_asks_for_nothing_more(box: Inbox) -> None:
    happen(box, missed("a", 0))
    happen(box, [Answered(call_id="a", at=at(0.5), leg="p", member="lan")])
    assert (Call.objects.get().outcome, open_ones()) == ("answered", [])


def test_what_an_operator_has_ended_by_hand_is_not_asked_for_again_by_an_old_call(box: Inbox, town: Any) -> None:
    happen(box, missed("a", 0))
    conversations.finish_callback(open_ones()[0], "Đã gọi", by=town.lan)
    happen(box, missed("b", -30))
    assert open_ones() == []
    ended = Callback.objects.get().ended
    assert ended
    happen(box, missed("c", (ended - AT).total_seconds() / 60 + 5))
    assert len(open_ones()) == 1


def test_a_hidden_number_cannot_be_called_back(box: Inbox) -> None:
    happen(box, missed("a", 0, "anonymous"), missed("b", 0, None))
    assert open_ones() == []
    assert set(Call.objects.values_list("outcome", flat=True)) == {"abandoned"}


def test_a_call_of_which_only_the_end_was_seen_is_not_guessed_at(box: Inbox) -> None:
    happen(box, [Ended(call_id="a", at=at(1), caller=NUMBER)])
    assert open_ones() == []


def test_the_reaction_is_in_the_flow(box: Inbox, work: Any) -> None:
    actions.absorb(box, fold(missed("a", 0)).values())
    work()
    assert len(open_ones()) == 1


def test_a_call_of_ours_that_nobody_answered_is_an_attempt_once_and_is_due_again(box: Inbox, town: Any) -> None:
    happen(box, missed("a", 0))
    (row,) = open_ones()
    conversations.claim_callback(row, by=town.lan)
    no = RingEnded(call_id="b", at=at(5.9), leg="far", reason=Outcome.NO_ANSWER)
    happen(box, [*called("b", 5, reached=False), no])
    for call in Call.objects.filter(call_id="b"):
        actions.settle(call.pk)
    row.refresh_from_db()
    assert (row.state, row.operator, row.attempts) == ("claimed", "lan", 1)
    assert row.due
    assert timedelta(minutes=29) < row.due - now() <= timedelta(minutes=30)
    conversations.try_callback(row, "Máy bận", by=town.tam)  # of another call, made by hand
    row.refresh_from_db()
    assert (row.state, row.attempts, row.outcome) == ("open", 2, "Máy bận")
    happen(box, called("c", 9, reached=True))
    assert open_ones() == []


def test_what_its_operator_says_of_a_call_that_was_counted_is_no_attempt_more(box: Inbox, town: Any) -> None:
    happen(box, missed("a", 0))
    (row,) = open_ones()
    conversations.claim_callback(row, by=town.lan)
    conversations.try_callback(row, "", by=town.lan, call=7)
    conversations.try_callback(row, "Thuê bao", by=town.lan)
    row.refresh_from_db()
    assert (row.state, row.attempts, row.outcome) == ("open", 1, "Thuê bao")


def test_an_own_phone_that_was_not_lifted_is_no_attempt(box: Inbox) -> None:
    happen(box, missed("a", 0))
    dial = [
        Started(call_id="c2c-0-1", at=at(3), direction=Direction.OUT, caller="101", dialled=NUMBER),
        Rang(call_id="c2c-0-1", at=at(3), leg="c2c-0-1", channel="PJSIP/101-00000001"),
        Ended(call_id="c2c-0-1", at=at(3.5)),
    ]
    happen(box, dial)
    assert [row.attempts for row in open_ones()] == [0]


def test_after_the_planned_tries_a_missed_call_is_given_up_and_can_be_opened_again(box: Inbox, town: Any) -> None:
    happen(box, missed("a", 0))
    (row,) = open_ones()
    for tries in range(1, 5):
        row = conversations.try_callback(row, f"lần {tries}", by=town.lan)
        assert (row.state, row.attempts) == ("given_up" if tries == 4 else "open", tries)
    row = conversations.reopen_callback(row, by=town.lan)
    assert (row.state, row.attempts) == ("open", 3)
