"""Spans, holds and tallies written from tickets' stories: only what differs, the tallies by what it differs by."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection

from caunoi.statistics.gathering import Case, gather
from caunoi.statistics.periods import VIETNAM
from caunoi.statistics.story import DONE, OUT, Facts

type Row = tuple[Any, ...]

FACTS = (
    "phase", "late", "restricted", "channel", "kind", "category", "area", "agency", "due", "answered", "handled", "reason",
    "reopened", "returns", "extensions", "contacts",
)  # fmt: skip
SPAN = ("ticket", "received", "since", "until", *FACTS)
HOLD = ("ticket", "hop", "agency", "since", "until", "known", "over")
GROUPED = ("agency", "category", "area", "channel")
PARTS = ("on_time", "late", "open")
_AT = {name: place for place, name in enumerate(SPAN)}


def _span_rows(pk: int, case: Case) -> tuple[list[Row], list[Row]]:
    story = case.story()
    spans = [
        (pk, case.received, s.since, s.until, *(getattr(s.facts, name) for name in FACTS)) for s in story.spans
    ]  # fmt: skip
    holds = [(pk, h.hop, h.agency, h.since, h.until, h.known, h.over) for h in story.holds]
    return spans, holds


def part(phase: int, late: bool) -> str | None:
    """Which column of a tally a ticket counts in; none outside the four numbers."""
    if phase == OUT:
        return None
    return ("late" if late else "on_time") if phase == DONE else "open"


def day_of(received: datetime) -> date:
    return received.astimezone(VIETNAM).date()


def _tally(counts: Counter[tuple[str, date, str, str]], row: Row | None, sign: int) -> None:
    if row is None or (name := part(row[_AT["phase"]], row[_AT["late"]])) is None:
        return
    day = day_of(row[_AT["received"]])
    counts["", day, "", name] += sign
    for by in GROUPED:
        counts[by, day, row[_AT[by]], name] += sign


def _old(table: str, columns: Sequence[str], ids: Sequence[int]) -> dict[int, list[tuple[int, Row]]]:
    found: dict[int, list[tuple[int, Row]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, {', '.join(columns)} FROM {table} WHERE ticket = ANY(%s) ORDER BY ticket, since, id",  # noqa: S608
            [list(ids)],
        )
        for pk, *row in cursor.fetchall():
            found.setdefault(row[0], []).append((pk, tuple(row)))
    return found


def _differs(old: Sequence[tuple[int, Row]], new: Sequence[Row]) -> tuple[list[int], list[Row]]:
    """The rows to take away, and those to put there instead."""
    same = 0
    while same < min(len(old), len(new)) and old[same][1] == new[same]:
        same += 1
    return [pk for pk, _ in old[same:]], list(new[same:])


def _put(table: str, columns: Sequence[str], gone: Sequence[int], rows: Iterable[Row]) -> None:
    with connection.cursor() as cursor:
        if gone:
            cursor.execute(f"DELETE FROM {table} WHERE id = ANY(%s)", [list(gone)])  # noqa: S608
        with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


def write(ids: Sequence[int], *, tally: bool = True) -> int:
    """Bring what is counted of these tickets up to date, in the caller's transaction and under its lock; how many of
    them changed. Without `tally` the sums are left for `tally_all`."""
    wanted = sorted(set(ids))
    cases = gather(wanted)
    old_spans, old_holds = _old("statistics_span", SPAN, wanted), _old("statistics_hold", HOLD, wanted)
    gone_spans, new_spans, gone_holds, new_holds = list[int](), list[Row](), list[int](), list[Row]()
    counts: Counter[tuple[str, date, str, str]] = Counter()
    changed = 0
    for pk in wanted:
        spans, holds = _span_rows(pk, cases[pk]) if pk in cases else ([], [])
        before = old_spans.get(pk, [])
        gone, new = _differs(before, spans)
        gone_spans += gone
        new_spans += new
        if gone or new:
            changed += 1
            _tally(counts, before[-1][1] if before else None, -1)
            _tally(counts, spans[-1] if spans else None, +1)
        gone, new = _differs(old_holds.get(pk, []), holds)
        gone_holds += gone
        new_holds += new
    _put("statistics_span", SPAN, gone_spans, new_spans)
    _put("statistics_hold", HOLD, gone_holds, new_holds)
    if tally:
        _add(counts)
    return changed


def _add(counts: Counter[tuple[str, date, str, str]]) -> None:
    """Add to the tallies what they differ by."""
    cells: dict[tuple[str, date, str], dict[str, int]] = {}
    for (by, day, key, name), more in counts.items():
        if more:
            cells.setdefault((by, day, key), dict.fromkeys(PARTS, 0))[name] = more
    if not cells:
        return
    keys = sorted(cells)
    columns = [[key[i] for key in keys] for i in range(3)] + [[cells[key][name] for key in keys] for name in PARTS]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO statistics_tally AS t ("by", day, key, on_time, late, open)
            SELECT * FROM unnest(%s::text[], %s::date[], %s::text[], %s::int[], %s::int[], %s::int[])
            ON CONFLICT ("by", day, key) DO UPDATE
            SET on_time = t.on_time + excluded.on_time, late = t.late + excluded.late, open = t.open + excluded.open
            """,
            columns,
        )


def tally_all() -> None:
    """Every tally anew from the spans that are now; readers see the old ones until the commit."""
    groups = ", ".join(f"(day, {by})" for by in GROUPED)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM statistics_tally")
        cursor.execute(
            f"""
            INSERT INTO statistics_tally ("by", day, key, on_time, late, open)
            SELECT CASE {" ".join(f"WHEN grouping({by}) = 0 THEN '{by}'" for by in GROUPED)} ELSE '' END, day,
                   coalesce({", ".join(GROUPED)}, ''),
                   count(*) FILTER (WHERE phase = 1 AND NOT late), count(*) FILTER (WHERE phase = 1 AND late),
                   count(*) FILTER (WHERE phase = 0)
            FROM (SELECT (received AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS day, phase, late, {", ".join(GROUPED)}
                  FROM statistics_span WHERE until IS NULL AND phase <> 2) AS counted
            GROUP BY GROUPING SETS ((day), {groups})
            """  # noqa: S608  made of our own words
        )


def fields(row: Row) -> Facts:
    """A span's row as facts again."""
    return Facts(**dict(zip(FACTS, row[4:], strict=True)))
