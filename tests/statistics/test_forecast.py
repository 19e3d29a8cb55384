"""Tomorrow's load, tried on days that were not known to it: the interval holds what it promises, and the method beats
saying "as today" and "as a week ago".

Proves: Forecast of today and tomorrow with an interval of its own errors, back-tested"""

import random
from datetime import date, timedelta

import pytest

from caunoi.statistics.forecast import INSIDE, expected, forecast

BEGUN = date(2026, 1, 5)
WEEK = (60, 55, 50, 50, 52, 25, 12)
HOLIDAYS = {BEGUN + timedelta(days=n) for n in (115, 116, 240)}


def off(day):
    return day.weekday() == 6 or day in HOLIDAYS


def history(days=300, seed=7, noise=0.15):
    dice, found = random.Random(seed), {}
    for n in range(days):
        day = BEGUN + timedelta(days=n)
        mean = WEEK[6 if off(day) else day.weekday()] * (1 + n / 600)  # it grows slowly
        found[day] = max(0, round(dice.gauss(mean, mean * noise + 2)))
    return found


def before(known, day):
    return {d: n for d, n in known.items() if d < day}


@pytest.mark.parametrize("seed", [1, 2])
def test_back_tested_the_interval_holds_what_it_promises(seed):
    known = history(seed=seed)
    days = [BEGUN + timedelta(days=n) for n in range(120, 300, 2)]
    said = [(forecast(before(known, day), day, off, begun=BEGUN), known[day]) for day in days]
    inside = sum(f.low <= came <= f.high for f, came in said) / len(said)
    assert INSIDE - 0.09 <= inside <= INSIDE + 0.12


def test_it_beats_saying_as_today_and_as_a_week_ago():
    known = history()
    days = [BEGUN + timedelta(days=n) for n in range(120, 300, 2)]

    def error(guess):
        return sum(abs(guess(day) - known[day]) for day in days)

    ours = error(lambda day: expected(before(known, day), day, off, begun=BEGUN))
    assert ours < 0.6 * error(lambda day: known[day - timedelta(days=1)])
    assert ours < 0.9 * error(lambda day: known[day - timedelta(days=7)])


def test_a_holiday_is_foretold_as_a_quiet_day():
    day = BEGUN + timedelta(days=240)
    assert day.weekday() < 5
    assert forecast(before(history(), day), day, off, begun=BEGUN).expected < 30


def test_a_storm_says_nothing_about_the_same_weekday_of_the_weeks_to_come():
    known, day = history(), BEGUN + timedelta(days=280)
    calm = expected(before(known, day), day, off, begun=BEGUN)
    stormy = expected(before({**known, day - timedelta(days=7): 2000}, day), day, off, begun=BEGUN)
    assert calm <= stormy < 1.35 * calm


def test_with_too_short_a_past_nothing_is_foretold():
    known = history(days=30)
    assert forecast(known, BEGUN + timedelta(days=30), off, begun=BEGUN) is None
    assert forecast({}, BEGUN, off, begun=BEGUN) is None


def test_where_nothing_ever_comes_nothing_is_expected():
    told = forecast({}, BEGUN + timedelta(days=100), off, begun=BEGUN)
    assert (told.expected, told.low, told.high, told.error) == (0, 0, 0, 0.0)
