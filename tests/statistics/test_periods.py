"""The times that figures are asked for."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caunoi.statistics.periods import VIETNAM, between, earlier, part, period_of

CODES = ["month", "last_month", "7", "30", "90", "year", "report", "last_report"]
moments = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)).map(lambda at: at.replace(tzinfo=VIETNAM))


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


@pytest.mark.parametrize(
    ("code", "moment", "since", "until"),
    [
        ("month", "2026-08-26T09:00", "2026-08-01", "2026-09-01"),
        ("month", "2026-12-31T23:59", "2026-12-01", "2027-01-01"),
        ("last_month", "2026-01-01T00:00", "2025-12-01", "2026-01-01"),
        ("7", "2026-08-26T09:00", "2026-08-20", "2026-08-27"),
        ("year", "2026-08-26T09:00", "2026-01-01", "2027-01-01"),
        ("report", "2026-08-25T11:59", "2026-07-25T12:00", "2026-08-25T12:00"),
        ("report", "2026-08-25T12:00", "2026-08-25T12:00", "2026-09-25T12:00"),
        ("last_report", "2026-01-10T08:00", "2025-11-25T12:00", "2025-12-25T12:00"),
    ],
)
def test_a_period_by_its_name(code, moment, since, until):
    found = period_of(code, at(moment))
    assert (found.since, found.until) == (at(since), at(until))


@given(code=st.sampled_from(CODES), moment=moments, day=st.integers(1, 28), hour=st.integers(0, 23))
def test_periods_hold_now_or_end_before_it_and_what_they_are_compared_with_lies_before(code, moment, day, hour):
    period = period_of(code, moment, day=day, hour=hour)
    if code.startswith("last_"):
        assert period.until <= moment
    else:
        assert period.since <= moment < period.until
    begun, ended = earlier(period, moment)
    assert begun <= ended <= period.since
    assert ended - begun <= period.until - period.since + timedelta(days=3)


@given(moment=moments, day=st.integers(1, 28), hour=st.integers(0, 23))
def test_reporting_months_join_without_a_gap(moment, day, hour):
    assert (
        period_of("last_report", moment, day=day, hour=hour).until
        == period_of("report", moment, day=day, hour=hour).since
    )


def test_own_dates_take_both_days():
    found = between(date(2026, 8, 3), date(2026, 8, 3))
    assert found.until - found.since == timedelta(days=1)
    with pytest.raises(ValueError, match="before"):
        between(date(2026, 8, 4), date(2026, 8, 3))


@pytest.mark.parametrize("on", ["", "2026", "2026-13", "2026-02-30", "x" * 7, "2026-W01"])
def test_what_is_no_day_or_month_is_refused(on):
    with pytest.raises(ValueError):
        part(on)


def test_a_month_of_the_trend():
    assert part("2026-12") == (at("2026-12-01"), at("2027-01-01"))
