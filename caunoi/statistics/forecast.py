"""How many tickets a day will bring, with an honest interval: a level, a factor for the kind of day, and the errors of
the same method on the days before. Pure.

The level is the mean of the last four weeks, adjusted for weekdays; a kind's factor is its mean share over the last
twelve weeks; a flood counts as three times the usual. The interval holds four in five of the method's own errors of the
last eight weeks, each made with the data of the day before. A clerk could work it all out on paper."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from caunoi.statistics.limits import WEEKS, kind, tame

LEVEL = 28  # days
TRIAL_DAYS = 56  # days on which the method is tried
LEAST = 28  # days of history, below which there is no forecast
INSIDE = 0.8  # of days lie within the interval


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """`low` to `high` holds four days in five; `error` is the method's mean absolute error over `tried` days."""

    day: date
    expected: int
    low: int
    high: int
    error: float
    tried: int


def expected(counts: Mapping[date, int], day: date, off: Callable[[date], bool], *, begun: date) -> float | None:
    """The expected count of a day from those before; None where there are too few of them."""
    back = min((day - begun).days, 7 * WEEKS)
    if back < LEAST:
        return None
    sorts = [kind(day - timedelta(days=n), off) for n in range(back + 1)]  # of the day itself first
    came = [counts.get(day - timedelta(days=n), 0) for n in range(1, back + 1)]
    alike: dict[int, list[int]] = {}
    for sort, count in zip(sorts[1:], came, strict=True):
        alike.setdefault(sort, []).append(count)
    most = {sort: tame(sorted(mine)[len(mine) // 2]) for sort, mine in alike.items()}
    tamed = [min(count, most[sort]) for sort, count in zip(sorts[1:], came, strict=True)]
    every = sum(tamed) / back
    if not every:
        return 0.0
    factors = {
        sort: max(sum(min(count, most[sort]) for count in mine) / len(mine) / every, 0.02) if len(mine) >= 3 else 1.0
        for sort, mine in alike.items()
    }
    level = sum(tamed[:LEVEL]) / sum(factors[sort] for sort in sorts[1 : LEVEL + 1])
    return level * factors.get(sorts[0], 1.0)


def forecast(counts: Mapping[date, int], day: date, off: Callable[[date], bool], *, begun: date) -> Forecast | None:
    """What a day will bring, as seen from the evening before; None where history is too short to know the error."""
    off = cache(off)
    hoped = expected(counts, day, off, begun=begun)
    if hoped is None:
        return None
    ratios, errors = [], []
    for back in range(1, TRIAL_DAYS + 1):
        other = day - timedelta(days=back)
        guess = expected(counts, other, off, begun=begun)
        if guess is not None:
            came = counts.get(other, 0)
            ratios.append((came + 1) / (guess + 1))
            errors.append(abs(came - guess))
    if len(ratios) < 14:
        return None
    ratios.sort()
    low, high = (_at(ratios, part) * (hoped + 1) - 1 for part in ((1 - INSIDE) / 2, (1 + INSIDE) / 2))
    return Forecast(
        day=day,
        expected=round(hoped),
        low=max(0, min(round(low), round(hoped))),
        high=max(round(high), round(hoped)),
        error=round(sum(errors) / len(errors), 1),
        tried=len(errors),
    )


def _at(ordered: list[float], part: float) -> float:
    """The quantile of an ordered list, interpolated."""
    place = part * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
