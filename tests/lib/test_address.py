"""Addresses as citizens write them, and the commune of today that each means.

Proves: addresses: 359 cases, 0 wrong, by kind of difficulty; old and new; `caunoi address`"""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caunoi.lib.places import gazetteer
from caunoi.lib.places.address import resolve
from caunoi.lib.vietnamese.writing import fold

LIST = Path(__file__).parent / "addresses.tsv"
AREAS = Path(__file__).resolve().parents[3] / "shared" / "data" / "areas"
HOMES = ("70", "75")
"""Bình Phước and Đồng Nai, as the provinces were called before the reform."""


@pytest.fixture(autouse=True, scope="module")
def today() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gazetteer, "today", lambda: date(2026, 8, 1))
        yield


def verdict(text: str, on: str, expected: str) -> str:
    answer = resolve(text, on=date.fromisoformat(on) if on else None)
    got = answer.area_code or ("outside" if answer.outside else "ask")
    return "right" if got == expected else "asked" if got == "ask" else f"wrong: {text} → {got}, not {expected}"


def test_the_list_is_resolved_and_no_answer_is_wrong() -> None:
    with LIST.open(encoding="utf-8") as rows:
        cases = list(csv.DictReader(rows, delimiter="\t", quoting=csv.QUOTE_NONE))
    found = Counter(verdict(case["text"], case["on"], case["expected"]) for case in cases)
    assert len(cases) >= 300
    assert [said for said in found if said.startswith("wrong")] == []
    assert found["right"] >= 0.97 * len(cases)


@pytest.mark.parametrize(
    ("text", "on", "area", "then"),
    [
        ("xã Đức Liễu, huyện Bù Đăng", "2024-05-01", "25417", "25417"),
        ("xã Nghĩa Bình, huyện Bù Đăng", "2024-05-01", "25417", "25424"),
        ("xã Nghĩa Bình, huyện Bù Đăng", "", "25417", "25417"),
        ("phường Tân Phú", "2024-05-01", "25195", "25195"),
        ("phường Tân Phú", "", "26116", "26116"),
        ("xã Tân Phú", "2025-09-01", "26116", "26116"),
        ("xã Xuân Tâm, huyện Xuân Lộc", "2024-05-01", None, "26449"),
        ("xã Xuân Tâm, huyện Xuân Lộc", "", None, None),
    ],
)
def test_the_unit_of_then_is_told_apart_from_the_unit_of_today(
    text: str, on: str, area: str | None, then: str | None
) -> None:
    answer = resolve(text, on=date.fromisoformat(on) if on else None)
    assert (answer.area_code, answer.then_code) == (area, then)


def test_a_commune_that_was_not_yet_there_is_asked() -> None:
    answer = resolve("phường Trấn Biên", on=date(2024, 5, 1))
    assert answer.area_code is None
    assert [candidate.area for candidate in answer.candidates] == ["Phường Trấn Biên"]


def test_a_split_ward_is_asked_with_its_parts() -> None:
    answer = resolve("ấp 3, xã Xuân Tâm, huyện Xuân Lộc, Đồng Nai")
    assert answer.area_code is None and not answer.outside
    assert [candidate.area for candidate in answer.candidates] == ["Xã Xuân Đông", "Xã Xuân Hòa"]


def test_an_old_district_is_asked_with_what_became_of_it() -> None:
    names = {candidate.area for candidate in resolve("huyện Bù Đăng").candidates}
    assert names == {"Xã Bù Đăng", "Xã Đak Nhau", "Xã Thọ Sơn", "Xã Bom Bo", "Xã Nghĩa Trung", "Xã Phước Sơn"}


def test_an_answer_names_its_rivals() -> None:
    answer = resolve("phường Tân Phú")
    assert [candidate.area_code for candidate in answer.candidates] == ["26116", "25195"]
    assert answer.confidence == answer.candidates[0].confidence > answer.candidates[1].confidence


def test_more_said_is_more_sure() -> None:
    said = ["Đức Liễu", "xã Đức Liễu", "xã Đức Liễu, huyện Bù Đăng"]
    sure = [resolve(text).confidence for text in said]
    assert sure == sorted(sure) and len(set(sure)) == 3
    assert resolve("xã Đức Lễu, huyện Bù Đăng").confidence < sure[-1]


def test_a_province_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="'70'"):
        resolve("x", home="70")


def test_a_long_letter_and_a_long_word_are_read_in_no_time() -> None:
    letter = "Kính gửi tổng đài, tôi ở xã Đức Liễu, huyện Bù Đăng xin phản ánh: " + "đường hư, điện yếu. " * 2000
    assert resolve(letter).area_code == "25417"
    assert resolve("x" * 50_000 + ", xã Đức Liễu").area_code == "25417"


@given(st.text(max_size=80))
def test_whatever_is_typed_is_answered(text: str) -> None:
    answer = resolve(text)
    assert answer.text == text
    assert 0 <= answer.confidence <= 1
    assert (answer.area_code is None) == (answer.area is None)
    assert not (answer.area_code and answer.outside)
    assert all(gazetteer.unit(candidate.area_code) for candidate in answer.candidates)


@given(st.sampled_from(gazetteer.communes("75")), st.booleans(), st.sampled_from([", ", " - ", " "]))
def test_every_commune_of_today_is_found_by_its_name(unit: gazetteer.Unit, marks: bool, gap: str) -> None:
    text = f"{unit.name}{gap}thành phố Đồng Nai"
    answer = resolve(text if marks else fold(text))
    namesakes = [one for one in gazetteer.communes("75") if fold(one.name) == fold(unit.name)]
    if marks or len(namesakes) == 1:
        assert answer.area_code == unit.code
    else:
        assert {candidate.area_code for candidate in answer.candidates} == {one.code for one in namesakes}


def test_every_old_ward_of_the_province_leads_to_its_commune_of_today() -> None:
    """With and without marks; only the split ward, and Lộc Thành against Lộc Thạnh without marks, must be asked."""
    path = AREAS / "legacy_ward_to_2026.csv"
    if not path.exists():
        pytest.skip(f"{path} is absent")
    became: dict[tuple[str, str], set[str]] = defaultdict(set)
    with path.open(encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            if row["old_province_code"] in HOMES:
                text = f"{row['old_ward']}, {row['old_district']}, {row['old_province']}"
                became[row["old_ward_code"], text].add(row["new_ward_code"])
    asked = []
    for (code, text), codes in became.items():
        for written in (text, fold(text)):
            answer = resolve(written)
            if answer.area_code is None and not answer.outside:
                asked.append(written)
            else:
                assert {answer.area_code} == codes, written
        assert resolve(text, on=date(2024, 6, 1)).then_code == code
    assert len(became) == 270
    assert sorted(asked) == [
        "Xã Xuân Tâm, Huyện Xuân Lộc, Tỉnh Đồng Nai",
        "xa loc thanh, huyen loc ninh, tinh binh phuoc",
        "xa loc thanh, huyen loc ninh, tinh binh phuoc",
        "xa xuan tam, huyen xuan loc, tinh dong nai",
    ]


def test_wards_of_other_provinces_are_outside() -> None:
    day = gazetteer.REFORM.replace(month=6)
    provinces = [province for province in gazetteer.provinces(day) if province.code not in HOMES]
    for province in provinces:
        districts = {district.code: district for district in gazetteer.official().districts(province.code, day)}
        for ward in gazetteer.communes(province.code, day)[::40]:
            answer = resolve(f"{ward.name}, {districts[ward.district].name}, {province.name}")
            assert answer.area_code is None
            assert answer.outside, answer
