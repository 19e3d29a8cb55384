"""Writing spans, holds and their sums from tickets' stories: only what differs, the sums by the difference."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import combinations, permutations
from typing import Any

from django.db import connection

from caunoi.statistics import distributions
from caunoi.statistics.columns import parameters, unnest
from caunoi.statistics.gathering import Case, gather
from caunoi.statistics.periods import VIETNAM
from caunoi.statistics.story import DONE, OUT
from caunoi.statistics.tallies import BOTH, OTHERS, both

type Row = tuple[Any, ...]
Counts = Counter[tuple[Any, ...]]

SHAPE = 5  # version of spans and their sums: after a change all are written again
RECOUNTED = 4  # the first version with the spans of today: of it and those after it only the sums are made again

FACTS = (
    *("phase", "late", "restricted", "channel", "kind", "category", "area", "agency", "due", "answered", "handled"),
    *("reason", "reopened", "returns", "extensions", "contacts"),
)
SPAN = ("ticket", "received", "place", "since", "until", *FACTS)
HOLD = ("ticket", "hop", "agency", "since", "until", "known", "over")
GROUPED = ("agency", "category", "area", "channel")
EACH = (*GROUPED, "place")  # groupings with their own sums
PARTS = ("on_time", "late", "open", "outside")
TALLY = ("by", "day", "key")
PAIR = ("one", "key", "month", "other", "other_key")
PAIRS = (*permutations(GROUPED, 2), *(("", by) for by in EACH), *((BOTH, by) for by in OTHERS))
TYPES = {"day": "date", "month": "date"}
_AT = {name: place for place, name in enumerate(SPAN)}


def _span_rows(pk: int, case: Case) -> tuple[list[Row], list[Row]]:
    story = case.story()
    spans = [
        (pk, case.received, case.place, s.since, s.until, *(getattr(s.facts, name) for name in FACTS))
        for s in story.spans
    ]
    holds = [(pk, h.hop, h.agency, h.since, h.until, h.known, h.over) for h in story.holds]
    return spans, holds


def part(phase: int, late: bool) -> str:
    """The column of a tally that a ticket counts in."""
    if phase == OUT:
        return "outside"
    return ("late" if late else "on_time") if phase == DONE else "open"


def _cell(row: Row | None) -> Row | None:
    """Where a ticket counts in the tallies."""
    if row is None:
        return None
    return part(row[_AT["phase"]], row[_AT["late"]]), row[_AT["received"]], *(row[_AT[by]] for by in EACH)


def _tally(days: Counts, pairs: Counts, row: Row | None, sign: int) -> None:
    if row is None:
        return
    name, day = part(row[_AT["phase"]], row[_AT["late"]]), row[_AT["received"]].astimezone(VIETNAM).date()
    month, keys = day.replace(day=1), {"": ""} | {by: row[_AT[by]] for by in EACH}
    for by, key in keys.items():
        days[by, day, key, name] += sign
    keys[BOTH] = both(keys["channel"], keys["category"])
    for one, other in PAIRS:
        pairs[one, keys[one], month, other, keys[other], name] += sign


def _old(table: str, columns: Sequence[str], ids: Sequence[int]) -> dict[int, list[tuple[int, Row]]]:
    result: dict[int, list[tuple[int, Row]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, {', '.join(columns)} FROM {table} WHERE ticket = ANY(%s) ORDER BY ticket, since, id",
            [list(ids)],
        )
        for pk, *row in cursor.fetchall():
            result.setdefault(row[0], []).append((pk, tuple(row)))
    return result


def _differs(old: Sequence[tuple[int, Row]], new: Sequence[Row]) -> tuple[Sequence[tuple[int, Row]], Sequence[Row]]:
    """The rows to delete, and those to insert instead."""
    same = 0
    while same < min(len(old), len(new)) and old[same][1] == new[same]:
        same += 1
    return old[same:], new[same:]


def _put(table: str, columns: Sequence[str], old_ids: Sequence[int], rows: Iterable[Row]) -> None:
    with connection.cursor() as cursor:
        if old_ids:
            cursor.execute(f"DELETE FROM {table} WHERE id = ANY(%s)", [list(old_ids)])
        with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


def _facts(columns: Sequence[str], rows: Sequence[Row]) -> list[dict[str, Any]]:
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _count(steps: Counts, spans: Sequence[Row], holds: Sequence[Row], sign: int) -> None:
    for span in _facts(SPAN, spans[-1:]):
        distributions.count(steps, span, _facts(HOLD, holds), sign)


def write(ids: Sequence[int], *, tally: bool = True) -> int:
    """Bring the counts of these tickets up to date, in the caller's transaction and under its lock; how many of them
    changed. Without `tally` the sums are left for `tally_all`."""
    tickets = sorted(set(ids))
    cases = gather(tickets)
    old_spans, old_holds = _old("statistics_span", SPAN, tickets), _old("statistics_hold", HOLD, tickets)
    stale_spans, new_spans, stale_holds, new_holds = list[int](), list[Row](), list[int](), list[Row]()
    days, pairs, steps, changed = Counts(), Counts(), Counts(), 0
    for pk in tickets:
        spans, holds = _span_rows(pk, cases[pk]) if pk in cases else ([], [])
        before, custody = old_spans.get(pk, []), old_holds.get(pk, [])
        stale, new = _differs(before, spans)
        over, begun = _differs(custody, holds)
        if tally and (stale or new or over or begun):
            distributions.change(steps, _facts(SPAN, [row for _, row in stale]), _facts(SPAN, new))
            _count(steps, [row for _, row in before], [row for _, row in custody], -1)
            _count(steps, spans, holds, +1)
        changed += bool(stale or new)
        old_row, row = before[-1][1] if before else None, spans[-1] if spans else None
        if tally and _cell(old_row) != _cell(row):
            _tally(days, pairs, old_row, -1)
            _tally(days, pairs, row, +1)
        stale_spans += [pk for pk, _ in stale]
        new_spans += new
        stale_holds += [pk for pk, _ in over]
        new_holds += begun
    _put("statistics_span", SPAN, stale_spans, new_spans)
    _put("statistics_hold", HOLD, stale_holds, new_holds)
    if tally:
        _add("statistics_tally", TALLY, days)
        _add("statistics_pair", PAIR, pairs)
        distributions.add(steps)
    return changed


def _add(table: str, key: Sequence[str], counts: Counts) -> None:
    """Add these differences to the sums."""
    cells: dict[tuple[Any, ...], dict[str, int]] = {}
    for (*cell, name), more in counts.items():
        if more:
            cells.setdefault(tuple(cell), dict.fromkeys(PARTS, 0))[name] = more
    if not cells:
        return
    ordered, words = sorted(cells), ", ".join(f'"{column}"' for column in key)
    types = [*(TYPES.get(column, "text") for column in key), *("int" for _ in PARTS)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO {table} AS t ({words}, {", ".join(PARTS)})
            SELECT * FROM {unnest(types)}
            ON CONFLICT ({words}) DO UPDATE SET {", ".join(f"{part} = t.{part} + excluded.{part}" for part in PARTS)}
            """,
            parameters((*cell, *cells[cell].values()) for cell in ordered),
        )


