"""Formatting for pages: dates, time left, numbers, codes, icons. Pure; all times are shown in Vietnam's time."""

import datetime as dt
import hashlib
import json
from functools import cache, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone
from django.utils.html import format_html, json_script
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext, pgettext
from django_vite.core.asset_loader import DjangoViteAssetLoader
from django_vite.core.exceptions import DjangoViteAssetNotFoundError

from caunoi.lib.places.gazetteer import KINDS
from caunoi.lib.privacy.secret_links import hide_citizens

register = template.Library()

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
SOON = dt.timedelta(days=1)
SWAPPED = str.maketrans(",.", ".,")


def _local(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(VIETNAM)


def _vietnamese() -> bool:
    return (get_language() or "vi").startswith("vi")


def _weekday(day: dt.date) -> str:
    names = (
        pgettext("weekday", "Mon"),
        pgettext("weekday", "Tue"),
        pgettext("weekday", "Wed"),
        pgettext("weekday", "Thu"),
        pgettext("weekday", "Fri"),
        pgettext("weekday", "Sat"),
        pgettext("weekday", "Sun"),
    )
    return names[day.weekday()]


def _day(day: dt.date, *, today: dt.date) -> str:
    """A day as people say it: "hôm nay", "thứ Sáu 21/8", and with the year when it is another one."""
    away = (day - today).days
    if away == 0:
        return gettext("today")
    if away == -1:
        return gettext("yesterday")
    if away == 1:
        return gettext("tomorrow")
    vietnamese = _vietnamese()
    if day.year != today.year:
        return f"{day.day}/{day.month}/{day.year}" if vietnamese else f"{day.day} {day:%b} {day.year}"
    return f"{_weekday(day)} {day.day}/{day.month}" if vietnamese else f"{_weekday(day)} {day.day} {day:%b}"


@register.filter
def vndate(moment: dt.datetime | dt.date | None, now: dt.datetime | None = None) -> str:
    """A moment as people say it: "hôm nay 15:20", "thứ Sáu 21/8 15:20", "21/8/2025"; a date without its time."""
    if moment is None:
        return ""
    today = _local(now or timezone.now()).date()
    if not isinstance(moment, dt.datetime):
        return _day(moment, today=today)
    local = _local(moment)
    day = _day(local.date(), today=today)
    return day if local.year != today.year else f"{day} {local:%H:%M}"


@register.filter
def without_keys(text: str) -> str:
    """Words to a citizen as the staff reads them: the secret of the citizen's own links is not shown."""
    return hide_citizens(text)


@register.filter
def as_json(figures: Any) -> str:
    """Figures for a script in an attribute, which the template escapes; a script tag would not survive a swap by
    htmx."""
    return json.dumps(figures, ensure_ascii=False, separators=(",", ":"))


class _Compact(DjangoJSONEncoder):
    """Without blanks, and with letters as they are: Vietnamese takes half the bytes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "ensure_ascii": False, "separators": (",", ":")})


@register.filter
def table_script(table: Any, name: str) -> SafeString:
    """A table for scripts, in an element of that id."""
    return json_script(table, name, _Compact)


@register.filter
def vnfull(moment: dt.datetime | None) -> str:
    """The whole moment for titles and prints: "15:20 21/08/2026"."""
    return f"{_local(moment):%H:%M %d/%m/%Y}" if moment else ""


@register.simple_tag
def when(moment: dt.datetime | None) -> SafeString | str:
    """`{% when ticket.created %}`: a <time> element that says it shortly and holds the whole moment."""
    if moment is None:
        return ""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', _local(moment).isoformat(), vnfull(moment), vndate(moment)
    )


def span(length: dt.timedelta, units: int = 2) -> str:
    """A length of time in its two largest units, or one: "1 ngày 3 giờ", "25 phút", "dưới 1 phút"."""
    minutes = int(abs(length).total_seconds()) // 60
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if minutes == 0:
        return gettext("less than a minute")
    parts = [
        ngettext("%(count)d day", "%(count)d days", days) % {"count": days} if days else "",
        ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours} if hours else "",
        ngettext("%(count)d minute", "%(count)d minutes", rest) % {"count": rest} if rest and not days else "",
    ]
    return " ".join([part for part in parts if part][:units])


@register.filter
def vnspan(length: dt.timedelta | int | float | None) -> str:
    """A length (timedelta or seconds) in words."""
    if length is None:
        return ""
    return span(length if isinstance(length, dt.timedelta) else dt.timedelta(seconds=length))


@register.filter
def vnclock(length: dt.timedelta | int | float | None) -> str:
    """A length as a clock, "2:05" or "1:02:05", for calls."""
    if length is None:
        return ""
    seconds = int(length.total_seconds() if isinstance(length, dt.timedelta) else length)
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@register.filter
def timeleft(due: dt.datetime | None, now: dt.datetime | None = None, units: int = 2) -> str:
    """How long until a deadline, or since it: "còn 1 ngày 3 giờ", "quá hạn 25 phút"."""
    if due is None:
        return ""
    left = due - (now or timezone.now())
    if left >= dt.timedelta():
        return gettext("%(span)s left") % {"span": span(left, units)}
    return gettext("%(span)s overdue") % {"span": span(left, units)}


@register.filter
def timeleft_brief(due: dt.datetime | None) -> str:
    """The same in one unit: "còn 1 ngày"."""
    return timeleft(due, units=1)


@register.filter
def duemark(due: dt.datetime | str | None, now: dt.datetime | None = None) -> str:
    """The mark of a running deadline: on-time, due-soon (a day or less), overdue; paused without one.

    A mark that is already known ("done_late") is passed through in the form of the class names ("done-late").
    """
    if not due:
        return "paused"
    if isinstance(due, str):
        return due.replace("_", "-")
    left = due - (now or timezone.now())
    if left < dt.timedelta():
        return "overdue"
    return "due-soon" if left <= SOON else "on-time"


@register.filter
def vnnumber(value: float | int | None, places: int | None = None) -> str:
    """A number by the language's own marks: 1.234,5 in Vietnamese, 1,234.5 in English."""
    if value is None:
        return "–"
    if places is None:
        places = 0 if float(value).is_integer() else 1
    text = f"{value:,.{places}f}"
    return text.translate(SWAPPED) if _vietnamese() else text


@register.filter
def percent(part: float | None, whole: float | None) -> str:
    """A share in whole per cent, "93%"; never 100 or 0 unless it is exactly so."""
    if not whole or part is None:
        return "–"
    share = part / whole * 100
    rounded = min(round(share), 99) if share < 100 else round(share)
    return f"{max(rounded, 1) if share > 0 else rounded}%"


@register.filter
def ticketcode(code: str) -> str:
    """A code as it is read aloud: 26-000123-4, whatever hyphens it came with."""
    digits = "".join(filter(str.isdigit, code or ""))
    return f"{digits[:2]}-{digits[2:8]}-{digits[8:]}" if len(digits) == 9 else code


@register.filter
def inline(name: str) -> str:
    """A unit's name within a Vietnamese sentence: "ở phường Bình Phước", "thành phố Đồng Nai"."""
    return name[:1].lower() + name[1:] if _vietnamese() and name.startswith(KINDS) else name


@register.filter
def initials(name: str) -> str:
    """Two letters for a person: first letters of the last two words, as Vietnamese given names stand last."""
    words = [word for word in (name or "").split() if word[0].isalpha()]
    return "".join(word[0] for word in words[-2:]).upper() or "?"


@register.filter
def hue(key: str) -> int:
    """A stable number 1–6 for a name, to choose a tint of the avatar."""
    return hashlib.blake2b(str(key).encode(), digest_size=1).digest()[0] % 6 + 1


@cache
def asset(name: str) -> str:
    """The address of a built file, "icons.svg"; empty while the front end is not built (django-vite's check says
    so)."""
    try:
        return str(DjangoViteAssetLoader.instance().generate_vite_asset_url(f"assets/{name}"))
    except DjangoViteAssetNotFoundError:
        return ""


register.simple_tag(asset, name="asset")


@register.simple_tag
def front(entry: str) -> SafeString:
    """`{% front "desk" %}`: the stylesheet and script of an entry; a page without them still works, unstyled."""
    try:
        tags = DjangoViteAssetLoader.instance().generate_vite_asset(f"assets/js/{entry}.js")
    except DjangoViteAssetNotFoundError:
        return SafeString("<!-- the front end is not built: npm run build -->")
    return SafeString(tags)


@lru_cache(2048)
def _icon(name: str, kind: str, label: str) -> SafeString:
    aria = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html('<svg class="icon {}" {}><use href="{}#{}"></use></svg>', kind, aria, asset("icons.svg"), name)


@register.simple_tag
def icon(name: str, kind: str = "", label: str = "") -> SafeString:
    """`{% icon "phone" %}`: one drawing of the set in assets/icons.txt; hidden from readers unless it has a label."""
    return _icon(str(name), kind, label)


@register.simple_tag
def share_bar(*parts: float) -> list[tuple[float, float]]:
    """(x, width) in per cent for each part of a whole: `{% share_bar 12 3 4 1 as bars %}`."""
    whole = sum(parts) or 1
    bars, at = [], 0.0
    for part in parts:
        width = round(part / whole * 100, 2)
        bars.append((round(at, 2), width))
        at += width
    return bars


@register.filter
def plain(value: object) -> str:
    """A value for machines: no grouping, a point for decimals, nothing for None."""
    return "" if value is None else str(value)


@register.filter
def minus(value: int, other: int) -> int:
    return value - other


@register.filter
def undoaddress(tags: str | None) -> str:
    """The address in a message's extra_tags "undo:/desk/…/undo/", by which it is taken back."""
    addresses = (tag.removeprefix("undo:") for tag in (tags or "").split() if tag.startswith("undo:/"))
    return next((address for address in addresses if not address.startswith("//")), "")


@register.filter
def chartrows(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of a chart's table: [{name, cells: [{value, url}]}] from {x, series: [{values, urls?}]}."""
    return [
        {
            "name": name,
            "cells": [
                {"value": one["values"][i], "url": (one.get("urls") or [None] * len(spec["x"]))[i]}
                for one in spec["series"]
            ],
        }
        for i, name in enumerate(spec["x"])
    ]
