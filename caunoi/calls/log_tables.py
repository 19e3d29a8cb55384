"""An exchange that writes its logs into tables of PostgreSQL: read by a way of its own, which can change nothing."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from caunoi.telephony.gaps import CDR, CEL, QUEUE, Row, moment

SECONDS = 20
READ_ONLY = f"-c default_transaction_read_only=on -c statement_timeout={SECONDS}s"
TABLES: Mapping[str, tuple[Sequence[str], str]] = {
    "queue_log": (QUEUE, "time"),
    "cdr": (CDR, "end"),
    "cel": (CEL, "eventtime"),
}
"""The tables by Asterisk's names for them: the columns that are read where there, and when a row was written."""


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
    # Times are texts or times, of the exchange's zone or of UTC: the earlier bound holds for all, then each is read.
    earliest = min(since.astimezone(UTC).replace(tzinfo=None), since.astimezone(zone).replace(tzinfo=None))
    query = sql.SQL("SELECT * FROM {} WHERE {}::text >= %s ORDER BY {}").format(
        sql.Identifier(name), sql.Identifier(written), sql.Identifier(written)
    )
    for values in server.execute(query, [earliest.isoformat(" ")]):
        row = {column: _text(values.get(column)) for column in (*columns, "data")}
        at = moment(row[written], zone)
        if at and at >= since:
            yield row


def _text(value: object) -> str:
    return value.isoformat(" ") if isinstance(value, datetime) else "" if value is None else str(value)
