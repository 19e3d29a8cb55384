"""Counts of tickets by steps of a number, and what is read off them: sums and percentiles. Pure.

A length's step is an interval a fiftieth as long as its beginning, so that its middle is within 1 % of every length in
it (of lengths below a minute: within half a minute). The borders are whole seconds: SQL and Python find the same step.
"""

from bisect import bisect_right
from collections.abc import Mapping
from datetime import timedelta
from math import ceil, floor, sqrt

type Steps = Mapping[int, int]  # step → how many

RATIO = 1.02
LONGEST = 20 * 365 * 86400  # seconds; all that is longer is one step
BEFORE = -1  # the step of a length below zero: an answer dated before its ticket came in


def _borders() -> tuple[int, ...]:
    result = [60]
    while result[-1] < LONGEST:
        result.append(max(result[-1] + 1, floor(result[-1] * RATIO)))
    return tuple(result)


BORDERS = _borders()


def step_of(length: timedelta) -> int:
    """The step of a length."""
    return BEFORE if length < timedelta() else bisect_right(BORDERS, length // timedelta(seconds=1))


def middle(step: int) -> float:
    """The hours in the middle of a step."""
    if step <= 0:
        return 0.5 * step / 60 if step else 0.5 / 60
    since, until = BORDERS[step - 1], BORDERS[min(step, len(BORDERS) - 1)]
    return sqrt(since * until) / 3600


def percentile(counts: Steps, part: float) -> float | None:
    """The hours within which this part of the lengths lies, as percentile_cont tells it, to 1 %; None of none."""
    ordered = sorted((step, n) for step, n in counts.items() if n > 0)
    place = part * (sum(n for _, n in ordered) - 1)
    if place < 0:
        return None
    low, high = (_at(ordered, rank) for rank in (floor(place), ceil(place)))
    return low + (high - low) * (place - floor(place))


def _at(ordered: list[tuple[int, int]], rank: int) -> float:
    for step, n in ordered:
        rank -= n
        if rank < 0:
            return middle(step)
    raise IndexError(rank)


def amount(counts: Steps) -> int:
    """The sum of the steps themselves."""
    return sum(step * n for step, n in counts.items())
