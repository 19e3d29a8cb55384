"""An exchange that writes its logs into tables of PostgreSQL: read by a way of its own, which can change nothing."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from psycopg.postgres import types
from psycopg.rows import dict_row

from caunoi.telephony.gaps import CDR, CEL, QUEUE, Row, moment

SECONDS = 20
READ_ONLY = f"-c default_transaction_read_only=on -c statement_timeout={SECONDS}s -c timezone=UTC"
NUMBERS = {types[name].oid for name in ("int2", "int4", "int8", "float4", "float8", "numeric")}
TABLES: Mapping[str, tuple[Sequence[str], str]] = {
    "queue_log": (QUEUE, "time"),
    "cdr": (CDR, "end"),
    "cel": (CEL, "eventtime"),
}
"""The tables by Asterisk's names for them: the columns that are read where there, and when a row was written."""


def is_address(dsn: str) -> bool:
    """Whether a database's address can be read. Where a part has come into another's place, the server's words for it
    would tell the password."""
    try:
        parts = conninfo_to_dict(dsn)
    except (psycopg.Error, ValueError):
        return False
    return "@" not in str(parts.get("host") or "") and re.fullmatch(r"[\d,]*", str(parts.get("port") or "")) is not None


def rows(dsn: str, since: datetime, zone: tzinfo) -> dict[str, list[Row]]:
    """What the tables that are there have since about `since`, by table. psycopg.Error."""
    with psycopg.connect(dsn, connect_timeout=SECONDS, options=READ_ONLY, row_factory=dict_row) as server:
        return {
            name: list(_table(server, name, columns, written, since, zone))
            for name, (columns, written) in TABLES.items()
            if server.execute("SELECT to_regclass(%s) AS there", [name]).fetchone()["there"]  # type: ignore[index]
        }


def _table(
    server: psycopg.Connection[dict[str, object]],
    name: str,
    columns: Sequence[str],
    written: str,
    since: datetime,
    zone: tzinfo,
) -> Iterator[Row]:
    # Times are numbers, or texts or times of the exchange's zone or of UTC: the earlier bound holds for all of these,
    # then each is read. The bound has no type of its own, so that it takes the column's and an index serves.
    earliest = min(since.astimezone(UTC).replace(tzinfo=None), since.astimezone(zone).replace(tzinfo=None))
    table, column_written = sql.Identifier(name), sql.Identifier(written)
    description = server.execute(sql.SQL("SELECT {} FROM {} LIMIT 0").format(column_written, table)).description
    is_number = description is not None and description[0].type_code in NUMBERS
    bound = str(int(since.timestamp())) if is_number else earliest.isoformat(" ")
    query = sql.SQL("SELECT * FROM {} WHERE {} >= %s ORDER BY {}").format(table, column_written, column_written)
    for values in server.execute(query, [bound]):
        row = {column: _text(values.get(column)) for column in (*columns, "data")}
        at = moment(row[written], zone)
        if at and at >= since:
            yield row


def _text(value: object) -> str:
    return value.isoformat(" ") if isinstance(value, datetime) else "" if value is None else str(value)
