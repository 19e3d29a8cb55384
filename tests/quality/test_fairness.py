"""Fair samples, agreement beyond chance, and what few scores can say."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caunoi.quality import intervals
from caunoi.quality.agreement import Agreement, kappa, nominal, quadratic
from caunoi.quality.sampling import Candidate, doubles, draw
from caunoi.quality.scoring import DEFAULT, Criterion, failed, lacking, total

CANDIDATES = st.lists(
    st.builds(
        Candidate,
        key=st.integers(1, 10_000),
        operator=st.sampled_from("abcd"),
        channel=st.sampled_from(["phone", "web"]),
        field=st.sampled_from(["lamps", "noise", "papers"]),
    ),
    unique_by=lambda one: one.key,
    max_size=120,
)


@given(CANDIDATES, st.integers(0, 60), st.integers(0, 3), st.text(max_size=8))
def test_a_sample_has_its_size_nobody_twice_and_everybody_in_it(candidates, size, least, seed):
    drawn = draw(candidates, size=size, seed=seed, least=least)
    assert len(drawn) == min(size, len(candidates)) == len({one.key for one in drawn})
    whole, got = Counter(one.operator for one in candidates), Counter(one.operator for one in drawn)
    if sum(min(least, n) for n in whole.values()) <= size:
        assert all(got[who] >= min(least, n) for who, n in whole.items())


@given(CANDIDATES, st.integers(0, 60), st.text(max_size=8), st.randoms())
def test_the_seed_alone_decides_not_the_order_of_the_rows(candidates, size, seed, lots):
    first = draw(candidates, size=size, seed=seed)
    lots.shuffle(candidates)
    assert draw(candidates, size=size, seed=seed) == first


@given(CANDIDATES, st.integers(1, 60), st.text(max_size=8))
def test_without_a_least_everybody_gets_their_share_of_the_work(candidates, size, seed):
    drawn = Counter(one.operator for one in draw(candidates, size=size, seed=seed, least=0))
    for who, n in Counter(one.operator for one in candidates).items():
        assert abs(drawn[who] - min(1, size / len(candidates)) * n) < 1


def test_another_seed_is_another_sample():
    many = [Candidate(key=n, operator="lan", channel="web", field="lamps") for n in range(200)]
    assert draw(many, size=20, seed="a") != draw(many, size=20, seed="b")


def test_a_tenth_is_scored_twice_rounded_up():
    assert len(doubles(range(41), 10, "x")) == 5
    assert doubles(range(41), 10, "x") == doubles(reversed(range(41)), 10, "x") != doubles(range(41), 10, "y")
    assert doubles(range(9), 0, "x") == set()


def of_table(table):
    return [(i, j) for i, row in enumerate(table) for j, n in enumerate(row) for _ in range(n)]


def test_kappa_of_published_tables():
    """Cohen 1968, table 1 (n = 200): kappa 0.492, with his weights 0.348; a table of 50 proposals: 0.4."""
    cohen = of_table([[88, 10, 2], [14, 40, 6], [18, 10, 12]])
    plain = kappa(cohen, range(3))
    assert (round(plain.kappa, 3), round(plain.observed, 3), round(plain.expected, 3)) == (0.492, 0.7, 0.41)
    weights = [[0, 1, 3], [1, 0, 6], [3, 6, 0]]
    assert round(kappa(cohen, range(3), lambda i, j: weights[i][j]).kappa, 3) == 0.348
    assert round(kappa(of_table([[20, 5], [10, 15]]), range(2)).kappa, 10) == 0.4


def test_kappas_interval_narrows_with_the_square_root_of_the_pairs():
    few = kappa(of_table([[20, 5], [10, 15]]), range(2))
    many = kappa(of_table([[2000, 500], [1000, 1500]]), range(2))
    assert (few.high - few.low) / (many.high - many.low) == pytest.approx(10)
    assert few.low == pytest.approx(0.4 - 1.96 * 0.1282, abs=0.02)


PAIRS = st.lists(st.tuples(st.sampled_from([0, 1, 2]), st.sampled_from([0, 1, 2])), max_size=40)


@given(PAIRS, st.sampled_from([nominal, quadratic]))
def test_agreement_does_not_depend_on_who_is_first(pairs, weight):
    one, other = kappa(pairs, (0, 1, 2), weight), kappa([(b, a) for a, b in pairs], (0, 1, 2), weight)
    assert one.kappa == pytest.approx(other.kappa) if one.kappa is not None else other.kappa is None
    assert one.kappa is None or one.low <= one.kappa <= one.high


@given(st.lists(st.sampled_from([0, 1, 2]), min_size=2).filter(lambda grades: len(set(grades)) > 1))
def test_who_always_agree_have_kappa_one(grades):
    assert kappa([(g, g) for g in grades], (0, 1, 2), quadratic).kappa == pytest.approx(1)


def test_where_chance_would_always_agree_there_is_no_kappa():
    assert kappa([(2, 2)] * 9, (0, 1, 2)).kappa is None
    assert kappa([], (0, 1)) == Agreement(n=0)
    assert kappa([(2, 2)] * 9, (0, 1, 2)).few
    with pytest.raises(ValueError, match="not on the scale"):
        kappa([(0, 7)], (0, 1))


def points(**more):
    return {one.key: 2 for one in DEFAULT} | more


def test_a_total_is_the_weighted_mean_of_what_applies():
    card = (Criterion(key="a", weight=3), Criterion(key="b", weight=1, optional=True))
    assert total(card, {"a": 2, "b": 0}) == 75
    assert total(card, {"a": 1, "b": None}) == 50
    assert total(card, {}) is None
    assert total(DEFAULT, points()) == 100


def test_something_fatal_fails_the_whole():
    assert total(DEFAULT, points(right=0)) == 0 and failed(DEFAULT, points(right=0)) == ["right"]
    assert total(DEFAULT, points(right=1)) > 0 and not failed(DEFAULT, points(polite=0))


def test_what_is_not_judged_is_named():
    assert lacking(DEFAULT, {}) == {one.key for one in DEFAULT}
    assert lacking(DEFAULT, points(polite=None, sorted=None, clear=5)) == {"polite", "clear"}


@given(st.lists(st.floats(0, 100), min_size=1, max_size=80))
def test_a_mean_lies_in_its_interval(values):
    found = intervals.mean(values)
    assert found.low - 1e-6 <= found.value <= found.high + 1e-6 and found.few == (len(values) < 5)


def test_wilsons_interval_of_published_figures():
    """Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263 and 0 of 20."""
    found = intervals.share(81, 263)
    assert (round(found.low, 4), round(found.high, 4)) == (0.2553, 0.3662)
    nothing = intervals.share(0, 20)
    assert (nothing.low, round(nothing.high, 4)) == (0.0, 0.1611)
    assert intervals.share(0, 0) is None and intervals.mean([]) is None
