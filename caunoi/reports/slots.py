"""The hours at which leaders are told what is slow. Pure."""

import re
from collections.abc import Sequence
from datetime import datetime, time, timedelta

from caunoi.statistics.periods import VIETNAM

LATE = timedelta(hours=2)  # a machine that was down tells what it missed within so long, and no later


def hours(text: str) -> list[time]:
    """ "07:30, 13:30" as times, in order, each once. ValueError for what is no hour."""
    found = set()
    for part in re.split(r"[,;\s]+", text.strip()):
        if part:
            found.add(time.fromisoformat(part.zfill(5)))
    return sorted(found)


def slot(at: datetime, times: Sequence[time]) -> datetime | None:
    """The slot that is to be told at a moment: the latest that has come, unless it is long gone."""
    local = at.astimezone(VIETNAM)
    begun = [
        moment
        for day in (local.date() - timedelta(days=1), local.date())
        for one in times
        if (moment := datetime.combine(day, one, VIETNAM)) <= local
    ]
    return begun[-1] if begun and local - begun[-1] < LATE else None


def earlier(one: datetime, times: Sequence[time]) -> datetime:
    """The slot before a given one."""
    days = (one.date() - timedelta(days=1), one.date())
    return max(m for day in days for hour in times if (m := datetime.combine(day, hour, VIETNAM)) < one)
