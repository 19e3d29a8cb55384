"""Units of the base and of our own rows, at the days around the two reforms."""

import csv
import unicodedata
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from caunoi.lib.places import gazetteer

AREAS = Path(__file__).resolve().parents[3] / "shared" / "data" / "areas"
BEFORE_REFORM, REFORM = date(2025, 6, 30), date(2025, 7, 1)
BEFORE_CITY, CITY = date(2026, 4, 29), date(2026, 4, 30)
TODAY = date(2026, 8, 1)


def unmarked(text: str) -> str:
    """Lower case without marks: official lists differ in where they put the tone."""
    return "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))


def name(code: str, on: date) -> str | None:
    unit = gazetteer.unit(code, on)
    return unit.name if unit else None


def test_the_province_of_the_demo_has_its_ninety_five_communes() -> None:
    communes = gazetteer.communes("75", TODAY)
    assert Counter(unit.kind for unit in communes) == {"Xã": 62, "Phường": 33}
    assert [unit.code for unit in communes] == sorted(unit.code for unit in communes)
    assert all(unit.lat and unit.lon and unit.area_km2 for unit in communes)


def test_the_country_has_as_many_units_as_the_law_counts() -> None:
    assert len(gazetteer.provinces(BEFORE_REFORM)) == 63
    assert len(gazetteer.provinces(REFORM)) == 34
    assert sum(len(gazetteer.communes(p.code, REFORM)) for p in gazetteer.provinces(REFORM)) == 3321


@pytest.mark.parametrize(
    ("code", "on", "expected"),
    [
        ("75", BEFORE_REFORM, "Tỉnh Đồng Nai"),
        ("75", BEFORE_CITY, "Tỉnh Đồng Nai"),
        ("75", CITY, "Thành phố Đồng Nai"),
        ("70", BEFORE_REFORM, "Tỉnh Bình Phước"),
        ("70", REFORM, None),
        ("25270", BEFORE_REFORM, "Thị trấn Lộc Ninh"),
        ("25270", BEFORE_CITY, "Xã Lộc Ninh"),
        ("25270", CITY, "Phường Lộc Ninh"),
        ("25195", BEFORE_REFORM, "Phường Tân Phú"),
        ("25195", REFORM, "Phường Bình Phước"),
        ("689", BEFORE_REFORM, "Thành phố Đồng Xoài"),
        ("689", REFORM, None),
        ("99999", TODAY, None),
    ],
)
def test_a_code_names_different_units_on_different_days(code: str, on: date, expected: str | None) -> None:
    assert name(code, on) == expected


def test_the_district_level_ended_with_the_reform() -> None:
    assert len(gazetteer.official().districts("70", BEFORE_REFORM)) == 11
    assert gazetteer.official().districts("75", REFORM) == []


def test_a_whole_ward_has_one_successor_and_a_split_one_several() -> None:
    def follow(code: str) -> list[str]:
        old = gazetteer.unit(code, BEFORE_REFORM)
        assert old
        return [unit.name for unit in gazetteer.successors(old, TODAY)]

    assert follow("25270") == ["Phường Lộc Ninh"]
    assert follow("26449") == ["Xã Xuân Đông", "Xã Xuân Hòa"]
    assert follow("70") == ["Thành phố Đồng Nai"]
    assert "Phường Bình Phước" in follow("689")


def test_every_unit_that_ended_is_followed_by_units_in_force_today() -> None:
    for old in gazetteer.everything():
        after = gazetteer.successors(old, TODAY)
        assert after, old
        assert all(unit.in_force(TODAY) for unit in after)


def test_no_code_names_two_units_on_one_day() -> None:
    for day in (BEFORE_REFORM, REFORM, BEFORE_CITY, CITY):
        codes = Counter(unit.code for unit in gazetteer.everything() if unit.in_force(day))
        assert max(codes.values()) == 1


def test_today_agrees_with_the_published_list_of_2026() -> None:
    path = AREAS / "vn_wards_2026.csv"
    if not path.exists():
        pytest.skip(f"{path} is absent")

    with path.open(encoding="utf-8") as rows:
        published = {
            (r["ward_code"], unmarked(r["ward_full"]), unmarked(r["province_full"])) for r in csv.DictReader(rows)
        }
    ours = {
        (unit.code, unmarked(unit.name), unmarked(province.name))
        for province in gazetteer.provinces(TODAY)
        for unit in gazetteer.communes(province.code, TODAY)
    }
    assert ours - published == set()
    assert published - ours == set()
