"""The figures of the board: the four numbers of a scope whole and by group, how long answers took, how content people are."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection

from caunoi.directory.queries import option
from caunoi.ratings.queries import grades
from caunoi.statistics.scope import FOUR, GROUPS, PARTS, Scope


@dataclass(frozen=True, kw_only=True)
class Row:
    """One group: its code ("" = none) and how many tickets are in each of the four parts."""

    key: str = ""
    on_time: int = 0
    late: int = 0
    open_within: int = 0
    open_overdue: int = 0

    @property
    def total(self) -> int:
        return self.on_time + self.late + self.open_within + self.open_overdue

    @property
    def handled(self) -> int:
        return self.on_time + self.late

    @property
    def fallen(self) -> int:
        """Whose time is up: handled, or open past the deadline. The base of "on time"."""
        return self.on_time + self.late + self.open_overdue

    @property
    def missed(self) -> int:
        """Late, handled or not."""
        return self.late + self.open_overdue


@dataclass(frozen=True, kw_only=True)
class Content:
    """How content the citizens of a scope are: grades given to its answers, and how many answers could be graded."""

    grades: dict[str, int]
    answers: int

    @property
    def given(self) -> int:
        return sum(self.grades.values())


def _rows(sql: str, given: dict[str, Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def grouped(scope: Scope, by: Iterable[str]) -> dict[str, list[Row]]:
    """The four numbers of a scope for each grouping of GROUPS asked for ("" = the whole, one row), rows in the order of
    their keys, in one pass over the tickets. Every grouping sums to the same total."""
    where, given = scope.where()
    wanted = list(by)
    names = [name for name in wanted if name]
    keys = ", ".join(f"{GROUPS[name]} AS {name}" for name in names)
    parts = ", ".join(f"{PARTS[part]} AS {part}" for part in FOUR)
    rows = _rows(
        f"""
        SELECT {"".join(f"{name}, " for name in names)}
               {", ".join(f"count(*) FILTER (WHERE {part}) AS {part}" for part in FOUR)}
        FROM (SELECT {f"{keys}, " if keys else ""} {parts} FROM {scope.tables(deadline=True)} WHERE {where}) AS counted
        GROUP BY GROUPING SETS ((){"".join(f", ({name})" for name in names)})
        """,  # noqa: S608  made of our own words; what people give goes as parameters
        given,
    )
    found: dict[str, list[Row]] = {name: [] for name in wanted}
    for row in rows:
        name = next((n for n in names if row[n] is not None), "")
        if name in found:
            found[name].append(Row(key=row[name] if name else "", **{part: row[part] for part in FOUR}))
    return {name: sorted(group, key=lambda row: row.key) for name, group in found.items()}


def half_answered_within(scope: Scope) -> timedelta | None:
    """The median time from a ticket to its first answer; None where nothing was answered."""
    where, given = scope.where()
    (row,) = _rows(
        f"""
        SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM t.answered - t.received)) AS median
        FROM {scope.tables()} WHERE {where} AND t.answered IS NOT NULL
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
    (row,) = _rows(
        f"""
        SELECT count(*) FILTER (WHERE r.grade = 'satisfied') AS satisfied,
               count(*) FILTER (WHERE r.grade = 'acceptable') AS acceptable,
               count(*) FILTER (WHERE r.grade = 'dissatisfied') AS dissatisfied,
               count(*) AS answers
        FROM {scope.tables()} LEFT JOIN ratings_rating r ON r.ticket_id = t.id AND r.round = t.reopened
        WHERE {where} AND t.answered IS NOT NULL
        """,  # noqa: S608
        given,
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
    rows = _rows(
        f"""
        SELECT t.id FROM {scope.tables()} WHERE {where} AND (%(before)s::bigint IS NULL OR t.id < %(before)s)
        ORDER BY t.id + 0 DESC LIMIT %(limit)s
        """,  # noqa: S608
        {**given, "before": before, "limit": size + 1},
    )
    return [row["id"] for row in rows]
