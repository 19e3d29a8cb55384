"""What is true of every count, whoever works and whenever it begins.

Proves: clocks, calendars, holidays, swap days, pauses, warn, breach, ladder in working hours; "why this deadline?";
`caunoi deadline`; the traps of the issue"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from caunoi.lib.worktime.counting import ALWAYS, OFFICE, Calendar, calendar
from caunoi.lib.worktime.daysoff import SpecialDay
from caunoi.lib.worktime.worktrace import trace_days, trace_work

HALF = timedelta(minutes=30)
_OFFICE = [["07:30", "11:30"], ["13:00", "17:00"]]
CALENDARS = (
    OFFICE,
    ALWAYS,
    calendar("ward", sessions={str(day): _OFFICE for day in range(5)} | {"5": [["07:30", "11:30"]]}),
    calendar("nights", sessions={str(day): [["06:00", "14:00"], ["22:00", "06:00"]] for day in range(6)}),
    calendar("office", rows={date(2026, 8, day): day % 2 == 0 for day in range(1, 32)}),
)

calendars = st.sampled_from(CALENDARS)
zones = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
instants = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=zones)
in_2026 = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1), timezones=st.just(UTC))
work = st.integers(1, 300 * 3600).map(lambda seconds: timedelta(seconds=seconds))
days = st.integers(1, 60)


def worked(calendar: Calendar, due: datetime) -> bool:
    """Whether an instant lies in a session of a day that is worked, its close included and its opening not."""
    near = (due.date() - timedelta(days=1), due.date())
    return any(start < due <= end for day in near for start, end in calendar.windows(day))


@given(calendars, instants, work)
def test_as_much_working_time_goes_by_as_was_added(calendar: Calendar, start: datetime, amount: timedelta) -> None:
    assert calendar.between(start, calendar.add(start, amount)) == amount


@given(calendars, instants, work, work)
def test_working_time_may_be_added_in_parts(
    calendar: Calendar, start: datetime, one: timedelta, two: timedelta
) -> None:
    assert calendar.add(calendar.add(start, one), two) == calendar.add(start, one + two)


@given(calendars, instants, work, days)
def test_no_due_falls_on_a_day_off_or_between_sessions(
    calendar: Calendar, start: datetime, amount: timedelta, number: int
) -> None:
    assert worked(calendar, calendar.add(start, amount))
    assert worked(calendar, calendar.add_days(start, number))


@given(calendars, instants, instants, work, days)
def test_what_begins_later_is_not_due_earlier(
    calendar: Calendar, one: datetime, two: datetime, amount: timedelta, number: int
) -> None:
    early, late = sorted((one, two))
    assert calendar.add(early, amount) <= calendar.add(late, amount)
    assert calendar.add_days(early, number) <= calendar.add_days(late, number)


@given(calendars, instants, work, days)
def test_more_is_due_later(calendar: Calendar, start: datetime, amount: timedelta, number: int) -> None:
    assert start < calendar.add(start, amount) < calendar.add(start, amount + timedelta(seconds=1))
    assert start < calendar.add_days(start, number) < calendar.add_days(start, number + 1)


@given(in_2026, st.integers(1, 40), st.integers(1, 12), st.dates(date(2026, 1, 1), date(2027, 2, 1)))
def test_a_swapped_day_moves_only_what_is_counted_over_it(start: datetime, hours: int, number: int, day: date) -> None:
    swapped = replace(OFFICE, rows={day: SpecialDay(name="x", works=not OFFICE.windows(day))})
    amount = timedelta(hours=hours)
    for before, after in (
        (OFFICE.add(start, amount), swapped.add(start, amount)),
        (OFFICE.add_days(start, number), swapped.add_days(start, number)),
    ):
        if before != after:
            assert start <= datetime.combine(day, datetime.max.time(), before.tzinfo)
            assert day <= before.date()


@given(st.integers(0, 48 * 300), st.integers(1, 30))
def test_hours_agree_with_counting_them_off_by_halves(half: int, hours: int) -> None:
    """The plainest count there is: half hour by half hour, the days off of 2026 written down."""
    off = {
        "01-01",
        "01-02",
        "02-16",
        "02-17",
        "02-18",
        "02-19",
        "02-20",
        "04-27",
        "04-30",
        "05-01",
        "08-31",
        "09-01",
        "09-02",
        "11-24",
    }
    moment = start = datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=7))) + half * HALF
    left = 2 * hours
    while left:
        day = f"{moment:%m-%d}"
        opens = day in {"01-10", "08-22"} or (moment.weekday() < 5 and day not in off)
        inside = "07:30" <= f"{moment:%H:%M}" < "11:30" or "13:00" <= f"{moment:%H:%M}" < "17:00"
        left -= opens and inside
        moment += HALF
    assert OFFICE.add(start, timedelta(hours=hours)) == moment


@given(calendars, instants, st.integers(1, 60), st.integers(1, 20))
def test_the_trace_ends_at_the_due(calendar: Calendar, start: datetime, hours: int, number: int) -> None:
    amount = timedelta(hours=hours)
    for due, lines in (
        (calendar.add(start, amount), trace_work(calendar, start, amount)),
        (calendar.add_days(start, number), trace_days(calendar, start, number)),
    ):
        clock = f"{due.hour}:{due:%M}"
        day = f"{due.day}/{due.month}/{due.year}"
        assert clock in lines[-1]
        assert day in lines[-1]
        assert sum("hạn lúc" in line for line in lines) == (not calendar.round_the_clock)
