"""Lengths on steps: every middle within 1 %, percentiles as the database tells them."""

from collections import Counter
from datetime import date, timedelta
from statistics import quantiles

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from caunoi.statistics import distributions
from caunoi.statistics.models import Distribution
from caunoi.statistics.steps import BEFORE, BORDERS, amount, middle, percentile, step_of
from tests.examples import examples

lengths = st.timedeltas(timedelta(), timedelta(days=20 * 365))


@examples(300)
@given(lengths)
def test_the_middle_of_its_step_is_within_one_per_cent_of_a_length(length):
    hours = length / timedelta(hours=1)
    assert abs(middle(step_of(length)) - hours) <= max(0.01 * hours, 1 / 120)


def test_steps_begin_at_whole_seconds_and_ascend():
    assert sorted(set(BORDERS)) == list(BORDERS) and BORDERS[0] == 60 and len(BORDERS) < 900
    assert step_of(timedelta(seconds=59.9)) == 0 and step_of(timedelta(seconds=60)) == 1
    assert step_of(timedelta(microseconds=-1)) == BEFORE and step_of(timedelta()) == 0
    assert step_of(timedelta(days=36500)) == len(BORDERS)


@examples(60)
@given(st.lists(lengths, min_size=2, max_size=40), st.sampled_from((0.5, 0.9)))
def test_a_percentile_is_that_of_the_lengths_themselves(some, part):
    hours = quantiles([length / timedelta(hours=1) for length in some], n=10, method="inclusive")
    exact = hours[4] if part == 0.5 else hours[8]
    assert abs(percentile(Counter(map(step_of, some)), part) - exact) <= 0.01 * exact + 1 / 120


def test_of_nothing_there_is_no_percentile_and_of_one_its_own():
    assert percentile({}, 0.5) is None and percentile({7: 0}, 0.5) is None
    assert percentile({300: 1}, 0.9) == middle(300)
    assert percentile({10: 1, 400: 1}, 0.5) == pytest.approx((middle(10) + middle(400)) / 2)
    assert amount({2: 3, 5: 1}) == 11


@pytest.mark.django_db
def test_the_database_finds_the_same_steps():
    some = [timedelta(seconds=border + n) for border in BORDERS for n in (-1, -0.000001, 0)]
    sql = distributions._length("length")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {sql} FROM unnest(%s::interval[]) WITH ORDINALITY AS u(length, n) ORDER BY n", [some])
        assert [row[0] for row in cursor.fetchall()] == [step_of(length) for length in some]


@pytest.mark.django_db
def test_differences_are_added_step_by_step_wherever_a_row_begins():
    month = date(2026, 8, 1)
    first, second = ("returns", "area", month, "25195"), ("open", "", month, "")
    distributions.add(Counter({(*first, 5): 2, (*first, 7): 1, (*second, 0): 1}))
    distributions.add(Counter({(*first, 3): 4, (*first, 5): -2, (*first, 9): 1, (*second, 0): 0}))
    distributions.add(Counter())
    distributions.add(Counter({(*second, 2): 6}))  # alone, with codes that are empty

    def steps(what):
        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT i, counts[i] FROM statistics_distribution, generate_subscripts(counts, 1) i
                   WHERE what = %s AND counts[i] IS NOT NULL ORDER BY i""",
                [what],
            )
            return dict(cursor.fetchall())

    assert Distribution.objects.count() == 2
    assert steps("returns") == {3: 4, 5: 0, 7: 1, 9: 1} and steps("open") == {0: 1, 2: 6}
