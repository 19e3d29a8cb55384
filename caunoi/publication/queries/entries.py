"""The register's own index: narrowed, searched, paged. Rows are found by number first and read through the door
after."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection

from caunoi.directory import queries as directory
from caunoi.directory.boundaries import families
from caunoi.lib.vietnamese.writing import accented, any_of, expand
from caunoi.lib.vietnamese.writing import query as every_word
from caunoi.publication.models import Publication
from caunoi.publication.queries.door import of_ids

COMMON, WINDOW = 30_000, 1000
"""Words that so many rows are thought to hold are looked for among so many of the newest before the index of words is
asked: it would have to sort all of the rows that hold them. Of rarer words it has all sooner than the newest are
read."""


@dataclass(frozen=True, kw_only=True)
class RegisterFilter:
    """What the register is narrowed to: words, the codes of a field, commune and agency, `status` done or open; empty =
    all. `near` is a place in degrees (longitude, latitude) that was pointed at on the map."""

    text: str = ""
    category: str = ""
    area: str = ""
    agency: str = ""
    status: str = ""
    near: tuple[float, float] | None = None

    def __bool__(self) -> bool:
        return self != RegisterFilter()


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page of the register; `more` when there are older ones; `way` how its words were looked for: exact (with their
    marks), all, or any (not every word was found)."""

    rows: list[Publication]
    more: bool
    way: str = ""


def ids_of(filters: RegisterFilter) -> dict[str, tuple[int, ...]] | None:
    """The rows that codes name, by column, with those whose past is theirs; None when there is none of such a code."""
    result: dict[str, tuple[int, ...]] = {}
    rows: dict[str, dict[str, tuple[int, ...]]] = {**families()}
    rows["category"] = {row.code: (row.pk,) for row in directory.categories()}
    for name, known in rows.items():
        if code := getattr(filters, name):
            if code not in known:
                return None
            result[name] = known[code]
    return result


def narrowed_to(ids: Mapping[str, tuple[int, ...]], column: str = "{}") -> tuple[list[str], list[Any]]:
    """The condition that a column for each of these names one of its rows. One row is compared with `=`, which an index
    answers in the order of its next column."""
    parts = [f"{column.format(name)} {'= %s' if len(pks) == 1 else '= ANY(%s)'}" for name, pks in ids.items()]
    return parts, [pks[0] if len(pks) == 1 else list(pks) for pks in ids.values()]


def condition(filters: RegisterFilter) -> tuple[str, list[Any]] | None:
    """The narrowing as SQL over publication_entry, without words; None when nothing can match."""
    ids = ids_of(filters)
    if ids is None:
        return None
    named, values = narrowed_to(ids, "{}_id")
    parts = ["shown", *named]
    if filters.status:
        parts.append("done" if filters.status == "done" else "NOT done")
    if filters.near:
        parts.append("point(longitude, latitude) <@ box(point(%s, %s), point(%s, %s)) AND latitude IS NOT NULL")
        east, north = filters.near
        values += [east - 0.0006, north - 0.0006, east + 0.0006, north + 0.0006]
    return " AND ".join(parts), values


def _newest(where: str, values: list[Any], size: int) -> list[int]:
    """The newest of those that the condition names."""
    sql = f"SELECT publication_id FROM publication_entry WHERE {where} ORDER BY publication_id DESC LIMIT %s"  # noqa: S608
    return read_ids(sql, [*values, size])


def _matching(where: str, values: list[Any], terms: str, size: int) -> list[int]:
    """The newest of them that hold the words."""
    if _thought_to_hold(terms) >= COMMON:
        window = f"""
        SELECT publication_id FROM (
            SELECT publication_id, vector FROM publication_entry WHERE {where} ORDER BY publication_id DESC LIMIT
            {WINDOW}
        ) AS newest WHERE vector @@ %s::tsquery ORDER BY publication_id DESC LIMIT %s
        """  # noqa: S608
        found = read_ids(window, [*values, terms, size])
        if len(found) >= size:
            return found
    # id + 0: else the planner walks the primary key until enough rows match
    every = f"""
    SELECT publication_id FROM publication_entry WHERE vector @@ %s::tsquery AND {where}
    ORDER BY publication_id + 0 DESC LIMIT %s
    """  # noqa: S608
    return read_ids(every, [terms, *values, size])


def _thought_to_hold(terms: str) -> int:
    """How many rows hold the words, as the database's statistics have it; nothing is read for that."""
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (FORMAT JSON) SELECT FROM publication_entry WHERE vector @@ %s::tsquery", [terms])
        told = cursor.fetchone()[0]
    return int((json.loads(told) if isinstance(told, str) else told)[0]["Plan"]["Plan Rows"])


def read_ids(sql: str, values: list[Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [row[0] for row in cursor.fetchall()]


def ways(text: str, way: str = "") -> list[tuple[str, str]]:
    """How words may be looked for, the strictest first: (way, tsquery). A way that was taken for the first page is
    taken for all."""
    wider = expand(text)
    known = [("exact", accented(text)), ("all", every_word(text))]
    known += [("all", every_word(wider))] if wider != text else []
    known += [("any", any_of(text))]
    return [(name, terms) for name, terms in known if terms and way in ("", name)]


def newest(filters: RegisterFilter, *, before: int | None = None, size: int) -> list[int]:
    """The ids of the newest publications of a narrowing without words, from `before` on."""
    narrowed = condition(filters)
    if narrowed is None:
        return []
    where, values = narrowed
    if before is not None:
        where, values = f"{where} AND publication_id < %s", [*values, before]
    return _newest(where, values, size)


def listed(filters: RegisterFilter, *, before: int | None = None, way: str = "", size: int = 20) -> Page:
    """A page of the register, newest first, from `before` (a publication's id) on."""
    narrowed = condition(filters)
    if narrowed is None:
        return Page(rows=[], more=False)
    where, values = narrowed
    if before:
        where, values = f"{where} AND publication_id < %s", [*values, before]
    if not filters.text:
        ids = _newest(where, values, size + 1)
        return Page(rows=of_ids(ids[:size]), more=len(ids) > size)
    for name, terms in ways(filters.text, way):
        ids = _matching(where, values, terms, size + 1)
        # words with their marks only where they fill the page: whoever wrote without marks is to be found too
        if ids and (name != "exact" or len(ids) > size or way):
            return Page(rows=of_ids(ids[:size]), more=len(ids) > size, way=name)
    return Page(rows=[], more=False)


def matches(filters: RegisterFilter, limit: int) -> list[int]:
    """The newest entries that hold the words, by their publications' ids."""
    narrowed = condition(filters)
    if narrowed is None:
        return []
    for name, terms in ways(filters.text):
        ids = _matching(*narrowed, terms, limit)
        if ids and name != "exact":
            return ids
    return []


def counted(filters: RegisterFilter) -> dict[str, int]:
    """How many entries there are of this narrowing, words and place left out: {all, open, done}."""
    ids = ids_of(replace(filters, text="", near=None))
    if ids is None:
        return {"all": 0, "open": 0, "done": 0}
    named, values = narrowed_to(ids)
    parts = ["level = 0", "block = 0", *named]
    sql = f"""
    SELECT coalesce(sum(count), 0), coalesce(sum(count) FILTER (WHERE done), 0) FROM publication_square
    WHERE {" AND ".join(parts)}
    """  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        every, done = cursor.fetchone()
    return {"all": int(every), "open": int(every - done), "done": int(done)}
