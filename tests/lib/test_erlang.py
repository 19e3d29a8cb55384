"""Erlang's formulas against tables that were published, and against a queue that is lived call by call.

Proves: people needed by half hour: Erlang A against published tables, Erlang C as its limit"""

from heapq import heappop, heappush
from math import inf
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caunoi.lib.erlang import erlang_b, people_needed, service

MINUTE = 60.0


@pytest.mark.parametrize(
    ("people", "load"), [(1, 0.0101), (5, 1.361), (10, 4.461), (20, 12.03), (50, 37.90), (100, 84.06)]
)
def test_of_so_much_load_one_call_in_a_hundred_is_lost(people, load):
    """The 1 % column of the Erlang B table (ITU-D SG 2/16, Teletraffic Engineering Handbook, appendix)."""
    assert erlang_b(load, people) == pytest.approx(0.01, abs=0.0001)


@pytest.mark.parametrize(
    ("calls", "patience", "abandon", "wait", "occupancy"),
    [
        (48, inf, 0.0, 20.8, 0.96),
        (48, 2 * MINUTE, 0.031, 3.7, 0.93),
        (48 * (1 - 0.031), inf, 0.0, 8.8, 0.93),
    ],
)
def test_a_few_impatient_callers_spare_the_others_most_of_the_wait(calls, patience, abandon, wait, occupancy):
    """Garnett, Mandelbaum and Reiman 2002, table 1: 50 agents, 48 calls a minute of one minute, two minutes of
    patience; without abandonment; and without it with 3.1 % fewer calls."""
    met = service(50, calls=calls / MINUTE, handling=MINUTE, patience=patience)
    assert met.abandon == pytest.approx(abandon, abs=0.0005)
    assert met.wait_seconds == pytest.approx(wait, abs=0.051)
    assert met.occupancy == pytest.approx(occupancy, abs=0.005)


def test_seven_people_for_a_call_a_minute_of_five():
    """Erlang C of 5 Erlang by seven people: 0.3241 wait, and 72 % are answered within 20 seconds (G. Koole, Call Center
    Optimization, chapter on Erlang C)."""
    met = service(7, calls=1 / MINUTE, handling=5 * MINUTE, within=20)
    assert met.wait == pytest.approx(0.3241, abs=0.0001)
    assert met.fast == pytest.approx(0.72, abs=0.005)
    assert met.wait_seconds == pytest.approx(0.3241 * 300 / 2, abs=0.02)


@given(st.integers(1, 60), st.floats(0.01, 0.99), st.floats(10, 900), st.floats(0, 120))
@settings(max_examples=60, deadline=None)
def test_endless_patience_is_erlang_c(people, busy, handling, within):
    calls = busy * people / handling
    patient = service(people, calls=calls, handling=handling, patience=1e9, within=within)
    endless = service(people, calls=calls, handling=handling, within=within)
    assert patient.fast == pytest.approx(endless.fast, abs=1e-3)
    assert patient.wait == pytest.approx(endless.wait, abs=1e-3)


@given(st.integers(0, 40), st.floats(0.001, 0.5), st.floats(20, 600), st.floats(10, 600))
@settings(max_examples=60, deadline=None)
def test_one_more_is_never_worse_and_the_shares_make_sense(people, calls, handling, patience):
    few = service(people, calls=calls, handling=handling, patience=patience)
    more = service(people + 1, calls=calls, handling=handling, patience=patience)
    assert 0 <= few.fast <= more.fast + 1e-5 <= 1 + 2e-5
    assert 0 <= more.abandon <= few.abandon + 1e-9 <= 1 + 2e-9
    assert few.abandon + few.fast <= 1 + 1e-5
    assert few.wait_seconds == pytest.approx(few.abandon * patience, abs=1e-6)  # Little, twice


@given(st.floats(0.0001, 0.8), st.floats(30, 600), st.floats(20, 600))
@settings(max_examples=40, deadline=None)
def test_the_people_needed_are_just_enough(calls, handling, patience):
    needed = people_needed(0.8, calls=calls, handling=handling, patience=patience, occupancy=0.85)
    met = service(needed, calls=calls, handling=handling, patience=patience)
    fewer = service(needed - 1, calls=calls, handling=handling, patience=patience)
    assert met.fast >= 0.8 and met.occupancy <= 0.85
    assert fewer.fast < 0.8 or fewer.occupancy > 0.85


def test_without_calls_nobody_is_needed_and_a_line_that_only_grows_is_hopeless():
    assert people_needed(0.8, calls=0, handling=180) == 0
    assert service(10, calls=1, handling=10).fast == 0
    for wrong in ({"calls": -1.0}, {"handling": 0.0}, {"patience": 0.0}):
        with pytest.raises(ValueError):
            service(1, **({"calls": 1.0, "handling": 1.0} | wrong))
    with pytest.raises(ValueError):
        people_needed(1.0, calls=1, handling=1)


def _lived(people: int, calls: float, handling: float, patience: float, within: float) -> tuple[float, float]:
    """The shares that were answered in time and that hung up, of 60,000 callers in the order of their coming."""
    dice, free, at, fast, hung_up, count = Random(17), [0.0] * people, 0.0, 0, 0, 60_000
    for _ in range(count):
        at += dice.expovariate(calls)
        waits = max(0.0, free[0] - at)
        if waits > dice.expovariate(1 / patience):
            hung_up += 1
            continue
        heappop(free)
        heappush(free, at + waits + dice.expovariate(1 / handling))
        fast += waits <= within
    return fast / count, hung_up / count


@pytest.mark.parametrize(("people", "calls"), [(4, 0.02), (8, 0.05), (20, 0.11)])
def test_the_formula_says_what_callers_live_through(people, calls):
    met = service(people, calls=calls, handling=180, patience=90, within=20)
    assert (met.fast, met.abandon) == pytest.approx(_lived(people, calls, 180, 90, 20), abs=0.015)
