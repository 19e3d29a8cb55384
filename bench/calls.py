"""What the telephone costs: events into calls, a webhook's acknowledgement, and receipts into rows by a worker.

Budgets: the reducer 5,000 events a second; /cti acknowledged 1,000 times a second (less where the machine's own bare
view does less), with p99 at most 100 ms and at least 60 % of a bare view that keeps one durable row in the same run,
each acknowledged one counted afterwards; a worker makes rows of 200 receipts a second. By the model of the exchange's
queue, run over the file that is written: 5,000 calls a day with 20 operators, at least 80 % within 20 s where Erlang
says so; of 30 callers at once with 20 free, 20 ring within a second. Writes bench/out/calls.json."""

import sys
import time
from pathlib import Path
from typing import Any

import psutil
import psycopg

from bench import product, reducer
from bench.open311 import FIELDS, measured, request, rows
from caunoi.host import postgres

sys.path.append(str(Path(__file__).parents[1] / "tests" / "telephony"))
import queue_loads

EVENTS, RATE, P99, SHARE, READ, SECONDS, CLIENTS = 5_000, 1_000.0, 100.0, 0.6, 200.0, 3.0, 32
CALL = (
    '{"event": "newCall", "callId": "bench-{n}", "direction": "in", "from": "0900 000 001", "to": "1022", '
    '"queue": "tongdai1022", "user": ["lan"], "occurredAt": "2026-08-06T08:00:00+07:00"}'
)
WEBHOOK = f"POST /cti/demo-cti HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{CALL}"
FORGED = f"POST /cti/guessed HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{CALL}"


def reduced() -> dict[str, Any]:
    """The recorded transcripts, many times over, as a socket gives them."""
    wire, packets = reducer.stream(copies=10)
    made, _, seconds = min((reducer.digest(wire) for _ in range(2)), key=lambda result: result[2])
    told = {"events_per_second": round(packets / seconds), "events": packets, "calls": len(made)}
    print(f"{'events into calls (one core)':<34}{told['events_per_second']:>10}/s", flush=True)
    return told


def read(server: psutil.Process, seconds: float) -> dict[str, float]:
    """Receipts into calls and legs, by the product's worker."""
    waiting = "conversations_receipt WHERE state = 'waiting'"
    with product.running(["caunoi.cli", "worker"]) as worker:
        begun = rows("calls_call")
        while rows("calls_call") == begun:
            time.sleep(0.05)
        left, at = rows(waiting), time.perf_counter()
        before = product.cpu([worker]), product.cpu([server])
        while (now := rows(waiting)) and time.perf_counter() < at + seconds:
            time.sleep(0.1)
        done, took = left - now, time.perf_counter() - at
        app, base = product.cpu([worker]) - before[0], product.cpu([server]) - before[1]
    each = 1000 / max(done, 1)
    told = {"per_second": round(done / took, 1), "app_ms": round(app * each, 2), "database_ms": round(base * each, 2)}
    print(
        "{:<34}{per_second:>10}/s{app_ms:>34} +{database_ms:>6} ms CPU".format("receipts into rows, a worker", **told)
    )
    return told


def modelled() -> dict[str, Any]:
    """A day, and thirty at once, on the model of app_queue (tests/telephony/app_queue.py)."""
    callers = queue_loads.a_day(queue_loads.WRITTEN, calls=5000, hours=14, talks=120, writes_up=20)
    fast = sum(caller.answered is not None and caller.waited <= 20 for caller in callers) / len(callers)
    promised = queue_loads.erlang_waits(5000 / 14 / 3600, 143, 20, 20)
    ringing, _ = queue_loads.ringing_within(queue_loads.WRITTEN, 1, operators=20, callers=30)
    print(
        f"{'within 20 s, 5,000 calls a day':<34}{fast:>9.1%} (Erlang C: {promised:.1%}), {ringing} of 30 ring at once"
    )
    waits = queue_loads.said_and_waited(queue_loads.WRITTEN, per_hour=500, hours=3, talks=120, writes_up=20)
    near = sum(abs(estimate - waited) <= 0.3 * waited for estimate, waited in waits) / len(waits)
    print(f"{'a wait within 30 % of what is said':<34}{near:>9.1%} of {len(waits)} who were told of one")
    return {
        "within_20_s": round(fast, 3),
        "erlang_c": round(promised, 3),
        "ringing_within_1_s": ringing,
        "wait_within_30_percent": round(near, 3),
    }


def main() -> int:
    figures: dict[str, Any] = {"budget": {"events": EVENTS, "per_second": RATE, "of_bare_insert": SHARE, "read": READ}}
    figures["reducer"] = reduced()
    queue = figures["queue"] = modelled()
    with product.database() as pid:
        server = psutil.Process(pid)
        with psycopg.connect(**postgres.parameters(product.HOME), autocommit=True) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS bench_row (id bigserial PRIMARY KEY, text text)")
            connection.execute("TRUNCATE calls_call, conversations_receipt CASCADE")
        with product.serving(["bench.bare", "{fd}", product.bare()], "/") as web:
            insert = request("/insert", description=FIELDS["description"])
            bare = figures["bare_insert"] = measured("a bare view, one durable row", web, server, insert, 2, CLIENTS)
        with product.serving(["caunoi.cli", "web", "--fd", "{fd}"], "/health/ready") as web:
            told = figures["webhook"] = measured("a webhook at /cti", web, server, WEBHOOK, SECONDS, CLIENTS)
            figures["kept"] = rows("conversations_receipt")
            figures["forged"] = measured("a forged one, refused", web, server, FORGED, 1, CLIENTS)
        figures["read"] = read(server, 5)
    share = figures["of_bare_insert"] = round(told["per_second"] / bare["per_second"], 2)
    needed = min(RATE, SHARE * bare["per_second"])
    missed = [
        what
        for what, good in (
            ("reducer", figures["reducer"]["events_per_second"] >= EVENTS),
            ("webhook", told["per_second"] >= needed and told["p99_ms"] <= P99 and set(told["status"]) == {"200"}),
            ("share of a bare insert", share >= SHARE),
            ("each acknowledged is kept", figures["kept"] >= told["count"]),
            ("nothing forged is kept", set(figures["forged"]["status"]) == {"403"}),
            ("the queue's day", queue["within_20_s"] >= 0.8 and queue["ringing_within_1_s"] == 20),
            ("a wait that is said", queue["wait_within_30_percent"] >= 0.8),
            ("rows", figures["read"]["per_second"] >= READ),
        )
        if not good
    ]
    product.write("calls", figures)
    print(f"{share:.0%} of a bare insert; {'MISSED: ' + ', '.join(missed) if missed else 'all kept'}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
