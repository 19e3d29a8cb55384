"""How a due was counted, day by day, in an office's words: what a person asks who doubts a deadline.

In Vietnamese, or (`language="en"`) in English.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count

from caunoi.lib.worktime.counting import Calendar, local
from caunoi.lib.worktime.daysoff import english
from caunoi.lib.worktime.sessions import DAY

WEEKDAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật")
IN_ENGLISH = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Words:
    """The texts of a trace in one language."""

    weekdays: tuple[str, ...]
    not_counted: str
    outside: str  # {clock}
    day: str  # {n}
    due: str  # {clock}
    off: str
    always: str
    units: tuple[str, str, str]
    nothing: str
    plural: str = ""


_WORDS: Mapping[str, _Words] = {
    "vi": _Words(
        weekdays=WEEKDAYS,
        not_counted="ngày nhận, không tính",
        outside="nhận lúc {clock}, ngoài giờ làm việc",
        day="ngày {n}",
        due="hạn lúc {clock}",
        off="nghỉ",
        always="tính cả ngày đêm, không có ngày nghỉ",
        units=("giờ", "phút", "giây"),
        nothing="0 phút",
    ),
    "en": _Words(
        weekdays=IN_ENGLISH,
        not_counted="the day it came in, not counted",
        outside="came in at {clock}, outside working hours",
        day="day {n}",
        due="due at {clock}",
        off="off",
        always="day and night, without days off",
        units=("hour", "minute", "second"),
        nothing="0 minutes",
        plural="s",
    ),
}


def trace_days(calendar: Calendar, since: datetime, days: int, *, language: str = "vi") -> list[str]:
    """The lines behind `calendar.add_days(since, days)`. Raises like it."""
    since, due, say = local(since), calendar.add_days(since, days), _Teller(calendar, language)
    if calendar.round_the_clock:
        return [say.day_and_night(since, due)]
    lines = [f"{say.day(since.date())}: {say.words.not_counted}"]
    numbers = count(1)
    for day in (since.date() + DAY * n for n in count(1)):
        if not calendar.windows(day):
            lines.append(say.off(day))
            continue
        number = next(numbers)
        lines.append(f"{say.day(day)}: {say.make_up(day)}{say.words.day.format(n=number)}")
        if number == days:
            lines[-1] += f", {say.due(due, day)}"
            break
    return lines


def trace_work(calendar: Calendar, since: datetime, work: timedelta, *, language: str = "vi") -> list[str]:
    """The lines behind `calendar.add(since, work)`, for some work. Raises like it."""
    since, due, say = local(since), calendar.add(since, work), _Teller(calendar, language)
    if calendar.round_the_clock:
        return [say.day_and_night(since, due)]
    lines: list[str] = []
    seen = since.date()
    for start, end in calendar.windows_from(since):
        if not lines and start > since:
            lines.append(f"{say.day(seen)}: {say.words.outside.format(clock=clock(since))}")
        between = (seen + DAY * n for n in range(1, (start.date() - seen).days))
        lines += [say.off(day) for day in between if not calendar.windows(day)]
        seen, stop = start.date(), min(end, due)
        lines.append(f"{say.day(seen)}: {say.make_up(seen)}{clock(start)}–{clock(stop)}, {say.length(stop - start)}")
        if stop == due:
            lines[-1] += f", {say.due(due, seen)}"
            break
    return lines


def length(span: timedelta, *, language: str = "vi") -> str:
    """`3 giờ 20 phút`; never in days, which are not working days."""
    words, seconds = _WORDS[language], round(span.total_seconds())
    parts = zip((seconds // 3600, seconds // 60 % 60, seconds % 60), words.units, strict=True)
    pieces = [f"{number} {unit}{words.plural if number != 1 else ''}" for number, unit in parts if number]
    return " ".join(pieces) or words.nothing


def clock(at: datetime) -> str:
    """A time of day in Vietnamese time, such as `7:30`."""
    at = local(at)
    return f"{at.hour}:{at:%M:%S}".removesuffix(":00")


def day(on: date, *, language: str = "vi") -> str:
    """A date with its weekday, such as `Thứ Hai 24/8/2026`."""
    return f"{_WORDS[language].weekdays[on.weekday()]} {on.day}/{on.month}/{on.year}"


class _Teller:
    """A calendar's days in one language."""

    def __init__(self, calendar: Calendar, language: str) -> None:
        self.calendar, self.language, self.words = calendar, language, _WORDS[language]

    def day(self, on: date) -> str:
        return day(on, language=self.language)

    def length(self, span: timedelta) -> str:
        return length(span, language=self.language)

    def due(self, due: datetime, on: date) -> str:
        sentence = self.words.due.format(clock=clock(due))
        return sentence if due.date() == on else f"{sentence} {self.day(due.date())}"

    def day_and_night(self, since: datetime, due: datetime) -> str:
        return (
            f"{clock(since)} {self.day(since.date())} – {clock(due)} {self.day(due.date())}: "
            f"{self.length(due - since)}, {self.words.always}"
        )

    def name(self, on: date) -> str:
        special = self.calendar.special(on)
        if special is None:
            return ""
        return english(on, special.name) if self.language == "en" else special.name

    def off(self, on: date) -> str:
        name, off = self.name(on), self.words.off
        plain = name.startswith(("Ngày nghỉ", "Day off"))
        return f"{self.day(on)}: " + (_lower(name) if plain else f"{off}, {name}" if name else off)

    def make_up(self, on: date) -> str:
        name = self.name(on)
        return f"{_lower(name)}, " if name else ""


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]
