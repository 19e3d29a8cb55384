"""How a due was counted, day by day, in an office's words: what a person asks who doubts a deadline."""

from datetime import date, datetime, timedelta
from itertools import count

from caunoi.lib.sessions import DAY
from caunoi.lib.worktime import Calendar, local

WEEKDAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật")


def trace_days(calendar: Calendar, since: datetime, days: int) -> list[str]:
    """The lines behind `calendar.add_days(since, days)`. Raises like it."""
    since, due = local(since), calendar.add_days(since, days)
    if calendar.round_the_clock:
        return [_day_and_night(since, due)]
    lines = [f"{_date(since.date())}: ngày nhận, không tính"]
    numbers = count(1)
    for day in (since.date() + DAY * n for n in count(1)):
        if not calendar.windows(day):
            lines.append(_off(calendar, day))
            continue
        number = next(numbers)
        lines.append(f"{_date(day)}: {_make_up(calendar, day)}ngày {number}")
        if number == days:
            lines[-1] += f", hạn lúc {_clock(due)}{'' if due.date() == day else f' {_date(due.date())}'}"
            break
    return lines


def trace_work(calendar: Calendar, since: datetime, work: timedelta) -> list[str]:
    """The lines behind `calendar.add(since, work)`, for some work. Raises like it."""
    since, due = local(since), calendar.add(since, work)
    if calendar.round_the_clock:
        return [_day_and_night(since, due)]
    lines: list[str] = []
    seen = since.date()
    for start, end in calendar.windows_from(since):
        if not lines and start > since:
            lines.append(f"{_date(seen)}: nhận lúc {_clock(since)}, ngoài giờ làm việc")
        between = (seen + DAY * n for n in range(1, (start.date() - seen).days))
        lines += [_off(calendar, day) for day in between if not calendar.windows(day)]
        seen, stop = start.date(), min(end, due)
        length = _length(stop - start)
        lines.append(f"{_date(seen)}: {_make_up(calendar, seen)}{_clock(start)}–{_clock(stop)}, {length}")
        if stop == due:
            lines[-1] += f", hạn lúc {_clock(due)}{'' if due.date() == seen else f' {_date(due.date())}'}"
            break
    return lines


def _day_and_night(since: datetime, due: datetime) -> str:
    return (
        f"{_clock(since)} {_date(since.date())} – {_clock(due)} {_date(due.date())}: {_length(due - since)}, "
        "tính cả ngày đêm, không có ngày nghỉ"
    )


def _date(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()]} {day.day}/{day.month}/{day.year}"


def _clock(at: datetime) -> str:
    return f"{at.hour}:{at:%M:%S}".removesuffix(":00")


def _off(calendar: Calendar, day: date) -> str:
    special = calendar.special(day)
    name = special.name if special else ""
    return f"{_date(day)}: " + (_lower(name) if name.startswith("Ngày nghỉ") else f"nghỉ, {name}" if name else "nghỉ")


def _make_up(calendar: Calendar, day: date) -> str:
    special = calendar.special(day)
    return f"{_lower(special.name)}, " if special else ""


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]


def _length(span: timedelta) -> str:
    seconds = round(span.total_seconds())
    parts = ((seconds // 3600, "giờ"), (seconds // 60 % 60, "phút"), (seconds % 60, "giây"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 phút"
