"""When a day brings unusually much: control limits by kind of day. Pure.

A day is compared with earlier days of its kind (its weekday; holidays and days off with Sundays and each other) of the
last twelve weeks; a flood among them counts as three times the usual, so that it does not hide the next one. Counts
vary more than pure chance; by how much is estimated from all groups together, as twelve days of one say little; the
mean is uncertain too. The limit is that of a negative binomial with the observed mean and that variance (the group's
own where it is larger), at a chance that is shared among all groups: of a whole board of ordinary days, one in a
hundred shows a false alarm."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import exp, lgamma, log, sqrt

WEEKS = 12
LEAST_DAYS = 4  # of the same kind, else there is no limit
LEAST = 5  # fewer than so many tickets are never a rise
CHANCE = 0.01  # of a false alarm among all groups
FLOOD = 3  # times what is usual for its kind: more of a day says nothing about the days to come
NEAR = 2.0  # standard deviations above the mean, below which no limit lies
SUNDAY = 6


@dataclass(frozen=True, kw_only=True)
class Rise:
    """A group whose day brought more than the limit: its count, the usual count, and the limit."""

    key: str
    day: date
    count: int
    usual: float
    limit: int


def kind(day: date, off: Callable[[date], bool]) -> int:
    """Days of one kind are alike: the weekday, and Sunday for every day off."""
    return SUNDAY if off(day) else day.weekday()


def alike(day: date, off: Callable[[date], bool]) -> list[date]:
    """The earlier days of the same kind, the newest first."""
    days = (day - timedelta(days=back) for back in range(1, 7 * WEEKS + 1))
    return [other for other in days if kind(other, off) == kind(day, off)]


def limit(mean: float, variance: float, chance: float) -> int:
    """The smallest count that is exceeded with less than this chance by days of this mean and variance; never below
    that of pure chance, which matters where nearly all days bring nothing."""
    mean = max(mean, 0.1)
    return max(_exceeded(mean, spread, chance) for spread in {mean, max(mean, variance)})


def _exceeded(mean: float, variance: float, chance: float) -> int:
    total, count = 0.0, 0
    while True:
        total += exp(_log_chance(count, mean, variance))
        if total >= 1 - chance or count > 100 * (mean + 10):
            return count
        count += 1


def _log_chance(count: int, mean: float, variance: float) -> float:
    """The log of the probability of this count."""
    if variance <= mean * 1.01:
        return count * log(mean) - mean - lgamma(count + 1)
    size = mean * mean / (variance - mean)
    return (
        lgamma(count + size)
        - lgamma(size)
        - lgamma(count + 1)
        + size * log(size / (size + mean))
        + count * log(mean / (size + mean))
    )


def rises(
    counts: Mapping[str, Mapping[date, int]], days: list[date], off: Callable[[date], bool], *, begun: date
) -> list[Rise]:
    """Of groups with their counts by day, those that rose above their limit on one of these days, the furthest above it
    first. `begun` is the first day of counting."""
    looked = max(1, len(counts) * len(days))
    result = []
    for day in days:
        before = [other for other in alike(day, off) if other >= begun]
        if len(before) < LEAST_DAYS:
            continue
        seen = {key: _tamed([by_day.get(other, 0) for other in before]) for key, by_day in counts.items()}
        spread = _spread(seen.values())
        for key, past in seen.items():
            count = counts[key].get(day, 0)
            if count < LEAST:
                continue
            mean, variance = _predicted(past, spread)
            if count <= mean + NEAR * sqrt(variance):
                continue
            most = limit(mean, variance, CHANCE / looked)
            if count > most:
                result.append(Rise(key=key, day=day, count=count, usual=round(sum(past) / len(past), 1), limit=most))
    return sorted(result, key=lambda rise: (-(rise.count - rise.limit) / (rise.limit + 1), rise.key, rise.day))


def tame(middle: float) -> float:
    """The cap on a day's count where its kind's median is `middle`."""
    return FLOOD * middle + 5


def _tamed(past: Sequence[int]) -> list[float]:
    most = tame(sorted(past)[len(past) // 2])
    return [min(count, most) for count in past]


def _variance(past: Sequence[float]) -> float:
    mean = sum(past) / len(past)
    return sum((n - mean) ** 2 for n in past) / (len(past) - 1)


def _spread(seen: Iterable[Sequence[float]]) -> float:
    """The variance of all groups as a multiple of pure chance; at least 1."""
    moments = [(_variance(past), sum(past) / len(past)) for past in seen]
    every = sum(mean for _, mean in moments)
    return max(1.0, sum(variance for variance, _ in moments) / every) if every else 1.0


def _predicted(past: Sequence[float], spread: float) -> tuple[float, float]:
    """Mean and variance of one more such day; the variance includes that of a mean from so few days."""
    mean = (sum(past) + 0.5) / len(past)
    return mean, max(spread * mean, _variance(past)) * (1 + 1 / len(past))
