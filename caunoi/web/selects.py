"""A select drawn in Python: lists of a hundred communes and agencies are on every page of the desk, and Django's own
widget renders a template for each option."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe


def options(choices: Iterable[tuple[Any, Any]], chosen: Any) -> SafeString:
    """The <option>s (and <optgroup>s) of some choices; `chosen` is the value selected."""
    wanted = "" if chosen is None else str(chosen)
    parts: list[str] = []
    for value, label in choices:
        if isinstance(label, list | tuple):
            parts.append(format_html('<optgroup label="{}">{}</optgroup>', value, options(label, chosen)))
        else:
            key = "" if value is None else str(value)
            mark = " selected" if key == wanted else ""
            parts.append(f'<option value="{conditional_escape(key)}"{mark}>{conditional_escape(label)}</option>')
    return mark_safe("".join(parts))  # noqa: S308  each part is escaped


class LongSelect(forms.Select):
    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        whole = self.build_attrs(self.attrs, {**(attrs or {}), "name": name})
        return format_html("<select{}>{}</select>", flatatt(whole), options(self.choices, value))
