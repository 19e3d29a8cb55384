"""Numbers, shares, days and lengths in Vietnamese notation, and the names of spans. Words are English sources."""

from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from caunoi.reports.spans import Kind, Span
from caunoi.statistics.measures import CONTACTS, HOURS, SECONDS, SHARE
from caunoi.statistics.periods import VIETNAM

SEPARATORS = str.maketrans(",.", ".,")
ROMAN = ("", "I", "II", "III", "IV")


def number(value: float, places: int = 0) -> str:
    """A number in Vietnamese notation: 1.234 or 1.234,5."""
    return f"{value:,.{places}f}".translate(SEPARATORS)


def percent(part: float, whole: float) -> str:
    """ "93,4%" with one place; never 100 or 0 unless it is exactly so."""
    rounded = round(part / whole * 100, 1)
    if part < whole:
        rounded = min(rounded, 99.9)
    if part > 0:
        rounded = max(rounded, 0.1)
    return f"{number(rounded, 0 if rounded == 100 or rounded == 0 else 1)}%"


def value(unit: str, amount: float | None, of: int | None, small: int) -> str:
    """A measure's value in its unit; a share of few as a count, "–" for none."""
    if amount is None:
        return "–"
    if unit == SHARE:
        part = round(amount * (of or 0), 4)
        return percent(amount, 1) if (of or 0) >= small else f"{number(part)}/{number(of or 0)}"
    if unit == HOURS:
        return length(amount * 3600)
    if unit == SECONDS:
        return _("%(number)s seconds") % {"number": number(amount)}
    return number(amount, 2 if unit == CONTACTS else 0)


def day(moment: date) -> str:
    return f"{moment:%d/%m/%Y}"


def clock(moment: datetime) -> str:
    """A moment with its hour, in Vietnam."""
    local = moment.astimezone(VIETNAM)
    return _("%(hour)s on %(day)s") % {"hour": f"{local:%H:%M}", "day": day(local.date())}


def dated(moment: date, place: str) -> str:
    """ "Đồng Nai, ngày 02 tháng 02 năm 2026": with a nought before days under ten and the months January and February,
    as Decree 30/2020 asks."""
    month = f"{moment.month:02}" if moment.month < 3 else str(moment.month)
    params = {"place": place, "day": f"{moment.day:02}", "month": month, "year": moment.year}
    return _("%(place)s, day %(day)s month %(month)s year %(year)s") % params


def length(seconds: float) -> str:
    """In its two largest units; of three days and more, in days."""
    minutes = int(seconds) // 60
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [
        ngettext("%(count)d day", "%(count)d days", days) % {"count": days} if days else "",
        ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours} if hours and days < 3 else "",
        ngettext("%(count)d minute", "%(count)d minutes", rest) % {"count": rest} if rest and not days else "",
    ]
    return " ".join(part for part in parts if part) or _("less than a minute")


def span(one: Span) -> str:
    """ "tháng 11 năm 2026", "quý IV năm 2026", "tuần 48 năm 2026 (từ ngày 23/11/2026 đến ngày 29/11/2026)"."""
    year, numbered = one.code[:4], one.code[5:].strip("WQHr")
    params = {
        "year": year,
        "number": numbered.lstrip("0"),
        "since": day(one.first),
        "until": day(one.last),
        "hour": f"{one.since.astimezone(VIETNAM):%H:%M}",
        "end": day(one.until.astimezone(VIETNAM).date()),
    }
    if one.kind is Kind.WEEK:
        return _("week %(number)s of %(year)s (%(since)s to %(until)s)") % params
    if one.kind is Kind.MONTH:
        return _("month %(number)s of %(year)s") % params
    if one.kind is Kind.REPORT_MONTH:
        return _("reporting month %(number)s of %(year)s (from %(hour)s on %(since)s to %(hour)s on %(end)s)") % params
    if one.kind is Kind.QUARTER:
        return _("quarter %(number)s of %(year)s") % (params | {"number": ROMAN[int(numbered)]})
    if one.kind is Kind.HALF:
        half = _("the first six months of %(year)s") if numbered == "1" else _("the last six months of %(year)s")
        return half % params
    return _("the year %(year)s") % params


def short(one: Span) -> str:
    """A span's name without its dates, for comparisons."""
    return span(one).partition(" (")[0]
