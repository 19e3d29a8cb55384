"""Control limits: what is usual for its kind of day is quiet, what is not is told, whatever the number of groups.

Proves: Unusual rises by kind of day, false alarms shared among all groups, judged by how much all groups vary; a
past flood hides no other"""

import random
from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from caunoi.statistics.limits import alike, kind, limit, rises

BEGUN = date(2026, 3, 2)
HOLIDAYS = {date(2026, 4, 30), date(2026, 5, 1)}
FLAT = (10, 10, 10, 10, 10, 4, 2)


def off(day):
    return day.weekday() == 6 or day in HOLIDAYS


def counts(days=120, seed=1, shape=FLAT):
    dice = random.Random(seed)
    result = {}
    for n in range(days):
        day = BEGUN + timedelta(days=n)
        mean = shape[kind(day, off)]
        result[day] = sum(dice.random() < mean / 40 for _ in range(40))  # nearly Poisson
    return result


def test_a_holiday_is_compared_with_sundays_and_other_days_off():
    days = alike(date(2026, 5, 1), off)
    assert date(2026, 4, 30) in days and date(2026, 4, 26) in days and date(2026, 4, 24) not in days


def test_a_monday_after_a_quiet_sunday_is_no_rise():
    known = counts()
    monday = BEGUN + timedelta(days=112)
    assert monday.weekday() == 0
    assert rises({"x": {**known, monday: 14}}, [monday], off, begun=BEGUN) == []


def test_the_same_count_on_a_sunday_is_one():
    known, sunday = counts(), BEGUN + timedelta(days=111)
    (rise,) = rises({"x": {**known, sunday: 14}}, [sunday], off, begun=BEGUN)
    assert (rise.key, rise.count) == ("x", 14) and rise.usual < 4 and rise.limit < 14


def test_a_flood_in_one_commune_among_ninety_five_is_found_and_named_first():
    known = {f"{n:05}": counts(seed=n, shape=[c / 5 for c in FLAT]) for n in range(95)}
    day = BEGUN + timedelta(days=112)
    known["00042"][day] = 25
    assert rises(known, [day], off, begun=BEGUN)[0].key == "00042"


def test_ordinary_days_of_ninety_five_communes_raise_hardly_any_alarm():
    known = {f"{n:05}": counts(seed=n, shape=[c / 2 for c in FLAT]) for n in range(95)}
    days = [BEGUN + timedelta(days=n) for n in range(90, 118)]
    alarms = sum(len(rises(known, [day], off, begun=BEGUN)) for day in days)
    assert alarms <= 4  # of 2,660 looks


def test_with_too_short_a_past_nothing_is_said():
    day = BEGUN + timedelta(days=14)
    assert rises({"x": {day: 500}}, [day], off, begun=BEGUN) == []


def test_a_handful_is_never_a_rise():
    day = BEGUN + timedelta(days=112)
    assert rises({"x": {day: 4}}, [day], off, begun=BEGUN) == []
    assert len(rises({"x": {day: 5}}, [day], off, begun=BEGUN)) == 1


@pytest.mark.parametrize(
    ("mean", "chance", "expected"), [(1, 0.05, 3), (5, 0.01, 11), (10, 0.001, 21), (100, 0.01, 124)]
)
def test_where_chance_alone_is_at_work_the_limit_is_poissons(mean, chance, expected):
    assert limit(mean, mean, chance) == expected


@example(mean=0.1015625, more=15.0, chance=0.01953125)
@given(mean=st.floats(0.1, 200), more=st.floats(1.02, 20), chance=st.floats(1e-6, 0.1))
def test_what_varies_more_has_a_higher_limit(mean, more, chance):
    if chance < 0.02:
        assert limit(mean, mean * more, chance) >= limit(mean, mean, chance) >= int(mean)
