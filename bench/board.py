"""The board over very many tickets: counting them from the log, keeping up with it, and answering.

Budgets at 1,000,000 tickets and 6,000,000 events: rebuild ≥ 10,000 events/s, keeping up ≥ 500 events/s; a page of
counts ≤ 100 ms p95, another filter ≤ 200 ms, percentiles and past days ≤ 1 s. SIZE=20k (1M, 10M) sets the tickets. With
KEEP=1 the filled database stays in var/bench-board-<tickets> and serves the next run, else it is removed. Beside the
time stands the processor's: ours and the database's. Writes bench/out/board.json; bench.board_pages measures the pages
themselves.

Proves: Everything at a million tickets within its bar: questions and 37 pages; ten million run once"""

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psutil

from bench import product
from bench.sweep import count, size

USUAL, TIMES, NEW = 20_000, 20, 4000
COUNTS, FILTER, SLOW = 100, 200, 1000  # ms, p95
BUDGETS = {
    "counts": COUNTS,
    "year": COUNTS,
    "filter_agency": FILTER,
    "filter_area": FILTER,
    "filter_channel": FILTER,
    "filter_category": FILTER,
    "filter_two": FILTER,
    "filter_two_agency": FILTER,
    "filter_two_area": FILTER,
    "boundaries": FILTER,
    "boundaries_year": FILTER,
    "percentiles": SLOW,
    "percentiles_year": SLOW,
    "percentiles_area": SLOW,
    "measures_year": SLOW,
    "past_day": SLOW,
    "past_day_year": SLOW,
    "past_day_boundaries": SLOW,
}


def seconds() -> tuple[float, float, float]:
    """Now, and the processor's seconds of ours and of the database's processes."""
    server = psutil.Process(int(os.environ["BENCH_SERVER"]))
    return time.perf_counter(), time.process_time(), product.cpu([server])


def spent(since: tuple[float, float, float]) -> dict[str, float]:
    """What went by since then."""
    wall, ours, theirs = (after - before for after, before in zip(seconds(), since, strict=True))
    return {"s": round(wall, 2), "cpu_s": round(ours, 2), "database_cpu_s": round(theirs, 2)}


def rebuild() -> dict[str, Any]:
    """Count everything from the log, from nothing."""
    from django.db import connection

    from caunoi.statistics import rollup

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE statistics_span, statistics_hold, statistics_tally, statistics_cursor")
        cursor.execute("TRUNCATE statistics_pair, statistics_distribution")
        cursor.execute("SELECT count(*) FROM events_event")
        events = cursor.fetchone()[0]
    since = seconds()
    rollup.rebuild()
    took = spent(since)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"events": events, "per_s": round(events / took["s"]), "peak_mb": round(peak), **took}


