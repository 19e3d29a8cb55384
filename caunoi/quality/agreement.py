"""How far two people who score the same agree beyond chance: Cohen's kappa, also weighted. Pure.

Kappa: Cohen, Educational and Psychological Measurement 20 (1960). Weighted: Cohen, Psychological Bulletin 70 (1968).
Standard error: Fleiss, Cohen, Everitt, Psychological Bulletin 72 (1969), equation 13.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from math import sqrt

FEW = 20
"""With fewer pairs no kappa is shown."""
Z = 1.959964  # 95 %

type Weight = Callable[[int, int], float]  # disagreement of two places on the scale; 0 where they are the same


def nominal(i: int, j: int) -> float:
    """For a scale without an order: any two different answers disagree equally."""
    return float(i != j)


def quadratic(i: int, j: int) -> float:
    """For a scale with an order: two steps apart is four times as bad as one."""
    return float((i - j) ** 2)


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """`observed` and `expected` agreement (0 to 1), kappa with its 95 % interval; None where chance alone would always
    agree (everybody gives one grade) or where there are no pairs."""

    n: int
    observed: float | None = None
    expected: float | None = None
    kappa: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def few(self) -> bool:
        return self.n < FEW


def kappa[K: Hashable](pairs: Sequence[tuple[K, K]], scale: Sequence[K], weight: Weight = nominal) -> Agreement:
    """The agreement of the first with the second of each pair. ValueError for a grade that is not on the scale."""
    n, size = len(pairs), len(scale)
    place = {grade: number for number, grade in enumerate(scale)}
    if strange := {grade for pair in pairs for grade in pair} - place.keys():
        raise ValueError(f"not on the scale: {sorted(map(str, strange))}")
    if not n:
        return Agreement(n=0)
    worst = max(weight(i, j) for i in range(size) for j in range(size)) or 1.0
    agree = [[1 - weight(i, j) / worst for j in range(size)] for i in range(size)]
    table = Counter((place[a], place[b]) for a, b in pairs)
    share = [[table[i, j] / n for j in range(size)] for i in range(size)]
    first = [sum(row) for row in share]
    second = [sum(share[i][j] for i in range(size)) for j in range(size)]
    cells = [(i, j) for i in range(size) for j in range(size)]
    observed = sum(agree[i][j] * share[i][j] for i, j in cells)
    expected = sum(agree[i][j] * first[i] * second[j] for i, j in cells)
    if expected > 1 - 1e-12:
        return Agreement(n=n, observed=observed, expected=expected)
    value = (observed - expected) / (1 - expected)
    row = [sum(agree[i][j] * second[j] for j in range(size)) for i in range(size)]
    column = [sum(agree[i][j] * first[i] for i in range(size)) for j in range(size)]
    spread = sum(share[i][j] * (agree[i][j] - (row[i] + column[j]) * (1 - value)) ** 2 for i, j in cells)
    variance = (spread - (value - expected * (1 - value)) ** 2) / (n * (1 - expected) ** 2)
    half = Z * sqrt(max(variance, 0))
    return Agreement(
        n=n, observed=observed, expected=expected, kappa=value, low=max(-1.0, value - half), high=min(1.0, value + half)
    )
