"""How pages say dates, lengths, numbers and codes, in both languages."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from caunoi.cli.messages import compile_language
from caunoi.web.templatetags import caunoi_ui as ui

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = dt.datetime(2026, 8, 19, 15, 20, tzinfo=VIETNAM)  # a Wednesday


@pytest.fixture(scope="module", autouse=True)
def words() -> None:
    compile_language("vi")
    translation.trans_real._translations.clear()  # type: ignore[attr-defined]


def at(day: int, hour: int, minute: int = 0, month: int = 8, year: int = 2026) -> dt.datetime:
    return dt.datetime(year, month, day, hour, minute, tzinfo=VIETNAM)


@pytest.mark.parametrize(
    ("moment", "vietnamese", "english"),
    [
        (at(19, 15, 20), "hôm nay 15:20", "today 15:20"),
        (at(19, 0), "hôm nay 00:00", "today 00:00"),
        (at(18, 23, 59), "hôm qua 23:59", "yesterday 23:59"),
        (at(20, 9), "ngày mai 09:00", "tomorrow 09:00"),
        (at(21, 9), "thứ Sáu 21/8 09:00", "Fri 21 Aug 09:00"),
        (at(23, 9), "chủ nhật 23/8 09:00", "Sun 23 Aug 09:00"),
        (at(1, 9, month=1), "thứ Năm 1/1 09:00", "Thu 1 Jan 09:00"),
        (at(31, 9, month=12, year=2025), "31/12/2025", "31 Dec 2025"),
        (dt.datetime(2026, 8, 18, 17, 5, tzinfo=dt.UTC), "hôm nay 00:05", "today 00:05"),
        (dt.date(2026, 8, 21), "thứ Sáu 21/8", "Fri 21 Aug"),
        (dt.date(2026, 8, 19), "hôm nay", "today"),
        (None, "", ""),
    ],
)
def test_a_moment_is_said_as_people_say_it(moment: dt.datetime, vietnamese: str, english: str) -> None:
    with translation.override("vi"):
        assert ui.vndate(moment, NOW) == vietnamese
    with translation.override("en"):
        assert ui.vndate(moment, NOW) == english


@pytest.mark.parametrize(
    ("due", "vietnamese", "english", "mark"),
    [
        (NOW + dt.timedelta(days=1, hours=3), "còn 1 ngày 3 giờ", "1 day 3 hours left", "on-time"),
        (NOW + dt.timedelta(days=1), "còn 1 ngày", "1 day left", "due-soon"),
        (NOW + dt.timedelta(hours=2, minutes=5), "còn 2 giờ 5 phút", "2 hours 5 minutes left", "due-soon"),
        (NOW + dt.timedelta(minutes=1), "còn 1 phút", "1 minute left", "due-soon"),
        (NOW + dt.timedelta(seconds=20), "còn dưới 1 phút", "less than a minute left", "due-soon"),
        (NOW, "còn dưới 1 phút", "less than a minute left", "due-soon"),
        (NOW - dt.timedelta(minutes=25), "quá hạn 25 phút", "25 minutes overdue", "overdue"),
        (NOW - dt.timedelta(days=2, hours=4, minutes=9), "quá hạn 2 ngày 4 giờ", "2 days 4 hours overdue", "overdue"),
        (None, "", "", "paused"),
    ],
)
def test_a_deadline_says_how_long_is_left(due: dt.datetime | None, vietnamese: str, english: str, mark: str) -> None:
    assert ui.duemark(due, NOW) == mark
    with translation.override("vi"):
        assert ui.timeleft(due, NOW) == vietnamese
    with translation.override("en"):
        assert ui.timeleft(due, NOW) == english


def test_a_known_mark_is_passed_through() -> None:
    assert ui.duemark("done_late") == "done-late"


@pytest.mark.parametrize(
    ("value", "vietnamese", "english"),
    [
        (1234.5, "1.234,5", "1,234.5"),
        (1000000, "1.000.000", "1,000,000"),
        (3.0, "3", "3"),
        (0, "0", "0"),
        (-12.25, "-12,2", "-12.2"),
        (None, "–", "–"),
    ],
)
def test_numbers_follow_the_language(value: float | None, vietnamese: str, english: str) -> None:
    with translation.override("vi"):
        assert ui.vnnumber(value) == vietnamese
    with translation.override("en"):
        assert ui.vnnumber(value) == english


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        (93, 100, "93%"),
        (999, 1000, "99%"),
        (1, 1000, "1%"),
        (0, 5, "0%"),
        (5, 5, "100%"),
        (0, 0, "–"),
        (None, 5, "–"),
    ],
)
def test_a_share_is_never_rounded_to_all_or_nothing(part: float | None, whole: float, shown: str) -> None:
    assert ui.percent(part, whole) == shown


@pytest.mark.parametrize(
    ("length", "shown"),
    [(65, "1:05"), (dt.timedelta(hours=1, minutes=2, seconds=5), "1:02:05"), (0, "0:00"), (None, "")],
)
def test_a_call_is_timed_as_a_clock(length: int | dt.timedelta | None, shown: str) -> None:
    assert ui.vnclock(length) == shown


@pytest.mark.parametrize(
    ("typed", "shown"), [("260001234", "26-000123-4"), ("26-000123-4", "26-000123-4"), ("cũ-17", "cũ-17"), ("", "")]
)
def test_a_code_is_written_in_its_groups(typed: str, shown: str) -> None:
    assert ui.ticketcode(typed) == shown


@pytest.mark.parametrize(
    ("name", "letters"), [("Nguyễn Thị Lan", "TL"), ("Đức", "Đ"), ("Lan (demo)", "L"), ("", "?"), ("1022", "?")]
)
def test_a_person_has_the_letters_of_their_given_name(name: str, letters: str) -> None:
    assert ui.initials(name) == letters


def test_the_shares_of_a_bar_fill_it() -> None:
    bars = ui.share_bar(3, 1, 0)
    assert bars == [(0.0, 75.0), (75.0, 25.0), (100.0, 0.0)]
    assert ui.share_bar(0, 0) == [(0.0, 0.0), (0.0, 0.0)]


def test_a_message_names_the_address_that_takes_it_back() -> None:
    assert ui.undoaddress("success undo:/desk/26-000123-4/undo/7") == "/desk/26-000123-4/undo/7"
    assert ui.undoaddress("undo://elsewhere.example/") == ""
    assert ui.undoaddress(None) == ""


def test_a_time_element_holds_the_whole_moment() -> None:
    with translation.override("vi"):
        shown = ui.when(dt.datetime(2025, 8, 21, 8, 0, tzinfo=dt.UTC))
    assert shown == '<time datetime="2025-08-21T15:00:00+07:00" title="15:00 21/08/2025">21/8/2025</time>'
