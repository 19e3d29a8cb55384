"""Counting in working time: the traps of 2026, worked out by hand."""

from datetime import UTC, date, datetime, timedelta
from time import process_time

import pytest

from caunoi.lib.worktime.counting import ALWAYS, OFFICE, Calendar, calendar
from caunoi.lib.worktime.daysoff import OutOfRangeError, SpecialDay
from caunoi.lib.worktime.sessions import day_sessions

NIGHTS = calendar("nights", sessions={str(day): [["22:00", "06:00"]] for day in range(5)})


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+07:00")


@pytest.mark.parametrize(
    "start, days, due",
    [
        # Fri 21 Aug; Sat 22 works for 31 Aug: 1; Sun; Mon 24: 2
        ("2026-08-21T15:00", 2, "2026-08-24T17:00"),
        # Fri 28 Aug; Sat, Sun; Mon 31 off for 22 Aug; 1 and 2 Sep National Day; Thu 3: 1; Fri 4: 2
        ("2026-08-28T15:00", 2, "2026-09-04T17:00"),
        # Fri 13 Feb; 14, 15 weekend; Mon 16 to Fri 20 Tết; 21, 22 weekend; Mon 23: 1; Tue 24: 2
        ("2026-02-13T10:00", 2, "2026-02-24T17:00"),
        # Wed 3 Feb; Thu 4 to Wed 10 Tết; Thu 11: 1; Fri 12: 2; weekend; Mon 15: 3
        ("2027-02-03T10:00", 3, "2027-02-15T17:00"),
        # Mon 23 Nov; Tue 24 the new holiday; Wed 25: 1
        ("2026-11-23T09:00", 1, "2026-11-25T17:00"),
        # Fri 20 Nov; weekend; Mon 23: 1; Tue 24 off; Wed 25: 2
        ("2026-11-20T09:00", 2, "2026-11-25T17:00"),
        # Wed 31 Dec; Thu 1 New Year; Fri 2 off for 10 Jan; weekend; Mon 5: 1
        ("2025-12-31T15:00", 1, "2026-01-05T17:00"),
        # the same, on: Tue 6: 2, Wed 7: 3, Thu 8: 4, Fri 9: 5, Sat 10 works: 6
        ("2025-12-31T15:00", 6, "2026-01-10T17:00"),
        # Fri 24 Apr; weekend with Hùng Kings' Sunday; Mon 27 off instead; Tue 28: 1; Wed 29: 2; 30 Apr, 1 May; Mon 4: 3
        ("2026-04-24T08:00", 3, "2026-05-04T17:00"),
        # received on a Sunday: Mon 24 is day 1
        ("2026-08-23T23:59", 1, "2026-08-24T17:00"),
        # received on the working Saturday: it is the day of receipt, Mon 24 is day 1
        ("2026-08-22T08:00", 1, "2026-08-24T17:00"),
        # one minute decides the day of receipt
        ("2026-08-17T23:59", 1, "2026-08-18T17:00"),
        ("2026-08-18T00:00", 1, "2026-08-19T17:00"),
    ],
)
def test_working_days_end_at_the_close_of_the_nth_day_after(start: str, days: int, due: str) -> None:
    assert OFFICE.add_days(at(start), days) == at(due)


