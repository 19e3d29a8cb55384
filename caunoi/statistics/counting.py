"""Numbers other than the four, each of a scope whole or by group: {key, value, of}. `value` is None where nothing can be
said, `of` how many cases it is said of."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from caunoi.directory.queries import option
from caunoi.ratings.queries import GRADES
from caunoi.statistics.figures import batches, rows
from caunoi.statistics.scope import GROUPS, TIMES, Scope

type Found = list[dict[str, Any]]

HOURS = "date_part('epoch', {length}) / 3600"
MIDDLE = "percentile_cont({part}) WITHIN GROUP (ORDER BY {hours})"
GROUPED_BY_HOP = {**GROUPS, "agency": "h.agency", "hop": "h.hop::text"}
GROUPED_BY_REASON = {**GROUPS, "reason": "s.reason"}


def _plain(found: Sequence[Mapping[str, Any]], *, whole: bool) -> Found:
    """As JSON holds it; the whole has its row even when there is nothing."""
    said = [
        {
            "key": row["key"] or "",
            "value": None if row["value"] is None else round(float(row["value"]), 4),
            "of": row["n"],
        }
        for row in found
    ]
    return said or ([{"key": "", "value": None, "of": 0}] if whole else [])


def of_tickets(
    scope: Scope, by: str, *, value: str, of: str = "count(*)", where: str = "true", groups: Mapping[str, str] = GROUPS
) -> Found:
    """A number of tickets' spans, in SQL: `value` over those for whom `where` is so, said of `of` of them."""
    condition, given = scope.where()
    found = rows(
        f"""
        SELECT {groups[by]} AS key, {value} AS value, {of} AS n FROM {scope.tables(branch=by == "branch")}
        WHERE {condition} AND {where} GROUP BY 1 ORDER BY 1
        """,  # noqa: S608  made of our own words; what people give goes as parameters
        given,
    )
    return _plain(found, whole=not by)


def length(scope: Scope, by: str, *, of: Literal["answered", "handled"], part: float) -> Found:
    """The hours from coming in to the first answer or to the present one: so large a part took no longer. What is dated
    before it came in is not counted."""
    hours = HOURS.format(length=f"s.{of} - s.received")
    return of_tickets(scope, by, value=MIDDLE.format(part=part, hours=hours), where=f"s.{of} >= s.received")


def custody(scope: Scope, by: str, *, part: float) -> Found:
    """The hours that hops lasted which are over: how long an agency held a ticket before it passed it on, gave it back or
    the ticket was answered. By agency: the one that held it."""
    condition, given = scope.where()
    over = "h.until IS NOT NULL"
    if "as_of" in given:
        over += " AND h.known <= %(as_of)s AND h.over <= %(as_of)s"
    hours = HOURS.format(length="h.until - h.since")
    found = rows(
        f"""
        SELECT {GROUPED_BY_HOP[by]} AS key, {MIDDLE.format(part=part, hours=hours)} AS value, count(*) AS n
        FROM {scope.tables(branch=by == "branch")} JOIN statistics_hold h ON h.ticket = s.ticket AND h.agency <> ''
        WHERE {condition} AND {over} GROUP BY 1 ORDER BY 1
        """,  # noqa: S608
        given,
    )
    return _plain(found, whole=not by)


def mix(scope: Scope, by: str) -> Found:
    """The share of all tickets that each group brought."""
    found = of_tickets(scope, by, value="count(*)")
    every = sum(row["of"] for row in found)
    return [{**row, "value": round(row["of"] / every, 4) if every else None, "of": every} for row in found]


def calls(scope: Scope, by: str, *, value: str, of: str = "count(*)") -> Found:
    """A number of the incoming calls that began in the time: `value` in SQL over calls c."""
    given: dict[str, Any] = {"since": scope.since, "until": scope.until, "as_of": scope.as_of}
    keys = {"": "''", **{name: GROUPS[name].replace("s.received", "c.began") for name in TIMES}}
    found = rows(
        f"""
        SELECT {keys[by]} AS key, {value} AS value, {of} AS n FROM calls_call c
        WHERE c.direction = 'in' AND c.began >= %(since)s AND c.began < %(until)s AND c.state = 'ended'
              AND (%(as_of)s::timestamptz IS NULL OR c.ended < %(as_of)s)
        GROUP BY 1 ORDER BY 1
        """,  # noqa: S608
        {**given, "fast": option("answer_seconds")},
    )
    return _plain(found, whole=not by)


def ratings(scope: Scope, by: str, *, what: Literal["content", "response"]) -> Found:
    """Of the ratings gathered in whole batches, the share of those that are content; or how many they are of the answered
    tickets, where they are not more."""
    found = {row["key"]: row for row in batches(scope, by)}
    given = {key: sum(row[grade] for grade in GRADES) for key, row in found.items()}
    if what == "content":
        good = {key: row["satisfied"] + row["acceptable"] for key, row in found.items()}
        return _plain([{"key": key, "value": good[key] / n, "n": n} for key, n in given.items()], whole=not by)
    if not scope.rated:
        return _plain([], whole=not by)
    answered = of_tickets(scope, by, value="count(*)", where="s.answered IS NOT NULL")
    said = [(row["key"], given.get(row["key"], 0), row["of"]) for row in answered]
    return _plain(
        [{"key": key, "value": n / of if of >= n else None, "n": of} for key, n, of in said if of], whole=not by
    )
