"""The first run's questions, and the answers, checked before anything is written. Pure."""

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from caunoi.lib.places import gazetteer
from caunoi.lib.vietnamese.writing import fold

USER = re.compile(r"[a-z0-9][a-z0-9.-]{0,39}")
PHONE = re.compile(r"[0-9+][0-9 .]{1,19}")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
QUESTIONS = {"province", "hotline_name", "phone", "administrator", "starter", "open"}
OF_ADMINISTRATOR = {"user", "name", "email"}


class BadAnswerError(ValueError):
    """An answer that cannot be taken; says which one, and what would do."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"{name}: {message}")
        self.name, self.message = name, message


@dataclass(frozen=True, kw_only=True)
class Answers:
    """`province` is the state's code of two digits."""

    province: str
    user: str
    hotline_name: str = "Tổng đài 1022"
    phone: str = "1022"
    name: str = ""
    email: str = ""
    starter: bool = True
    open: bool = False


def province(text: str) -> str:
    """A province of today by its code or its name, with or without marks. BadAnswerError."""
    text = text.strip()
    units = {unit.code: unit for unit in gazetteer.provinces()}
    if text in units:
        return text
    by_name = {fold(name): unit.code for unit in units.values() for name in (unit.name, unit.short)}
    if (folded := fold(text)) in by_name:
        return by_name[folded]
    near = difflib.get_close_matches(folded, by_name, 1)
    hint = f"; is {units[by_name[near[0]]].name} ({by_name[near[0]]}) meant?" if near else ""
    raise BadAnswerError("province", f"no province of today is {text!r}{hint}")


def check(values: Mapping[str, Any]) -> Answers:
    """The answers, each of the right kind. BadAnswerError for the first that is not, and for a name nobody asks for."""
    administrator = values.get("administrator", {})
    if not isinstance(administrator, Mapping):
        raise BadAnswerError("administrator", "a table with user, name and email")
    for name in values:
        _reject_unknown(name, QUESTIONS, "")
    for name in administrator:
        _reject_unknown(name, OF_ADMINISTRATOR, "administrator.")
    return Answers(
        province=province(_text(values, "province")),
        user=_matching(administrator, "user", USER, "small Latin letters, digits, dots and hyphens, at most 40"),
        name=_text(administrator, "name", ""),
        email=_matching(administrator, "email", EMAIL, "a mail address", ""),
        phone=_matching(values, "phone", PHONE, "the digits to call", Answers.phone),
        hotline_name=_text(values, "hotline_name", Answers.hotline_name),
        starter=_switch(values, "starter", Answers.starter),
        open=_switch(values, "open", Answers.open),
    )


def read(text: str) -> Answers:
    """Answers written in TOML. BadAnswerError."""
    try:
        return check(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise BadAnswerError("TOML", str(error)) from None


def _reject_unknown(name: str, names: set[str], prefix: str) -> None:
    if name in names:
        return
    near = difflib.get_close_matches(name, names, 1)
    hint = f"is {prefix}{near[0]} meant?" if near else f"it is one of {', '.join(sorted(names))}"
    raise BadAnswerError(prefix + name, f"nobody asks for this; {hint}")


def _text(values: Mapping[str, Any], name: str, default: str | None = None) -> str:
    value = values.get(name, default)
    if value is None:
        raise BadAnswerError(name, "is missing")
    if not isinstance(value, str) or len(value) > 200 or "\0" in value:
        raise BadAnswerError(name, "a text of at most 200 letters, in quotation marks")
    return value.strip() or (default or "")


def _matching(
    values: Mapping[str, Any], name: str, pattern: re.Pattern[str], what: str, default: str | None = None
) -> str:
    value = _text(values, name, default)
    if value != default and not pattern.fullmatch(value):
        raise BadAnswerError(name, f"{value!r} is not {what}")
    return value


def _switch(values: Mapping[str, Any], name: str, default: bool) -> bool:
    value = values.get(name, default)
    if not isinstance(value, bool):
        raise BadAnswerError(name, "true or false")
    return value
