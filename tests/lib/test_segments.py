"""A message is paid by the part: marks make it dear, and a shortened one keeps its link."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caunoi.lib.messages.segments import count, gsm, plain, shorten

LINK = "https://1022.example/f/abcdef123456"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("đ" * 70, 1),
        ("đ" * 71, 2),
        ("đ" * 134, 2),
        ("đ" * 135, 3),
        ("{" * 80, 1),
        ("{" * 81, 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("a" * 152 + "{" + "a" * 10, 2),
    ],
)
def test_parts_are_counted_as_the_networks_do(text, parts):
    assert count(text) == parts


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("Đã sửa xong đèn – xem “đây”…", 'Da sua xong den - xem "day"...'),
        ("Nguyễn Thị Huệ", "Nguyen Thi Hue"),
        ("ĐƯỜNG PHÚ RIỀNG ĐỎ", "DUONG PHU RIENG DO"),
        ("Đèn tắt", "Den tat"),
        ("xong 👍 rồi", "xong  roi"),
        ("Giá 5.000₫ (đã gồm VAT)", "Gia 5.000d (da gom VAT)"),
    ],
)
def test_marks_are_taken_off(text, bare):
    assert plain(text) == bare


@given(st.text())
def test_what_has_no_marks_is_in_the_small_alphabet(text):
    assert gsm(plain(text)) and plain(plain(text)) == plain(text)


def test_a_long_message_keeps_its_link_and_whole_words():
    text = (
        "Phản ánh của anh chị đã được xử lý xong, đơn vị đã thay bóng đèn và kiểm tra cả tuyến đường. " * 3
        + f"Xem {LINK} nhé"
    )
    short = shorten(text, 2)
    assert short.endswith(f"... {LINK}") and count(short) <= 2 < count(text)
    kept = short.removesuffix(f"... {LINK}").split()
    assert len(kept) > 20 and kept[:-1] == text.split()[: len(kept) - 1]


def test_what_fits_stays_as_it_is():
    assert shorten(f"Xong. {LINK}", 1) == f"Xong. {LINK}"


@given(st.text(max_size=400), st.integers(1, 3))
def test_a_shortened_message_fits(text, most):
    assert count(shorten(text, most)) <= most or "://" in text or "." in text


@given(st.lists(st.text("abcđ{ ", max_size=30), max_size=30), st.integers(1, 3))
def test_the_link_is_never_cut(words, most):
    text = " ".join([*words, LINK])
    short = shorten(text, most)
    assert LINK in short and count(short) <= most
