"""Tags for long lists: what is drawn once is kept. Each is the quick form of a component of the same name."""

import datetime as dt
from functools import lru_cache
from typing import Any

from django import template
from django.template.loader import get_template
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from caunoi.web import selects
from caunoi.web.lines import Line
from caunoi.web.troubles import trouble

register = template.Library()
register.filter("trouble", trouble)  # {{ inbox.trouble|trouble }}


@lru_cache(4096)
def _component(name: str, language: str | None, minute: int, *values: Any) -> SafeString:
    keys = {
        "badge_state": ("state",),
        "due": ("due", "mark", "quiet", "clock", "brief"),
        "ticket_item": ("ticket", "url", "current"),
        "queue_row": ("ticket", "url", "stated"),
    }[name]
    return SafeString(get_template(f"components/{name}.html").render(dict(zip(keys, values, strict=True))))


@register.simple_tag
def badge(state: str) -> SafeString:
    """`{% badge "new" %}`: components/badge_state.html, drawn once and kept; for long lists."""
    return _component("badge_state", get_language(), 0, str(state))


@register.simple_tag
def due(due: dt.datetime | None, mark: str = "", clock: str = "") -> SafeString:
    """`{% due moment mark clock %}`: the quiet form of components/due.html, drawn once a minute and kept; for long
    lists."""
    return _component("due", get_language(), _minute(), due, mark, True, clock, False)


@register.simple_tag
def due_brief(due: dt.datetime | None, mark: str = "", clock: str = "") -> SafeString:
    """The same where there is little room: the first unit of the time left, and the clock in the title."""
    return _component("due", get_language(), _minute(), due, mark, True, clock, True)


@register.simple_tag
def item(row: Line, url: str, current: str = "") -> SafeString:
    """`{% item row url current.code %}`: components/ticket_item.html for a line of web/lines.py, kept for a minute."""
    return _component("ticket_item", get_language(), _minute(), row, url, row.code == current)


@register.simple_tag
def queue_row(row: Line, url: str, *, stated: bool = False) -> SafeString:
    """`{% queue_row row url stated=1 %}`: components/queue_row.html, two lines of at most 56 px, kept for a minute."""
    return _component("queue_row", get_language(), _minute(), row, url, stated)


def _minute() -> int:
    return int(timezone.now().timestamp() // 60)


register.simple_tag(selects.options, name="options")
