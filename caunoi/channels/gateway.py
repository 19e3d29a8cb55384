"""A provider's call as a setting: a template with placeholders, and the signs by which to interpret its answer."""

import json
import re
from collections.abc import Mapping
from typing import Any

from caunoi.channels import wire
from caunoi.channels.base import DeliveryError, UnreadableError
from caunoi.channels.http import Answer

_HOLE = re.compile(r"\{(\w+)\}")


def put(template: str, values: Mapping[str, str]) -> str:
    """The template with its placeholders filled, once: values are not searched for further placeholders."""
    return _HOLE.sub(lambda hole: values.get(hole[1], hole[0]), template)


def filled(body: str, values: Mapping[str, str]) -> Any:
    """A JSON template with its placeholders filled. DeliveryError when it is no JSON."""
    try:
        return _each(json.loads(body), values)
    except ValueError as error:
        raise DeliveryError("a body in the settings of the inbox is no JSON", retry=True, code="setup") from error


def _each(template: Any, values: Mapping[str, str]) -> Any:
    """Each string by itself, so that quotes and line ends in a message do no harm."""
    if isinstance(template, str):
        return put(template, values)
    if isinstance(template, list):
        return [_each(each, values) for each in template]
    if isinstance(template, dict):
        return {name: _each(each, values) for name, each in template.items()}
    return template


def at(answer: Answer, path: str) -> str:
    """The value at a dotted path of the answer."""
    value: Any = answer.data
    for step in path.split(".") if path else ():
        if isinstance(value, list):
            value = value[int(step)] if step.isdigit() and int(step) < len(value) else None
        else:
            value = wire.mapping(value).get(step)
    return wire.text(value) if path else ""


def shows(answer: Answer, words: str, *, empty: bool = False) -> bool:
    """Whether an answer matches a sign: `path = value`, `path ~ pattern`, `~ pattern`."""
    if not words:
        return empty
    path, expected = sign(words)
    value = at(answer, path) if path else answer.body
    return value == expected if isinstance(expected, str) else bool(expected.search(value))


def sign(words: str) -> tuple[str, str | re.Pattern[str]]:
    """The path of a sign, and the value or pattern to match there. DeliveryError when it is no pattern."""
    parts = re.split(r"\s*([=~])\s*", words.strip(), maxsplit=1)
    if len(parts) < 3:
        return parts[0], pattern(".", DeliveryError)
    return parts[0], parts[2] if parts[1] == "=" else pattern(parts[2], DeliveryError)


def pattern(words: str, wrong: type[DeliveryError] | type[UnreadableError]) -> re.Pattern[str]:
    """A pattern of the settings; raises `wrong` when it is invalid."""
    try:
        return re.compile(words, re.IGNORECASE | re.DOTALL)
    except re.error as error:
        why = f"a pattern in the settings of the inbox is wrong: {error}"
        raise (
            DeliveryError(why, retry=True, code="setup") if wrong is DeliveryError else UnreadableError(why)
        ) from error
