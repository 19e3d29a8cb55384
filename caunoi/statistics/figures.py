"""The figures of the board: the four numbers of a scope whole and by group, how satisfied people are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.db import connection

from caunoi.directory.queries import AGENCIES, option
from caunoi.ratings.queries import BATCHES, GRADES, INVITATIONS, RATINGS, withheld
from caunoi.statistics import distributions, rollup, tallies
from caunoi.statistics.counts import Row
from caunoi.statistics.scope import BRANCH, FOUR, GROUPS, PARTS, Scope


@dataclass(frozen=True, kw_only=True)
class Content:
    """How satisfied citizens are: the grades of a period, and how many of the citizens asked in it replied. `whole`:
    all grades of the province, not whole groups of one agency's."""

    grades: dict[str, int]
    invited: int
    replied: int
    whole: bool

    @property
    def responses(self) -> int:
        return sum(self.grades.values())


def rows(sql: str, params: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of a statement, by column. Recent events are counted first."""
    rollup.fresh()
    turn = f"{option('report_day') - 1} days {option('report_hour')} hours"
    with connection.cursor() as cursor:
        cursor.execute(sql, {"turn": turn, **params})
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def grouped(scope: Scope, by: Iterable[str]) -> dict[str, list[Row]]:
    """The four numbers of a scope for each of some GROUPS ("" = the whole, one row), rows in the order of their keys.
    Every grouping sums to the same total. Whole days of all tickets and of one code come from the tallies, everything
    else from the spans; other boundaries only matter by commune, the other groupings are sums without them."""
    rollup.fresh()
    groupings = list(dict.fromkeys(by))
    plain = replace(scope, boundaries=None)
    if scope.boundaries is not None and not scope.area and plain.is_tallied:
        areas = [name for name in groupings if name == "area"]
        rest = grouped(plain, [name for name in groupings if name not in areas])
        return rest | (_grouped(scope, areas) if areas else {})
    return {name: _together(scope, name, group) for name, group in _grouped(scope, groupings).items()}


def _together(scope: Scope, by: str, group: list[Row]) -> list[Row]:
    """The agencies that count as one, as one row."""
    if by != "agency" or not scope.heirs:
        return group
    totals: dict[str, dict[str, Row]] = {by: {}}
    _add(totals, ((by, replace(row, key=scope.heirs.get(row.key, row.key))) for row in group))
    return [totals[by][key] for key in sorted(totals[by])]


def _grouped(scope: Scope, groupings: Sequence[str]) -> dict[str, list[Row]]:
    totals: dict[str, dict[str, Row]] = {name: {} for name in groupings}
    rest = list(groupings)
    if scope.is_tallied and not rollup.lag().building:
        for names, since, until in tallies.ways(scope, groupings):
            sums = distributions.evening if scope.as_of else tallies.grouped
            _add(totals, sums(scope.within(since, until), names))
            for edge in (scope.within(scope.since, since), scope.within(until, scope.until)):
                if edge.since < edge.until:
                    _add(totals, _spans(edge, names))
            rest = [name for name in rest if name not in names]
    if rest:
        _add(totals, _spans(scope, rest))
    if "" in totals:
        totals[""].setdefault("", Row())
    return {name: [group[key] for key in sorted(group)] for name, group in totals.items()}


def _add(totals: dict[str, dict[str, Row]], more: Iterable[tuple[str, Row]]) -> None:
    for name, row in more:
        old = totals[name].get(row.key)
        if old is not None:
            row = Row(key=row.key, **{part: getattr(old, part) + getattr(row, part) for part in FOUR})
        totals[name][row.key] = row


def _spans(scope: Scope, groupings: Iterable[str]) -> list[tuple[str, Row]]:
    """The four numbers counted from the spans, in one pass."""
    where, params = scope.where()
    names = [name for name in groupings if name]
    keys = "".join(f"{GROUPS[name]} AS {name}, " for name in names)
    parts = ", ".join(f"{PARTS[part]} AS {part}" for part in FOUR)
    counted = rows(
        f"""
        SELECT {"".join(f"{name}, " for name in names)} {"".join(f"grouping({n}) AS no_{n}, " for n in names)}
               {", ".join(f"count(*) FILTER (WHERE {part}) AS {part}" for part in FOUR)}
        FROM (SELECT {keys} {parts} FROM {scope.tables(branch="branch" in names)} WHERE {where}) AS counted
        GROUP BY GROUPING SETS (() {"".join(f", ({name})" for name in names)})
        """,
        params,
    )
    result = []
    for row in counted:
        name = next((n for n in names if not row[f"no_{n}"]), "")
        if name or "" in groupings:
            result.append((name, Row(key=row[name] if name else "", **{part: row[part] for part in FOUR})))
    return result


# Ratings with the columns of spans: when they were given (or their batch was full), and whose answers they grade.
_BATCHES = f"""(
    SELECT coalesce(a.code, '') AS agency, r.agency_id, r.at AS received, r.satisfied, r.acceptable, r.dissatisfied
    FROM {BATCHES} r LEFT JOIN {AGENCIES} a ON a.id = r.agency_id
) s"""
_RATINGS = f"""(
    SELECT r.at AS received, {", ".join(f"(r.grade = '{grade}')::int AS {grade}" for grade in GRADES)} FROM {RATINGS} r
) s"""
_INVITATIONS = f"""(
    SELECT coalesce(a.code, '') AS agency, i.agency_id, i.at AS received,
           EXISTS (SELECT FROM {RATINGS} r WHERE r.ticket_id = i.ticket_id AND r.round = i.round)::int AS replied
    FROM {INVITATIONS} i LEFT JOIN {AGENCIES} a ON a.id = i.agency_id
) s"""


def _rated(scope: Scope, source: str, columns: Mapping[str, str], by: str) -> list[dict[str, Any]]:
    """Sums over one of the sources above, for the period and the agency of a scope, by group: {key, …columns}."""
    where, params = ["s.received >= %(since)s", "s.received < %(until)s"], {"since": scope.since, "until": scope.until}
    if scope.as_of is not None:
        where, params = [*where, "s.received <= %(as_of)s"], {**params, "as_of": scope.as_of}
    if scope.agency:
        where, params = [*where, "s.agency = ANY(%(members)s)"], {**params, "members": scope.members or [""]}  # type: ignore[dict-item]
    if scope.only_agency is not None:
        where, params = [*where, "s.agency_id = %(only)s"], {**params, "only": scope.only_agency}  # type: ignore[dict-item]
    sums = ", ".join(f"{sql} AS {name}" for name, sql in columns.items())
    return rows(
        f"""
        SELECT {GROUPS[by]} AS key, {sums} FROM {source} {BRANCH if by == "branch" else ""}
        WHERE {" AND ".join(where)} GROUP BY 1 ORDER BY 1
        """,
        params,
    )


def grades(scope: Scope, by: str = "") -> list[dict[str, Any]]:
    """The grades given in the period of a scope, by group of RATING_GROUPS: {key, satisfied, acceptable, dissatisfied}.
    Of the whole province, all ratings; of an agency only whole batches, so that the difference of any two answers about
    it is nobody or a batch. Groups that would reveal a few beside the whole (`withheld`) are left out; nothing where
    the scope is narrowed by what ratings do not have."""
    if not scope.rated:
        return []
    sums = {grade: f"sum(s.{grade})::int" for grade in GRADES}
    if scope.agency or scope.only_agency is not None:
        return _rated(scope, _BATCHES, sums, by)
    groups = _rated(scope, _BATCHES if by in ("agency", "branch") else _RATINGS, sums, by)
    counts = {row["key"]: sum(row[grade] for grade in GRADES) for row in groups}
    total = sum(counts.values())
    if by in ("agency", "branch"):
        total = sum(row[grade] for row in _rated(scope, _RATINGS, sums, "") for grade in GRADES)
    hidden = withheld(counts, total)
    return [row for row in groups if row["key"] not in hidden]


def replies(scope: Scope, by: str = "") -> list[dict[str, Any]]:
    """How many citizens were asked about an answer in the period of a scope, and how many of them rated it, by group of
    RATING_GROUPS: {key, asked, replied}."""
    if not scope.rated:
        return []
    return _rated(scope, _INVITATIONS, {"asked": "count(*)::int", "replied": "coalesce(sum(s.replied), 0)::int"}, by)


def content(scope: Scope) -> Content | None:
    """How satisfied the citizens are who rated in the period of a scope; None where they are too few, or the scope is
    too narrow."""
    groups = grades(scope)
    if not groups:
        return None
    responses = next(iter(replies(scope)), {"asked": 0, "replied": 0})
    return Content(
        grades={grade: groups[0][grade] for grade in GRADES},
        invited=responses["asked"],
        replied=responses["replied"],
        whole=not scope.agency and scope.only_agency is None,
    )


NEAR = 20_000  # ticket numbers that are searched first, of a long period
LONG = timedelta(days=92)


def ids(scope: Scope, *, before: int | None = None, size: int) -> list[int]:
    """The tickets that a figure counts, newest first, from `before` on; one more than `size` when there are more."""
    if not scope.codes and scope.until - scope.since > LONG:  # the newest alone probably fill the page
        (last,) = rows(
            "SELECT coalesce(%(before)s, max(ticket) + 1, 0) AS end FROM statistics_span", {"before": before}
        )
        newest = _ids(scope, last["end"] - NEAR, before, size)
        if len(newest) > size:
            return newest
    return _ids(scope, None, before, size)


def _ids(scope: Scope, since: int | None, before: int | None, size: int) -> list[int]:
    where, params = scope.where()
    within = [f"s.ticket {sign} {int(end)}" for sign, end in ((">=", since), ("<", before)) if end is not None]
    tickets = rows(
        f"""
        SELECT s.ticket AS id FROM {scope.tables()} WHERE {" AND ".join([where, *within])}
        ORDER BY s.ticket + 0 DESC LIMIT %(limit)s
        """,
        {**params, "limit": size + 1},
    )
    return [row["id"] for row in tickets]
