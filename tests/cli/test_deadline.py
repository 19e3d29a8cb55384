"""`caunoi deadline` as a person and a script call it."""

import io
import json
import subprocess
import sys

import pytest

from caunoi.cli.main import main

FRIDAY = "2026-08-21T15:00:00+07:00"


def said(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_two_working_days_over_a_working_saturday(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deadline", "--start", FRIDAY, "--days", "2", "--json"]) == 0
    (found,) = said(capsys)
    assert list(found) == ["start", "due", "calendar", "trace"]
    assert found == {
        "start": FRIDAY,
        "due": "2026-08-24T17:00:00+07:00",
        "calendar": "office",
        "trace": [
            "Thứ Sáu 21/8/2026: ngày nhận, không tính",
            "Thứ Bảy 22/8/2026: làm việc bù, ngày 1",
            "Chủ Nhật 23/8/2026: nghỉ",
            "Thứ Hai 24/8/2026: ngày 2, hạn lúc 17:00",
        ],
    }


def test_working_hours_name_each_session_and_each_day_off(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deadline", "--start", "2025-12-31T18:00:00+07:00", "--hours", "5", "--json"]) == 0
    (found,) = said(capsys)
    assert found["due"] == "2026-01-05T14:00:00+07:00"
    assert found["trace"] == [
        "Thứ Tư 31/12/2025: nhận lúc 18:00, ngoài giờ làm việc",
        "Thứ Năm 1/1/2026: nghỉ, Tết Dương lịch",
        "Thứ Sáu 2/1/2026: ngày nghỉ (thay cho ngày 10/01/2026)",
        "Thứ Bảy 3/1/2026: nghỉ",
        "Chủ Nhật 4/1/2026: nghỉ",
        "Thứ Hai 5/1/2026: 7:30–11:30, 4 giờ",
        "Thứ Hai 5/1/2026: 13:00–14:00, 1 giờ, hạn lúc 14:00",
    ]


def test_day_and_night_a_day_is_24_hours(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deadline", "--start", "2026-08-21T08:00:00Z", "--days", "2", "--calendar", "always", "--json"]) == 0
    (found,) = said(capsys)
    assert (found["due"], found["calendar"]) == ("2026-08-23T15:00:00+07:00", "always")
    (line,) = found["trace"]  # type: ignore[misc]
    assert line.endswith("48 giờ, tính cả ngày đêm, không có ngày nghỉ")


def test_without_json_it_speaks_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deadline", "--start", "2026-08-18T13:00+07:00", "--hours", "4"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first == "Hạn: 17:00 Thứ Ba 18/08/2026 (2026-08-18T17:00:00+07:00, office)"
    assert second == "  Thứ Ba 18/8/2026: 13:00–17:00, 4 giờ, hạn lúc 17:00"


@pytest.mark.parametrize(
    "start, reason",
    [
        ("2026-08-21T15:00:00", "has no offset"),
        ("2026-08-21", "is no RFC 3339 time"),
        ("2026-08-21T15:00:00 07:00", "is no RFC 3339 time"),
        ("20260821T150000+0700", "is no RFC 3339 time"),
        ("2026-02-30T15:00:00Z", "is no time"),
        ("2026-08-21T15:00:00+25:00", "is no time"),
        ("2100-12-31T15:00:00Z", "1901 to 2100, not for 2101"),
        ("1900-01-01T15:00:00Z", "1901 to 2100, not for 1900"),
        ("9999-12-31T23:59:59Z", "too far away"),
    ],
)
def test_a_start_that_is_no_instant_ends_with_two(start: str, reason: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deadline", "--start", start, "--days", "2"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("caunoi deadline: ")
    assert reason in err


@pytest.mark.parametrize(
    "start", ["2026-08-21t08:00:00z", "2026-08-21 15:00:00.000+07:00", "2026-08-21T08:00:00-00:00"]
)
def test_every_way_rfc_3339_writes_an_instant_is_read(start: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deadline", "--start", start, "--days", "2", "--json"]) == 0
    (found,) = said(capsys)
    assert (found["start"], found["due"]) == (start, "2026-08-24T17:00:00+07:00")


@pytest.mark.parametrize("number", ["0", "-1", "1.5", "two", "", "٢", "1e3"])
@pytest.mark.parametrize("unit", ["days", "hours"])
def test_only_a_positive_whole_number_is_counted(unit: str, number: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deadline", "--start", FRIDAY, f"--{unit}={number}"]) == 2
    assert f"{unit} must be a positive whole number" in capsys.readouterr().err


@pytest.mark.parametrize("unit, number", [("days", 10**9), ("hours", 10**9), ("hours", 10**17), ("days", 10**17)])
@pytest.mark.parametrize("calendar", ["office", "always"])
def test_a_date_beyond_what_is_known_is_refused(
    unit: str, number: int, calendar: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["deadline", "--start", FRIDAY, f"--{unit}", str(number), "--calendar", calendar]) == 2
    assert capsys.readouterr().err


def test_days_and_hours_together_and_neither_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["deadline", "--start", FRIDAY, "--days", "2", "--hours", "2"])
    assert exit_.value.code == 2
    assert main(["deadline", "--start", FRIDAY]) == 2
    assert main(["deadline", "--days", "2"]) == 2
    assert main(["deadline", "-", "--days", "2"]) == 2
    assert "give days or hours" in capsys.readouterr().err


def test_an_unknown_calendar_is_answered_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deadline", "--start", FRIDAY, "--days", "2", "--calendar", "offce"]) == 2
    assert "no calendar 'offce'; known are office, always" in capsys.readouterr().err


def ask(lines: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(lines))
    return main(["deadline", "-"])


def test_lines_are_answered_one_by_one(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    asked = [
        {"start": FRIDAY, "days": 2},
        {"start": FRIDAY, "hours": 4, "calendar": "always"},
        {"start": FRIDAY, "days": None, "hours": 4, "calendar": None},
    ]
    assert ask("\n".join(json.dumps(one) for one in asked) + "\n\n", monkeypatch) == 0
    assert [(found["due"], found["calendar"]) for found in said(capsys)] == [
        ("2026-08-24T17:00:00+07:00", "office"),
        ("2026-08-21T19:00:00+07:00", "always"),
        ("2026-08-22T09:30:00+07:00", "office"),  # 2 h on Friday, 2 h on the working Saturday
    ]


@pytest.mark.parametrize(
    "fields",
    [
        '"days": "2"',
        '"days": 2.0',
        '"days": true',
        '"days": 0',
        '"days": NaN',
        '"days": 2, "hours": 2',
        '"day": 2',
        '"days": 2, "calendar": 5',
        '"days": 2, "calender": "always"',
        '"days": [2]',
        '"hours": 1' + "0" * 400,
        '"days": 2,',
    ],
)
def test_a_line_that_is_no_question_ends_with_two(
    fields: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ask(f'{{"start": "{FRIDAY}", {fields}}}', monkeypatch) == 2
    out, err = capsys.readouterr()
    assert (out, err[:8]) == ("", "line 1: ")


def test_the_command_needs_no_django_and_stands_in_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    script = "import sys, caunoi.cli.deadline as d; print([m for m in sys.modules if m.partition('.')[0] == 'django'])"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "[]\n"
    assert main(["--help"]) == 0
    assert "  deadline   say when" in capsys.readouterr().out
