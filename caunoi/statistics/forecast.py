"""How many tickets a day will bring, with an honest interval: a level, a factor for the kind of day, and the errors that the
same method made on the days before. Pure.

The level is the mean of the last four weeks with their weekdays taken out; a kind's factor is its mean share over the last
twelve weeks; a flood counts as three times the usual. The interval is where four in five of the method's own errors of the
last eight weeks lay, each made with what was known the day before. No model is fitted that a clerk could not work out on
paper.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from caunoi.statistics.limits import WEEKS, kind

LEVEL = 28  # days
TRIED = 56  # days on which the method is tried
LEAST = 28  # days of history, below which nothing is foretold
FLOOD = 3  # times what is usual for its kind: more of a day says nothing about the days to come
INSIDE = 0.8  # of days lie within the interval


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """`low` to `high` holds four days in five; `error` is by how much the method was off in the mean, over `tried` days."""

    day: date
    expected: int
    low: int
    high: int
    error: float
    tried: int


def expected(counts: Mapping[date, int], day: date, off: Callable[[date], bool], *, begun: date) -> float | None:
    """What the days before lead to expect of a day; None where there are too few of them."""
    back = min((day - begun).days, 7 * WEEKS)
    if back < LEAST:
        return None
    days = [day - timedelta(days=n) for n in range(1, back + 1)]
    usual = [sorted(counts.get(d, 0) for d in days if kind(d, off) == sort) for sort in range(7)]
    most = [FLOOD * mine[len(mine) // 2] + 5 if mine else 0 for mine in usual]
    known = {d: min(counts.get(d, 0), most[kind(d, off)]) for d in days}
    every = sum(known.values()) / len(days)
    if not every:
        return 0.0
    factors: dict[int, float] = {}
    for sort in range(7):
        mine = [known[d] for d in days if kind(d, off) == sort]
        factors[sort] = max(sum(mine) / len(mine) / every, 0.02) if len(mine) >= 3 else 1.0
    recent = days[:LEVEL]
    level = sum(known[d] for d in recent) / sum(factors[kind(d, off)] for d in recent)
    return level * factors[kind(day, off)]


def forecast(counts: Mapping[date, int], day: date, off: Callable[[date], bool], *, begun: date) -> Forecast | None:
    """What a day will bring, as seen from the evening before; None where too little is known to say how wrong one is."""
    hoped = expected(counts, day, off, begun=begun)
    if hoped is None:
        return None
    ratios, errors = [], []
    for back in range(1, TRIED + 1):
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
        day=day, expected=round(hoped), low=max(0, min(round(low), round(hoped))), high=max(round(high), round(hoped)),
        error=round(sum(errors) / len(errors), 1), tried=len(errors),
    )  # fmt: skip


def _at(ordered: list[float], part: float) -> float:
    """The value below which this part of an ordered list lies, between its neighbours."""
    place = part * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
