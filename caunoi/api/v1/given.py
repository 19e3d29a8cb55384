"""What a program sends, as the rows and values that actions take."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Annotated, Any

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.timezone import get_default_timezone
from pydantic import AfterValidator, StringConstraints

from caunoi.directory import queries as directory
from caunoi.events.actor import Actor
from caunoi.tickets import queries as tickets
from caunoi.tickets.lifecycle import MOVES, Kind, Urgency
from caunoi.tickets.reasons import REASONS

# What a move may bring besides what it needs.
MAY = {
    "accept": {"area", "kind", "urgency", "summary"},
    "refuse": {"text", "note"},
    "route": {"note", "coordinating"},
    "result": {"without"},
    "approve": {"text"},
    "leg_pass_on": {"note"},
}


class Unknown(Exception):
    """A code that names nothing (for this caller); `field` is where it stood."""

    def __init__(self, field: str, description: str) -> None:
        self.field = field
        super().__init__(description)


def _plain(value: str) -> str:
    if "\x00" in value:
        raise ValueError("must not contain NUL")
    return value


Words = Annotated[str, StringConstraints(max_length=10_000), AfterValidator(_plain)]
Said = Annotated[str, StringConstraints(min_length=1, max_length=4000), AfterValidator(_plain)]
Line = Annotated[str, StringConstraints(max_length=300), AfterValidator(_plain)]
Name = Annotated[str, StringConstraints(max_length=120), AfterValidator(_plain)]
Code = Annotated[str, StringConstraints(max_length=40), AfterValidator(_plain)]


def takes(move: str, sent: Mapping[str, Any]) -> dict[str, Any]:
    """Of what was sent, what this move takes, without what is empty. Unknown for a move that is none."""
    if move not in MOVES:
        raise Unknown("move", f"must be one of {', '.join(MOVES)}")
    fields = MOVES[move].needs | MAY.get(move, set())
    return {k: v for k, v in sent.items() if k in fields and v not in (None, "")}


def rows(move: str, given: Mapping[str, Any], by: Actor) -> dict[str, Any]:
    """Codes as the rows they name. A reason for refusing that is no code of ours is kept as the note of `other`."""
    found = {key: _row(key, value, by) for key, value in given.items()}
    if move == "refuse" and found.get("reason") not in REASONS:
        found["note"] = "\n".join(part for part in (given.get("reason"), given.get("note")) if part)
        found["reason"] = "other"
    return found


def _row(key: str, value: Any, by: Actor) -> Any:
    match key:
        case "category":
            return known(key, directory.category(value))
        case "area":
            return known(key, directory.area(value))
        case "agency":
            return known(key, directory.agency(value))
        case "coordinating":
            return [known(key, directory.agency(code)) for code in value]
        case "into":
            return known(key, tickets.one(by, value))
        case "kind":
            return member(key, value, Kind)
        case "urgency":
            return member(key, value, Urgency)
    return value


def known[T](field: str, row: T | None) -> T:
    if row is None:
        raise Unknown(field, "no such code")
    return row


def member[E: (Kind, Urgency)](field: str, value: str, kind: type[E]) -> E:
    try:
        return kind(value)
    except ValueError:
        raise Unknown(field, f"must be one of {', '.join(kind)}") from None


def moment(field: str, value: str | None) -> datetime | None:
    """A date (its beginning in Vietnam) or an RFC 3339 time with an offset."""
    if not value:
        return None
    try:
        if day := parse_date(value):
            return datetime.combine(date(day.year, day.month, day.day), time(), get_default_timezone())
        found = parse_datetime(value.replace(" ", "+"))  # a + that was not escaped
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Unknown(field, "must be a date such as 2026-11-25 or a time such as 2026-11-25T08:00:00+07:00")
    return found
