"""When people of the demo are at work: the office hours of DOMAIN "Deadlines", in Vietnam's time. Pure."""

from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
SESSIONS = ((time(7, 30), time(11, 30)), (time(13), time(17)))
DAY = 480  # working minutes


@cache
def works(day: date) -> bool:
    return day.weekday() < 5 and day not in holidays.country_holidays("VN", years=day.year)


def after(at: datetime, minutes: float) -> datetime:
    """The moment when so many working minutes have passed since `at`; it lies within a session."""
    now, left = at.astimezone(VIETNAM), timedelta(minutes=minutes)
    while True:
        if works(now.date()):
            for opens, closes in SESSIONS:
                start = max(now, datetime.combine(now.date(), opens, VIETNAM))
                end = datetime.combine(now.date(), closes, VIETNAM)
                if start < end:
                    if left < end - start:
                        return start + left
                    left -= end - start
        now = datetime.combine(now.date() + timedelta(days=1), time(0), VIETNAM)
