"""What events by month would cost and save, and what it costs to let go of what came in raw as it is done (ADR 39).

The events of SIZE tickets (100k) spread over three years, as one table and as a partition a month: processor time of
the server for a ticket's history (with and without a moment before which nothing can be), for an event written, for
what waits in the outbox; and for a month that goes: deleted in slices, with the vacuum after it, and detached. Then a
hundred thousand receipts, blanked by the nightly term. No budget; writes bench/out/partitions.json.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import psutil
import psycopg

from bench import product
from bench.pages import size
from caunoi.host import postgres

ONLY_WHEN_NAMED = True  # it needs a filled database, and fills it twice more
HISTORIES, WRITTEN, SLICE, RECEIPTS = 3000, 5000, 500, 100_000
COLUMNS = "id, at, recorded, kind, subject, subject_id, by, by_kind, by_user, behalf_user, data, pending, claimed"
MOVED = "at - (subject_id % 3) * interval '365 days'"

MAKE = f"""
DROP SCHEMA IF EXISTS bench CASCADE;
CREATE SCHEMA bench;
CREATE TABLE bench.whole (LIKE public.events_event);
CREATE TABLE bench.parts (LIKE public.events_event) PARTITION BY RANGE (at);
DO $$ DECLARE month timestamptz; BEGIN
    FOR month IN
        SELECT generate_series(date_trunc('month', min({MOVED})), now() + interval '1 month', interval '1 month')
          FROM public.events_event
    LOOP
        EXECUTE format('CREATE TABLE bench.%I PARTITION OF bench.parts FOR VALUES FROM (%L) TO (%L)',
                       'parts_' || to_char(month, 'YYYY_MM'), month, month + interval '1 month');
    END LOOP;
END $$;
INSERT INTO bench.whole ({COLUMNS})
SELECT {COLUMNS.replace("at,", f"{MOVED},", 1)} FROM public.events_event ORDER BY 2;
UPDATE bench.whole SET pending = false WHERE pending;
INSERT INTO bench.parts ({COLUMNS}) SELECT {COLUMNS} FROM bench.whole;
ALTER TABLE bench.whole ADD PRIMARY KEY (id);
ALTER TABLE bench.parts ADD PRIMARY KEY (id, at);
"""
INDEXES = """
CREATE INDEX ON bench.{0} (subject, subject_id, id);
CREATE INDEX ON bench.{0} (id) WHERE pending;
CREATE INDEX ON bench.{0} (kind, at);
"""
HISTORY = "SELECT * FROM bench.{} WHERE subject = 'ticket' AND subject_id = %s {} ORDER BY id"
WRITE = f"INSERT INTO bench.{{}} ({COLUMNS}) VALUES (%s, now(), now(), 'report', 'ticket', %s, '', '', NULL, NULL,"
WRITE += " '{{}}', true, NULL)"
WAITS = "SELECT id FROM bench.{} WHERE pending ORDER BY id LIMIT 100"


class Server:
    """A session, and the processor time that its backend uses."""

    def __init__(self) -> None:
        self.session = psycopg.connect(**postgres.parameters(product.HOME), autocommit=True, prepare_threshold=None)
        self.backend = psutil.Process(self.session.info.backend_pid)

    def rows(self, sql: str, *given: Any) -> list[tuple[Any, ...]]:
        cursor = self.session.execute(sql, given or None)
        return cursor.fetchall() if cursor.description else []

    def cost(self, act: Callable[[], int]) -> float:
        """Milliseconds of processor time for each of what `act` does."""
        before = sum(self.backend.cpu_times()[:2])
        count = act()
        return round((sum(self.backend.cpu_times()[:2]) - before) * 1000 / max(1, count), 4)


def histories(server: Server, table: str, tickets: list[tuple[int, Any]], bound: bool) -> int:
    sql = HISTORY.format(table, "AND at >= %s" if bound else "")
    for pk, at in tickets:
        server.rows(sql, pk, at) if bound else server.rows(sql, pk)
    return len(tickets)


def written(server: Server, table: str) -> int:
    [(last,)] = server.rows(f"SELECT max(id) FROM bench.{table}")
    for number in range(WRITTEN):
        server.rows(WRITE.format(table), last + 1 + number, number)
    return WRITTEN


def waiting(server: Server, table: str) -> int:
    for _ in range(500):
        server.rows(WAITS.format(table))
    return 500


def sliced(server: Server, last: Any) -> int:
    """The oldest month deleted as our retention deletes, and what that leaves to vacuum."""
    after, count = 0, 0
    find = f"SELECT id FROM bench.whole WHERE at < %s AND id > %s ORDER BY id LIMIT {SLICE}"
    while ids := [pk for (pk,) in server.rows(find, last, after)]:
        server.rows("DELETE FROM bench.whole WHERE id = ANY(%s)", ids)
        after, count = ids[-1], count + len(ids)
    server.rows("VACUUM bench.whole")
    return count


def detached(server: Server, name: str) -> int:
    [(count,)] = server.rows(f"SELECT count(*) FROM bench.{name}")
    server.rows(f"ALTER TABLE bench.parts DETACH PARTITION bench.{name} CONCURRENTLY")
    server.rows(f"DROP TABLE bench.{name}")
    return int(count)


def compare(server: Server) -> dict[str, Any]:
    tickets = server.rows(
        "SELECT subject_id, min(at) FROM bench.whole WHERE subject = 'ticket' GROUP BY 1 ORDER BY random() LIMIT %s",
        HISTORIES,
    )
    figures: dict[str, Any] = {}
    for table in ("whole", "parts"):
        for bound in (False, True):
            histories(server, table, tickets[:200], bound)
        figures[table] = {
            "history_ms": server.cost(partial(histories, server, table, tickets, False)),
            "history_since_ms": server.cost(partial(histories, server, table, tickets, True)),
            "write_ms": server.cost(partial(written, server, table)),
            "waiting_ms": server.cost(partial(waiting, server, table)),
        }
        print(table, figures[table], flush=True)
    months = server.rows(
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = inhrelid"
        " WHERE inhparent = 'bench.parts'::regclass ORDER BY 1"
    )
    figures["months"] = len(months)
    [(last,)] = server.rows(f"SELECT date_trunc('month', min(at)) + interval '1 month' FROM bench.{months[0][0]}")
    figures["whole"]["gone_ms"] = server.cost(lambda: sliced(server, last))
    figures["parts"]["gone_ms"] = server.cost(lambda: detached(server, months[0][0]))
    for table in ("whole", "parts"):
        print(table, "a row that goes", figures[table]["gone_ms"], "ms", flush=True)
    return figures


def main() -> int:
    asked = size(os.environ.get("SIZE") or "100k")
    with product.database():
        fill = product.command("bench.history", str(asked))
        subprocess.run(fill, env=product.environment(), check=True, stdout=subprocess.DEVNULL)
        server = Server()
        begun = time.monotonic()
        try:
            server.rows(MAKE)
            for table in ("whole", "parts"):
                server.rows(INDEXES.format(table))
                server.rows(f"VACUUM ANALYZE bench.{table}")
            print(f"made twice in {time.monotonic() - begun:.0f} s", flush=True)
            figures = compare(server)
        finally:
            with suppress(psycopg.Error):
                server.rows("DROP SCHEMA IF EXISTS bench CASCADE")
        figures["receipts"] = json.loads(product.told("bench.terms", str(RECEIPTS)))
        print("receipts blanked", figures["receipts"], flush=True)
    product.write("partitions", figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
