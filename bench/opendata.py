"""The open data of very many published tickets: written whole, in a process of its own.

Budgets for SIZE=1M: at most 60 s and 300 MB in its two processes together (smaller sizes: in proportion, but at least
10 s; memory the same). SIZE=20k by default; bench.copies makes them in the home that bench.portal shares
(var/bench-register, or BENCH_HOME), once. Writes bench/out/opendata.json."""

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

USUAL, SECONDS, MEGABYTES = 20_000, 60.0, 300


def inside(asked: int) -> dict[str, Any]:
    """In a process of the product: fill, then export in a process that does nothing else."""
    from bench import copies

    begun = time.perf_counter()
    rows = copies.fill(asked)
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
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]  # ours, and DuckDB's
    return {
        "written": written,
        "seconds": round(time.perf_counter() - begun, 2),
        "cpu_s": round(sum(used.ru_utime + used.ru_stime for used in both), 2),
        "megabytes": round(sum(used.ru_maxrss for used in both) / 1024),
    }


def main() -> int:
    asked = count(size(), USUAL)
    product.use("register")
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
