"""When people of the demo are at work: the office hours of DOMAIN "Deadlines", in Vietnam's time. Pure."""

from datetime import date, datetime, timedelta

from caunoi.lib.worktime.counting import OFFICE, ZONE

VIETNAM = ZONE
DAY = 480  # working minutes


def works(day: date) -> bool:
    return bool(OFFICE.windows(day))


def after(at: datetime, minutes: float) -> datetime:
    """The moment when so many working minutes have passed since `at`."""
    return OFFICE.add(at, timedelta(minutes=minutes))
