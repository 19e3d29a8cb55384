"""The figures of the board: the four numbers of a scope whole and by group, how long answers took, how content people are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.db import connection

from caunoi.directory.queries import option
from caunoi.ratings.queries import grades
from caunoi.statistics import rollup, tallies
from caunoi.statistics.counts import Row
from caunoi.statistics.scope import FOUR, GROUPS, PARTS, Scope


@dataclass(frozen=True, kw_only=True)
class Content:
    """How content the citizens of a scope are: grades given to its answers, and how many answers could be graded."""

    grades: dict[str, int]
    answers: int

    @property
    def given(self) -> int:
        return sum(self.grades.values())


def rows(sql: str, given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a statement finds, by column. Whatever has just happened is counted first."""
    rollup.fresh()
    turn = f"{option('report_day') - 1} days {option('report_hour')} hours"
    with connection.cursor() as cursor:
        cursor.execute(sql, {"turn": turn, **given})
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def grouped(scope: Scope, by: Iterable[str]) -> dict[str, list[Row]]:
    """The four numbers of a scope for each grouping of GROUPS asked for ("" = the whole, one row), rows in the order of
    their keys. Every grouping sums to the same total. Whole days of all tickets and of one code come from the tallies,
    everything else from the spans; of other boundaries only what is by commune asks for the communes."""
    rollup.fresh()
    wanted = list(dict.fromkeys(by))
    if scope.boundaries is not None and not scope.area:
        areas = [name for name in wanted if name == "area"]
        rest = grouped(replace(scope, boundaries=None), [name for name in wanted if name not in areas])
        return rest | (_grouped(scope, areas) if areas else {})
    return _grouped(scope, wanted)


def _grouped(scope: Scope, wanted: Sequence[str]) -> dict[str, list[Row]]:
    found: dict[str, dict[str, Row]] = {name: {} for name in wanted}
    rest = list(wanted)
    if scope.kept and not rollup.lag().building:
        for names, since, until in tallies.ways(scope, wanted):
            _add(found, tallies.grouped(scope.within(since, until), names))
            for edge in (scope.within(scope.since, since), scope.within(until, scope.until)):
                if edge.since < edge.until:
                    _add(found, _spans(edge, names))
            rest = [name for name in rest if name not in names]
    if rest:
        _add(found, _spans(scope, rest))
    if "" in found:
        found[""].setdefault("", Row())
    return {name: [group[key] for key in sorted(group)] for name, group in found.items()}


def _add(found: dict[str, dict[str, Row]], more: Iterable[tuple[str, Row]]) -> None:
    for name, row in more:
        old = found[name].get(row.key)
        if old is not None:
            row = Row(key=row.key, **{part: getattr(old, part) + getattr(row, part) for part in FOUR})
        found[name][row.key] = row


def _spans(scope: Scope, wanted: Iterable[str]) -> list[tuple[str, Row]]:
    """The four numbers counted from the spans, in one pass."""
    where, given = scope.where()
    names = [name for name in wanted if name]
    keys = "".join(f"{GROUPS[name]} AS {name}, " for name in names)
    parts = ", ".join(f"{PARTS[part]} AS {part}" for part in FOUR)
    counted = rows(
        f"""
        SELECT {"".join(f"{name}, " for name in names)} {"".join(f"grouping({n}) AS no_{n}, " for n in names)}
               {", ".join(f"count(*) FILTER (WHERE {part}) AS {part}" for part in FOUR)}
        FROM (SELECT {keys} {parts} FROM {scope.tables(branch="branch" in names)} WHERE {where}) AS counted
        GROUP BY GROUPING SETS (() {"".join(f", ({name})" for name in names)})
        """,  # noqa: S608  made of our own words; what people give goes as parameters
        given,
    )
    found = []
    for row in counted:
        name = next((n for n in names if not row[f"no_{n}"]), "")
        if name or "" in wanted:
            found.append((name, Row(key=row[name] if name else "", **{part: row[part] for part in FOUR})))
    return found


def half_answered_within(scope: Scope) -> timedelta | None:
    """The median time from a ticket to its first answer; None where nothing was answered."""
    where, given = scope.where()
    (row,) = rows(
        f"""
        SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY date_part('epoch', s.answered - s.received)) AS median
        FROM {scope.tables()} WHERE {where} AND s.answered IS NOT NULL
        """,  # noqa: S608
        given,
    )
    return None if row["median"] is None else timedelta(seconds=float(row["median"]))


def content(scope: Scope) -> Content | None:
    """The grades that citizens gave to the answers of a scope; None where they are fewer than the province's smallest
    group, so that no grade betrays its rater."""
    if scope.only_agency is not None:
        return _in_batches(scope)
    where, given = scope.where()
    (row,) = rows(
        f"""
        SELECT count(*) FILTER (WHERE r.grade = 'satisfied') AS satisfied,
               count(*) FILTER (WHERE r.grade = 'acceptable') AS acceptable,
               count(*) FILTER (WHERE r.grade = 'dissatisfied') AS dissatisfied,
               count(*) AS answers
        FROM {scope.tables()} LEFT JOIN ratings_rating r
             ON r.ticket_id = s.ticket AND r.round = s.reopened AND (%(as_of)s::timestamptz IS NULL OR r.at <= %(as_of)s)
        WHERE {where} AND s.answered IS NOT NULL
        """,  # noqa: S608
        {"as_of": None, **given},
    )
    answers = row.pop("answers")
    return Content(grades=row, answers=answers) if sum(row.values()) >= option("show_groups_of") else None


def _in_batches(scope: Scope) -> Content | None:
    """The same for an agency's own eyes: whole batches only, and none where the question is narrowed, so that nothing is
    learnt from the difference of two questions."""
    narrowed = any((scope.agency, scope.category, scope.area, scope.channel, scope.part, scope.only_area))
    found = None if narrowed else grades(scope.only_agency, since=scope.since, until=scope.until)
    return Content(grades=found, answers=sum(found.values())) if found else None


def ids(scope: Scope, *, before: int | None = None, size: int) -> list[int]:
    """The tickets that a figure counts, newest first, from `before` on; one more than `size` when there are more."""
    where, given = scope.where()
    found = rows(
        f"""
        SELECT s.ticket AS id FROM {scope.tables()} WHERE {where} AND (%(before)s::bigint IS NULL OR s.ticket < %(before)s)
        ORDER BY s.ticket + 0 DESC LIMIT %(limit)s
        """,  # noqa: S608
        {**given, "before": before, "limit": size + 1},
    )
    return [row["id"] for row in found]
