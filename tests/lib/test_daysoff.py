"""The days that do not follow the week: holidays, substituted days off, working Saturdays."""

from datetime import date, timedelta

import pytest

from caunoi.lib.worktime.daysoff import FIRST_YEAR, LAST_YEAR, OutOfRangeError, SpecialDay, vietnam
from caunoi.lib.worktime.sessions import day_sessions


def off(year: int) -> set[str]:
    return {f"{day:%d/%m}" for day, special in vietnam(year).items() if not special.works}


def worked(year: int) -> set[str]:
    return {f"{day:%d/%m}" for day, special in vietnam(year).items() if special.works}


def test_2026_is_what_was_announced() -> None:
    tet = {"16/02", "17/02", "18/02", "19/02", "20/02"}
    spring = {"26/04", "27/04", "30/04", "01/05"}  # Hùng Kings' day is a Sunday, so Monday is off too
    national = {"31/08", "01/09", "02/09"}
    assert off(2026) == {"01/01", "02/01", "24/11"} | tet | spring | national
    assert worked(2026) == {"10/01", "22/08"}


def test_the_swap_that_the_package_lacks_is_a_row_of_ours() -> None:
    friday, saturday = vietnam(2026)[date(2026, 1, 2)], vietnam(2026)[date(2026, 1, 10)]
    assert (friday.works, saturday.works) == (False, True)
    assert friday.name == "Ngày nghỉ (thay cho ngày 10/01/2026)"
    assert saturday.name == "Làm việc bù cho ngày 02/01/2026"


def test_the_day_of_culture_is_off_from_2026_on() -> None:
    assert "24/11" not in off(2025)
    assert {"24/11"} <= off(2026) & off(2027) & off(2040)
    assert "26/11" in off(2029)  # the 24th is a Saturday: Monday instead


def test_tet_2027_lasts_from_thursday_to_wednesday() -> None:
    assert {day for day in off(2027) if day.endswith("/02")} == {f"{n:02}/02" for n in range(4, 11)}


@pytest.mark.parametrize(
    "day_off, made_up", [("2018-12-31", "2019-01-05"), ("2015-01-02", "2014-12-27"), ("2025-05-02", "2025-04-26")]
)
def test_a_swap_may_cross_the_year(day_off: str, made_up: str) -> None:
    free, busy = date.fromisoformat(day_off), date.fromisoformat(made_up)
    assert not vietnam(free.year)[free].works
    assert vietnam(busy.year)[busy].works


def test_a_year_holds_only_its_own_days_and_cannot_be_changed() -> None:
    for year in (2014, 2019, 2026):
        assert {day.year for day in vietnam(year)} == {year}
    with pytest.raises(TypeError):
        vietnam(2026)[date(2026, 3, 3)] = SpecialDay(name="x")  # type: ignore[index]


def test_every_known_year_has_its_holidays_and_no_other_is_answered() -> None:
    assert all(date(year, 1, 1) in vietnam(year) for year in range(1995, LAST_YEAR + 1, 7))
    assert date(LAST_YEAR, 9, 2) in vietnam(LAST_YEAR)
    for year in (FIRST_YEAR - 1, LAST_YEAR + 1, 9999):
        with pytest.raises(OutOfRangeError, match=f"{FIRST_YEAR} to {LAST_YEAR}, not for {year}"):
            vietnam(year)


def test_a_special_day_is_off_or_worked_never_both() -> None:
    morning = day_sessions("7:30-11:30")
    assert SpecialDay(name="Sáng thứ Bảy", works=True, sessions=morning).sessions == morning
    for works, sessions in ((False, morning), (True, ())):
        with pytest.raises(ValueError, match="a day off has no sessions"):
            SpecialDay(name="x", works=works, sessions=sessions)


def test_sessions_are_read_from_text_and_from_rows() -> None:
    morning, afternoon = day_sessions("7:30-11:30 13:00–17:00")
    assert day_sessions([["07:30", "11:30"], ["13:00", "17:00"]]) == (morning, afternoon)
    assert morning.length + afternoon.length == timedelta(hours=8)
    assert day_sessions("22:00-6:00")[0].length == timedelta(hours=8)
    assert day_sessions("0:00-24:00") == day_sessions("0:00-0:00")
    assert day_sessions("") == ()


@pytest.mark.parametrize(
    "text",
    [
        "7-11",
        "7:30",
        "7:30-25:00",
        "7:60-8:00",
        "24:00-6:00",
        "13:00-17:00 7:30-11:30",
        "7:00-12:00 11:00-17:00",
        "22:00-6:00 7:00-8:00",
        "7:30-11:30-12:00",
    ],
)
def test_sessions_that_make_no_day_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        day_sessions(text)
