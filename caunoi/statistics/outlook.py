"""Looking ahead: counts by day, open tickets by age, the deadlines that fall next and how such ones ended."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from math import sqrt
from typing import Any

from caunoi.directory.queries import calendar
from caunoi.statistics import rollup, tallies
from caunoi.statistics.figures import rows
from caunoi.statistics.periods import VIETNAM, midnight
from caunoi.statistics.scope import GROUPS, PARTS, Scope

AGES = (1, 3, 7, 15, 30, 90)  # days: the ends of the steps of age, the last one open
AHEAD = timedelta(hours=24)
LEARNT = timedelta(days=60)  # from so long before, how deadlines ended
LEAST = 20  # cases of one agency, below which all are taken
BACK = timedelta(days=3650)


def off(day: date) -> bool:
    """Whether a weekday is a day off (a holiday); Saturdays and Sundays are kinds of days of their own."""
    return day.weekday() < 5 and not calendar("office").windows(day)


def daily(scope: Scope, by: str) -> dict[str, dict[date, int]]:
    """How many tickets of each group came on each day, refused ones too: {code: {day: count}}. The scope is of whole
    days."""
    result: dict[str, dict[date, int]] = {}
    rollup.fresh()
    if scope.is_tallied and scope.boundaries is None and not scope.codes and not rollup.lag().building:
        for key, day, n in tallies.daily(scope, by):
            if n:
                result.setdefault(key, {})[day] = n
        return result
    where, params = scope.with_outside().where()
    for row in rows(
        f"""
        SELECT {GROUPS[by]} AS key, (s.received AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS day, count(*) AS n
        FROM {scope.tables()} WHERE {where} GROUP BY 1, 2 ORDER BY 1, 2
        """,
        params,
    ):
        result.setdefault(row["key"], {})[row["day"]] = row["n"]
    return result


def _open(scope: Scope) -> Scope:
    """Everything that was received until now and may be open."""
    return replace(scope, since=scope.at - BACK, until=scope.at, part="")


@dataclass(frozen=True, kw_only=True)
class Age:
    """Open tickets received in [since, until): `days` to `ends` days old (None: older than all)."""

    days: int
    ends: int | None
    since: datetime
    until: datetime
    open_within: int
    open_overdue: int


def ageing(scope: Scope) -> list[Age]:
    """The open ones by how long they have been with us, whole days of Vietnam."""
    where, params = _open(scope).where()
    tomorrow = midnight(scope.at.astimezone(VIETNAM).date() + timedelta(days=1))
    ends = [tomorrow - timedelta(days=n) for n in (0, *AGES)]
    steps = list(zip(ends, [*ends[1:], scope.at - BACK], strict=True))
    groups = rows(
        f"""
        SELECT width_bucket(s.received, %(ends)s::timestamptz[]) AS step,
               count(*) FILTER (WHERE {PARTS["open_within"]}) AS open_within,
               count(*) FILTER (WHERE {PARTS["open_overdue"]}) AS open_overdue
        FROM {scope.tables(still=True)} WHERE {where} AND s.phase = 0 GROUP BY 1
        """,
        {**params, "ends": sorted(since for _, since in steps)},
    )
    counted = {len(steps) - row["step"]: row for row in groups}
    return [
        Age(
            days=(0, *AGES)[n],
            ends=AGES[n] if n < len(AGES) else None,
            since=since,
            until=until,
            **{part: counted.get(n, {}).get(part, 0) for part in ("open_within", "open_overdue")},
        )
        for n, (until, since) in enumerate(steps)
    ]


@dataclass(frozen=True, kw_only=True)
class Falling:
    """Deadlines of one agency that fall within AHEAD: how many, the chance to miss one, estimated from past ones that
    were as near, and from how many cases (`learnt`)."""

    key: str
    falling: int
    chance: float
    learnt: int

    @property
    def missed(self) -> float:
        return self.falling * self.chance


def falling(scope: Scope) -> list[Falling]:
    """By agency, the most expected misses first. A deadline counts as near if its ticket is open 24 hours before."""
    where, params = _open(scope).where()
    now = {
        row["key"]: row["n"]
        for row in rows(
            f"SELECT s.agency AS key, count(*) AS n FROM {scope.tables(still=True)} WHERE {where} AND s.phase = 0 "
            "AND s.due >= %(at)s AND s.due < %(soon)s GROUP BY 1",
            {**params, "soon": scope.at + AHEAD},
        )
    }
    was = {row["key"]: (row["n"], row["late"]) for row in _ended(scope)}
    every, late = sum(n for n, _ in was.values()), sum(n for _, n in was.values())
    result = []
    for key, count in now.items():
        n, missed = was.get(key, (0, 0))
        n, missed = (n, missed) if n >= LEAST else (every, late)
        result.append(Falling(key=key, falling=count, chance=missed / n if n else 0.0, learnt=n))
    return sorted(result, key=lambda one: (-one.missed, -one.falling, one.key))


def _ended(scope: Scope) -> list[dict[str, Any]]:
    """Of each agency, the deadlines that fell in the last weeks and were open a day before, and how many were
    missed."""
    where, params = _open(scope).where()
    return rows(
        f"""
        SELECT s.agency AS key, count(*) AS n, count(*) FILTER (WHERE s.handled IS NULL OR s.handled > s.due) AS late
        FROM {scope.tables()}
        WHERE {where} AND s.due >= %(begin)s AND s.due < %(at)s AND s.received >= %(long)s
              AND (s.handled IS NULL OR s.handled > s.due - interval '24 hours') GROUP BY 1
        """,
        {**params, "begin": scope.at - LEARNT, "long": scope.at - 3 * LEARNT},
    )


def range_of(groups: Sequence[Falling]) -> tuple[int, int]:
    """The interval of how many will be missed, in four cases of five, if each falls by its own chance."""
    hoped, spread = sum(f.missed for f in groups), sum(f.falling * f.chance * (1 - f.chance) for f in groups)
    half = 1.2816 * sqrt(spread)
    every = sum(f.falling for f in groups)
    return max(0, int(hoped - half)), min(every, round(hoped + half + 0.5))


def next_due(scope: Scope, size: int) -> list[int]:
    """The open tickets whose deadlines fall within AHEAD, the next one first."""
    where, params = _open(scope).where()
    tickets = rows(
        f"SELECT s.ticket AS id FROM {scope.tables(still=True)} WHERE {where} AND s.phase = 0 AND s.due >= %(at)s "
        "AND s.due < %(soon)s ORDER BY s.due, s.ticket LIMIT %(size)s",
        {**params, "soon": scope.at + AHEAD, "size": size},
    )
    return [row["id"] for row in tickets]


def by_place(scope: Scope) -> dict[str, tuple[int, int]]:
    """By commune, how many tickets the scope has, and how many of them are open past their deadline."""
    where, params = scope.where()
    return {
        row["key"]: (row["n"], row["late"])
        for row in rows(
            f"SELECT s.area AS key, count(*) AS n, count(*) FILTER (WHERE {PARTS['open_overdue']}) AS late "
            f"FROM {scope.tables()} WHERE {where} AND s.area <> '' GROUP BY 1",
            params,
        )
    }
