"""A call's facts as plain JSON and back, and two partial views of one call as one.

A call's facts are the earliest and latest times seen and sets of evidence, so joining is commutative, associative and
idempotent like the reducer itself: whoever saw which part of a call first, and however often, the joined call is the
same as if one had seen everything (proved in tests/telephony/test_facts.py). That is why a bridge may be killed in the
middle of a call and needs no journal: the rows keep the facts.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

from .calls import Call
from .events import Outcome
from .legs import Phone, least

Plain = dict[str, Any]


def _last[T: (datetime, int)](one: T | None, other: T | None) -> T | None:
    if one is None or other is None:
        return other if one is None else one
    return max(one, other)


def _all(one: Any, other: Any) -> Any:
    return tuple(sorted({*one, *other}))


def _either(one: Any, other: Any) -> Any:
    return one | other  # flags and sets


JOIN: Mapping[str, Callable[[Any, Any], Any]] = {
    "seen_at": max,
    "outgoing": _either,
    "message_left": _either,
    "announced": _either,
    "unrecorded": _either,
    "pressed": _all,
    "kept_place": least,
    "graded": least,
    "reasons": _either,
    "end_reasons": _either,
    "refusals": _either,
    "left_at": _last,
    "gave_up_at": _last,
    "packets": _last,
    "first_caller": least,
    "first_dialled": least,
    "joined": least,
    "transferred_to": least,
    "message_file": least,
    "recorded_file": least,
}
"""How the facts of one name are joined; all others: the least."""
DATED = frozenset(name for name, joined in JOIN.items() if joined is least)


def join(one: Call, other: Call) -> Call:
    """The facts of two views of the same call, together."""
    assert one.call_id == other.call_id
    phones = {phone.id: phone for phone in one.phones}
    for phone in other.phones:
        mine = phones.get(phone.id)
        phones[phone.id] = _joined(mine, phone) if mine else phone
    return replace(_joined(one, replace(other, phones=one.phones)), phones=tuple(phones[key] for key in sorted(phones)))


def _joined[T: (Call, Phone)](one: T, other: T) -> T:
    changes: Plain = {}
    for field in fields(one):
        mine, theirs = getattr(one, field.name), getattr(other, field.name)
        if mine != theirs:
            changes[field.name] = JOIN.get(field.name, least)(mine, theirs)
    return replace(one, **changes)


def dump(row: Call | Phone) -> Plain:
    """The facts as JSON; empty ones are left out. Times are ISO 8601 in UTC."""
    result: Plain = {}
    for field in fields(row):
        value = getattr(row, field.name)
        if value != field.default:
            result[field.name] = _plain(value)
    return result


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case frozenset():
            return sorted(value)
        case Phone():
            return dump(value)
        case tuple():
            return [_plain(each) for each in value]
    return value


def load(plain: Plain) -> Call:
    """The call that `dump` wrote down."""
    phones = tuple(Phone(**_read(phone)) for phone in plain.get("phones", ()))
    return Call(**{**_read(plain), "phones": phones})


def _read(plain: Plain) -> Plain:
    return {name: _value(name, value) for name, value in plain.items()}


def _dated(value: Any) -> tuple[datetime, str]:
    return (datetime.fromisoformat(value[0]), value[1])


def _value(name: str, value: Any) -> Any:
    if name.endswith("_at"):
        return datetime.fromisoformat(value)
    if name in DATED:
        return _dated(value)
    if name == "pressed":
        return tuple(_dated(each) for each in value)
    if isinstance(value, list) and name != "phones":
        return frozenset(Outcome(each) for each in value)
    return value
