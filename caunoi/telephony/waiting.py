"""How long a caller will wait, from how many wait before them, how many operators there are, and how long talks have
been. Pure.

With all operators busy, somebody is done every `handling / operators` seconds on average, whatever the talks' own
lengths are like; so the one behind n others waits for the (n + 1)th of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from caunoi.telephony.speaking import WAITS

USUAL = 240.0  # seconds of a talk with what is written after it, before any is known
WEIGHT = 1  # talks that the usual length counts as


@dataclass(frozen=True, kw_only=True)
class QueueReading:
    """A queue now: callers who `wait`, operators `free` and `busy` (those on a call or writing one up), and how long
    the latest answered calls took, in seconds with what was written after them."""

    wait: int
    free: int
    busy: int
    took: Sequence[float] = ()


def expected_wait(reading: QueueReading) -> float | None:
    """Seconds that the next caller will wait; None where nobody is there to answer."""
    operators = reading.free + reading.busy
    if not operators:
        return None
    ahead = reading.wait - reading.free
    if ahead < 0:
        return 0.0
    handling = (USUAL * WEIGHT + sum(reading.took)) / (WEIGHT + len(reading.took))
    return (ahead + 1) * handling / operators


def minutes_said(seconds: float | None) -> int | None:
    """What is said of a wait: the nearest of WAITS, by ratio; None for what is not worth saying, or not known."""
    if seconds is None or seconds < 45:
        return None
    return min(WAITS, key=lambda minutes: max(minutes * 60 / seconds, seconds / (minutes * 60)))
