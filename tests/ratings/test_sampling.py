"""The phone survey's draw: fair, and checked by anybody who has the seed.

Proves: phone survey: share ⚙, fair draw with recorded seed, call-back "survey" with three grades and reasons"""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caunoi.lib.messages.grades import grade
from caunoi.ratings.sampling import drawn

seeds, tickets = st.text(max_size=8), st.text(max_size=12)


@given(seeds, tickets, st.integers(0, 5), st.integers(0, 100))
def test_a_draw_can_be_repeated_and_nobody_or_everybody_is_drawn_at_the_ends(seed, code, round_, percent):
    assert drawn(seed, code, round_, percent) is drawn(seed, code, round_, percent)
    assert not drawn(seed, code, round_, 0) and drawn(seed, code, round_, 100)


@given(seeds, tickets, st.integers(0, 5), st.integers(0, 100), st.integers(0, 100))
def test_a_larger_share_holds_the_smaller_one(seed, code, round_, one, other):
    small, large = sorted((one, other))
    assert not drawn(seed, code, round_, small) or drawn(seed, code, round_, large)


@pytest.mark.parametrize("percent", [1, 10, 50])
@pytest.mark.parametrize("seed", ["a", "b"])
def test_the_share_is_drawn_of_many_whatever_their_codes(percent, seed):
    n = 20_000
    hits = sum(drawn(seed, f"26-{number:06d}-0", 0, percent) for number in range(n))
    p = percent / 100
    assert abs(hits - n * p) < 4 * math.sqrt(n * p * (1 - p))


def test_another_seed_draws_others():
    codes = [f"26-{n:06d}-0" for n in range(2000)]
    one, other = ({c for c in codes if drawn(seed, c, 0, 10)} for seed in ("a", "b"))
    assert len(one & other) < 60  # by chance alone 20


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("1", "satisfied"),
        (" 2. ", "acceptable"),
        ("3!", "dissatisfied"),
        ("Hài lòng ạ", "satisfied"),
        ("KHÔNG HÀI LÒNG", "dissatisfied"),
        ("chua hai long", "dissatisfied"),
        ("Tạm được", "acceptable"),
        ("13", ""),
        ("1 2", ""),
        ("4", ""),
        ("", ""),
        ("Tôi không hài lòng vì đèn vẫn tắt", ""),
        ("Số 1", ""),
    ],
)
def test_a_short_reply_is_a_grade_and_a_longer_one_is_not(text, meant):
    assert grade(text) == meant