SUMS = """count(*) FILTER (WHERE phase = 1 AND NOT late) AS on_time, count(*) FILTER (WHERE phase = 1 AND late) AS late,
          count(*) FILTER (WHERE phase = 0) AS open, count(*) FILTER (WHERE phase = 2) AS outside"""
KEYS = ", ".join(f"('{by}', {by})" for by in EACH)


def tally_all() -> None:
    """Sum every tally again from the present spans; readers see the old ones until the commit."""
    groups = ", ".join(f"(day, {by})" for by in EACH)
    some_together = [*combinations(EACH, 1), *combinations(GROUPED, 2), *(("channel", "category", by) for by in OTHERS)]
    sets = ", ".join(f"(month, {', '.join(some)})" for some in some_together)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '128MB'")  # all groups are counted in one pass
        cursor.execute("DELETE FROM statistics_tally")
        cursor.execute(
            f"""
            INSERT INTO statistics_tally ("by", day, key, {", ".join(PARTS)})
            SELECT CASE {" ".join(f"WHEN grouping({by}) = 0 THEN '{by}'" for by in EACH)} ELSE '' END, day,
                   coalesce({", ".join(EACH)}, ''), {SUMS}
            FROM (SELECT (received AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS day, phase, late, {", ".join(EACH)}
                  FROM statistics_span WHERE until IS NULL) AS counted
            GROUP BY GROUPING SETS ((day), {groups})
            """
        )
        cursor.execute("DELETE FROM statistics_pair")
        cursor.execute(
            f"""
            INSERT INTO statistics_pair ({", ".join(PAIR)}, {", ".join(PARTS)})
            SELECT one, key, month, other, other_key, {", ".join(f"sums.{part}" for part in PARTS)}
            FROM (SELECT month, {", ".join(EACH)}, {SUMS}
                  FROM (SELECT date_trunc('month', received AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS month, phase,
                               late, {", ".join(EACH)} FROM statistics_span WHERE until IS NULL) AS counted
                  GROUP BY GROUPING SETS ({sets})) AS sums
            CROSS JOIN LATERAL (VALUES ('', ''), {KEYS}, ('{BOTH}', channel || ' ' || category)) AS a(one, key)
            CROSS JOIN LATERAL (VALUES {KEYS}) AS b(other, other_key)
            WHERE one <> other AND (one <> '{BOTH}' OR other = ANY(%s)) AND key IS NOT NULL AND other_key IS NOT NULL
                  AND num_nonnulls({", ".join(EACH)}) = CASE one WHEN '' THEN 1 WHEN '{BOTH}' THEN 3 ELSE 2 END
            """,
            [list(OTHERS)],
        )
    distributions.count_all()