@pytest.mark.parametrize(
    "start, hours, due",
    [
        ("2026-08-18T13:00", 4, "2026-08-18T17:00"),  # at the close, not Wednesday 7:30
        ("2026-08-18T07:30", 4, "2026-08-18T11:30"),  # nor at 13:00
        ("2026-08-18T11:00", 1, "2026-08-18T13:30"),  # over lunch
        ("2026-08-18T12:00", 4, "2026-08-18T17:00"),  # from the next session's start
        ("2026-08-18T05:00", 8, "2026-08-18T17:00"),
        ("2026-08-18T17:00", 8, "2026-08-19T17:00"),  # the close itself is outside
        ("2026-08-18T16:30", 4, "2026-08-19T11:00"),  # 0:30 on Tuesday, 3:30 on Wednesday
        ("2026-08-21T16:30", 4, "2026-08-22T11:00"),  # 0:30 on Friday, 3:30 on the working Saturday
        ("2026-08-28T16:30", 4, "2026-09-03T11:00"),  # 0:30 on Friday; weekend, swap, National Day; 3:30 on Thursday
        ("2026-11-23T16:00", 4, "2026-11-25T10:30"),  # 1:00 on Monday, off on Tuesday, 3:00 on Wednesday
        ("2025-12-31T16:00", 4, "2026-01-05T10:30"),  # 1:00 in the old year, 3:00 on Monday 5
        ("2026-01-09T16:00", 4, "2026-01-10T10:30"),  # 1:00 on Friday, 3:00 on the working Saturday
        ("2026-08-22T16:00", 2, "2026-08-24T08:30"),  # 1:00 on the working Saturday, 1:00 on Monday
    ],
)
def test_working_hours_run_inside_the_sessions(start: str, hours: int, due: str) -> None:
    assert OFFICE.add(at(start), timedelta(hours=hours)) == at(due)


def test_round_the_clock_a_day_is_24_hours_and_no_day_is_off() -> None:
    assert ALWAYS.add_days(at("2026-08-31T15:00"), 2) == at("2026-09-02T15:00")
    assert ALWAYS.add(at("2026-08-31T22:00"), timedelta(hours=4)) == at("2026-09-01T02:00")
    assert ALWAYS.between(at("2026-08-31T22:00"), at("2026-09-02T22:00")) == timedelta(days=2)
    assert ALWAYS.add_days(at("2150-01-01T00:00"), 1) == at("2150-01-02T00:00")  # needs no holidays


def test_three_shifts_that_leave_no_gap_are_round_the_clock() -> None:
    shifts = [["06:00", "14:00"], ["14:00", "22:00"], ["22:00", "06:00"]]
    hotline = calendar("hotline", sessions={str(day): shifts for day in range(7)}, rows={date(2026, 9, 2): False})
    assert hotline.round_the_clock
    assert hotline.add_days(at("2026-09-01T15:00"), 1) == at("2026-09-02T15:00")


@pytest.mark.parametrize(
    "start, hours, due",
    [
        ("2026-08-17T23:00", 4, "2026-08-18T03:00"),  # within Monday's shift
        ("2026-08-18T02:00", 8, "2026-08-19T02:00"),  # 4:00 of Monday's shift, 4:00 of Tuesday's
        ("2026-08-17T22:00", 8, "2026-08-18T06:00"),  # a whole shift, to its close
        ("2026-08-14T23:00", 8, "2026-08-17T23:00"),  # 7:00 of Friday's shift on Saturday morning; weekend; 1:00
        ("2026-08-28T23:00", 8, "2026-09-03T23:00"),  # the same over the National Day
    ],
)
def test_a_shift_may_cross_midnight_and_is_worked_to_its_end(start: str, hours: int, due: str) -> None:
    assert NIGHTS.add(at(start), timedelta(hours=hours)) == at(due)
    assert NIGHTS.between(at(start), at(due)) == timedelta(hours=hours)


def test_hours_that_two_shifts_share_count_once() -> None:
    shifts = {str(day): [["05:00", "13:00"], ["22:00", "06:00"]] for day in range(5)}  # both at work from 5 to 6
    waterworks = calendar("waterworks", sessions=shifts)
    assert waterworks.add(at("2026-08-18T04:00"), timedelta(hours=3)) == at("2026-08-18T07:00")
    assert waterworks.between(at("2026-08-18T04:00"), at("2026-08-18T07:00")) == timedelta(hours=3)


def test_a_working_day_of_night_shifts_closes_in_the_morning_after() -> None:
    assert NIGHTS.add_days(at("2026-08-17T10:00"), 1) == at("2026-08-19T06:00")  # Tuesday's shift


