"""The periods of official reports, and what each is compared with. Pure; days begin at midnight in Vietnam.

A code names one of them for ever: 2026-W48 · 2026-11 · 2026-11r (the reporting month that ends in November) · 2026-Q4 ·
2026-H1 · 2026.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from caunoi.statistics.periods import VIETNAM, midnight

DAY = timedelta(days=1)


class Kind(StrEnum):
    """A kind of regular reporting period: week, month, quarter, half-year, year."""

    WEEK = "week"
    MONTH = "month"
    REPORT_MONTH = "report_month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"


@dataclass(frozen=True, kw_only=True)
class Turn:
    """When the province's own reporting month turns: on this day (1 to 28), at this hour."""

    day: int = 25
    hour: int = 12


@dataclass(frozen=True, kw_only=True)
class Span:
    """A reporting period [since, until)."""

    kind: Kind
    code: str
    since: datetime
    until: datetime

    @property
    def last(self) -> date:
        """Its last day."""
        return (self.until - timedelta(microseconds=1)).astimezone(VIETNAM).date()

    @property
    def first(self) -> date:
        return self.since.astimezone(VIETNAM).date()


def _first(year: int, month: int) -> date:
    """The first of a month; months count on over the year's end."""
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def _week(year: int, week: int, turn: Turn) -> tuple[datetime, datetime]:
    monday = date.fromisocalendar(year, week, 1)
    return midnight(monday), midnight(monday + 7 * DAY)


def _months(count: int) -> Callable[[int, int, Turn], tuple[datetime, datetime]]:
    """A period of several months; `number` counts such periods from the start of the year."""

    def bounds(year: int, number: int, turn: Turn) -> tuple[datetime, datetime]:
        if not 1 <= number <= 12 // count:
            raise ValueError(number)
        begins = (number - 1) * count + 1
        return midnight(_first(year, begins)), midnight(_first(year, begins + count))

    return bounds


def _own(year: int, month: int, turn: Turn) -> tuple[datetime, datetime]:
    if not 1 <= month <= 12:
        raise ValueError(month)
    since, until = (
        datetime.combine(_first(year, m).replace(day=turn.day), time(turn.hour), VIETNAM) for m in (month - 1, month)
    )
    return since, until


_SHAPES: dict[Kind, tuple[str, str, Callable[[int, int, Turn], tuple[datetime, datetime]]]] = {
    Kind.WEEK: (r"(\d{4})-W(\d{2})", "{}-W{:02}", _week),
    Kind.MONTH: (r"(\d{4})-(\d{2})", "{}-{:02}", _months(1)),
    Kind.REPORT_MONTH: (r"(\d{4})-(\d{2})r", "{}-{:02}r", _own),
    Kind.QUARTER: (r"(\d{4})-Q(\d)", "{}-Q{}", _months(3)),
    Kind.HALF: (r"(\d{4})-H(\d)", "{}-H{}", _months(6)),
    Kind.YEAR: (r"(\d{4})()", "{}", _months(12)),
}


def _made(kind: Kind, year: int, number: int, turn: Turn) -> Span:
    _, code, ends = _SHAPES[kind]
    since, until = ends(year, number, turn)
    return Span(kind=kind, code=code.format(year, number), since=since, until=until)


def parse(code: str, turn: Turn) -> Span:
    """The span of a code. ValueError for an invalid one."""
    for kind, (shape, _, _) in _SHAPES.items():
        if match := re.fullmatch(shape, code, re.ASCII):
            if not 2000 <= int(match[1]) <= 2999:
                raise ValueError(code)
            return _made(kind, int(match[1]), int(match[2] or 1), turn)
    raise ValueError(code)


def around(kind: Kind, at: datetime, turn: Turn) -> Span:
    """The span of a kind around a moment."""
    local = at.astimezone(VIETNAM)
    if kind is Kind.WEEK:
        year, week, _ = local.isocalendar()
        return _made(kind, year, week, turn)
    if kind is Kind.REPORT_MONTH:
        span = _made(kind, local.year, local.month, turn)
        if at < span.until:
            return span
        later = _first(local.year, local.month + 1)
        return _made(kind, later.year, later.month, turn)
    length = {Kind.MONTH: 1, Kind.QUARTER: 3, Kind.HALF: 6, Kind.YEAR: 12}[kind]
    return _made(kind, local.year, (local.month - 1) // length + 1, turn)


def before(span: Span, turn: Turn) -> Span:
    """The span that ends where this one begins."""
    return around(span.kind, span.since - timedelta(microseconds=1), turn)


def year_before(span: Span, turn: Turn) -> Span:
    """The same span a year ago; of a week, the one 52 weeks ago, which has the same weekdays. Of a year, the year
    before."""
    if span.kind is Kind.WEEK:
        return around(span.kind, span.since - 52 * 7 * DAY, turn)
    year = int(span.code[:4]) - 1
    return parse(f"{year}{span.code[4:]}", turn)


def latest(kind: Kind, at: datetime, turn: Turn, count: int = 1) -> list[Span]:
    """The last ones that are over, the newest first."""
    result = [before(around(kind, at, turn), turn)]
    while len(result) < count:
        result.append(before(result[-1], turn))
    return result
