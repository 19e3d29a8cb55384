"""The four numbers of whole days from the kept tallies: what is open past its deadline is looked up among the open ones,
everything else is a sum."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from caunoi.statistics.counts import Row
from caunoi.statistics.periods import VIETNAM, midnight
from caunoi.statistics.scope import GROUPS

# Groupings that the tallies answer → the tally they sum, and their key of its row.
KEPT = {
    "": ("", "''"),
    "agency": ("agency", "key"), "area": ("area", "key"), "category": ("category", "key"), "channel": ("channel", "key"),
    "day": ("", "to_char(day, 'YYYY-MM-DD')"),
    "week": ("", "to_char(day, 'IYYY-\"W\"IW')"),
    "month": ("", "to_char(day, 'YYYY-MM')"),
}  # fmt: skip


def days(since: datetime, until: datetime) -> tuple[datetime, datetime]:
    """The whole days of Vietnam within [since, until), as their first and last midnight; the first not before the last
    where there is none."""
    first = midnight(since.astimezone(VIETNAM).date())
    if first < since:
        first = midnight(first.date() + timedelta(days=1))
    return first, midnight(until.astimezone(VIETNAM).date())


def grouped(since: datetime, until: datetime, at: datetime, wanted: Sequence[str]) -> list[tuple[str, Row]]:
    """The four numbers of tickets received in whole days, by each of some groupings of KEPT."""
    overdue = {(name, key): n for name, key, n in _overdue(since, until, at, wanted)}
    sums = " UNION ALL ".join(
        f"""SELECT '{name}', {KEPT[name][1]}, sum(on_time), sum(late), sum(open) FROM statistics_tally
            WHERE "by" = '{KEPT[name][0]}' AND day >= %(first)s AND day < %(last)s GROUP BY 2"""  # noqa: S608
        for name in wanted
    )
    first, last = since.astimezone(VIETNAM).date(), until.astimezone(VIETNAM).date()
    found = []
    for name, key, on_time, late, still in _all(sums, {"first": first, "last": last}):
        past = min(overdue.get((name, key), 0), still)
        if on_time or late or still:
            row = Row(key=key, on_time=on_time, late=late, open_within=still - past, open_overdue=past)
            found.append((name, row))
    return found


def _overdue(since: datetime, until: datetime, at: datetime, wanted: Sequence[str]) -> Iterable[tuple[str, str, int]]:
    """(grouping, key, how many open ones are past their deadline), by way of the index of open tickets."""
    counts = " UNION ALL ".join(
        f"SELECT '{name}', {GROUPS[name]}, count(*) FROM late s GROUP BY 2"  # noqa: S608
        for name in wanted
    )
    return _all(
        f"""
        WITH late AS MATERIALIZED (
            SELECT received, agency, area, category, channel FROM statistics_span
            WHERE until IS NULL AND phase = 0 AND due < %(at)s AND received >= %(since)s AND received < %(until)s
        ) {counts}
        """,  # noqa: S608
        {"since": since, "until": until, "at": at},
    )


def _all(sql: str, given: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return list(cursor.fetchall())
