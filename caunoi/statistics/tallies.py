"""The four numbers of whole days and months from the stored tallies: what is open past its deadline is looked up among
the open ones, everything else is a sum: of whole months from the pairs, of the days around them from the tallies.
Within one code, times come from the days of its own tally, the other groups from the months of its pairs; within two
codes, times come from the months of their pair, and within a channel and a category so do the other groups."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from caunoi.directory.boundaries import Boundaries
from caunoi.statistics.counts import Row
from caunoi.statistics.periods import VIETNAM, midnight, month_of
from caunoi.statistics.scope import GROUPS, NARROW, Scope

TIMES = {
    "": "''",
    "day": "to_char(day, 'YYYY-MM-DD')",
    "week": "to_char(day, 'IYYY-\"W\"IW')",
    "month": "to_char(day, 'YYYY-MM')",
}
MONTHS = {"": "''", "month": "to_char(month, 'YYYY-MM')"}
GROUPINGS = (*TIMES, *NARROW)  # groupings that the tallies answer
BOTH = "both"  # the grouping by channel and category together
OTHERS = ("agency", "area")  # what is counted within those


def both(channel: str, category: str) -> str:
    """The key of a channel and a category together."""
    return f"{channel} {category}"


def days(since: datetime, until: datetime) -> tuple[datetime, datetime]:
    """The whole days of Vietnam within [since, until), as their first and last midnight; first ≥ last where there is
    none."""
    first = midnight(since.astimezone(VIETNAM).date())
    if first < since:
        first = midnight(first.date() + timedelta(days=1))
    return first, midnight(until.astimezone(VIETNAM).date())


def months(since: datetime, until: datetime) -> tuple[datetime, datetime]:
    """The whole months within [since, until), likewise."""
    first = midnight(month_of(since.astimezone(VIETNAM).date()))
    if first < since:
        first = midnight(month_of(first.date(), 1))
    return first, midnight(month_of(until.astimezone(VIETNAM).date()))


def ways(scope: Scope, groupings: Sequence[str]) -> Iterator[tuple[list[str], datetime, datetime]]:
    """Which of some groupings the tallies answer, and for which whole days or months within a tallied scope."""
    names = [name for name in groupings if name in GROUPINGS and name not in scope.codes]
    if scope.as_of and scope.codes:
        by_day, by_month = [], [name for name in names if name in MONTHS]
    elif scope.as_of:
        by_day, by_month = [name for name in names if name in TIMES], [name for name in names if name in NARROW]
    elif len(scope.codes) == 2:
        others = OTHERS if _is_both(scope) else ()
        by_day, by_month = [], [name for name in names if name in MONTHS or name in others]
    else:
        by_day = [name for name in names if name in TIMES or not scope.codes]
        by_month = [name for name in names if name not in by_day]
    for some, (since, until) in (
        (by_day, days(scope.since, scope.until)),
        (by_month, months(scope.since, scope.until)),
    ):
        if some and since < until:
            yield some, since, until


def _is_both(scope: Scope) -> bool:
    return scope.codes.keys() == {"channel", "category"}


def grouped(scope: Scope, groupings: Sequence[str]) -> list[tuple[str, Row]]:
    """The four numbers of tickets received in the whole days or months of a scope, by each of some groupings of
    `ways`."""
    overdue = {(name, key): n for name, key, n in _overdue(scope, groupings)}
    first, last = scope.since.astimezone(VIETNAM).date(), scope.until.astimezone(VIETNAM).date()
    (one, code), (two, other), *_ = [*scope.codes.items(), ("", ""), ("", "")]
    params: dict[str, Any] = {"first": first, "last": last, "one": one, "code": code, "two": two, "other": other}
    if _is_both(scope):
        params["both"] = both(scope.codes["channel"], scope.codes["category"])
    stood = key_of(scope.boundaries)
    begin, end = (moment.date() for moment in months(scope.since, scope.until))
    params |= {"begin": begin, "end": end} if begin < end else {"begin": last, "end": last}
    columns = {name: "place" if name == "area" and stood else name for name in groupings}
    sums = " UNION ALL ".join(
        f"SELECT '{name}', {_summed(columns[name], codes=len(scope.codes))}" for name in groupings
    )
    summed: dict[tuple[str, str], Sequence[int]] = {}
    for name, key, *counts in _all(sums, params):
        group = (name, stood(key) if stood and name == "area" else key)
        summed[group] = [a + b for a, b in zip(summed.get(group, (0, 0, 0)), counts, strict=True)]
    result = []
    for (name, key), (on_time, late, still) in summed.items():
        past = min(overdue.get((name, key), 0), still)
        if on_time or late or still:
            row = Row(key=key, on_time=on_time, late=late, open_within=still - past, open_overdue=past)
            result.append((name, row))
    return result


def key_of(boundaries: Boundaries | None) -> Callable[[str], str] | None:
    """The key of the unit that stood at a place (gathering.Case.place); the same as scope.ELSEWHERE in SQL."""
    if boundaries is None:
        return None
    now = {str(pk): key for pk, key, _ in boundaries}
    was = {str(pk): key for pk, key, there in boundaries if there}

    def key(place: str) -> str:
        before, _, here = place.partition(">")
        return was.get(before) or now.get(here) or ""

    return key


def _summed(name: str, *, codes: int) -> str:
    """The key of a grouping and its sums, from the table that keeps them."""
    sums = "sum(on_time), sum(late), sum(open)"
    within = "day >= %(first)s AND day < %(last)s GROUP BY 1, 2"
    if codes == 2 and name in OTHERS:
        return f"""other_key, {sums} FROM statistics_pair WHERE one = '{BOTH}' AND key = %(both)s AND other = '{name}'
                   AND month >= %(first)s AND month < %(last)s GROUP BY 1, 2"""
    if codes == 2:
        return f"""{MONTHS[name]}, {sums} FROM statistics_pair WHERE one = %(one)s AND key = %(code)s
                   AND other = %(two)s AND other_key = %(other)s AND month >= %(first)s AND month < %(last)s
                   GROUP BY 1, 2"""
    if name in TIMES:
        return f"""{TIMES[name]}, {sums} FROM statistics_tally WHERE "by" = %(one)s AND key = %(code)s AND {within}"""
    if not codes:
        return f"""key, {sums} FROM (
            SELECT key, on_time, late, open FROM statistics_tally WHERE "by" = '{name}'
            AND (day >= %(first)s AND day < %(begin)s OR day >= %(end)s AND day < %(last)s) UNION ALL
            SELECT other_key, on_time, late, open FROM statistics_pair WHERE one = '' AND key = '' AND other = '{name}'
            AND month >= %(begin)s AND month < %(end)s) AS kept GROUP BY 1, 2"""
    return f"""other_key, {sums} FROM statistics_pair WHERE one = %(one)s AND key = %(code)s AND other = '{name}'
               AND month >= %(first)s AND month < %(last)s GROUP BY 1, 2"""


def _overdue(scope: Scope, groupings: Sequence[str]) -> Iterable[tuple[str, str, int]]:
    """(grouping, key, how many open ones are past their deadline), by way of the index of open tickets."""
    counts = " UNION ALL ".join(
        f"SELECT '{name}', {GROUPS[name]}, count(*) FROM late s GROUP BY 2" for name in groupings
    )
    condition, params = scope.where()
    return _all(
        f"""
        WITH late AS MATERIALIZED (
            SELECT received, agency, area, category, channel FROM {scope.tables(still=True)}
            WHERE {condition} AND s.due < %(at)s
        ) {counts}
        """,
        params,
    )


def daily(scope: Scope, by: str) -> Iterable[tuple[str, date, int]]:
    """(code, day, how many came, refused ones too) of the whole days of a scope that is narrowed by nothing; `by` of
    NARROW or "" for all."""
    first, last = scope.since.astimezone(VIETNAM).date(), scope.until.astimezone(VIETNAM).date()
    return _all(
        """SELECT key, day, on_time + late + open + outside FROM statistics_tally
           WHERE "by" = %(by)s AND day >= %(first)s AND day < %(last)s ORDER BY key, day""",
        {"by": by, "first": first, "last": last},
    )


def _all(sql: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())