def keep_up(tickets: int) -> dict[str, Any]:
    """New events all over the tickets, counted as a worker takes them in a rush."""
    from django.db import connection

    from caunoi.statistics import rollup

    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO events_event (at, recorded, kind, subject, subject_id, "by", data, pending)
               SELECT now(), now(), 'ticket.edit', 'ticket', 1 + n * 7919 %% %s, 'lan',
                      jsonb_build_object('category', (SELECT code FROM directory_category ORDER BY id
                      OFFSET (n + (SELECT max(id) / %s FROM events_event)) %% 5 LIMIT 1)),
                      false FROM generate_series(1, %s) n""",  # another category each time
            [tickets, NEW, NEW],
        )
    since = seconds()
    while rollup.step(size=500):
        pass
    took = spent(since)
    return {"per_s": round(NEW / took["s"]), **took}


def questions(tickets: int) -> dict[str, Callable[[int], object]]:
    """What is asked, by name; the number makes each time another question."""
    from datetime import timedelta

    from django.utils.timezone import now

    from bench import years
    from caunoi.directory import queries as directory
    from caunoi.directory.boundaries import boundaries
    from caunoi.statistics.figures import grouped
    from caunoi.statistics.measures import MEASURES, wholes
    from caunoi.statistics.periods import midnight, period_of
    from caunoi.statistics.scope import Scope

    at = now()
    month, year = period_of("30", at), period_of("year", at)
    by = ["", "day", "agency", "category", "area", "channel"]
    long = ["", "month", *by[2:]]
    agencies, fields, places = directory.agencies(), directory.categories(), directory.areas()
    old = boundaries("2025-06-30")

    def scope(period: Any, **more: Any) -> Scope:
        return Scope(since=period.since, until=period.until, at=at, **more)

    def without(*names: str) -> list[str]:
        return [name for name in long if name not in names]

    def evening(n: int) -> Any:
        return midnight((at - timedelta(days=n)).date())

    return {
        "counts": lambda n: grouped(scope(month), by),
        "year": lambda n: grouped(scope(year), long),
        "filter_agency": lambda n: grouped(scope(year, agency=agencies[n % len(agencies)].code), without("agency")),
        "filter_area": lambda n: grouped(scope(year, area=places[n % len(places)].code), without("area")),
        "filter_category": lambda n: grouped(scope(year, category=fields[n % 3].code), without("category")),
        "filter_channel": lambda n: grouped(scope(year, channel=years.CHANNELS[n % 5]), without("channel")),
        "filter_two": lambda n: grouped(
            scope(year, channel=years.CHANNELS[n % 3], category=fields[n % 3].code), without("channel", "category")
        ),
        "filter_two_agency": lambda n: grouped(
            scope(year, channel=years.CHANNELS[n % 3], agency=agencies[n % len(agencies)].code),
            without("channel", "agency"),
        ),
        "filter_two_area": lambda n: grouped(
            scope(year, category=fields[n % 3].code, area=places[n % len(places)].code), without("category", "area")
        ),
        "boundaries": lambda n: grouped(scope(month, boundaries=old), by),
        "boundaries_year": lambda n: grouped(scope(year, boundaries=old), long),
        "percentiles": lambda n: MEASURES[("handling", "first_answer_p90", "custody")[n % 3]].read(
            scope(month), "agency"
        ),
        "percentiles_year": lambda n: MEASURES[("handling_p90", "custody", "first_answer")[n % 3]].read(
            scope(year), ("", "agency", "month")[n % 3]
        ),
        "percentiles_area": lambda n: MEASURES[("handling_p90", "custody", "first_answer")[n % 3]].read(
            scope(year), "area"
        ),
        "measures_year": lambda n: wholes(scope(year), list(MEASURES)),
        "past_day": lambda n: grouped(scope(month, as_of=evening(n)), by),
        "past_day_year": lambda n: grouped(scope(year, as_of=evening(n)), long),
        "past_day_boundaries": lambda n: grouped(scope(year, as_of=evening(n), boundaries=old), long),
    }


def ask(question: Callable[[int], object]) -> dict[str, float]:
    """Milliseconds of one question asked again and again, and of the processor."""
    question(0)
    took, since = [], seconds()
    for n in range(TIMES):
        begun = time.perf_counter()
        question(n)
        took.append((time.perf_counter() - begun) * 1000)
    took.sort()
    cpu = spent(since)
    busy = (cpu["cpu_s"] + cpu["database_cpu_s"]) / TIMES * 1000
    return {"p50_ms": round(took[TIMES // 2], 1), "p95_ms": round(took[int(TIMES * 0.95)], 1), "cpu_ms": round(busy, 1)}


def inside(asked: int) -> dict[str, Any]:
    """In a process of the product: fill, count, ask."""
    from bench import years

    since = seconds()
    source = years.fill(asked)
    filled = spent(since)
    rebuilt, kept_up = rebuild(), keep_up(asked)
    took = {name: ask(question) for name, question in questions(asked).items()}
    return {"tickets": asked, "shape": source, "filled": filled, "rebuilt": rebuilt, "kept_up": kept_up, "asked": took}


@contextmanager
def kept(tickets: int) -> Iterator[int]:
    """The database of a bench of so many tickets, and its process; afterwards it is removed, but for KEEP=1."""
    product.HOME = product.ROOT / "var" / f"bench-board-{tickets}"
    with product.database() as server:
        yield server
    if not os.environ.get("KEEP"):
        shutil.rmtree(product.HOME)


def told(inner: str, tickets: int, server: int) -> dict[str, Any]:
    """What a process of the product tells as JSON in its last line."""
    environment = product.environment() | {"BENCH_SERVER": str(server)}
    line = product.command(inner, str(tickets))
    done = subprocess.run(line, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def report(told: dict[str, Any]) -> list[str]:
    """Print what was measured; what missed its bar."""
    print(
        "{tickets:,} tickets ({shape}), filled in {filled[s]} s; {rebuilt[events]:,} events rebuilt in {rebuilt[s]} s "
        "({rebuilt[per_s]:,}/s; CPU {rebuilt[cpu_s]} + {rebuilt[database_cpu_s]} s, at most {rebuilt[peak_mb]} MB), "
        "kept up "
        "with {kept_up[per_s]:,} events/s".format(**told)
    )
    missed = [name for name, most in BUDGETS.items() if told["asked"][name]["p95_ms"] > most]
    for name, took in told["asked"].items():
        row = "  {:<20} p50 {p50_ms:>8} ms  p95 {p95_ms:>8} ms  CPU {cpu_ms:>8} ms  bar {:>5}  {}"
        print(row.format(name, BUDGETS[name], "MISSED" if name in missed else "", **took))
    if told["rebuilt"]["per_s"] < 10_000 or told["kept_up"]["per_s"] < 500:
        missed.append("counting")
    return missed


def main() -> int:
    tickets = count(size(), USUAL)
    with kept(tickets) as server:
        found = told("bench.board", tickets, server)
    product.write("board", found)
    return 1 if report(found) else 0


if __name__ == "__main__":
    from caunoi.cli.product import database

    with database("bench"):  # as the owner: tables are emptied and filled
        print(json.dumps(inside(int(sys.argv[1]))))
