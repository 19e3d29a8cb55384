"""The open data of very many published tickets: written whole, in a process of its own.

Budgets for SIZE=1M: at most 60 s and 300 MB (smaller sizes: in proportion, but at least 10 s; memory the same). SIZE=20k by
default. Writes bench/out/opendata.json.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import product
from bench.sweep import count, size

USUAL, SECONDS, MEGABYTES, SEED = 20_000, 60.0, 300, 10_000
TICKET = (
    "state, asked_from, kind, urgency, channel, restricted, text, summary, address, latitude, longitude, occurred, received,"
    " operator, answered, closed, reopened, touched, category_id, area_id, agency_id, contact_id, conversation_id, merged_into_id"
)
PUBLIC = "state, title, text, answer, place, latitude, longitude, edited, published, by, note"
DEADLINE = "clock, fixed, extra_days, state, started, due, first_due, met, late, wake, agency_id, target_id, leg_id"


def fill(asked: int) -> int:
    """About `asked` published tickets: histories of the demo's kind, then copies of them under codes of their own."""
    from django.db import connection

    from bench import fill as histories

    with connection.cursor() as cursor:

        def published() -> int:
            cursor.execute("SELECT count(*) FROM publication_publication WHERE state = 'published'")
            return int(cursor.fetchone()[0])

        if published() < min(asked, SEED) / 2:
            histories.load(min(asked, SEED))
        cursor.execute("SELECT max(id) FROM tickets_ticket")
        top = cursor.fetchone()[0]
        step = 1
        while (lacking := asked - published()) > 0:
            cursor.execute(
                f"""
                CREATE TEMP TABLE pairs ON COMMIT PRESERVE ROWS AS
                SELECT p.id AS publication, t.id AS ticket, nextval('tickets_ticket_id_seq') AS fresh
                FROM publication_publication p JOIN tickets_ticket t ON t.id = p.ticket_id
                WHERE p.state = 'published' AND t.id <= {top} ORDER BY p.id LIMIT {lacking};
                INSERT INTO tickets_ticket (id, code, follow, {TICKET})
                SELECT fresh, 'B' || fresh, 'b' || fresh, {TICKET} FROM pairs JOIN tickets_ticket t ON t.id = pairs.ticket;
                INSERT INTO publication_publication (ticket_id, {PUBLIC})
                SELECT fresh, {PUBLIC} FROM pairs JOIN publication_publication p ON p.id = pairs.publication;
                INSERT INTO sla_deadline (ticket_id, {DEADLINE})
                SELECT fresh, {DEADLINE.replace("leg_id", "NULL::bigint")} FROM pairs JOIN sla_deadline d
                ON d.ticket_id = pairs.ticket AND d.clock = 'handle' AND d.leg_id IS NULL;
                DROP TABLE pairs;
                """
            )
            step += 1
        cursor.execute("ANALYZE tickets_ticket, publication_publication, sla_deadline")
        return published()


def inside(asked: int) -> dict[str, Any]:
    """In a process of the product: fill, then export in a process that does nothing else."""
    from caunoi.cli import product as ready  # noqa: F401

    begun = time.perf_counter()
    rows = fill(asked)
    filled = time.perf_counter() - begun
    with tempfile.TemporaryDirectory(dir=os.environ["CAUNOI_HOME"]) as folder:
        told = subprocess.run(product.command("bench.opendata", "write", folder), check=True, stdout=subprocess.PIPE)
        sizes = {path.name: path.stat().st_size for path in sorted(Path(folder).iterdir())}
    return {"rows": rows, "filled_s": round(filled, 1), **json.loads(told.stdout), "bytes": sizes}


def export(folder: str) -> dict[str, Any]:
    from caunoi.cli import product as ready  # noqa: F401

    # isort: split
    from caunoi.opendata import actions

    begun = time.perf_counter()
    written = actions.export(Path(folder)).rows
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "written": written, "seconds": round(time.perf_counter() - begun, 2),
        "cpu_s": round(used.ru_utime + used.ru_stime, 2), "megabytes": round(used.ru_maxrss / 1024),
    }  # fmt: skip


def main() -> int:
    asked = count(size(), USUAL)
    product.HOME = product.ROOT / "var" / "bench-opendata"
    with product.database():
        line = product.command("bench.opendata", str(asked))
        done = subprocess.run(line, env=product.environment(), check=True, stdout=subprocess.PIPE, text=True)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    product.write("opendata", told)
    print("{rows:,} rows in {seconds} s ({cpu_s} s of CPU, {megabytes} MB): {bytes}".format(**told))
    allowed = max(10.0, SECONDS * told["rows"] / 1_000_000)
    kept = told["seconds"] <= allowed and told["megabytes"] <= MEGABYTES and told["written"] == told["rows"]
    print(f"budget {allowed:.0f} s, {MEGABYTES} MB: {'kept' if kept else 'MISSED'}")
    return 0 if kept else 1


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "caunoi.settings")
    print(json.dumps(export(sys.argv[2]) if sys.argv[1] == "write" else inside(int(sys.argv[1]))))