def test_a_provinces_own_rows_win_over_the_countrys() -> None:
    flood = calendar("office", rows={date(2026, 8, 24): False})
    assert flood.add_days(at("2026-08-21T15:00"), 2) == at("2026-08-25T17:00")  # Sat 22: 1; Mon 24 off; Tue 25: 2
    undone = calendar("office", rows={date(2026, 8, 22): False, date(2026, 8, 31): True})
    assert undone.add_days(at("2026-08-21T15:00"), 1) == at("2026-08-24T17:00")
    assert undone.add_days(at("2026-08-28T15:00"), 1) == at("2026-08-31T17:00")


def test_a_row_may_have_sessions_of_its_own() -> None:
    morning = SpecialDay(name="Sáng làm việc", works=True, sessions=day_sessions("8:00-11:00"))
    own = calendar("office", rows={date(2026, 8, 29): morning})
    assert own.add_days(at("2026-08-28T15:00"), 1) == at("2026-08-29T11:00")
    assert own.add(at("2026-08-28T16:00"), timedelta(hours=3)) == at("2026-08-29T10:00")


def test_a_make_up_saturday_is_a_full_day_also_where_saturdays_are_half_days() -> None:
    week = {str(day): [["07:30", "11:30"], ["13:00", "17:00"]] for day in range(5)} | {"5": [["07:30", "11:30"]]}
    ward = calendar("ward", sessions=week)
    assert ward.add_days(at("2026-08-14T10:00"), 1) == at("2026-08-15T11:30")
    assert ward.add_days(at("2026-08-21T10:00"), 1) == at("2026-08-22T17:00")


def test_a_calendar_without_sessions_is_known_or_works_day_and_night() -> None:
    assert calendar("office") == OFFICE
    assert calendar("always", rows={date(2026, 9, 2): False}) == ALWAYS
    assert calendar("dienluc").round_the_clock


def test_an_instant_counts_by_its_vietnamese_date_whatever_its_offset() -> None:
    friday_in_utc = datetime(2026, 8, 21, 18, 30, tzinfo=UTC)  # 1:30 on Saturday the 22nd in Vietnam
    due = OFFICE.add_days(friday_in_utc, 1)
    assert due == at("2026-08-24T17:00")
    assert due.isoformat() == "2026-08-24T17:00:00+07:00"


def test_time_between_is_counted_inside_the_sessions() -> None:
    assert OFFICE.between(at("2026-08-21T16:00"), at("2026-08-24T08:00")) == timedelta(hours=9, minutes=30)  # 1+8+½
    assert OFFICE.between(at("2026-08-29T00:00"), at("2026-09-03T07:30")) == timedelta()
    assert OFFICE.between(at("2026-08-24T08:00"), at("2026-08-21T16:00")) == timedelta()


def test_what_cannot_be_counted_is_refused() -> None:
    with pytest.raises(OutOfRangeError, match="not for 2101"):
        OFFICE.add_days(at("2100-12-30T10:00"), 5)
    with pytest.raises(OutOfRangeError):
        ALWAYS.add_days(at("9999-12-31T10:00"), 1)
    with pytest.raises(ValueError, match="no offset"):
        OFFICE.add(datetime(2026, 8, 21, 15), timedelta(hours=1))
    with pytest.raises(ValueError, match="from one on"):
        OFFICE.add_days(at("2026-08-21T15:00"), 0)
    with pytest.raises(ValueError, match="negative"):
        OFFICE.add(at("2026-08-21T15:00"), -timedelta(hours=1))
    with pytest.raises(ValueError, match="at least one session"):
        Calendar(code="never", week=((),) * 7)
    with pytest.raises(ValueError, match="weekdays"):
        calendar("x", sessions={"7": [["07:30", "11:30"]]})


def test_a_deadline_costs_far_less_than_a_fifth_of_a_millisecond() -> None:
    start = datetime(2026, 8, 21, 8, tzinfo=UTC)
    OFFICE.add_days(start, 30)
    began = process_time()
    for _ in range(1000):
        OFFICE.add_days(start, 30)
        OFFICE.add(start, timedelta(hours=240))
    assert process_time() - began < 2 * 1000 * 0.0002
