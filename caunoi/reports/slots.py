"""The hours of the digests. Pure."""

import re
from collections.abc import Sequence
from datetime import datetime, time, timedelta

from caunoi.statistics.periods import VIETNAM

LATE = timedelta(hours=2)  # a machine that was down sends what it missed within this time, and no later


def hours(text: str) -> list[time]:
    """ "07:30, 13:30" as times, in order, each once. ValueError for what is no hour."""
    return sorted({time.fromisoformat(part.zfill(5)) for part in re.split(r"[,;\s]+", text) if part})


def slot(at: datetime, times: Sequence[time]) -> datetime | None:
    """The slot that is due at a moment: the latest that has come, unless that is too long ago."""
    local = at.astimezone(VIETNAM)
    begun = [
        moment
        for day in (local.date() - timedelta(days=1), local.date())
        for one in times
        if (moment := datetime.combine(day, one, VIETNAM)) <= local
    ]
    return begun[-1] if begun and local - begun[-1] < LATE else None


def earlier(one: datetime, times: Sequence[time]) -> datetime:
    """The slot before this one."""
    days = (one.date() - timedelta(days=1), one.date())
    return max(m for day in days for hour in times if (m := datetime.combine(day, hour, VIETNAM)) < one)
