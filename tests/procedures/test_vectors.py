"""Vectors kept as bytes: how near they stay to what was put in. numpy comes with the optional package."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caunoi.procedures.search.vectors import BLOCK, Vectors
from tests.examples import examples

numpy = pytest.importorskip("numpy", reason="needs numpy, which comes with requirements/meaning.lock")


def unit(seed, count, width):
    rows = numpy.random.default_rng(seed).normal(size=(count, width))
    return (rows / numpy.linalg.norm(rows, axis=1)[:, None]).astype("float32")


@examples(25)
@given(seed=st.integers(0, 2**32), width=st.sampled_from([16, 384]))
def test_a_likeness_stays_what_it_was(seed, width):
    given = unit(seed, 300, width)
    vectors = Vectors(300, width)
    vectors.put(range(300), given)
    assert numpy.abs(vectors.likeness(given[0]) - given @ given[0]).max() < (0.02 if width == 16 else 0.004)
    assert vectors.likeness(given[0]).argmax() == 0


def test_what_is_kept_as_halves_and_put_again_is_the_same():
    vectors, again = Vectors(200, 384), Vectors(200, 384)
    vectors.put(range(200), unit(1, 200, 384))
    again.put(range(200), vectors.rows(range(200)).astype("float16"))
    assert (vectors.rows(range(200)).round(3) == again.rows(range(200)).round(3)).mean() > 0.99
    asked = unit(2, 1, 384)[0]
    assert numpy.abs(vectors.likeness(asked) - again.likeness(asked)).max() < 0.001


def test_rows_that_were_not_put_are_nothing_across_blocks():
    vectors = Vectors(BLOCK + 3, 8)
    vectors.put([1, BLOCK + 2], unit(3, 2, 8))
    assert vectors.filled().tolist() == [1, BLOCK + 2]
    assert numpy.flatnonzero(vectors.likeness(unit(4, 1, 8)[0])).tolist() == [1, BLOCK + 2]
