"""Agencies side by side, as far as their numbers allow it. Pure.

A share of few tickets says little, so small ones are not ranked at all; the others stand in the order of their share,
and only those whose 95 % interval (Wilson) lies wholly on one side of the share of all are called better or worse."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from caunoi.statistics.counts import Row

Z = 1.96
BETTER, WORSE, ALIKE, SMALL = "better", "worse", "alike", "small"


@dataclass(frozen=True, kw_only=True)
class Place:
    """One agency: `share` on time with its interval, how it stands to all, and the points it moved since the time
    before (None where either is small)."""

    row: Row
    rank: int | None
    share: float | None
    low: float
    high: float
    stands: str
    moved: int | None


def interval(part: int, whole: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson's)."""
    if not whole:
        return 0.0, 1.0
    share, square = part / whole, Z * Z
    middle = (share + square / (2 * whole)) / (1 + square / whole)
    half = Z * sqrt(share * (1 - share) / whole + square / (4 * whole * whole)) / (1 + square / whole)
    return max(0.0, middle - half), min(1.0, middle + half)


def ranked(rows: Sequence[Row], before: Mapping[str, Row], *, small: int) -> list[Place]:
    """The best first, equal shares with the same rank; small ones at the end, the larger first."""
    good, fallen = sum(r.on_time for r in rows), sum(r.fallen for r in rows)
    whole = good / fallen if fallen else 0.0
    large = sorted((r for r in rows if r.fallen >= small), key=lambda r: (-r.on_time / r.fallen, -r.fallen, r.key))
    places: list[Place] = []
    for number, row in enumerate(large, 1):
        share = row.on_time / row.fallen
        same = places and places[-1].share == share
        low, high = interval(row.on_time, row.fallen)
        stands = BETTER if low > whole else WORSE if high < whole else ALIKE
        then = before.get(row.key)
        moved = round(share * 100) - round(then.on_time / then.fallen * 100) if then and then.fallen >= small else None
        places.append(
            Place(
                row=row,
                rank=places[-1].rank if same else number,
                share=share,
                low=low,
                high=high,
                stands=stands,
                moved=moved,
            )
        )
    rest = sorted((r for r in rows if r.fallen < small), key=lambda r: (-r.fallen, -r.total, r.key))
    for row in rest:
        low, high = interval(row.on_time, row.fallen)
        places.append(Place(row=row, rank=None, share=None, low=low, high=high, stands=SMALL, moved=None))
    return places
