"""Measures other than the four numbers, of a whole scope or by group: {key, value, of}. `value` is None where there is
nothing to measure, `of` the number of cases behind it; with `about` it is a length to 1 %.

Whole days and months come from the distributions where these answer, else everything from the spans."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any, Literal

from caunoi.accounts.queries import USERS
from caunoi.calls.queries import CALLS
from caunoi.directory.queries import option
from caunoi.ratings.queries import GRADES
from caunoi.statistics import distributions, rollup, tallies
from caunoi.statistics.figures import grades, grouped, replies, rows
from caunoi.statistics.half_hours import AGAIN, STRIDES, slot
from caunoi.statistics.scope import GROUPS, NARROW, TIMES, Scope
from caunoi.statistics.steps import BEFORE, Steps, amount, percentile

type Rows = list[dict[str, Any]]
type OfSteps = Mapping[str, Steps]

HOURS = "date_part('epoch', {length}) / 3600"
MIDDLE = "percentile_cont({part}) WITHIN GROUP (ORDER BY {hours})"
ENOUGH = 20_000  # lengths; fewer are read one by one, to the second
GROUPED_BY_HOP = {**GROUPS, "agency": "h.agency", "hop": "h.hop::text"}
GROUPED_BY_REASON = {**GROUPS, "reason": "s.reason"}
GROUPED_BY_BEGINNING = {
    "": "''",
    **{name: GROUPS[name].replace("s.received", "c.began") for name in TIMES},
    **{name: slot(name, "c.began") for name in STRIDES},
    "queue": "c.queue",
    "operator": f"(SELECT u.username FROM {USERS} u WHERE u.id = c.operator_id)",
}


def _plain(rows: Sequence[Mapping[str, Any]], *, whole: bool) -> Rows:
    """As JSON holds it; the whole has its row even when there is nothing."""
    result = []
    for row in rows:
        value = None if row["value"] is None else round(float(row["value"]), 4)
        about = {"about": True} if row.get("about") and value is not None else {}
        result.append({"key": row["key"] or "", "value": value, "of": row["n"], **about})
    return result or ([{"key": "", "value": None, "of": 0}] if whole else [])


@dataclass(frozen=True, kw_only=True)
class Summed:
    """How a measure is read off distributions: of which (`whats`), and `read(steps, tickets)` its value and of how many
    cases; `tickets`: whether it is said of all tickets. `length`: a percentile, to 1 %."""

    whats: tuple[str, ...]
    read: Callable[[OfSteps, int], tuple[float | None, int]]
    tickets: bool = False
    length: bool = False


@dataclass(frozen=True, kw_only=True)
class Number:
    """A measure in SQL: `value` over the rows of a source that fulfil `where`; `of` counts its cases. `source` returns
    what comes after FROM, and its parameters. `summed`: how the distributions say it."""

    source: Callable[[Scope, bool], tuple[str, dict[str, Any]]]
    value: str
    of: str = "count(*)"
    where: str = "true"
    groups: Mapping[str, str] = field(default_factory=lambda: GROUPS)
    summed: Summed | None = None

    def __call__(self, scope: Scope, by: str) -> Rows:
        if self.summed and (sums := _sums({"": self}, scope, by, partial(_totals, scope, by))):
            return _plain(sums[""], whole=not by)
        source, params = self.source(scope, by == "branch")
        groups = rows(
            f"""
            SELECT {self.groups[by]} AS key, {self.value} AS value, {self.of} AS n FROM {source} AND {self.where}
            GROUP BY 1 ORDER BY 1
            """,
            params,
        )
        return _plain(groups, whole=not by)


def wholes(numbers: Mapping[str, Number], scope: Scope, tickets: int) -> dict[str, Rows]:
    """Several measures of a whole scope of so many tickets, as each alone; those of one source in one statement."""
    sums = _sums(numbers, scope, "", lambda: {"": tickets})
    result = {name: _plain(lines, whole=True) for name, lines in sums.items()}
    rest = {name: number for name, number in numbers.items() if name not in sums}
    for kind in dict.fromkeys(number.source for number in rest.values()):
        some = {name: number for name, number in rest.items() if number.source is kind}
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


def _days(scope: Scope, by: str) -> tuple[Scope, list[Scope]] | None:
    """The whole days or months of a scope that the distributions know by a group, and what is around them; None where
    they know none."""
    rollup.fresh()
    inside = replace(scope, outside=False, boundaries=None)
    if scope.as_of or not inside.is_tallied or len(scope.codes) > 1 or rollup.lag().building:
        return None
    if scope.boundaries is not None and (by == "area" or "area" in scope.codes):
        return None
    if by not in (("", "month") if scope.codes else (*distributions.TIMED, *NARROW, "hop")):
        return None
    by_day = by in distributions.TIMED and not scope.codes
    since, until = (tallies.days if by_day else tallies.months)(scope.since, scope.until)
    if since >= until:
        return None
    edges = (inside.within(scope.since, since), inside.within(until, scope.until))
    return inside.within(since, until), [edge for edge in edges if edge.since < edge.until]


def _sums(
    numbers: Mapping[str, Number], scope: Scope, by: str, totals: Callable[[], Mapping[str, int]]
) -> dict[str, list[dict[str, Any]]]:
    """Those of some measures that the distributions say, by group: {name: [{key, value, n, about}]}. `totals` counts
    the tickets of each group."""
    summed = {name: number.summed for name, number in numbers.items() if number.summed}
    if "agency" in scope.codes:  # by which hand-overs are not narrowed, but the tickets
        summed = {name: how for name, how in summed.items() if "custody" not in how.whats}
    if not summed or (days := _days(scope, by)) is None:
        return {}
    inside, edges = days
    steps = distributions.steps(inside, list({what for how in summed.values() for what in how.whats}), by)
    few = {what for what, groups in steps.items() if sum(sum(group.values()) for group in groups.values()) <= ENOUGH}
    summed = {
        name: how for name, how in summed.items() if not how.length or not (scope.exact or few.intersection(how.whats))
    }
    for edge in edges if summed else ():
        _add_edges(steps, edge, {what for how in summed.values() for what in how.whats}, by)
    tickets = totals() if any(how.tickets for how in summed.values()) else {}
    return {name: list(_read(how, steps, tickets)) for name, how in summed.items()}


def _read(
    how: Summed, steps: Mapping[str, Mapping[str, Steps]], tickets: Mapping[str, int]
) -> Iterator[dict[str, Any]]:
    keys = tickets if how.tickets else {key for what in how.whats for key in steps[what]}
    for key in sorted(keys):
        value, n = how.read({what: steps[what].get(key, {}) for what in how.whats}, tickets.get(key, 0))
        if n:
            yield {"key": key, "value": value, "n": n, "about": how.length}


def _add_edges(steps: dict[str, dict[str, dict[int, int]]], edge: Scope, whats: Iterable[str], by: str) -> None:
    """Add the steps of a part of a day or month, from the rows."""
    of_tickets = [what for what in whats if what != "custody"]
    counted = []
    if of_tickets:
        source, params = _tickets(edge.with_outside(), False)
        counted += distributions.rows(
            f"""
            SELECT what, key, step, count(*) AS n FROM (SELECT {GROUPS[by]} AS key, s.* FROM {source}) AS s
            CROSS JOIN LATERAL (VALUES {distributions.values(of_tickets)}) AS m(what, step)
            WHERE step IS NOT NULL GROUP BY 1, 2, 3
            """,
            params,
        )
    if "custody" in whats:
        source, params = _holds(edge, False)
        holder, length = GROUPED_BY_HOP[by], distributions.AMOUNTS["custody"][1]
        counted += distributions.rows(
            f"SELECT 'custody' AS what, {holder} AS key, {length} AS step, count(*) FROM {source} GROUP BY 2, 3", params
        )
    for what, key, step, n in counted:
        group = steps[what].setdefault(key, {})
        group[step] = group.get(step, 0) + n


def _totals(scope: Scope, by: str) -> dict[str, int]:
    """How many tickets each group has, agencies by the codes as recorded."""
    plain = replace(scope, outside=False, boundaries=None, heirs=scope.heirs if "agency" in scope.codes else {})
    return {row.key: row.total for row in grouped(plain, [by])[by] if row.total}


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
    within = "c.direction = 'in' AND NOT c.internal AND c.began >= %(since)s AND c.began < %(until)s"
    return f"{CALLS} c WHERE {within} AND {ended}", {**params, "fast": option("answer_seconds"), "again": AGAIN}


def _refused(scope: Scope, branch: bool) -> tuple[str, dict[str, Any]]:
    """Tickets, refused and merged ones too."""
    return _tickets(scope.with_outside(), branch)


def of_tickets(
    value: str, *, where: str = "true", groups: Mapping[str, str] = GROUPS, summed: Summed | None = None
) -> Number:
    """A number of tickets' spans s."""
    return Number(source=_tickets, value=value, where=where, groups=groups, summed=summed)


