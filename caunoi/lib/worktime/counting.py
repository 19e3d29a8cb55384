"""Counting in working time: which hours a calendar works, and when so many days or hours of them are over.

Pure values. Instants are aware `datetime`s; results are in Vietnamese time (+07:00, no daylight saving). Counting
walks days, never minutes, and a calendar remembers the days it has laid out.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from functools import cached_property

from caunoi.lib.worktime.daysoff import OutOfRangeError, SpecialDay, vietnam
from caunoi.lib.worktime.sessions import DAY, Sessions, day_sessions

ZONE = timezone(timedelta(hours=7))
NO_TIME = timedelta()

type Window = tuple[datetime, datetime]


def local(instant: datetime) -> datetime:
    """Convert an instant to Vietnamese time. ValueError for a naive datetime."""
    if instant.tzinfo is ZONE:
        return instant
    if instant.tzinfo is None:
        raise ValueError(f"{instant.isoformat()} has no offset, so it is no instant")
    return instant.astimezone(ZONE)


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """When somebody works. A value: a changed row makes another calendar (`dataclasses.replace`).

    `week` has the sessions of Monday to Sunday. `holidays(year)` gives the country's special days, `rows` the
    calendar's own, which win. A session belongs to the day it begins on: a night shift that begins before a day off is
    worked to its end. A special day that is worked without sessions of its own has those of the week's first working
    day, so a make-up Saturday is a full day also where Saturdays are half days.
    """

    code: str
    week: tuple[Sessions, ...]
    holidays: Callable[[int], Mapping[date, SpecialDay]] | None = None
    rows: Mapping[date, SpecialDay] = field(default_factory=dict, hash=False)
    _days: dict[date, tuple[Window, ...]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.week) != 7 or not any(self.week):
            raise ValueError("a week has seven days, and at least one session")

    @cached_property
    def round_the_clock(self) -> bool:
        """Whether it never closes: no days off, and each day 24 hours, in one session or in shifts."""
        whole = all(sum((s.length for s in day), NO_TIME) == DAY for day in self.week)
        return whole and self.holidays is None and not self.rows

    def special(self, day: date) -> SpecialDay | None:
        """What makes a date differ from its weekday. Raises OutOfRangeError where days off are not known."""
        common = self.holidays(day.year).get(day) if self.holidays else None
        return self.rows.get(day, common)

    def windows(self, day: date) -> tuple[Window, ...]:
        """The spans of work that begin on a date, in order; none on a day off. Raises OutOfRangeError."""
        try:
            return self._days[day]
        except KeyError:
            windows = self._days[day] = tuple(self._lay_out(day))
            return windows

    def _lay_out(self, day: date) -> Iterator[Window]:
        special = self.special(day)
        if special is None:
            worked = self.week[day.weekday()]
        elif special.works:
            worked = special.sessions or next(filter(None, self.week))
        else:
            worked = ()
        midnight = datetime.combine(day, time(), ZONE)
        for session in worked:
            yield midnight + session.start, midnight + session.end

    def windows_from(self, since: datetime) -> Iterator[Window]:
        """The spans of work from an instant on, without end, in order and apart; the first is cut to begin there."""
        reached = local(since)
        day = reached.date() - DAY  # for the night shift that began yesterday
        while True:
            for start, end in self.windows(day):
                if end > reached:
                    yield (start if start > reached else reached), end
                    reached = end
            day += DAY

    def add(self, since: datetime, work: timedelta) -> datetime:
        """When so much working time has gone by: at the close of a session, never at the next one's opening.

        Raises OutOfRangeError, and ValueError for negative work or an instant without an offset.
        """
        if work < NO_TIME:
            raise ValueError("working time cannot be negative")
        try:
            if self.round_the_clock or not work:
                return local(since) + work
            for start, end in self.windows_from(since):
                length = end - start
                if work <= length:
                    return start + work
                work -= length
        except OverflowError as error:
            raise OutOfRangeError("the date lies too far away") from error
        raise AssertionError("windows_from() never ends")

    def between(self, since: datetime, until: datetime) -> timedelta:
        """Working time from an instant to a later one; none to an earlier one. Raises like `add`."""
        since, until = local(since), local(until)
        if until <= since:
            return NO_TIME
        if self.round_the_clock:
            return until - since
        total = NO_TIME
        for start, end in self.windows_from(since):
            if start >= until:
                break
            total += (end if end < until else until) - start
        return total

    def add_days(self, since: datetime, days: int) -> datetime:
        """The close of the Nth working day after an instant's date, N ≥ 1; that date itself is not counted.

        Round the clock a day is 24 hours. Raises like `add`.
        """
        if days < 1:
            raise ValueError("working days are counted from one on")
        try:
            if self.round_the_clock:
                return local(since) + days * DAY
            day = local(since).date()
            while days:
                day += DAY
                if self.windows(day):
                    days -= 1
        except OverflowError as error:
            raise OutOfRangeError("the date lies too far away") from error
        return self.windows(day)[-1][1]


OFFICE = Calendar(code="office", week=(*[day_sessions("7:30-11:30 13:00-17:00")] * 5, (), ()), holidays=vietnam)
ALWAYS = Calendar(code="always", week=(day_sessions("0:00-24:00"),) * 7)
CALENDARS: Mapping[str, Calendar] = {each.code: each for each in (OFFICE, ALWAYS)}


def calendar(
    code: str,
    *,
    sessions: Mapping[str, Sequence[Sequence[str]]] | None = None,
    rows: Mapping[date, bool | SpecialDay] | None = None,
) -> Calendar:
    """A calendar from rows: `sessions` by weekday, `{"0": [["07:30", "11:30"], …], …}` with Monday 0; `rows` by date,
    whether it is worked.

    Without sessions `office` has the usual hours, and any other works day and night. Round the clock there are no days
    off, so common rows do not touch it. Raises ValueError.
    """
    if sessions is None:
        usual = CALENDARS.get(code, ALWAYS)
        week, holidays = usual.week, usual.holidays
    else:
        if unknown := set(sessions) - set("0123456"):
            raise ValueError(f"weekdays are 0 (Monday) to 6, not {', '.join(sorted(unknown))}")
        week, holidays = tuple(day_sessions(sessions.get(str(n), ())) for n in range(7)), vietnam
    if Calendar(code=code, week=week).round_the_clock:
        return Calendar(code=code, week=week)
    own = {
        day: row if isinstance(row, SpecialDay) else SpecialDay(name="Làm việc bù" if row else "Ngày nghỉ", works=row)
        for day, row in (rows or {}).items()
    }
    return Calendar(code=code, week=week, holidays=holidays, rows=own)
