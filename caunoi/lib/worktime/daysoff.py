"""Vietnam's public holidays, substituted days off and working Saturdays, by year.

From PyPI `holidays`, and from `data/days_vn.csv` what that lacks: nationwide rows of ours, which win. A province's
own rows are not here but in its calendars (`worktime.Calendar.rows`).
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from holidays.countries.vietnam import Vietnam

from caunoi.lib.worktime.sessions import Sessions

TABLE = Path(__file__).with_name("data") / "days_vn.csv"
FIRST_YEAR: int = Vietnam.start_year
LAST_YEAR: int = Vietnam.end_year
MAKE_UP = "Làm việc bù"
LONGEST_NAME = 200  # characters


class OutOfRangeError(ValueError):
    """A count that runs past the years whose days off are known."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SpecialDay:
    """A date that does not follow the week: off; or worked, like an ordinary day or in sessions of its own."""

    name: str
    works: bool = False
    sessions: Sessions | None = None

    def __post_init__(self) -> None:
        if self.sessions is not None and self.works != bool(self.sessions):
            raise ValueError("a day off has no sessions, a day that is worked has at least one")


@cache
def vietnam(year: int) -> Mapping[date, SpecialDay]:
    """The year's days that do not follow the week, with their Vietnamese names.

    Raises OutOfRangeError for a year the package does not know: it would silently say that nothing is off.
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise OutOfRangeError(f"days off are known for the years {FIRST_YEAR} to {LAST_YEAR}, not for {year}")
    package: Any = Vietnam(years=year, language="vi")  # type: ignore[no-untyped-call]
    days = {day: SpecialDay(name=name) for day, name in package.items()}
    days |= {day: SpecialDay(name=MAKE_UP, works=True) for day in package.weekend_workdays}
    days |= _table()
    return MappingProxyType({day: special for day, special in days.items() if day.year == year})


PLAIN = {MAKE_UP: "Make-up working day", "Ngày nghỉ": "Day off"}


def english(day: date, name: str) -> str:
    """The English name of a day that differs from the week; a name of the province's own stays as it is."""
    translation = PLAIN.get(name)
    if translation is None and FIRST_YEAR <= day.year <= LAST_YEAR:
        translation = (
            _english(day.year).get(day) if vietnam(day.year).get(day, SpecialDay(name="")).name == name else None
        )
    return translation or name


@cache
def _english(year: int) -> Mapping[date, str]:
    return dict(Vietnam(years=year, language="en_US").items())  # type: ignore[no-untyped-call]


@cache
def _table() -> Mapping[date, SpecialDay]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return read_days(file)


def read_days(lines: Iterable[str]) -> dict[date, SpecialDay]:
    """The days of a CSV table with the columns day (2026-12-31), kind (off, works) and name. ValueError, with the
    line."""
    works, days = {"off": False, "works": True}, dict[date, SpecialDay]()
    for number, row in enumerate(csv.DictReader(lines), 2):
        try:
            day, name = date.fromisoformat(row["day"]), (row["name"] or "").strip()
            if day in days or not name or len(name) > LONGEST_NAME or None in row:
                raise ValueError("a day stands twice, or has no name")
            days[day] = SpecialDay(name=name, works=works[row["kind"]])
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"line {number}: {error}") from None
    return days
