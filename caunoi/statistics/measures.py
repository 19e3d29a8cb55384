"""Every number, named once: what it is called, what it means, how it is counted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.timezone import now

GROUPS = {
    "": ("''", ""),
    "agency": ("coalesce(a.code, '')", ""),
    "area": ("coalesce(ar.code, '')", ""),
    "category": ("coalesce(c.code, '')", ""),
    "channel": ("t.channel", ""),
    "day": ("to_char(t.received AT TIME ZONE 'Asia/Ho_Chi_Minh', 'YYYY-MM-DD')", ""),
    "month": ("to_char(t.received AT TIME ZONE 'Asia/Ho_Chi_Minh', 'YYYY-MM')", ""),
}
FOUR = ("on_time", "late", "open_within", "open_overdue")


@dataclass(frozen=True, kw_only=True)
class Measure:
    """`rows(since, until, by, area_id)` counts what was received in [since, until), in one area where given."""

    name: str
    definition: str
    rows: Callable[[datetime, datetime, str, int | None], list[dict[str, Any]]]


def four_numbers(
    since: datetime, until: datetime, by: str = "", *, area_id: int | None = None, at: datetime | None = None
) -> list[dict[str, Any]]:
    """Tickets received in [since, until): handled on time, handled late, open within and past the deadline of the
    `handle` clock; the four always sum to the total. Refused and merged tickets are outside. A ticket that was reopened
    is open against its first due until it is handled again, and late from then on."""
    key, _ = GROUPS[by]
    handled = "t.state IN ('answered', 'closed')"
    late = "(t.reopened > 0 OR coalesce(d.late, false))"
    overdue = "coalesce(d.late OR d.due < %(at)s, false)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT {key} AS key,
                   count(*) FILTER (WHERE {handled} AND NOT {late}) AS on_time,
                   count(*) FILTER (WHERE {handled} AND {late}) AS late,
                   count(*) FILTER (WHERE NOT {handled} AND NOT {overdue}) AS open_within,
                   count(*) FILTER (WHERE NOT {handled} AND {overdue}) AS open_overdue,
                   count(*) AS total
            FROM tickets_ticket t
            LEFT JOIN sla_deadline d ON d.ticket_id = t.id AND d.clock = 'handle' AND d.leg_id IS NULL
            LEFT JOIN directory_agency a ON a.id = t.agency_id
            LEFT JOIN directory_area ar ON ar.id = t.area_id
            LEFT JOIN directory_category c ON c.id = t.category_id
            WHERE t.received >= %(since)s AND t.received < %(until)s AND t.state NOT IN ('refused', 'merged')
              AND (%(area)s::bigint IS NULL OR t.area_id = %(area)s)
            GROUP BY 1 ORDER BY 1
            """,  # noqa: S608  the key is one of GROUPS
            {"since": since, "until": until, "area": area_id, "at": at or now()},
        )
        names = [column.name for column in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    empty = {"key": "", **dict.fromkeys((*FOUR, "total"), 0)}
    return rows if by else (rows or [empty])


def _grouped(since: datetime, until: datetime, by: str, area_id: int | None) -> list[dict[str, Any]]:
    return [
        {**({by: r["key"]} if by else {}), **{k: r[k] for k in (*FOUR, "total")}}
        for r in four_numbers(since, until, by, area_id=area_id)
    ]


MEASURES: Mapping[str, Measure] = {
    m.name: m
    for m in (
        Measure(
            name="tickets",
            definition="Tickets received in the period: handled on time, handled late, open within the deadline, open past it; "
            "refused and merged tickets are not counted.",
            rows=_grouped,
        ),
    )
}
