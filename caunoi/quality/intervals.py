"""What a handful of scores can say: a mean and a share with their 95 % intervals. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from random import Random
from statistics import fmean, stdev

FEW = 5
"""Fewer scores say nothing about a person; they are counted, and no mean is shown."""
MANY = 60  # from here on the mean is normal enough
AGAIN = 1000  # resamples of a small sample
Z = 1.959964


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A value with its interval and the number it rests on."""

    n: int
    value: float
    low: float
    high: float

    @property
    def few(self) -> bool:
        return self.n < FEW


def mean(values: Sequence[float]) -> Estimate | None:
    """The mean of scores, with the bootstrap's percentiles (the same each time) or, of many, the normal interval. None
    of none."""
    n = len(values)
    if not n:
        return None
    middle = fmean(values)
    if n >= MANY:
        half = Z * stdev(values) / sqrt(n)
        return Estimate(n=n, value=middle, low=middle - half, high=middle + half)
    lots = Random(0)
    means = sorted(fmean(lots.choices(values, k=n)) for _ in range(AGAIN))
    return Estimate(n=n, value=middle, low=means[int(0.025 * AGAIN)], high=means[int(0.975 * AGAIN) - 1])


def share(hits: int, n: int) -> Estimate | None:
    """Wilson's interval of a share (Journal of the American Statistical Association 22, 1927). None of none."""
    if not n:
        return None
    p, z2 = hits / n, Z * Z
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = Z / (1 + z2 / n) * sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return Estimate(n=n, value=p, low=max(0.0, middle - half), high=min(1.0, middle + half))
