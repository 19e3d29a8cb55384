"""Addresses that issue 4 names: each means one unit of today, by what stood there when it was written.

Proves: Address traps of issue 4: eight spellings of Biên Hòa, "thi tran Loc Ninh, loc ninh, binh phuoc", phường Tân
Phú of 2024 and of today"""

from datetime import date

import pytest

from caunoi.lib.places import gazetteer
from caunoi.lib.places.address import resolve

BIEN_HOA = (
    "Biên Hòa",
    "Biên Hoà",
    "biên hòa",
    "BIÊN HOÀ",
    "Bien Hoa",
    "bien hoa",
    "Tp. Biên Hòa",
    "Thành phố Biên Hoà",
)


@pytest.mark.parametrize("said", BIEN_HOA)
def test_the_spellings_of_bien_hoa_mean_one_place(said):
    """As the city that was, with a ward of it: that ward's successor; by itself a question; as a ward: the ward."""
    assert resolve(f"phường Trảng Dài, {said}, Đồng Nai").area_code == "25993"
    assert resolve(said).area_code is None and len(resolve(said).candidates) == 10
    if said[0] in "Bb":
        assert resolve(f"phường {said}").area_code == "26068"


def test_without_marks_and_with_the_district_that_was():
    answer = resolve("thi tran Loc Ninh, loc ninh, binh phuoc")
    assert (answer.area_code, answer.area) == ("25270", "Phường Lộc Ninh")


@pytest.mark.parametrize(
    ("text", "on", "code"),
    [
        ("phường Tân Phú, Đồng Xoài, Bình Phước", date(2024, 5, 1), "25195"),  # now Phường Bình Phước
        ("phường Tân Phú, Đồng Xoài", date(2026, 9, 1), "25195"),  # said so out of habit
        ("phường Tân Phú", date(2026, 9, 1), "26116"),  # the ward of today
    ],
)
def test_phuong_tan_phu_of_2024_is_not_that_of_today(text, on, code):
    assert resolve(text, on=on).area_code == code


def test_a_code_alone_names_no_unit():
    names = [gazetteer.unit("25270", day).name for day in (date(2024, 1, 1), date(2025, 12, 1), date(2026, 5, 1))]
    assert names == ["Thị trấn Lộc Ninh", "Xã Lộc Ninh", "Phường Lộc Ninh"]
