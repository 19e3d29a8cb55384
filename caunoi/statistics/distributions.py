"""What lies on which step, by month and group (models.Distribution): written by the difference, or all at once from the
spans, and read as past evenings, percentiles and sums, however many tickets there are."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection

from caunoi.statistics.columns import parameters, unnest
from caunoi.statistics.counts import Row
from caunoi.statistics.periods import INSTANT, VIETNAM
from caunoi.statistics.scope import NARROW, Scope
from caunoi.statistics.steps import BEFORE, BORDERS, step_of
from caunoi.statistics.story import DONE, OPEN, OUT
from caunoi.statistics.tallies import TIMES, key_of

type Facts = Mapping[str, Any]  # of a span, by the names of its columns
type Cells = Counter[tuple[str, str, date, str, int]]

KEY = ("what", "by", "since", "key")
EACH = (*NARROW, "place")
EVENING = ("on_time", "late", "open", "overdue")  # whose steps are days
TIMED = ("", "day", "week", "month")  # what days answer


# --- written ---


def change(cells: Cells, old: Sequence[Facts], new: Sequence[Facts]) -> None:
    """Note what spans that are no more, and new ones in their place, change of past evenings."""
    for spans, sign in ((old, -1), (new, +1)):
        for span in spans:
            day = span["received"].astimezone(VIETNAM).date()
            month = day.replace(day=1)
            for what, at, n in _turns(span):
                then = (at - INSTANT).astimezone(VIETNAM).date()
                cells[what, "", day, "", (then - day).days] += sign * n
                for by in EACH:
                    cells[what, by, month, span[by], (then - month).days] += sign * n


def _turns(span: Facts) -> Iterator[tuple[str, datetime, int]]:
    """When the parts of the four numbers have this ticket, and when no more."""
    since, until, due = span["since"], span["until"], span["due"]
    if span["phase"] == OUT:
        return
    part = ("late" if span["late"] else "on_time") if span["phase"] == DONE else "open"
    yield part, since, +1
    if until is not None:
        yield part, until, -1
    if span["phase"] == OPEN and due is not None:
        begins = max(since, due + INSTANT)
        if until is None:
            yield "overdue", begins, +1
        elif begins < until:
            yield "overdue", begins, +1
            yield "overdue", until, -1


def count(cells: Cells, span: Facts, holds: Sequence[Facts], sign: int) -> None:
    """Note what a ticket adds to lengths and amounts, from its present span and who held it."""
    received = span["received"]
    day = received.astimezone(VIETNAM).date()
    keys = {by: span[by] for by in NARROW}
    for what, step in _amounts(span):
        cells[what, "", day, "", step] += sign
        for by, key in keys.items():
            cells[what, by, day.replace(day=1), key, step] += sign
    for hold in holds if span["phase"] != OUT else ():
        if hold["agency"] and hold["until"] is not None and hold["since"] >= received:
            step = step_of(hold["until"] - hold["since"])
            cells["custody", "", day, "", step] += sign
            for by, key in (keys | {"agency": hold["agency"], "hop": str(hold["hop"])}).items():
                cells["custody", by, day.replace(day=1), key, step] += sign


def _amounts(span: Facts) -> Iterator[tuple[str, int]]:
    if span["reason"]:
        yield "refused", 1
    if span["phase"] == OUT:
        return
    received, answered, handled = span["received"], span["answered"], span["handled"]
    if answered is not None:
        yield "answered", step_of(answered - received)
        if span["reopened"]:
            yield "reopened", 1
    if handled is not None and handled >= received:
        yield "handled", step_of(handled - received)
    for what, n in (
        ("returns", span["returns"]),
        ("extensions", span["extensions"]),
        ("contacts", span["contacts"] - 1),
    ):
        if n:
            yield what, n
    if span["kind"] == "question":
        yield "questions", 1


def add(cells: Cells) -> None:
    """Add these differences: each step is one element of its row's array, the rows of a round in one statement."""
    differences: dict[tuple[str, str, date, str], list[tuple[int, int]]] = {}
    for (*key, step), n in cells.items():
        if n:
            differences.setdefault(tuple(key), []).append((step, n))  # type: ignore[arg-type]
    if not differences:
        return
    kinds = ("text", "text", "date", "text")
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO statistics_distribution ("what", "by", since, key, counts)
                SELECT *, '{{}}' FROM {unnest(kinds)} ON CONFLICT DO NOTHING""",
            parameters(sorted(differences)),
        )
        while differences:
            some = [(*key, *more.pop()) for key, more in sorted(differences.items())]
            cursor.execute(
                f"""UPDATE statistics_distribution AS d SET counts[m.step] = coalesce(d.counts[m.step], 0) + m.n
                   FROM {unnest((*kinds, "int", "int"))} AS m("what", "by", since, key, step, n)
                   WHERE (d."what", d."by", d.since, d.key) = (m."what", m."by", m.since, m.key)""",
                parameters(some),
            )
            differences = {key: more for key, more in differences.items() if more}


_LOCAL = "(({}) AT TIME ZONE 'Asia/Ho_Chi_Minh')::date"
_MONTH = f"date_trunc('month', {_LOCAL.format('s.received')})::date"


def _length(sql: str) -> str:
    """The step of an interval (steps.step_of)."""
    return f"width_bucket(floor(extract(epoch FROM {sql}))::bigint, '{{{','.join(map(str, BORDERS))}}}'::bigint[])"


# Of which tickets' spans s, and the step: the same as `count`.
AMOUNTS: Mapping[str, tuple[str, str]] = {
    "refused": ("s.reason <> ''", "1"),
    "answered": (
        "s.answered IS NOT NULL",
        f"CASE WHEN s.answered < s.received THEN {BEFORE} ELSE {_length('s.answered - s.received')} END",
    ),
    "handled": ("s.handled >= s.received", _length("s.handled - s.received")),
    "reopened": ("s.answered IS NOT NULL AND s.reopened <> 0", "1"),
    "returns": ("s.returns <> 0", "s.returns"),
    "extensions": ("s.extensions <> 0", "s.extensions"),
    "contacts": ("s.contacts <> 1", "s.contacts - 1"),
    "questions": ("s.kind = 'question'", "1"),
    "custody": ("h.agency <> '' AND h.until IS NOT NULL AND h.since >= s.received", _length("h.until - h.since")),
}


def values(whats: Iterable[str]) -> str:
    """(what, step) of a span s, for some amounts of tickets; the step is NULL where it has none."""
    conditions = {
        what: some if what == "refused" else f"s.phase <> {OUT} AND {some}" for what, (some, _) in AMOUNTS.items()
    }
    return ", ".join(f"('{what}', CASE WHEN {conditions[what]} THEN {AMOUNTS[what][1]} END)" for what in whats)


_AMOUNTS = f"""
    SELECT what, step AS day_step, step AS month_step, {_LOCAL.format("s.received")} AS day, {_MONTH} AS month,
           {", ".join(NARROW)}, NULL AS hop, 1 AS n
    FROM statistics_span s
    CROSS JOIN LATERAL (VALUES {values(what for what in AMOUNTS if what != "custody")}) AS m(what, step)
    WHERE s.until IS NULL AND step IS NOT NULL
    UNION ALL
    SELECT 'custody', {AMOUNTS["custody"][1]}, {AMOUNTS["custody"][1]}, {_LOCAL.format("s.received")}, {_MONTH},
           {", ".join("h.agency" if by == "agency" else f"s.{by}" for by in NARROW)}, h.hop::text, 1
    FROM statistics_span s JOIN statistics_hold h ON h.ticket = s.ticket
    WHERE s.until IS NULL AND s.phase <> {OUT} AND {AMOUNTS["custody"][0]}
