"""Places of other provinces that a message names."""

import pytest

from caunoi.lib.places.beyond import places


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Nhà ở Cai Lậy, Tiền Giang, điện yếu", {("district", "o"), ("province", "lay")}),
        ("rac o can giuoc ba ngay", {("district", "o")}),
        ("tphcm mưa là ngập", {("province", "")}),
        ("Vỉa hè Quận 10 hư", {("district", "quan")}),
        ("đường Kha Vạn Cân, Linh Đông", {("commune", "can")}),
        ("linh đông gì mà ồn", set()),
        ("Phường cho đốn cây, thi bằng lái xong rồi", set()),
        ("Bù Nho mất nước", {(None, "")}),
        ("phuong dong xoai ngap", {(None, "phuong")}),
        ("", set()),
    ],
)
def test_what_is_named_has_its_level_and_the_word_before_it(text: str, found: set[tuple[str | None, str]]) -> None:
    assert {(place.level, place.before) for place in places(text, "75")} == found


def test_who_answers_decides_what_lies_beyond() -> None:
    assert {place.level for place in places("Bù Nho mất nước", "79")} == {"commune"}
