"""Ticket codes: typed and heard as people do, and no slip goes unseen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caunoi.lib.numbers import codes

numbers = st.integers(1, codes.LAST_NUMBER)
years = st.integers(2000, 2099)


def test_a_code_carries_its_year_its_number_and_a_check_digit() -> None:
    assert codes.make(2026, 123) == "26-000123-3"


@pytest.mark.parametrize(
    "typed",
    [
        "26-000123-3",
        "260001233",
        " 26 000123 3 ",
        "26 000 123 3",
        "26.000.123.3",
        "#26-000123-3",
        "26–000123–3",
        "２６０００１２３３",
    ],
)
def test_a_code_may_be_typed_with_or_without_hyphens(typed: str) -> None:
    assert codes.parse(typed) == "26-000123-3"


@pytest.mark.parametrize(
    "typed", ["", "26-000123-4", "26-000123", "26-0001233-3", "a26-000123-3", "26-000000-0", "26/000123/3"]
)
def test_what_is_no_code_is_not_taken_for_one(typed: str) -> None:
    assert codes.parse(typed) is None


@given(years, numbers, st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_never_leads_to_another_ticket(year: int, number: int, at: int, step: int) -> None:
    digits = codes.make(year, number).replace("-", "")
    wrong = digits[:at] + str((int(digits[at]) + step) % 10) + digits[at + 1 :]
    assert codes.parse(wrong) is None


@given(years, numbers, st.integers(0, 7))
def test_two_swapped_digits_never_lead_to_another_ticket(year: int, number: int, at: int) -> None:
    code = codes.make(year, number)
    digits = code.replace("-", "")
    swapped = digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :]
    assert codes.parse(swapped) in ({code} if swapped == digits else {None})


def test_a_code_is_read_aloud_digit_by_digit() -> None:
    assert codes.spoken("26-000123-3") == "2 6, 0 0 0, 1 2 3, 3"
    assert codes.parse(codes.spoken("26-000123-3").replace(",", "")) == "26-000123-3"


@pytest.mark.parametrize(("year", "number"), [(2026, 0), (2026, 1_000_000), (1999, 1), (26, 1)])
def test_a_number_out_of_range_has_no_code(year: int, number: int) -> None:
    with pytest.raises(ValueError, match="No ticket code"):
        codes.make(year, number)