def share(where: str, *, of: str = "true", summed: Summed | None = None) -> Number:
    """The share of tickets that fulfil a condition in those that fulfil another."""
    return of_tickets(f"avg(({where})::int)", where=of, summed=summed)


def times(what: str, *, each: int = 0) -> Summed:
    """How often something was, of all tickets; with `each`, how often on average, beginning with that."""

    def read(steps: OfSteps, tickets: int) -> tuple[float | None, int]:
        many = amount(steps[what])
        return (each + many / tickets if each and tickets else many), tickets

    return Summed(whats=(what,), read=read, tickets=True)


def part_of(what: str, of: str = "") -> Summed:
    """The share of one amount in another, or in all tickets."""

    def read(steps: OfSteps, tickets: int) -> tuple[float | None, int]:
        every = sum(steps[of].values()) if of else tickets
        return (sum(steps[what].values()) / every if every else None), every

    return Summed(whats=(what, of) if of else (what,), read=read, tickets=not of)


def within(what: str, part: float, *, before: bool = False) -> Summed:
    """The hours within which this part of the lengths lies; `before`: those below zero count too."""

    def read(steps: OfSteps, _tickets: int) -> tuple[float | None, int]:
        counts = {step: n for step, n in steps[what].items() if before or step != BEFORE}
        return percentile(counts, part), sum(counts.values())

    return Summed(whats=(what,), read=read, length=True)


