"""What an operator does, read from what was said and what is seen."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caunoi.calls.operator_states import MOVES, OF_WORD, BusyPhone, Cause, OperatorState, Statement, Word, read

NINE = datetime(2026, 8, 6, 2, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


def statement(word: Word, **more: object) -> Statement:
    return Statement(word=word, since=NINE, **more)  # type: ignore[arg-type]


TALKS = BusyPhone(call=7, talks=True, since=at(1))
RINGS = BusyPhone(call=8, talks=False, since=at(2))


@pytest.mark.parametrize(
    ("what", "phone", "state", "since"),
    [
        (None, None, "signed_out", None),
        (None, TALKS, "talking", at(1)),
        (statement(Word.OFF), None, "signed_out", NINE),
        (statement(Word.OFF), TALKS, "talking", at(1)),  # a call goes on after its operator signed out
        (statement(Word.OFF, unreachable=at(3)), None, "signed_out", NINE),
        (statement(Word.AVAILABLE), None, "ready", NINE),
        (statement(Word.AVAILABLE), RINGS, "ringing", at(2)),
        (statement(Word.AVAILABLE, attended=False), None, "away", NINE),
        (statement(Word.AVAILABLE, unreachable=at(3)), None, "unreachable", at(3)),
        (statement(Word.AVAILABLE, unreachable=at(3)), TALKS, "talking", at(1)),
        (statement(Word.BREAK, reason="meal"), None, "break", NINE),
        (statement(Word.NO_ANSWER, reason="no_answer"), None, "break", NINE),
        (statement(Word.AWAY, reason="away"), None, "away", NINE),
        (statement(Word.AFTER_CALL, ends=at(5)), None, "after_call", NINE),
        (statement(Word.AFTER_CALL, ends=at(5)), RINGS, "ringing", at(2)),
        (statement(Word.AFTER_CALL, ends=at(4)), None, "ready", at(4)),
        (statement(Word.AFTER_CALL, ends=at(3), unreachable=at(1)), None, "unreachable", at(1)),
    ],
)
def test_what_is_seen_counts_before_what_is_said(
    what: Statement | None, phone: BusyPhone | None, state: str, since: datetime | None
) -> None:
    reading = read(what, phone, at(4))
    assert (reading.state, reading.since, reading.call) == (state, since, phone and phone.call)


def test_an_after_call_time_is_over_though_nobody_ended_it() -> None:
    what = statement(Word.AFTER_CALL, reason="wrapup", ends=at(1))
    states = [read(what, None, at(minutes)).state for minutes in (0, 0.9, 1, 600)]
    assert states == ["after_call", "after_call", "ready", "ready"]
    assert what.at(at(1)).reason == ""


def test_nothing_that_is_seen_signs_anybody_in_or_ends_a_break_that_was_taken() -> None:
    for cause in Cause:
        assert (cause, Word.OFF) not in MOVES
        assert MOVES.get((cause, Word.BREAK)) in (None, Word.OFF)


def test_every_word_is_a_state_and_every_state_can_be_read() -> None:
    assert OF_WORD.keys() == set(Word)
    words = [None, *(statement(word, unreachable=gone) for word, gone in product(Word, (None, NINE)))]
    read_states = {read(word, phone, NINE).state for word, phone in product(words, (None, TALKS, RINGS))}
    assert read_states == set(OperatorState)


WORDS = st.sampled_from(list(Word))
CAUSES = st.lists(st.sampled_from(list(Cause)), max_size=12)


@given(WORDS, CAUSES)
def test_whoever_is_paused_by_what_is_seen_gets_back_or_off_by_what_is_seen_or_one_word(
    word: Word, causes: list[Cause]
) -> None:
    for cause in causes:
        word = MOVES.get((cause, word), word)
    if word in (Word.AFTER_CALL, Word.AWAY):
        back = Cause.TIME_UP if word is Word.AFTER_CALL else Cause.PAGE_OPENED
        assert MOVES[back, word] is Word.AVAILABLE
    if word is not Word.OFF:
        assert MOVES[Cause.FORSAKEN, word] is Word.OFF
