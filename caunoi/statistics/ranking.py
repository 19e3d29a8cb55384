"""Comparing agencies as far as their numbers allow it. Pure.

A share of few tickets says little, so small ones are not ranked; the others are in the order of their share, and only
those whose 95 % interval (Wilson) lies wholly on one side of the overall share are called better or worse."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from caunoi.quality import intervals
from caunoi.statistics.counts import Row

BETTER, WORSE, ALIKE, SMALL = "better", "worse", "alike", "small"


@dataclass(frozen=True, kw_only=True)
class Place:
    """One agency: `share` on time with its interval, how it compares to all, and the points it moved since the previous
    period (None where either is small)."""

    row: Row
    rank: int | None
    share: float | None
    low: float
    high: float
    stands: str
    moved: int | None


def interval(part: int, whole: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson's); 0 to 1 for a share of nothing."""
    estimate = intervals.share(part, whole)
    return (estimate.low, estimate.high) if estimate else (0.0, 1.0)


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
        rank = places[-1].rank if same else number
        places.append(Place(row=row, rank=rank, share=share, low=low, high=high, stands=stands, moved=moved))
    rest = sorted((r for r in rows if r.fallen < small), key=lambda r: (-r.fallen, -r.total, r.key))
    for row in rest:
        low, high = interval(row.on_time, row.fallen)
        places.append(Place(row=row, rank=None, share=None, low=low, high=high, stands=SMALL, moved=None))
    return places
