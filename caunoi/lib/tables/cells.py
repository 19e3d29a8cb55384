"""A spreadsheet's cell as the thing meant: words, moments, phone numbers. Pure."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from caunoi.lib.numbers import phone
from caunoi.lib.tables.sheets import Cell
from caunoi.lib.vietnamese.writing import fold

VIETNAM = "Asia/Ho_Chi_Minh"
EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  Excel's day 0, on the clock of whoever typed it
ERRORS = {"#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"}
_HALVES = {"am": 0, "sa": 0, "pm": 12, "ch": 12}  # SA, CH: as a Vietnamese Windows writes them
_DATE = re.compile(r"(\d{1,4})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d{2,4})")
_WORDS = re.compile(r"ngay (\d{1,2}) thang (\d{1,2}) nam (\d{4})")
_TIME = re.compile(
    r"(?<!\d)(\d{1,2})\s*(?::|h|gio)\s*(\d{1,2})?(?:\s*(?::|p|phut)\s*(\d{1,2})?)?(?:[.,]\d+)?\s*(am|pm|sa|ch)?\b"
)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}[t ]\d{2}:\d{2}.*(?:z|[+-]\d{2}:?\d{2})", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*[;/,\n|]\s*|\s+-\s+|\s+(?:hoặc|hoac|và|va)\s+", re.IGNORECASE)


def text(cell: Cell) -> str:
    """A cell as words: a number without Excel's ".0", a date as people here write it."""
    match cell:
        case None:
            return ""
        case bool():
            return "x" if cell else ""
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        case datetime():
            return f"{cell:%d/%m/%Y %H:%M}" if cell.time() != time() else f"{cell:%d/%m/%Y}"
        case date():
            return f"{cell:%d/%m/%Y}"
        case time():
            return f"{cell:%H:%M}"
    return str(cell)


def flawed(cell: Cell) -> str:
    """The word for a cell that holds no value but Excel's trouble with one: cell_error, formula; else nothing."""
    if not isinstance(cell, str):
        return ""
    return "cell_error" if cell.upper() in ERRORS else "formula" if cell.startswith("=") and len(cell) > 1 else ""


def moment(cell: Cell, *, order: str = "dmy", zone: str = VIETNAM, clock: Cell = None) -> datetime | None:
    """A moment with its zone, from a date cell, a number of days, or words in the `order` of day, month and year;
    `clock` is the time's own cell. None for what is no moment."""
    there = ZoneInfo(zone)
    if isinstance(cell, str) and _ISO.fullmatch(cell.strip()):
        try:
            return datetime.fromisoformat(cell.strip())
        except ValueError:
            return None
    day = _day(cell, order)
    if day is None:
        return None
    if clock is not None:
        hours = (
            clock if isinstance(clock, time) else clock.time() if isinstance(clock, datetime) else _hours(text(clock))
        )
        if isinstance(clock, float) and 0 <= clock < 1:
            hours = (EPOCH + timedelta(days=clock)).time()
        day = datetime.combine(day.date(), hours) if hours else day
    return day.replace(tzinfo=there)


def _day(cell: Cell, order: str) -> datetime | None:
    match cell:
        case bool() | None | time():
            return None
        case datetime():
            return cell
        case date():
            return datetime.combine(cell, time())
        case int() | float():
            return EPOCH + timedelta(seconds=round(cell * 86400)) if 1 <= cell < 109_575 else None  # until 2199
    typed = fold(str(cell))
    if words := _WORDS.search(typed):
        day, month, year = map(int, words.groups())
        rest = typed[: words.start()] + typed[words.end() :]
    elif numbers := _DATE.search(typed):
        first, middle, last = numbers.groups()
        parts = dict(zip("ymd" if len(first) == 4 else order, (int(first), int(middle), int(last)), strict=True))
        day, month, year = parts["d"], parts["m"], parts["y"]
        year += 2000 if year < 100 else 0
        rest = typed[: numbers.start()] + " " + typed[numbers.end() :]
    else:
        return None
    try:
        return datetime.combine(date(year, month, day), _hours(rest) or time())
    except ValueError:
        return None


def _hours(text: str) -> time | None:
    """A time of the day in words: 14:05, 14h05, 2:05:00 pm, 2 giờ 5 phút."""
    match = _TIME.search(fold(text))
    if match is None:
        return None
    hour, minute, second, half = match.groups()
    hours = int(hour) % 12 + _HALVES[half] if half else int(hour)
    try:
        return time(hours, int(minute or 0), int(second or 0))
    except ValueError:
        return None


def phones(cell: Cell) -> tuple[list[str], list[str]]:
    """The numbers of a cell in E.164 (short and service numbers as they are dialled), mobiles first, and whatever in it
    is no number. Two in one cell are usual."""
    typed = text(cell)
    if not typed:
        return [], []
    pieces = _whole(typed) or [part for part in _BETWEEN.split(typed) if part]
    good: list[phone.Phone] = []
    bad: list[str] = []
    for piece in pieces:
        number = phone.parse(piece)
        if number is not None and number.number:
            good.append(number)
        elif number is None and piece.strip("-. "):
            bad.append(piece)
    good.sort(key=lambda one: one.kind != "mobile")
    return list(dict.fromkeys(one.number for one in good)), bad


def _whole(text: str) -> Sequence[str]:
    """The cell as one number, where it is one: "0251-3822-501", "0251 / 3822501"."""
    number = phone.parse(text)
    return [text] if number is not None and number.number else []
