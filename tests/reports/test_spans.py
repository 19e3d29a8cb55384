"""The times reports are about follow each other without gap or overlap, for every kind, over any year's end.

Proves: Official reports weekly, monthly, own reporting month (25th 12:00), quarterly, half-yearly, yearly; spans
follow each other without gap or overlap"""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caunoi.reports.spans import Kind, Turn, around, before, latest, parse, year_before

TURN = Turn()
MOMENTS = st.datetimes(min_value=datetime(2010, 1, 1), max_value=datetime(2090, 1, 1), timezones=st.just(UTC))
KINDS = st.sampled_from(sorted(Kind))


@given(KINDS, MOMENTS, st.integers(1, 28), st.integers(0, 23))
def test_a_moment_lies_in_its_span_and_the_one_before_ends_where_it_begins(kind, at, day, hour):
    turn = Turn(day=day, hour=hour)
    span = around(kind, at, turn)
    assert span.since <= at < span.until
    assert before(span, turn).until == span.since
    assert parse(span.code, turn) == span


@given(KINDS, MOMENTS)
def test_a_year_before_is_about_a_year_before(kind, at):
    span = around(kind, at, TURN)
    assert timedelta(days=363) <= span.since - year_before(span, TURN).since <= timedelta(days=367)


@pytest.mark.parametrize(
    ("code", "since", "until"),
    [
        ("2026-W48", "2026-11-23T00:00+07:00", "2026-11-30T00:00+07:00"),
        ("2026-02", "2026-02-01T00:00+07:00", "2026-03-01T00:00+07:00"),
        ("2026-01r", "2025-12-25T12:00+07:00", "2026-01-25T12:00+07:00"),
        ("2026-Q4", "2026-10-01T00:00+07:00", "2027-01-01T00:00+07:00"),
        ("2026-H1", "2026-01-01T00:00+07:00", "2026-07-01T00:00+07:00"),
        ("2026", "2026-01-01T00:00+07:00", "2027-01-01T00:00+07:00"),
    ],
)
def test_codes_are_known_times(code, since, until):
    span = parse(code, TURN)
    assert (span.since.isoformat(timespec="minutes"), span.until.isoformat(timespec="minutes")) == (since, until)


@pytest.mark.parametrize(
    "code", ["", "2026-13", "2026-W54", "2026-Q5", "2026-00", "26", "2026-1", "1026", "2026-H0", "2026-13r"]
)
def test_what_is_no_code_is_refused(code):
    with pytest.raises(ValueError):
        parse(code, TURN)


def test_the_latest_are_over_and_go_back():
    at = datetime.fromisoformat("2026-11-25T11:59:00+07:00")
    assert [s.code for s in latest(Kind.REPORT_MONTH, at, TURN, 3)] == ["2026-10r", "2026-09r", "2026-08r"]
    assert latest(Kind.REPORT_MONTH, at + timedelta(minutes=1), TURN)[0].code == "2026-11r"
    assert latest(Kind.WEEK, at, TURN)[0].code == "2026-W47"
