"""Reading what story.py needs of tickets: in four statements, however many they are."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db import connection

from caunoi.directory.queries import AGENCIES, AREAS, CATEGORIES
from caunoi.events.queries import EVENTS
from caunoi.sla.queries import DEADLINES, DUES
from caunoi.statistics.story import Facts, Moved, Story, TicketEvent, tell
from caunoi.tickets.queries import TICKETS
from caunoi.tickets.undoing import UNDO

_TICKETS = f"""
    SELECT t.id, t.received, t.channel, t.kind, t.restricted, coalesce(c.code, ''), coalesce(ar.code, ''),
           coalesce(a.code, ''), concat(t.area_then_id, '>', t.area_id)
    FROM {TICKETS} t
    LEFT JOIN {CATEGORIES} c ON c.id = t.category_id
    LEFT JOIN {AREAS} ar ON ar.id = t.area_id
    LEFT JOIN {AGENCIES} a ON a.id = t.agency_id
    WHERE t.id = ANY(%s) ORDER BY t.id
"""
_EVENTS = f"""
    SELECT e.subject_id, coalesce(e.recorded, e.at), e.at, e.kind, e.data, c.code, ar.code, e.id
    FROM {EVENTS} e
    LEFT JOIN {CATEGORIES} c ON e.kind = 'ticket.create' AND c.id = (e.data->>'category_id')::bigint
    LEFT JOIN {AREAS} ar ON e.kind = 'ticket.create' AND ar.id = (e.data->>'area_id')::bigint
    WHERE e.subject = 'ticket' AND e.subject_id = ANY(%s) AND e.kind LIKE 'ticket.%%'
    ORDER BY e.subject_id, e.id
"""
_DUES = f"SELECT ticket_id, at, before, due FROM {DUES} d WHERE ticket_id = ANY(%s) ORDER BY ticket_id, id"
_DUE = f"SELECT ticket_id, due FROM {DEADLINES} d WHERE clock = 'handle' AND leg_id IS NULL AND ticket_id = ANY(%s)"


@dataclass(kw_only=True, slots=True)
class Case:
    """The data of one ticket's story. `row` holds the codes of its row today, `place` the ids of its area before an act
    moved it and of its present one: "12>15", ">15", ">" for none."""

    received: datetime
    place: str
    facts: Facts
    row: dict[str, str]
    events: list[TicketEvent] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)

    def story(self) -> Story:
        return tell(self.first(), self.received, self.events, self.moved)

    def first(self) -> Facts:
        """The facts when it came. Fields that no event mentions come from its row: older logs lack the codes in
        `ticket.create`."""
        values: dict[str, Any] = {"channel": self.facts.channel, "kind": self.facts.kind}
        created = self.events[0].data if self.events and self.events[0].kind == "ticket.create" else {}
        for name, now in self.row.items():
            spoken = any(name in event.data for event in self.events[1:])
            values[name] = created.get(name) or ("" if spoken else now)
        denounced = any(event.data.get("reason") == "denunciation" for event in self.events)
        return Facts(**values, restricted=self.facts.restricted and not denounced)


def _standing(rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The events without undone ones."""
    every = [(*row[:4], json.loads(row[4]), *row[5:]) for row in rows]
    undone = {row[4]["event"] for row in every if row[3] == UNDO}
    return [row for row in every if row[3] != UNDO and row[7] not in undone]


def gather(ids: Sequence[int]) -> dict[int, Case]:
    """The data of these tickets, without deleted ones."""
    result: dict[int, Case] = {}
    tickets = list(ids)
    with connection.cursor() as cursor:
        cursor.execute(_TICKETS, [tickets])
        for pk, received, channel, kind, restricted, category, area, agency, place in cursor.fetchall():
            facts = Facts(channel=channel, kind=kind, restricted=restricted)
            row = {"category": category, "area": area, "agency": agency}
            result[pk] = Case(received=received, place=place, facts=facts, row=row)
        cursor.execute(_EVENTS, [tickets])
        for pk, recorded, at, kind, data, category, area, _ in _standing(cursor.fetchall()):
            if pk in result:
                codes = {"category": category, "area": area} if category or area else {}
                result[pk].events.append(TicketEvent(recorded, at, kind, {**data, **codes}))
        cursor.execute(_DUES, [tickets])
        for pk, rows in groupby(cursor.fetchall(), key=lambda row: row[0]):
            if pk in result:
                moves, case = list(rows), result[pk]
                first = [Moved(case.received, moves[0][2])] if moves[0][2] else []
                case.moved = [*first, *(Moved(at, due) for _, at, _, due in moves)]
        if silent := [pk for pk, case in result.items() if not case.moved]:
            cursor.execute(_DUE, [silent])  # from before moves of deadlines were recorded
            for pk, due in cursor.fetchall():
                result[pk].moved = [Moved(result[pk].received, due)]
    return result
