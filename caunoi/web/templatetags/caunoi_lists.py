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
        "due": ("due", "mark", "quiet", "clock"),
        "ticket_item": ("ticket", "url", "current"),
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
    return _component("due", get_language(), int(timezone.now().timestamp() // 60), due, mark, True, clock)


@register.simple_tag
def item(row: Line, url: str, current: str = "") -> SafeString:
    """`{% item row url current.code %}`: components/ticket_item.html for a line of web/lines.py, kept for a minute."""
    minute = int(timezone.now().timestamp() // 60)
    return _component("ticket_item", get_language(), minute, row, url, row.code == current)


register.simple_tag(selects.options, name="options")
