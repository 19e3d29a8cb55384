"""`caunoi address` as a script calls it."""

import io
import json
from datetime import date
from pathlib import Path

import pytest

from caunoi.cli.main import main
from caunoi.lib.places import gazetteer


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CAUNOI_HOME", str(tmp_path))  # no installation, so the list alone
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setattr(gazetteer, "today", lambda: date(2026, 8, 1))
    monkeypatch.delenv("CAUNOI_PROVINCE", raising=False)


def said(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_an_address_is_answered_with_the_commune_of_today(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["address", "thôn 9, xã Đức Liễu, huyện Bù Đăng", "--json"]) == 0
    (found,) = said(capsys)
    assert list(found) == ["text", "area_code", "area", "then_code", "outside", "confidence", "candidates"]
    assert (found["area_code"], found["area"], found["outside"]) == ("25417", "Xã Nghĩa Trung", False)
    (first,) = found["candidates"]  # type: ignore[misc]
    assert list(first) == ["area_code", "area", "confidence"]


def test_the_day_it_was_written_decides_between_namesakes(capsys: pytest.CaptureFixture[str]) -> None:
    main(["address", "phường Tân Phú", "--json"])
    main(["address", "phường Tân Phú", "--on", "2024-05-01", "--json"])
    now, then = said(capsys)
    assert now["area_code"] == now["then_code"] == "26116"
    assert then["area_code"] == then["then_code"] == "25195"


def test_without_json_it_speaks_words(capsys: pytest.CaptureFixture[str]) -> None:
    main(["address", "thị trấn Lộc Ninh"])
    main(["address", "Quận 1, TP.HCM"])
    main(["address", "Đồng Xoài"])
    main(["address", "nhà tôi"])
    named, outside, ask, nothing = capsys.readouterr().out.splitlines()
    assert named.startswith("Phường Lộc Ninh (25270")
    assert outside == "another province"
    assert ask == "ask: Phường Đồng Xoài (25210), Phường Bình Phước (25195)"
    assert nothing == "ask: nothing recognised"


def test_lines_are_answered_one_by_one(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    asked = [{"text": "xã Đức Liễu"}, {"text": "P. Tân Phú", "on": "2024-05-01"}, {"text": "P. Tân Phú", "on": None}]
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(json.dumps(one) + "\n" for one in asked)))
    assert main(["address", "-"]) == 0
    assert [found["area_code"] for found in said(capsys)] == ["25417", "25195", "26116"]


@pytest.mark.parametrize("line", ['{"on": "2024-05-01"}', '{"text": 5}', '{"text": "x", "on": "May"}', "[]", "no"])
def test_a_line_that_is_no_question_ends_with_two(
    line: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(line + "\n"))
    assert main(["address", "-"]) == 2
    assert capsys.readouterr().err.startswith("line 1: ")


def test_a_day_that_is_none_ends_with_two() -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["address", "x", "--on", "yesterday"])
    assert exit_.value.code == 2


@pytest.mark.parametrize("province", ["79", "Thành phố Hồ Chí Minh", "ho chi minh"])
def test_another_province_may_be_home(
    province: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAUNOI_PROVINCE", province)
    main(["address", "phường Thủ Dầu Một, Bình Dương", "--json"])
    main(["address", "xã Đức Liễu, Bù Đăng, Bình Phước", "--json"])
    here, there = said(capsys)
    assert here["area"] == "Phường Thủ Dầu Một"
    assert there["outside"] is True


def test_a_province_nobody_knows_ends_with_two(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAUNOI_PROVINCE", "Sông Bé")
    assert main(["address", "x"]) == 2
    assert "Sông Bé" in capsys.readouterr().err
