"""A late holiday over very many open tickets: how long until all are counted anew, and whether work waits meanwhile.

Budget: 120 s for 100,000 tickets, in proportion for fewer; a move during it at most 1 s. SIZE=20k (or 100k) sets the
tickets. Writes bench/out/recount.json.
"""

import json
import sys
import threading
import time
from datetime import timedelta
from typing import Any

from bench.sweep import count, run, size

SECONDS, EACH, MOVE, USUAL = 120.0, 100_000, 1.0, 5_000


def inside(asked: int) -> dict[str, Any]:
    """In a process of the product: fill, announce the day, count, and move tickets meanwhile."""
    from django.db import connections
    from django.utils.timezone import localdate, now

    from bench import clocks
    from caunoi.directory import actions as directory
    from caunoi.directory.queries import calendar, days, forget
    from caunoi.events.actor import SYSTEM
    from caunoi.events.queries import history
    from caunoi.sla import actions, recount
    from caunoi.tickets import actions as tickets
    from caunoi.tickets.models import Ticket

    for row in days(localdate() - timedelta(days=30)):
        directory.remove_day(row, by=SYSTEM)
    forget()
    clocks.fill(asked, timedelta(days=3))
    day = calendar("office").add_days(now(), 2).date()
    stop, waited = threading.Event(), []

    def work() -> None:
        """Somebody remarks and a worker refreshes, again and again, all over the tickets."""
        n = 0
        while not stop.is_set():
            n += 7919
            ticket = Ticket.objects.get(pk=n % asked + 1)
            start = time.perf_counter()
            tickets.edit(ticket, by=SYSTEM, summary=f"Sửa {n}")
            actions.refresh(ticket)
            waited.append(time.perf_counter() - start)
            stop.wait(0.05)
        connections.close_all()

    row = directory.set_day(day, False, by=SYSTEM, note="bench")
    told = recount.ask(history(row).last().pk, now(), day)  # type: ignore[union-attr]
    forget()
    thread = threading.Thread(target=work)
    thread.start()
    begun, steps, cpu = time.perf_counter(), [], time.process_time()
    while True:
        start = time.perf_counter()
        if not recount.step():
            break
        steps.append(time.perf_counter() - start)
    spent = time.perf_counter() - begun
    stop.set()
    thread.join()
    told.refresh_from_db()
    directory.remove_day(row, by=SYSTEM)
    waited.sort()
    return {
        "tickets": told.done,
        "moved": told.moved,
        "seconds": round(spent, 1),
        "cpu_s": round(time.process_time() - cpu, 1),
        "step_max_s": round(max(steps), 2),
        "work": len(waited),
        "work_p50_ms": round(waited[len(waited) // 2] * 1000, 1),
        "work_p95_ms": round(waited[int(len(waited) * 0.95)] * 1000, 1),
        "work_max_ms": round(waited[-1] * 1000, 1),
    }


def main() -> int:
    told = run("recount", "bench.recount", count(size(), USUAL))
    print(
        "{tickets:,} open tickets, {moved:,} moved: {seconds} s ({cpu_s} s of CPU, edits too), the longest step "
        "{step_max_s} s; meanwhile {work} edits, "
        "p50 {work_p50_ms} ms, p95 {work_p95_ms} ms, at most {work_max_ms} ms".format(**told)
    )
    budget = SECONDS * max(told["tickets"], 1) / EACH
    kept = told["seconds"] <= budget and told["work_max_ms"] <= MOVE * 1000
    print(f"budget {budget:.0f} s, and {MOVE} s for a move: {'kept' if kept else 'MISSED'}")
    return 0 if kept else 1


if __name__ == "__main__":
    print(json.dumps(inside(int(sys.argv[1]))))
