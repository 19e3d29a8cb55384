"""The cases behind figures, one by one, straight from the database: for annexes of a hundred thousand rows."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from caunoi.statistics import rollup
from caunoi.statistics.scope import FOUR, PARTS, Scope
from caunoi.tickets.queries import TICKETS

CHUNK = 5000


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One ticket as a figure counts it: in which of the four parts, of which groups. A restricted one has no code."""

    code: str
    received: datetime
    part: str
    agency: str
    category: str
    area: str
    channel: str
    due: datetime | None
    answered: datetime | None
    handled: datetime | None = None
    kind: str = ""
    returns: int = 0
    extensions: int = 0
    reopened: int = 0
    contacts: int = 0

    def as_json(self, names: dict[str, dict[str, str]]) -> dict[str, Any]:
        """As JSON, with the names of its codes."""
        return {
            "code": self.code,
            "received": self.received.isoformat(),
            "part": self.part,
            "agency": names["agency"].get(self.agency, ""),
            "category": names["category"].get(self.category, ""),
            "area": names["area"].get(self.area, ""),
            "due": self.due.isoformat() if self.due else None,
            "answered": self.answered.isoformat() if self.answered else None,
        }


FIELDS = tuple(Case.__dataclass_fields__)
# The cases behind a measure: of each that is counted from a report's own cases.
BASE: Mapping[str, Callable[[Case], bool]] = {
    **dict.fromkeys(("tickets", "returns", "extensions", "contacts", "questions", "channels"), lambda case: True),
    **dict.fromkeys(
        ("first_answer", "first_answer_p90"), lambda c: c.answered is not None and c.answered >= c.received
    ),
    **dict.fromkeys(("handling", "handling_p90"), lambda c: c.handled is not None and c.handled >= c.received),
    "on_time": lambda case: case.part != "open_within",
    "reopened": lambda case: case.answered is not None,
}


def _sql(scope: Scope, order: str) -> tuple[str, dict[str, Any]]:
    rollup.fresh()
    where, params = scope.where()
    part = " ".join(f"WHEN {PARTS[name]} THEN '{name}'" for name in FOUR)
    sql = f"""
        SELECT CASE WHEN s.restricted THEN '' ELSE t.code END, s.received, CASE {part} END, s.agency, s.category,
               s.area, s.channel, s.due, s.answered, s.handled, s.kind, s.returns, s.extensions, s.reopened, s.contacts
        FROM {scope.tables()} JOIN {TICKETS} t ON t.id = s.ticket WHERE {where} ORDER BY {order}
    """  # noqa: S608  made of our own words; what people give goes as parameters
    return sql, params


def _case(row: tuple[Any, ...]) -> Case:
    return Case(**dict(zip(FIELDS, row, strict=True)))


def every(scope: Scope) -> Iterator[Case]:
    """All cases of a scope, oldest first, a few thousand in memory at a time."""
    sql, params = _sql(scope, "s.received, s.ticket")
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(sql, params)
        while rows := cursor.fetchmany(CHUNK):
            yield from map(_case, rows)


def slow(scope: Scope, size: int) -> list[Case]:
    """The cases of a scope that are open past their deadline, longest overdue first."""
    sql, params = _sql(replace(scope, part="open_overdue"), "s.due, s.ticket LIMIT %(size)s")
    with connection.cursor() as cursor:
        cursor.execute(sql, params | {"size": size})
        return [_case(row) for row in cursor.fetchall()]
