"""Many tickets in little time: whole histories of the demo's kind, for the benchmarks of pages on a full database.

`CAUNOI_DEMO=1 python -m bench.fill 100000` writes them into the database that the settings name, and says how fast.
"""

import json
import os
import sys
import time
from datetime import datetime, timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "caunoi.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402
from django.utils.timezone import now  # noqa: E402

from caunoi.demo import life, province  # noqa: E402
from caunoi.demo.arrivals import arrivals  # noqa: E402
from caunoi.demo.cast import gather  # noqa: E402
from caunoi.demo.handling import tell  # noqa: E402
from caunoi.demo.hours import VIETNAM  # noqa: E402

CHUNK = 5_000


def load(size: int, until: datetime | None = None) -> dict[str, float]:
    """Write about `size` tickets of one year, a transaction a chunk; merged ones are left out, for they would wait for
    one another. Returns {tickets, seconds, per_second}."""
    until = until or now() - timedelta(minutes=1)
    province.build(province.outline_file())
    cast, drawn = gather(), life.draw()
    came = [a for a in arrivals(until.astimezone(VIETNAM).date(), until, size, cast.map) if not a.again]
    told, written, begun = iter(came), 0, time.perf_counter()
    while chunk := [tell(a, cast, drawn, until) for _, a in zip(range(CHUNK), told)]:
        with transaction.atomic():
            written += sum(len(rows) for rows in life.write(chunk, until, CHUNK))
        print(f"{written:>9,} tickets  {written / (time.perf_counter() - begun):,.0f}/s", file=sys.stderr)
    seconds = time.perf_counter() - begun
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return {"tickets": written, "seconds": round(seconds, 1), "per_second": round(written / seconds, 1)}


if __name__ == "__main__":
    print(json.dumps(load(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)))