"""
# The same as `change`.
_TURNS = f"""
    SELECT what, "then" - day AS day_step, "then" - month AS month_step, day, month, {", ".join(EACH)}, n
    FROM (SELECT {_LOCAL.format("s.received")} AS day, {_MONTH} AS month, {", ".join(EACH)}, m.what, m.n,
                 {_LOCAL.format("m.at - interval '1 microsecond'")} AS "then"
          FROM statistics_span s
          CROSS JOIN LATERAL (SELECT
              CASE WHEN phase = {OPEN} THEN 'open' WHEN late THEN 'late' ELSE 'on_time' END AS part,
              CASE WHEN phase = {OPEN} AND due IS NOT NULL AND (s.until IS NULL OR due < s.until)
                   THEN greatest(s.since, due + interval '1 microsecond') END AS begins) AS t
          CROSS JOIN LATERAL (VALUES
              (part, s.since, 1), (part, s.until, -1),
              ('overdue', nullif(begins, s.until), 1),
              ('overdue', CASE WHEN begins < s.until THEN s.until END, -1)) AS m(what, at, n)
          WHERE phase <> {OUT} AND m.at IS NOT NULL) AS turns
"""


def _summed(source: str, groups: Sequence[str]) -> str:
    """The steps of a source, of the whole by day and of each of some groups by month."""
    sets = ", ".join(f"(what, month_step, month, {by})" for by in groups)
    names = " ".join(f"WHEN grouping({by}) = 0 THEN '{by}'" for by in groups)
    return f"""
        SELECT what, CASE {names} ELSE '' END AS "by", coalesce(month, day) AS since,
               coalesce({", ".join(groups)}, '') AS key, coalesce(month_step, day_step) AS step, sum(n) AS n
        FROM ({source}) AS steps GROUP BY GROUPING SETS ((what, day_step, day), {sets})
        {"HAVING what = 'custody' OR grouping(hop) = 1" if "hop" in groups else ""}
    """


def count_all() -> None:
    """All of them again from the spans and holds."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM statistics_distribution")
        for sums in (_summed(_TURNS, EACH), _summed(_AMOUNTS, (*NARROW, "hop"))):
            cursor.execute(
                f"""
                INSERT INTO statistics_distribution ("what", "by", since, key, counts)
                SELECT "what", "by", since, key, ('[' || min(step) || ':' || max(step) || ']={{' || string_agg(
                           repeat('NULL,', coalesce(step - before - 1, 0)) || n, ',' ORDER BY step) || '}}')::int[]
                FROM (SELECT *, lag(step) OVER (PARTITION BY "what", "by", since, key ORDER BY step) AS before
                      FROM ({sums}) AS summed WHERE n <> 0) AS ordered
                GROUP BY "what", "by", since, key
                """
            )


