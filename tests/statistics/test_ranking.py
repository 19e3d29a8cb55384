"""Agencies side by side: nobody is called bad by chance.

Proves: Agencies side by side: Wilson interval, small ones not ranked, points against the period before"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caunoi.statistics.counts import Row
from caunoi.statistics.ranking import interval, ranked


def agency(key, good, late):
    return Row(key=key, on_time=good, late=late)


def test_the_best_comes_first_and_a_small_one_is_not_ranked():
    places = ranked([agency("a", 80, 20), agency("b", 195, 5), agency("tiny", 2, 0)], {}, small=10)
    assert [(p.row.key, p.rank) for p in places] == [("b", 1), ("a", 2), ("tiny", None)]
    assert places[-1].stands == "small" and places[-1].share is None


def test_only_what_is_surely_different_is_called_so():
    places = ranked([agency("much", 300, 200), agency("few", 8, 4), agency("rest", 900, 100)], {}, small=10)
    assert {p.row.key: p.stands for p in places} == {"rest": "better", "few": "alike", "much": "worse"}


def test_equal_shares_share_a_rank():
    places = ranked([agency("a", 9, 1), agency("b", 18, 2), agency("c", 5, 5)], {}, small=10)
    assert [(p.row.key, p.rank) for p in places] == [("b", 1), ("a", 1), ("c", 3)]


def test_a_move_is_said_in_points_and_only_where_both_times_were_large_enough():
    before = {"a": agency("a", 50, 50), "b": agency("b", 1, 1)}
    places = {p.row.key: p for p in ranked([agency("a", 60, 40), agency("b", 30, 10)], before, small=10)}
    assert places["a"].moved == 10 and places["b"].moved is None


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"), [(0, 10, 0.0, 0.278), (10, 10, 0.722, 1.0), (81, 263, 0.255, 0.366)]
)
def test_the_interval_is_wilsons(part, whole, low, high):
    assert interval(part, whole) == (pytest.approx(low, abs=1e-3), pytest.approx(high, abs=1e-3))


@given(st.integers(0, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_share_lies_in_its_interval(pair):
    part, whole = pair
    low, high = interval(part, whole)
    assert 0 <= low <= (part / whole if whole else low) + 1e-12 and high + 1e-12 >= (part / whole if whole else 0)
