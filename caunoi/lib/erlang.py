"""How callers fare with so many people to answer, and how many people that takes: Erlang A, whose limit with endless
patience is Erlang C. Pure.

Calls come at random, talk and patience last exponentially long. With `j` callers waiting the line empties at the rate
n/h + j/p, so that the chance of each length is a product of quotients; the wait that a caller would have to bear who
never hung up has the density d(s) ~ n/h · exp(−s·n/h + calls·p·(1 − exp(−s/p))), of which all else is an integral.
C. Palm 1957; F. Baccelli and G. Hebuterne 1981; O. Garnett, A. Mandelbaum and M. Reiman, "Designing a Call Center with
Impatient Customers", M&SOM 4 (2002)."""

from dataclasses import dataclass
from functools import cache
from math import exp, expm1, inf, isinf

STEPS = 64  # of Simpson's rule, at least
FINE = 8  # pairs of steps, at least, from the end of one call to that of the next
LONGEST = 1_000_000  # callers in a line; a longer one never ends
SMALL = 1e-12
MOST = 10_000  # people


@dataclass(frozen=True, kw_only=True)
class Service:
    """What callers meet: shares of all calls that `wait` at all, are answered within the promised seconds (`fast`) or
    `abandon`; the mean `wait_seconds` of all of them; and which share of their time people talk (`occupancy`)."""

    wait: float
    fast: float
    abandon: float
    wait_seconds: float
    occupancy: float


HOPELESS = Service(wait=1.0, fast=0.0, abandon=0.0, wait_seconds=inf, occupancy=1.0)
"""A line that only grows."""


def erlang_b(load: float, people: int) -> float:
    """The share of calls that find everybody busy where nobody can wait; `load` in Erlang."""
    inverse = 1.0
    for n in range(1, people + 1):
        inverse = 1 + inverse * n / load
    return 1 / inverse


@cache
def service(people: int, *, calls: float, handling: float, patience: float = inf, within: float = 20) -> Service:
    """What `calls` a second meet that `people` answer, each busy for `handling` seconds a call, where callers wait for
    `patience` seconds on average before they hang up. ValueError for what is no rate, length or number."""
    if calls < 0 or handling <= 0 or patience <= 0 or people < 0:
        raise ValueError("calls and people are not negative, handling and patience are positive")
    if not calls:
        return Service(wait=0.0, fast=1.0, abandon=0.0, wait_seconds=0.0, occupancy=0.0)
    load, hanging_up = calls * handling, 0.0 if isinf(patience) else handling / patience
    if not hanging_up and people <= load:
        return HOPELESS
    if not people:
        return Service(wait=1.0, fast=0.0, abandon=1.0, wait_seconds=patience, occupancy=0.0)
    line, length = _line(load, people, hanging_up)
    full = 1 / (1 / erlang_b(load, people) - 1 + line)  # the chance that all are busy and nobody waits
    abandon = full * length * hanging_up / load
    late = full * people / handling
    at_once = 1 - full * line
    return Service(
        wait=full * line,
        fast=min(1.0, at_once + late * _answered(people, calls, handling, patience, within)),
        abandon=abandon,
        wait_seconds=full * length / calls,
        occupancy=load * (1 - abandon) / people,
    )


def _line(load: float, people: int, hanging_up: float) -> tuple[float, float]:
    """How likely the lines of 0, 1, 2 … waiting callers are, as a multiple of the first, and those times their
    length."""
    term, total, length = 1.0, 1.0, 0.0
    for waiting in range(1, LONGEST):
        term *= load / (people + waiting * hanging_up)
        total += term
        length += waiting * term
        if term < SMALL * total and load < people + waiting * hanging_up:
            break
    return total, length


def _answered(people: int, calls: float, handling: float, patience: float, within: float) -> float:
    """The integral, by Simpson's rule, of having waited s and not hung up over [0, within]."""

    def density(s: float) -> float:
        served, hung_up = s * people / handling, 0.0 if isinf(patience) else s / patience
        came = calls * s if isinf(patience) else -calls * patience * expm1(-hung_up)
        return exp(came - served - hung_up)

    steps = max(STEPS, 2 * round(FINE * within * people / handling))
    width = within / steps
    inner = sum((4 if n % 2 else 2) * density(n * width) for n in range(1, steps))
    return width / 3 * (density(0) + inner + density(within))


def people_needed(
    share: float, *, calls: float, handling: float, patience: float = inf, within: float = 20, occupancy: float = 1.0
) -> int:
    """The fewest people who answer this share of `calls` (a second) within so many seconds and are busy for no more
    than `occupancy` of their time. ValueError where no number does."""
    if not 0 < share < 1 or not 0 < occupancy <= 1:
        raise ValueError("share and occupancy are parts of a whole")

    def suffice(people: int) -> bool:
        met = service(people, calls=calls, handling=handling, patience=patience, within=within)
        return met.fast >= share and met.occupancy <= occupancy

    few, enough = -1, 1
    while not suffice(enough):
        few, enough = enough, 2 * enough
        if enough > MOST:
            raise ValueError("no number of people answers so many calls")
    while enough - few > 1:
        middle = (few + enough) // 2
        few, enough = (few, middle) if suffice(middle) else (middle, enough)
    return enough