# --- read ---


def evening(scope: Scope, groupings: Sequence[str]) -> list[tuple[str, Row]]:
    """The four numbers of the whole days or months of a scope on the evening that it asks about, by each of some
    groupings of `tallies.ways`."""
    stood = key_of(scope.boundaries)
    (one, code), *_ = [*scope.codes.items(), ("", "")]
    params: dict[str, Any] = {"one": one, "code": code, "day": scope.evening, "whats": list(EVENING)}
    params |= {"first": scope.since.astimezone(VIETNAM).date(), "last": scope.until.astimezone(VIETNAM).date()}
    cells: Counter[tuple[str, str, str]] = Counter()
    for name in groupings:
        by, key = (
            ("place" if stood else name, "d.key") if name in NARROW else (one, TIMES[name].replace("day", "d.since"))
        )
        summed = rows(
            f"""
            SELECT "what", {key} AS key, sum(u.n) FROM statistics_distribution d
            CROSS JOIN LATERAL unnest(d.counts[:%(day)s::date - d.since]) AS u(n)
            WHERE "what" = ANY(%(whats)s) AND "by" = %(by)s AND d.since >= %(first)s AND d.since < %(last)s
                  AND d.since <= %(day)s::date + 1 {"" if name in NARROW else "AND d.key = %(code)s"}
            GROUP BY 1, 2
            """,
            params | {"by": by},
        )
        for what, group, n in summed:
            cells[name, stood(group) if stood and name == "area" else group, what] += n or 0
    result = []
    for name, key in sorted({cell[:2] for cell in cells}):
        on_time, late, still, past = (cells[name, key, what] for what in EVENING)
        if on_time or late or still:
            result.append((name, Row(key=key, on_time=on_time, late=late, open_within=still - past, open_overdue=past)))
    return result


def steps(scope: Scope, whats: Sequence[str], by: str) -> dict[str, dict[str, dict[int, int]]]:
    """Of the tickets received in the whole days or months of a scope, by group: {what: {key: steps}}."""
    (one, code), *_ = [*scope.codes.items(), ("", "")]
    timed = by in TIMED
    key = TIMES[by].replace("day", "d.since") if timed else "d.key"
    params: dict[str, Any] = {"whats": list(whats), "by": one if timed else by, "code": code}
    params |= {"first": scope.since.astimezone(VIETNAM).date(), "last": scope.until.astimezone(VIETNAM).date()}
    result: dict[str, dict[str, dict[int, int]]] = {what: {} for what in whats}
    for what, group, step, n in rows(
        f"""
        SELECT "what", {key} AS key, array_lower(d.counts, 1) + u.i::int - 1 AS step, sum(u.n)
        FROM statistics_distribution d CROSS JOIN LATERAL unnest(d.counts) WITH ORDINALITY AS u(n, i)
        WHERE "what" = ANY(%(whats)s) AND "by" = %(by)s AND d.since >= %(first)s AND d.since < %(last)s
              {"AND d.key = %(code)s" if timed else ""} AND u.n <> 0
        GROUP BY 1, 2, 3 HAVING sum(u.n) <> 0
        """,
        params,
    ):
        result[what].setdefault(group, {})[step] = n
    return result


def rows(sql: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())