def length(of: Literal["answered", "handled"], *, part: float) -> Number:
    """The hours from coming in to the first answer or to the present one, as a percentile (`part`). Answers dated
    before their ticket came in are not counted."""
    hours = HOURS.format(length=f"s.{of} - s.received")
    return of_tickets(MIDDLE.format(part=part, hours=hours), where=f"s.{of} >= s.received", summed=within(of, part))


def custody(*, part: float) -> Number:
    """The hours that finished hops lasted, as a percentile: how long an agency held a ticket before it passed it on,
    gave it back or the ticket was answered. By agency: the one that held it."""
    value = MIDDLE.format(part=part, hours=HOURS.format(length="h.until - h.since"))
    return Number(source=_holds, value=value, groups=GROUPED_BY_HOP, summed=within("custody", part))


_HALF = of_tickets(
    MIDDLE.format(part=0.5, hours="date_part('epoch', s.answered - s.received)"),
    where="s.answered IS NOT NULL",
    summed=within("answered", 0.5, before=True),
)


def half_answered_within(scope: Scope) -> tuple[timedelta | None, bool]:
    """The median time from a ticket to its first answer, None where nothing was answered; and whether it is to 1 %."""
    if lines := _sums({"": _HALF}, scope, "", dict):
        return timedelta(hours=lines[""][0]["value"]), True
    source, params = _HALF.source(scope, False)
    (row,) = rows(f"SELECT {_HALF.value} AS seconds FROM {source} AND {_HALF.where}", params)
    return None if row["seconds"] is None else timedelta(seconds=float(row["seconds"])), False


def _number_refused(steps: OfSteps, _tickets: int) -> tuple[float | None, int]:
    n = sum(steps["refused"].values())
    return n, n


refusals = Number(
    source=_refused,
    value="count(*)",
    where="s.reason <> ''",
    groups=GROUPED_BY_REASON,
    summed=Summed(whats=("refused",), read=_number_refused),
)
"""How many were refused."""


def calls(value: str, *, of: str = "count(*)") -> Number:
    """A number of calls c."""
    return Number(source=_calls, value=value, of=of, groups=GROUPED_BY_BEGINNING)


def mix(scope: Scope, by: str) -> Rows:
    """The share of all tickets that each group brought."""
    heirs = scope.heirs if "agency" in scope.codes else {}
    counts = {row.key: row.total for row in grouped(replace(scope, heirs=heirs), [by])[by]}
    every = sum(counts.values())
    return [{"key": key, "value": round(n / every, 4) if every else None, "of": every} for key, n in counts.items()]


def ratings(scope: Scope, by: str, *, what: Literal["content", "response"]) -> Rows:
    """Of the ratings, the share of satisfied or acceptable ones; or of the citizens asked, the share who rated."""
    if what == "content":
        counts = [
            (row["key"], row["satisfied"] + row["acceptable"], sum(row[g] for g in GRADES)) for row in grades(scope, by)
        ]
    else:
        counts = [(row["key"], row["replied"], row["asked"]) for row in replies(scope, by)]
    return _plain([{"key": key, "value": part / n, "n": n} for key, part, n in counts if n], whole=not by)
