"""The hours at which leaders are told: each once, late by two hours at most."""

from datetime import datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caunoi.reports.slots import LATE, earlier, hours, slot
from caunoi.statistics.periods import VIETNAM

TIMES = [time(7, 30), time(13, 30)]


def at(text):
    return datetime.fromisoformat(f"2026-08-{text}+07:00")


def test_hours_are_read_in_order_and_once():
    assert hours(" 13:30, 7:30,07:30") == TIMES
    assert hours("") == []
    with pytest.raises(ValueError):
        hours("sáng")


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        ("17T07:29", None),
        ("17T07:30", "17T07:30"),
        ("17T09:29", "17T07:30"),
        ("17T09:30", None),
        ("17T13:31", "17T13:30"),
    ],
)
def test_a_slot_is_told_when_it_has_come_and_not_long_after(moment, told):
    assert slot(at(moment), TIMES) == (at(told) if told else None)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(VIETNAM)),
    st.lists(st.times(), min_size=1),
)
def test_a_slot_has_come_and_the_one_before_is_earlier(moment, times):
    times = sorted(set(times))
    found = slot(moment, times)
    if found is not None:
        assert found <= moment < found + LATE
        assert earlier(found, times) < found
