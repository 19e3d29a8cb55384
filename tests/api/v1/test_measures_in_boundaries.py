"""Measures by the communes of another day."""

import pytest

PERIOD = {"from": "2026-01-01", "to": "2027-01-01", "by": "area"}


@pytest.mark.parametrize("words", ["", "now", "then", "2025-06-30"])
def test_boundaries_are_now_then_or_a_day(api, words):
    assert api.phong.get("measures/tickets", **PERIOD, boundaries=words).status == 200


def test_other_words_are_refused_with_what_may_be_given(api):
    answer = api.phong.get("measures/tickets", **PERIOD, boundaries="yesterday")
    assert answer.status == 422 and "now, then or a date" in answer.response.content.decode()
