"""Procedures by the API: found, suggested, written down.

Proves: API"""

import pytest

from caunoi.procedures import actions
from caunoi.procedures.models import Question
from tests.procedures.records import lines, raw


@pytest.fixture
def known(town):
    done = actions.look(
        actions.upload(
            "a",
            lines(
                raw("1.000001", ten_thu_tuc="Thủ tục đăng ký kết hôn", cap_thuc_hien="Cấp xã"),
                raw(
                    "1.000002", ten_thu_tuc="Tách thửa hoặc hợp thửa đất", linh_vuc="Đất đai", cap_thuc_hien="Cấp tỉnh"
                ),
            ),
            by=town.thu,
        )
    )
    actions.bring_in(done, by=town.thu)


def test_a_program_finds_procedures_in_anybodys_words(api, known):
    answer = api.lan.get("procedures", q="làm giấy hôn thú cần gì")
    assert answer.status == 200
    (item,) = answer.body["items"]
    assert set(item) == {"code", "name", "version", "score", "why"}
    assert (item["code"], item["version"]) == ("1.000001", 1)
    assert 0 < item["score"] <= 1
    assert "hôn thú" in item["why"]
    assert Question.objects.get().place == "api"


def test_nothing_is_found_where_nothing_fits(api, known):
    nothing = api.lan.get("procedures", q="xe buýt mấy giờ").body
    assert nothing["items"] == [] and nothing["office"], "and who sees to it"
    assert Question.objects.get().found == []
    assert api.lan.get("procedures").body["items"] == api.lan.get("procedures", q="  ").body["items"] == []
    assert Question.objects.count() == 1


def test_the_list_is_narrowed(api, known):
    assert api.minh.get("procedures", q="tách thửa", level="commune").body["items"] == []
    (item,) = api.minh.get("procedures", q="tách thửa", level="province", field="Đất đai").body["items"]
    assert item["code"] == "1.000002"


@pytest.mark.parametrize(
    "given",
    [
        {"q": "a\0b"},
        {"q": "a", "limit": 0},
        {"q": "a", "limit": "x"},
        {"q": "a", "level": "district"},
        {"q": "x" * 20_000},
    ],
)
def test_what_cannot_be_read_is_refused(api, known, given):
    assert api.lan.get("procedures", **given).status == 422


def test_a_token_is_needed(api, known):
    assert api.nobody.get("procedures", q="x").status == 401
    assert api.stranger.get("procedures", q="x").status == 401


def test_suggestions_are_not_written_down(api, known):
    (first, *_) = api.lan.get("procedures/suggestions", q="tách t").body["items"]
    assert first["code"] == "1.000002"
    assert not Question.objects.exists()


def test_the_description_names_them(api):
    paths = api.lan.get("openapi.json").body["paths"]
    assert {"/api/v1/procedures", "/api/v1/procedures/suggestions"} <= set(paths)
