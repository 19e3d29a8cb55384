"""Phone numbers: every way people give one leads to the same number, and nothing else is taken for one."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from caunoi.lib.numbers import phone


@pytest.mark.parametrize(
    "typed",
    [
        "0912345678", "0912 345 678", "0912.345.678", "091-234-5678", "0912–345–678", "(0912) 345678", "+84912345678",
        "+84 912 345 678", "+84 (0) 912 345 678", "0084912345678", "84912345678", "84 912345678", "912345678",
        "o912345678", "O912 345 678", "０９１２３４５６７８", "tel:+84912345678", "sđt: 0912345678",
        "0912345678 (máy lẻ 12)",
        "không chín một hai ba bốn năm sáu bảy tám", "khong chin mot hai ba bon nam sau bay tam",
        "sip:0912345678@10.0.0.1",
    ],
)  # fmt: skip
def test_a_mobile_number_is_understood_however_it_is_given(typed: str) -> None:
    assert phone.parse(typed) == phone.Phone(kind="mobile", number="+84912345678")


@pytest.mark.parametrize("prefix", ["032", "039", "052", "056", "059", "070", "076", "081", "086", "089", "090", "099"])
def test_every_mobile_prefix_of_today_is_known(prefix: str) -> None:
    found = phone.parse(prefix + "3456789")
    assert found == phone.Phone(kind="mobile", number="+84" + prefix[1:] + "3456789")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("01623456789", "+84323456789"), ("0169 345 6789", "+84393456789"), ("+841234567890", "+84834567890"),
        ("0120 345 6789", "+84703456789"), ("01993456789", "+84593456789"), ("0186.345.6789", "+84563456789"),
    ],
)  # fmt: skip
def test_an_eleven_digit_mobile_leads_to_its_number_since_2018(old: str, new: str) -> None:
    assert phone.parse(old) == phone.Phone(kind="mobile", number=new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("0651 3822111", "+842713822111"), ("06513822111", "+842713822111"), ("0271.3822.111", "+842713822111"),
        ("061 3822111", "+842513822111"), ("0650-3822111", "+842743822111"), ("04 38221111", "+842438221111"),
        ("0511 3822111", "+842363822111"), ("(028) 3822 1111", "+842838221111"), ("029 3822111", "+842163822111"),
        ("020 3822111", "+842143822111"), ("+84 651 3822111", "+842713822111"),
        ("02713822111 ext 101", "+842713822111"),
    ],
)  # fmt: skip
def test_a_landline_leads_to_its_number_since_2017(old: str, new: str) -> None:
    assert phone.parse(old) == phone.Phone(kind="landline", number=new)


def test_all_provinces_of_before_2017_have_an_area_code_of_today() -> None:
    assert len(phone.AREA_2017) == len(set(phone.AREA_2017.values())) == 59
    for old, new in phone.AREA_2017.items():
        local = "38221111"[: 8 if len(new) == 2 else 7]
        assert phone.parse("0" + new + local) == phone.Phone(kind="landline", number="+84" + new + local), old


@pytest.mark.parametrize(
    ("typed", "kind", "number"),
    [
        ("1022", "short", "1022"), ("113", "short", "113"), ("0271 1022", "short", "1022"),
        ("02511022", "short", "1022"),
        ("1800 1234", "service", "18001234"), ("1900.545.454", "service", "1900545454"),
        ("+1 212 555 2368", "foreign", "+12125552368"), ("0081 3-1234-5678", "foreign", "+81312345678"),
        ("anonymous", "hidden", ""), ("Số ẩn", "hidden", ""), ("Unavailable", "hidden", ""),
    ],
)  # fmt: skip
def test_short_codes_foreign_numbers_and_hidden_callers_are_of_their_own_kind(
    typed: str, kind: str, number: str
) -> None:
    found = phone.parse(typed)
    assert found is not None
    assert (found.kind, found.number) == (kind, number)
    assert found.e164 == (number if number.startswith("+") else None)


@pytest.mark.parametrize(
    "typed",
    ["", "0", "12", "091234567", "09123456789", "1.000419", "070123456789", "1.500.000 đồng", "Km 12+300", "+", "+999",
     "anh Ba",
     "ba", "hai ba", "09123456788888888888888888888", "10222", "0112345678"],
)  # fmt: skip
def test_what_is_no_phone_number_is_not_taken_for_one(typed: str) -> None:
    assert phone.parse(typed) is None


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+84912345678", "0912 345 678"),
        ("+842713822111", "0271 3822 111"),
        ("+12125552368", "+1 212-555-2368"),
        ("1022", "1022"),
        ("+", "+"),
    ],
)
def test_a_number_is_shown_as_people_write_it(number: str, shown: str) -> None:
    assert phone.display(number) == shown


@given(st.text("+0123456789o .-()") | st.text())
def test_a_number_understood_is_understood_again_as_stored_and_as_shown(text: str) -> None:
    found = phone.parse(text)
    if found is not None and found.number:
        assert phone.parse(found.number) == found
        assert phone.parse(phone.display(found.number)) == found


def shaped(typed: str) -> bool:
    """As app.js asks."""
    return bool(re.fullmatch(phone.SHAPE, re.sub(r"[^\w+]|_", "", typed), re.ASCII | re.IGNORECASE))


@given(st.from_regex(r"(\+|00|0|84|\+84)?[ .o]?[0-9o]([ .()-]{0,2}[0-9o]){5,13}( ext 12)?", fullmatch=True))
@example("+84 (0) 912 345 678")
@example("không chín một hai ba bốn năm sáu bảy tám")
@example("sip:0912345678@10.0.0.1")
@example("sđt: 0912345678")
@example("０９１２３４５６７８")
def test_what_has_a_number_to_call_has_its_shape(typed: str) -> None:
    found = phone.parse(typed)
    assert not (found and found.e164) or shaped(typed)


@pytest.mark.parametrize("typed", ["12", "0912 345 67", "09123456789012", "0912345678 0987654321", "không có", "113"])
def test_what_has_a_digit_too_few_or_too_many_has_not(typed: str) -> None:
    assert not shaped(typed)
