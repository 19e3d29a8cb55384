"""What a machine's sentence claims must be in its sources: numbers in figures and in words, with what they count,
dates, times, telephone numbers and names.

Proves: claims of drafts: numbers in figures or words, dates, money, telephone numbers and names"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caunoi.lib.messages.claims import Claim, claims, unfounded

SAME = [
    ("Nộp 500.000 đồng.", "Phí 500 nghìn đồng"),
    ("Nộp năm trăm nghìn đồng.", "Phí 500.000 đồng"),
    ("Một triệu hai trăm nghìn đồng", "1.200.000 đồng"),
    ("1,5 triệu", "1.500.000"),
    ("500k", "500.000"),
    ("Thời hạn năm ngày", "5 ngày làm việc"),
    ("Hai mươi mốt hộ", "21 hộ"),
    ("hai trăm linh năm hộ", "205 hộ"),
    ("mười lăm ngày", "15 ngày"),
    ("mười năm", "10 năm"),
    ("báo ba lần", "báo 3 lần"),
    ("Ngày 12/3/2026 mất nước", "mất nước ngày 12 tháng 3 năm 2026"),
    ("Ngày 12/3 mất nước", "mất nước 12/03/2026"),
    ("Trong năm 2026", "từ 12/03/2026"),
    ("Lúc 8 giờ 30", "8h30"),
    ("gọi 0901234567", "gọi +84 901 234 567"),
    ("Ông Nguyễn Văn Demo báo", "nguyen van demo bao"),
    ("Người dân ở Tân Lợi báo", "o tan loi"),
    ("[person] báo hai lần", "[phone] báo 2 lần"),
    ("Ba tôi bị ngã", "ba tôi té"),
    ("Một người gọi", "có người gọi"),
]
LIES = [
    ("Nộp 600 nghìn đồng", "Phí 500.000 đồng"),
    ("Nộp năm trăm nghìn", "Miễn phí"),
    ("Thời hạn 5 tháng", "5 ngày"),
    ("mười năm", "15 năm"),
    ("Ngày 13/3 mất nước", "mất nước 12/03/2026"),
    ("Ngày 12/3/2025 mất nước", "mất nước 12/03/2026"),
    ("Ngày 12/3/2026 mất nước", "mất nước 12/3"),
    ("Lúc 8h45", "8h30"),
    ("gọi 0901234568", "gọi 0901 234 567"),
    ("gọi 0901234567", "gọi [phone]"),
    ("Ông Nguyễn Văn Khác báo", "nguyen van demo bao"),
    ("Bà Trần Thị Demo", "[person]"),
    ("ba người bị thương", "hai người bị thương"),
    ("báo ba lần", "ba tôi báo 2 lần"),
    ("giảm 30 %", "giảm 20 %"),
    ("cách 300 m", "cách 3 km"),
    ("ba người té xe", "ở ấp 3 có 2 người té xe"),
    ("ở ấp 2", "ở ấp 3 có 2 người té xe"),
    ("theo Điều 12", "theo Điều 5, trong 12 ngày"),
]


@pytest.mark.parametrize(("sentence", "source"), SAME)
def test_what_a_source_has_stands_however_it_is_written(sentence, source):
    assert unfounded(sentence, [source]) == []


@pytest.mark.parametrize(("sentence", "source"), LIES)
def test_what_no_source_has_is_unfounded(sentence, source):
    assert unfounded(sentence, [source]) != []


def test_sources_are_read_together_but_never_run_into_one_another():
    assert unfounded("Hẹn 5 ngày, gọi lúc 8h30", ["5 ngày", "8h30"]) == []
    assert unfounded("Có 25", ["2", "5"]) == [Claim("number", "25")]


@given(st.text(max_size=80))
def test_every_text_stands_on_itself(text):
    assert unfounded(text, [text]) == []
    assert claims(text) >= set()


@given(st.integers(10, 99), st.integers(10, 99))
def test_another_number_never_stands(one, other):
    assert (unfounded(f"có {one} hộ", [f"có {other} hộ"]) == []) == (one == other)
