"""The every-minute watch over very many open deadlines: a minute in which nothing happens, usual minutes, a rush.

Budget: a usual minute at most 1 s. SIZE=20k (or 1M) sets the open deadlines. Writes bench/out/sweep.json.
"""

import json
import os
import subprocess
import sys
import time
from datetime import timedelta
from typing import Any

from bench import product

SECONDS, USUAL, MINUTES, RUSH = 1.0, 20_000, 15, 5000


def inside(asked: int) -> dict[str, Any]:
    """In a process of the product: fill, watch, and say what it took."""
    from django.db import connection

    from bench import clocks
    from caunoi.sla import watch

    begun = time.perf_counter()
    at = clocks.fill(asked, timedelta(days=3), ahead=timedelta(days=7))
    filled = time.perf_counter() - begun

    def minute(moment: Any) -> tuple[float, int]:
        start, looked = time.perf_counter(), 0
        while found := watch.sweep(at=moment):
            looked += found
        while found := watch.escalate(at=moment):
            looked += found
        return time.perf_counter() - start, looked

    quiet = minute(at - timedelta(days=1))[0]
    usual = [minute(at + timedelta(minutes=n)) for n in range(1, MINUTES + 1)]
    rush = min(RUSH, asked // 4)
    late = at + timedelta(minutes=MINUTES, seconds=30)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE sla_deadline SET due = %s, wake = NULL WHERE id IN "
            "(SELECT id FROM sla_deadline WHERE state = 'running' LIMIT %s)",
            [late, rush],
        )
    spent, looked = minute(late + timedelta(seconds=1))
    return {
        "deadlines": asked,
        "filled_s": round(filled, 1),
        "quiet_s": round(quiet, 3),
        "usual_p50_s": round(sorted(s for s, _ in usual)[MINUTES // 2], 3),
        "usual_max_s": round(max(s for s, _ in usual), 3),
        "usual_looked": sum(n for _, n in usual) // MINUTES,
        "rush": looked,
        "rush_s": round(spent, 2),
    }


def run(name: str, inner: str, asked: int) -> dict[str, Any]:
    """A bench of clocks in its own database; what it told."""
    product.HOME = product.ROOT / "var" / "bench-clocks"
    with product.database():
        done = subprocess.run(
            product.command(inner, str(asked)), env=product.environment(), check=True, stdout=subprocess.PIPE, text=True
        )
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    product.write(name, told)
    return told


def size() -> str:
    return os.environ.get("SIZE", "")


def count(text: str, usual: int) -> int:
    factor = {"k": 1000, "m": 1_000_000}.get(text[-1:].lower(), 1)
    return int(float(text.rstrip("kKmM")) * factor) if text else usual


def main() -> int:
    told = run("sweep", "bench.sweep", count(size(), USUAL))
    print(
        "{deadlines:,} open deadlines (written in {filled_s} s): a quiet minute {quiet_s} s, a usual one (about "
        "{usual_looked} at once) {usual_p50_s} s, at most {usual_max_s} s; {rush} at once {rush_s} s".format(**told)
    )
    kept = told["usual_max_s"] <= SECONDS
    print(f"budget {SECONDS} s a usual minute: {'kept' if kept else 'MISSED'}")
    return 0 if kept else 1


if __name__ == "__main__":
    print(json.dumps(inside(int(sys.argv[1]))))
