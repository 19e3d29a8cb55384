"""The register's own index: filtered, searched, paged. It yields ids; the rows are read through the door."""

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
"""Words that an estimated COMMON rows or more hold are first searched in the WINDOW newest rows: the index of words
would have to sort all rows that hold them. For rarer words the index is faster."""


@dataclass(frozen=True, kw_only=True)
class RegisterFilter:
    """Filters of the register: words, the codes of a category, commune and agency, `status` done or open; empty = all.
    `near` is a place in degrees (longitude, latitude) that was clicked on the map."""

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
    """A page of the register; `more` when there are older ones; `way`: how its words were searched: exact (with their
    marks), all, or any (nothing had all of them)."""

    rows: list[Publication]
    more: bool
    way: str = ""


def ids_of(filters: RegisterFilter) -> dict[str, tuple[int, ...]] | None:
    """The ids behind the filters' codes, by column, with those of predecessors; None for an unknown code."""
    result: dict[str, tuple[int, ...]] = {}
    rows: dict[str, dict[str, tuple[int, ...]]] = {**families()}
    rows["category"] = {row.code: (row.pk,) for row in directory.categories()}
    for name, ids in rows.items():
        if code := getattr(filters, name):
            if code not in ids:
                return None
            result[name] = ids[code]
    return result


def narrowed_to(ids: Mapping[str, tuple[int, ...]], column: str = "{}") -> tuple[list[str], list[Any]]:
    """The conditions that each column has one of its ids. A single id is compared with `=`, which an index answers in
    the order of its next column."""
    parts = [f"{column.format(name)} {'= %s' if len(pks) == 1 else '= ANY(%s)'}" for name, pks in ids.items()]
    return parts, [pks[0] if len(pks) == 1 else list(pks) for pks in ids.values()]


def condition(filters: RegisterFilter, before: int | None = None) -> tuple[str, list[Any]] | None:
    """The filters but for the words as SQL over publication_entry, from `before` on; None when nothing can match."""
    ids = ids_of(filters)
    if ids is None:
        return None
    conditions, values = narrowed_to(ids, "{}_id")
    parts = ["shown", *conditions]
    if filters.status:
        parts.append("done" if filters.status == "done" else "NOT done")
    if filters.near:
        parts.append("point(longitude, latitude) <@ box(point(%s, %s), point(%s, %s)) AND latitude IS NOT NULL")
        east, north = filters.near
        values += [east - 0.0006, north - 0.0006, east + 0.0006, north + 0.0006]
    if before:
        parts.append("publication_id < %s")
        values.append(before)
    return " AND ".join(parts), values


def _newest(where: str, values: list[Any], size: int) -> list[int]:
    """The newest that fulfil the condition."""
    sql = f"SELECT publication_id FROM publication_entry WHERE {where} ORDER BY publication_id DESC LIMIT %s"  # noqa: S608
    return read_ids(sql, [*values, size])


def _matching(where: str, values: list[Any], terms: str, size: int) -> list[int]:
    """The newest of them that hold the words."""
    if _estimate(terms) >= COMMON:
        window = f"""
        SELECT publication_id FROM (
            SELECT publication_id, vector FROM publication_entry WHERE {where}
            ORDER BY publication_id DESC LIMIT {WINDOW}
        ) AS newest WHERE vector @@ %s::tsquery ORDER BY publication_id DESC LIMIT %s
        """  # noqa: S608
        ids = read_ids(window, [*values, terms, size])
        if len(ids) >= size:
            return ids
    # id + 0: else the planner walks the primary key until enough rows match
    every = f"""
    SELECT publication_id FROM publication_entry WHERE vector @@ %s::tsquery AND {where}
    ORDER BY publication_id + 0 DESC LIMIT %s
    """  # noqa: S608
    return read_ids(every, [terms, *values, size])


def _estimate(terms: str) -> int:
    """How many rows hold the words by the planner's estimate, without reading any."""
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (FORMAT JSON) SELECT FROM publication_entry WHERE vector @@ %s::tsquery", [terms])
        plan = cursor.fetchone()[0]
    return int((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]["Plan Rows"])


def read_ids(sql: str, values: list[Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [row[0] for row in cursor.fetchall()]


def ways(text: str, way: str = "") -> list[tuple[str, str]]:
    """How words may be searched, the strictest first: (way, tsquery). The way of the first page is used for all."""
    wider = expand(text)
    queries = [("exact", accented(text)), ("all", every_word(text))]
    queries += [("all", every_word(wider))] if wider != text else []
    queries += [("any", any_of(text))]
    return [(name, terms) for name, terms in queries if terms and way in ("", name)]


def newest(filters: RegisterFilter, *, before: int | None = None, size: int) -> list[int]:
    """The ids of the newest publications for filters without words, from `before` on."""
    narrowed = condition(filters, before)
    return _newest(*narrowed, size) if narrowed else []


def listed(filters: RegisterFilter, *, before: int | None = None, way: str = "", size: int = 20) -> Page:
    """A page of the register, newest first, from `before` (a publication's id) on."""
    narrowed = condition(filters, before)
    if narrowed is None:
        return Page(rows=[], more=False)
    where, values = narrowed
    if not filters.text:
        ids = _newest(where, values, size + 1)
        return Page(rows=of_ids(ids[:size]), more=len(ids) > size)
    for name, terms in ways(filters.text, way):
        ids = _matching(where, values, terms, size + 1)
        # words with their marks only where they fill the page: reports written without marks must be found too
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
    """How many entries these filters leave, without words and place: {all, open, done}."""
    ids = ids_of(replace(filters, text="", near=None))
    if ids is None:
        return {"all": 0, "open": 0, "done": 0}
    conditions, values = narrowed_to(ids)
    parts = ["level = 0", "block = 0", *conditions]
    sql = f"""
    SELECT coalesce(sum(count), 0), coalesce(sum(count) FILTER (WHERE done), 0) FROM publication_square
    WHERE {" AND ".join(parts)}
    """  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        every, done = cursor.fetchone()
    return {"all": int(every), "open": int(every - done), "done": int(done)}
