"""Widgets drawn in Python: forms for every possible move are on every page of the desk, with lists of a hundred
communes and agencies, and Django's own widgets render a template for each option and each attribute."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

type Choice = tuple[str, str | tuple["Choice", ...]]


@lru_cache(512)
def _drawn(choices: tuple[Choice, ...], chosen: str) -> SafeString:
    parts: list[str] = []
    for value, label in choices:
        if isinstance(label, tuple):
            parts.append(format_html('<optgroup label="{}">{}</optgroup>', value, _drawn(label, chosen)))
        else:
            mark = " selected" if value == chosen else ""
            parts.append(f'<option value="{escape(value)}"{mark}>{escape(label)}</option>')
    return mark_safe("".join(parts))  # noqa: S308  each part is escaped


def _plain(choices: Iterable[tuple[Any, Any]]) -> tuple[Choice, ...]:
    return tuple(
        ("" if value is None else str(value), _plain(label) if isinstance(label, list | tuple) else str(label))
        for value, label in choices
    )


def options(choices: Iterable[tuple[Any, Any]], chosen: Any) -> SafeString:
    """The <option>s (and <optgroup>s) of some choices, drawn once and kept; `chosen` is the value selected."""
    return _drawn(_plain(choices), "" if chosen is None else str(chosen))


def choose(form: forms.Form, **rows: Iterable[tuple[Any, Any]]) -> None:
    """Give the fields of a form what can be chosen."""
    for name, choices in rows.items():
        field = form.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(choices)


class LineInput(forms.TextInput):
    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        whole = self.build_attrs(self.attrs, {**(attrs or {}), "type": self.input_type, "name": name})
        if value not in (None, ""):
            whole["value"] = value
        return format_html("<input{}>", flatatt(whole))


class Words(forms.Textarea):
    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        whole = self.build_attrs(self.attrs, {**(attrs or {}), "name": name})
        return format_html("<textarea{}>\n{}</textarea>", flatatt(whole), "" if value is None else value)


class LongSelect(forms.Select):
    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        whole = self.build_attrs(self.attrs, {**(attrs or {}), "name": name})
        return format_html("<select{}>{}</select>", flatatt(whole), options(self.choices, value))


class ManySelect(forms.SelectMultiple):
    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        whole = self.build_attrs(self.attrs, {**(attrs or {}), "name": name, "multiple": True})
        return format_html("<select{}>{}</select>", flatatt(whole), _many(_plain(self.choices), frozenset(value or ())))


@lru_cache(64)
def _many(choices: tuple[Choice, ...], chosen: frozenset[str]) -> SafeString:
    marks = {True: " selected", False: ""}
    parts = [f'<option value="{escape(v)}"{marks[v in chosen]}>{escape(label)}</option>' for v, label in choices]
    return mark_safe("".join(parts))  # noqa: S308  each part is escaped


class ListInput(forms.TextInput):
    """A line to type into, with what it may be; browsers look for what is typed in the second of each pair too."""

    def __init__(self, options: Iterable[tuple[str, str]]) -> None:
        super().__init__()
        self.options = tuple(options)

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        listed = f"{(attrs or {}).get('id', name)}-list"
        more = {**(attrs or {}), "type": self.input_type, "name": name, "list": listed}
        whole = self.build_attrs(self.attrs, more)
        if value not in (None, ""):
            whole["value"] = value
        rows = format_html_join("", '<option value="{}" label="{}"></option>', self.options)
        return format_html('<input{}><datalist id="{}">{}</datalist>', flatatt(whole), listed, rows)
