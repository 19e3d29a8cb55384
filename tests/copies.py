"""Each trial begins with the same rows: a copy of a database, or one that is put back as it was; and what it holds."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

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


def rows_of(cursor: Any, table: str) -> list[bytes]:
    """A table's rows, for `replace`."""
    with cursor.copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))) as rows:
        return [bytes(row) for row in rows]


def replace(cursor: Any, table: str, rows: list[bytes]) -> None:
    """A table has these rows, and no others. In a transaction in which triggers are off: what only grows refuses a
    DELETE."""
    cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
    if rows:
        with cursor.copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))) as into:
            for row in rows:
                into.write(row)


UNTRIGGERED = "SET LOCAL session_replication_role = replica"


class Kept:
    """A database as it is now, and back again: every row, and every number that is counted on.

    A copy of its own for each trial is hundreds of files made and deleted, and a file system like ext4 looks for each
    new one past all that were deleted in the last minutes: half a second each, nearly all of it in the kernel."""

    def __init__(self, own: psycopg.Connection[Any]) -> None:
        self.own = own
        tables = [name for (name,) in own.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        self._sums = " UNION ALL ".join(
            f"SELECT '{name}', count(*) || ':' || coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)"
            f' FROM "{name}" t'
            for name in tables
        ).encode()
        with own.cursor() as cursor:
            self.sums, self.rows = self._now(), {table: rows_of(cursor, table) for table in tables}
        found = own.execute("SELECT schemaname, sequencename, start_value, last_value FROM pg_sequences")
        names = [column.name for column in found.description or ()]
        self.numbers = [dict(zip(names, row, strict=True)) for row in found]

    def _now(self) -> dict[str, str]:
        return dict(self.own.execute(self._sums, prepare=True))

    def changed(self) -> list[str]:
        """The tables that are not as they were."""
        return [name for name, found in self._now().items() if self.sums[name] != found]

    def put_back(self) -> None:
        """Whoever is still connected is not any more."""
        self.own.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        with self.own.transaction(), self.own.cursor() as cursor:
            cursor.execute(UNTRIGGERED)
            for table in self.changed():
                replace(cursor, table, self.rows[table])
        self.rewind()

    def rewind(self) -> None:
        """A number that was taken for what then was not done is taken again."""
        self.own.execute(
            "SELECT setval(format('%%I.%%I', schemaname, sequencename)::regclass, coalesce(last_value, start_value),"
            " last_value IS NOT NULL) FROM jsonb_to_recordset(%s) AS s(schemaname text, sequencename text,"
            " start_value bigint, last_value bigint)",
            [Jsonb(self.numbers)],
        )


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
