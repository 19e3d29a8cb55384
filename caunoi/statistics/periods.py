"""The periods of figures, by name. Pure; days begin at midnight in Vietnam."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True)
class Period:
    """[since, until), as asked for by `code`."""

    code: str
    since: datetime
    until: datetime

    @property
    def days(self) -> int:
        return max(1, round((self.until - self.since) / timedelta(days=1)))


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), VIETNAM)


def month_of(day: date, by: int = 0) -> date:
    """The first of a day's month, or of the month `by` months later."""
    months = day.year * 12 + day.month - 1 + by
    return date(months // 12, months % 12 + 1, 1)


def _turn(month: date, day: int, hour: int) -> datetime:
    """The moment at which a reporting month turns."""
    return datetime.combine(month.replace(day=day), time(hour), VIETNAM)


def period_of(code: str, at: datetime, *, day: int = 25, hour: int = 12) -> Period:
    """The period of a name as seen at `at`: month, last_month, days of "7" "30" "90", year, report and last_report
    (from `day` at `hour` to the same of the next month; day ≤ 28). A running period ends with its last day, not now.
    KeyError for another name."""
    today = at.astimezone(VIETNAM).date()
    first = month_of(today)
    if code in ("7", "30", "90"):
        return Period(
            code=code, since=midnight(today - timedelta(days=int(code) - 1)), until=midnight(today + timedelta(days=1))
        )
    if code in ("report", "last_report"):
        begun = first if _turn(first, day, hour) <= at else month_of(today, -1)
        begun = begun if code == "report" else month_of(begun, -1)
        return Period(code=code, since=_turn(begun, day, hour), until=_turn(month_of(begun, 1), day, hour))
    since, until = {
        "month": (first, month_of(today, 1)),
        "last_month": (month_of(today, -1), first),
        "year": (date(today.year, 1, 1), date(today.year + 1, 1, 1)),
    }[code]
    return Period(code=code, since=midnight(since), until=midnight(until))


def between(since: date, until: date) -> Period:
    """From the beginning of one day to the end of another. ValueError where they are the wrong way round."""
    if until < since:
        raise ValueError("until is before since")
    return Period(code="between", since=midnight(since), until=midnight(until + timedelta(days=1)))


def earlier(period: Period, at: datetime) -> tuple[datetime, datetime]:
    """What a period is compared with: the same length, up to `at` while it runs, of the one before. A calendar period
    is compared from its predecessor's beginning, any other from as long before as it is."""
    elapsed = min(period.until, max(at, period.since)) - period.since
    local = period.since.astimezone(VIETNAM)
    if period.code in ("month", "last_month", "report", "last_report"):
        begun = _turn(month_of(local.date(), -1), local.day, local.hour)
    elif period.code == "year":
        begun = midnight(date(local.year - 1, 1, 1))
    else:
        begun = period.since - (period.until - period.since)
    return begun, min(begun + elapsed, period.since)


def part(on: str) -> tuple[datetime, datetime]:
    """The time of a day "2026-11-03" or a month "2026-11". ValueError for anything else."""
    if len(on) == 7:
        first = date.fromisoformat(f"{on}-01")
        return midnight(first), midnight(month_of(first, 1))
    if len(on) != 10:
        raise ValueError(on)
    day = date.fromisoformat(on)
    return midnight(day), midnight(day + timedelta(days=1))
