"""The hours of a working day: `7:30-11:30 13:00-17:00`, or shifts that run past midnight."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time, timedelta

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Session:
    """Working hours that begin on one day, as time since its midnight; an end after 24 hours is on the next day."""

    start: timedelta
    end: timedelta

    @property
    def length(self) -> timedelta:
        return self.end - self.start


type Sessions = tuple[Session, ...]


def day_sessions(day: str | Iterable[Iterable[str]]) -> Sessions:
    """The sessions of a day from `"7:30-11:30 13:00-17:00"` or from a row's `[["07:30", "11:30"], …]`.

    An end at or before its start is on the next day (`22:00-6:00`; `0:00-24:00` is a whole day); only the day's last
    session may be so. Nothing in it is a day without work. Raises ValueError for anything else.
    """
    parts = day.replace("–", "-").split() if isinstance(day, str) else ["-".join(pair) for pair in day]
    result: list[Session] = []
    for part in parts:
        match = re.fullmatch(r"(\d{1,2}:\d\d)-(\d{1,2}:\d\d)", part, re.ASCII)
        if not match:
            raise ValueError(f"{part!r} is no session: write it as 7:30-11:30")
        start, end = (_since_midnight(clock) for clock in match.groups())
        session = Session(start, end if end > start else end + DAY)
        if start == DAY or session.end - DAY > start or (result and start < result[-1].end):
            raise ValueError(f"{part!r}: the sessions of a day follow each other, each at most 24 hours")
        result.append(session)
    return tuple(result)


def _since_midnight(clock: str) -> timedelta:
    hour, minute = map(int, clock.split(":"))
    if (hour, minute) == (24, 0):
        return DAY
    read = time(hour, minute)
    return timedelta(hours=read.hour, minutes=read.minute)
