"""What the board foretells and calls unusual, tried on the demo's year and on a city's cases: an interval that promises
four days in five holds at least about four in five, not all, and ordinary boards are quiet. The city's file is read
where it lies."""

import csv
import os
import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import cache
from math import exp
from pathlib import Path

import pytest

from caunoi.demo.arrivals import arrivals, flood_day
from caunoi.demo.hours import VIETNAM, works
from caunoi.demo.places import Map
from caunoi.directory.past import row
from caunoi.lib.places import gazetteer
from caunoi.statistics.forecast import INSIDE, forecast
from caunoi.statistics.limits import CHANCE, WEEKS, rises

SHARED = Path(os.environ.get("CAUNOI_SHARED") or Path(__file__).parents[3] / "shared" / "data") / "requests311"
WINDOW = timedelta(days=7 * (WEEKS + 8))  # what the board learns from
LAST = date(2026, 11, 26)
NOON = datetime(2026, 11, 26, 5, tzinfo=UTC)


@cache
def off(day):
    return day.weekday() < 5 and not works(day)


@cache
def year(size):
    """What comes to the demo's hotline in a year."""
    return arrivals(LAST, NOON, size, Map([row(u) for u in gazetteer.communes("75")], {}))


def daily(came):
    return Counter(a.at.astimezone(VIETNAM).date() for a in came)


def city():
    path = SHARED / "sf311_10000.csv"
    if not path.exists():
        pytest.skip(f"no {path}: real cases are not part of the project")
    with path.open(encoding="utf-8", newline="") as file:
        return [(datetime.strptime(r["Opened"], "%m/%d/%Y %I:%M:%S %p").date(), r) for r in csv.DictReader(file)]


def tried(counts, days, off):
    """Of so many days the shares that lay within, below and above what the evening before foretold."""
    places = Counter()
    for day in days:
        known = {d: n for d, n in counts.items() if day - WINDOW < d < day}
        told = forecast(known, day, off, begun=max(min(counts), day - WINDOW + timedelta(days=1)))
        came = counts[day]
        places["below" if came < told.low else "above" if came > told.high else "inside"] += 1
    return [places[name] / len(days) for name in ("inside", "below", "above")]


@pytest.mark.parametrize("size", [2_000, 20_000])
def test_the_demos_year_lies_in_the_interval_as_often_as_it_says(size):
    """Its days vary less than chance would have it, and a few tickets a day come in whole numbers: so rather more than
    less."""
    inside, below, above = tried(daily(year(size)), [LAST - timedelta(days=n) for n in range(1, 240, 4)], off)
    assert INSIDE - 0.03 <= inside <= 0.97
    assert max(below, above) <= 0.12


def test_two_years_of_a_citys_cases_do_too():
    counts = Counter(day for day, _ in city())
    inside, below, above = tried(
        counts, [max(counts) - timedelta(days=n) for n in range(0, 730, 8)], cache(lambda day: False)
    )
    assert INSIDE - 0.06 <= inside <= INSIDE + 0.1
    assert max(below, above) <= 0.15


def by(came, name):
    result = {}
    for a in came:
        if a.matter:
            key = a.matter.category if name == "category" else a.place.area.code
            result.setdefault(key, Counter())[a.at.astimezone(VIETNAM).date()] += 1
    return result


@pytest.mark.parametrize("name", ["category", "area"])
def test_the_demos_flood_is_told_and_its_ordinary_days_are_not(name):
    came, flood = by(year(2_000), name), flood_day(LAST)
    begun = LAST - timedelta(days=364)
    assert rises(came, [flood], off, begun=begun)
    days = [LAST - timedelta(days=n) for n in range(14, 240)]  # of the last days more is made: what lies on the desk
    assert sum(bool(rises(came, [day], off, begun=begun)) for day in days if day != flood) <= 2


@pytest.mark.parametrize("column", ["Category", "Neighborhood"])
def test_three_years_of_a_citys_weeks_raise_hardly_an_alarm(column):
    cases = city()
    counts = {}
    for day, line in cases:
        counts.setdefault(line[column], Counter())[day] += 1
    last, alarms, boards = max(day for day, _ in cases), 0, 0
    for back in range(0, 3 * 365, 21):
        days = [last - timedelta(days=back + n) for n in range(7)]
        alarms += bool(rises(counts, days, cache(lambda day: False), begun=days[-1] - WINDOW))
        boards += 1
    assert alarms <= 2 and boards > 50


def drawn(dice, mean, spread):
    """A count with this mean and `spread` times its variance: a Poisson whose mean is drawn anew each day."""
    most = dice.gammavariate(mean / (spread - 1), spread - 1) if spread > 1 else mean
    count, chance, seen = 0, dice.random(), exp(-most)
    passed = seen
    while passed < chance and count < 10_000:
        count += 1
        seen *= most / count
        passed += seen
    return count


@pytest.mark.parametrize(("mean", "spread"), [(0.4, 1), (3, 1), (12, 1), (2, 2), (12, 2)])
def test_whole_boards_that_vary_more_than_chance_lets_them_are_quiet_too(mean, spread):
    """Ninety-five groups with days twice as uneven as pure chance: with each group's own variance two boards of five
    would raise a false alarm, with what all groups show together hardly one in a hundred."""
    dice, days = random.Random(311), [LAST - timedelta(days=n) for n in range(1, 8)]
    past = [LAST - timedelta(days=n) for n in range(1, 7 * (WEEKS + 1) + 1)]
    alarms, boards = 0, 25
    for _ in range(boards):
        counts = {str(n): {day: drawn(dice, mean, spread) for day in past} for n in range(95)}
        alarms += bool(rises(counts, days, cache(lambda day: False), begun=past[-1]))
    assert alarms <= 2, f"promised is one in {1 / CHANCE:.0f}"


def test_a_flood_of_three_weeks_ago_does_not_hide_the_next_one():
    dice, day = random.Random(4), LAST - timedelta(days=1)
    counts = {str(n): {day - timedelta(days=b): drawn(dice, 2, 1) for b in range(100)} for n in range(20)}
    counts["7"][day - timedelta(days=21)] = 90
    counts["7"][day] = 40
    (rise,) = rises(counts, [day], cache(lambda day: False), begun=day - timedelta(days=100))
    assert rise.key == "7" and rise.usual < 6 and rise.limit < 30
