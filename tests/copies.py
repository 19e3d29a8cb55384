"""Copies of a database as it was prepared, so that each trial begins with the same rows; and what such a copy holds."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from caunoi.jobs import direct

KEPT = ("procrastinate_", "django_", "jobs_periodictask")  # of the queue itself, and of nobody's work
TELLING = {"boolean", "character varying", "text", "date", "smallint", "USER-DEFINED", "numeric", "double precision"}


def administer(statement: str, *names: str) -> None:
    """A statement on databases, outside of all of them."""
    with psycopg.connect(**{**direct.parameters(), "dbname": "postgres"}, autocommit=True) as own:
        own.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@contextmanager
def copied(template: str, name: str) -> Iterator[psycopg.Connection[Any]]:
    """A copy of a database, for as long as the block lasts, and an observer's connection to it."""
    administer("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
    administer("CREATE DATABASE {} TEMPLATE {} STRATEGY WAL_LOG", name, template)
    try:
        with psycopg.connect(**{**direct.parameters(), "dbname": name}, autocommit=True) as own:
            yield own
    finally:
        administer("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def columns(own: psycopg.Connection[Any]) -> dict[str, list[str]]:
    """The tables that hold somebody's work, each with the columns that tell something."""
    rows = own.execute(
        "SELECT table_name, column_name, data_type FROM information_schema.columns JOIN information_schema.tables"
        " USING (table_schema, table_name) WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1, 2"
    )
    tables: dict[str, list[str]] = {}
    for table, column, kind in rows:
        if not table.startswith(KEPT):
            tables.setdefault(table, []).extend([column] if kind in TELLING else [])
    return tables


def prints(own: psycopg.Connection[Any], tables: dict[str, list[str]] | None = None) -> dict[str, Any]:
    """What the tables hold: of each how many rows, and of each column that tells something a sum over its values."""
    found: dict[str, Any] = {}
    for table, names in (tables or columns(own)).items():
        sums = "".join(f', sum(hashtextextended("{name}"::text, 0)::numeric)' for name in names)
        row = own.execute(f'SELECT count(*){sums} FROM "{table}"').fetchone()  # type: ignore[arg-type]
        assert row is not None
        found |= {table: row[0], **{f"{table}.{name}": value for name, value in zip(names, row[1:])}}
    return found
