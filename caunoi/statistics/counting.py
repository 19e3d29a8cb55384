"""Measures other than the four numbers, of a whole scope or by group: {key, value, of}. `value` is None where there is
nothing to measure, `of` the number of cases behind it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from caunoi.calls.queries import CALLS
from caunoi.directory.queries import option
from caunoi.ratings.queries import GRADES
from caunoi.statistics.figures import grades, replies, rows
from caunoi.statistics.scope import GROUPS, TIMES, Scope

type Rows = list[dict[str, Any]]

HOURS = "date_part('epoch', {length}) / 3600"
MIDDLE = "percentile_cont({part}) WITHIN GROUP (ORDER BY {hours})"
GROUPED_BY_HOP = {**GROUPS, "agency": "h.agency", "hop": "h.hop::text"}
GROUPED_BY_REASON = {**GROUPS, "reason": "s.reason"}
GROUPED_BY_BEGINNING = {"": "''", **{name: GROUPS[name].replace("s.received", "c.began") for name in TIMES}}


def _plain(rows: Sequence[Mapping[str, Any]], *, whole: bool) -> Rows:
    """As JSON holds it; the whole has its row even when there is nothing."""
    result = []
    for row in rows:
        value = None if row["value"] is None else round(float(row["value"]), 4)
        result.append({"key": row["key"] or "", "value": value, "of": row["n"]})
    return result or ([{"key": "", "value": None, "of": 0}] if whole else [])


@dataclass(frozen=True, kw_only=True)
class Number:
    """A measure in SQL: `value` over the rows of a source that fulfil `where`; `of` counts its cases. `source` returns
    what comes after FROM, and its parameters."""

    source: Callable[[Scope, bool], tuple[str, dict[str, Any]]]
    value: str
    of: str = "count(*)"
    where: str = "true"
    groups: Mapping[str, str] = field(default_factory=lambda: GROUPS)

    def __call__(self, scope: Scope, by: str) -> Rows:
        source, params = self.source(scope, by == "branch")
        groups = rows(
            f"""
            SELECT {self.groups[by]} AS key, {self.value} AS value, {self.of} AS n FROM {source} AND {self.where}
            GROUP BY 1 ORDER BY 1
            """,
            params,
        )
        return _plain(groups, whole=not by)


def wholes(numbers: Mapping[str, Number], scope: Scope) -> dict[str, Rows]:
    """Several measures of a whole scope, as each alone; those of one source in one statement."""
    result: dict[str, Rows] = {}
    for kind in dict.fromkeys(number.source for number in numbers.values()):
        some = {name: number for name, number in numbers.items() if number.source is kind}
        source, params = kind(scope, False)
        columns = [
            f"{what}{'' if number.where == 'true' else f' FILTER (WHERE {number.where})'} AS {part}_{name}"
            for name, number in some.items()
            for part, what in (("value", number.value), ("n", number.of))
        ]
        (row,) = rows(f"SELECT {', '.join(columns)} FROM {source}", params)
        for name in some:
            n = row[f"n_{name}"]
            one = {"key": "", "value": row[f"value_{name}"], "n": n}
            result[name] = _plain([one] if n else [], whole=True)
    return result


def _tickets(scope: Scope, branch: bool) -> tuple[str, dict[str, Any]]:
    condition, params = scope.where()
    return f"{scope.tables(branch=branch)} WHERE {condition}", params


def _holds(scope: Scope, branch: bool) -> tuple[str, dict[str, Any]]:
    """Finished hand-overs to an agency; those dated before their ticket came in are not counted."""
    condition, params = scope.where()
    over = "h.agency <> '' AND h.until IS NOT NULL AND h.since >= s.received AND h.since >= %(since)s"
    if "as_of" in params:
        over += " AND h.known <= %(as_of)s AND h.over <= %(as_of)s"
    tables = f"{scope.tables(branch=branch)} JOIN statistics_hold h ON h.ticket = s.ticket"
    return f"{tables} WHERE {condition} AND {over}", params


def _calls(scope: Scope, _branch: bool) -> tuple[str, dict[str, Any]]:
    """Incoming calls that began in the period."""
    params: dict[str, Any] = {"since": scope.since, "until": scope.until, "as_of": scope.as_of}
    ended = "c.state = 'ended' AND (%(as_of)s::timestamptz IS NULL OR c.ended < %(as_of)s)"
    within = "c.direction = 'in' AND c.began >= %(since)s AND c.began < %(until)s"
    return f"{CALLS} c WHERE {within} AND {ended}", {**params, "fast": option("answer_seconds")}


def of_tickets(value: str, *, where: str = "true", groups: Mapping[str, str] = GROUPS) -> Number:
    """A number of tickets' spans s."""
    return Number(source=_tickets, value=value, where=where, groups=groups)


def length(of: Literal["answered", "handled"], *, part: float) -> Number:
    """The hours from coming in to the first answer or to the present one, as a percentile (`part`). Answers dated
    before their ticket came in are not counted."""
    hours = HOURS.format(length=f"s.{of} - s.received")
    return of_tickets(MIDDLE.format(part=part, hours=hours), where=f"s.{of} >= s.received")


def custody(*, part: float) -> Number:
    """The hours that finished hops lasted, as a percentile: how long an agency held a ticket before it passed it on,
    gave it back or the ticket was answered. By agency: the one that held it."""
    hours = HOURS.format(length="h.until - h.since")
    return Number(source=_holds, value=MIDDLE.format(part=part, hours=hours), groups=GROUPED_BY_HOP)


def calls(value: str, *, of: str = "count(*)") -> Number:
    """A number of calls c."""
    return Number(source=_calls, value=value, of=of, groups=GROUPED_BY_BEGINNING)


def mix(scope: Scope, by: str) -> Rows:
    """The share of all tickets that each group brought."""
    counts = of_tickets("count(*)")(scope, by)
    every = sum(row["of"] for row in counts)
    return [{**row, "value": round(row["of"] / every, 4) if every else None, "of": every} for row in counts]


def ratings(scope: Scope, by: str, *, what: Literal["content", "response"]) -> Rows:
    """Of the ratings, the share of satisfied or acceptable ones; or of the citizens asked, the share who rated."""
    if what == "content":
        counts = [
            (row["key"], row["satisfied"] + row["acceptable"], sum(row[g] for g in GRADES)) for row in grades(scope, by)
        ]
    else:
        counts = [(row["key"], row["replied"], row["asked"]) for row in replies(scope, by)]
    return _plain([{"key": key, "value": part / n, "n": n} for key, part, n in counts if n], whole=not by)
