"""A storm: so many people write at once by Zalo. How many tickets a second become of it, with everything that follows
and the answers sent, while an operator reads pages; and how long it takes from a provider's call to the operator's
screen when 50 come a second.

Budget: at least 100 tickets a second, pages at most 200 ms p95 meanwhile, 300 ms p95 to the screen. SIZE=20k sets the
receipts (2,000 by default). Writes bench/out/storm.json.
"""

import asyncio
import itertools
import json
import os
import sys
import threading
import time
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import psutil
import psycopg
import uvloop

from bench import product
from bench.hooks import ZALO, call
from bench.load import answer, signed
from bench.open311 import rows
from bench.pages import size
from caunoi.host import postgres

TICKETS, PAGE_MS, SCREEN_MS = 100.0, 200.0, 300.0
RATE, SECONDS = 50, 6.0
WAIT = 900.0


class Provider(BaseHTTPRequestHandler):
    """Takes every message, as Zalo does: 200 and a message's id."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet
    taken = 0

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        Provider.taken += 1
        said = json.dumps({"error": 0, "message": "Success", "data": {"message_id": f"p{Provider.taken}"}}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)
        self.wfile.flush()

    def log_message(self, *args: Any) -> None:
        pass


def sql(query: str, *values: Any) -> list[Any]:
    with psycopg.connect(**postgres.parameters(product.HOME), autocommit=True) as connection:
        cursor = connection.execute(query, values)
        return cursor.fetchall() if cursor.description else []


def prepare(port: int) -> dict[str, Any]:
    """The inbox sends to our provider; what an earlier run left is gone; an operator is signed in."""
    secrets, config = {"access_token": "bench", "oa_secret": ZALO[2]}, {"api_base": f"http://127.0.0.1:{port}"}
    sql(
        "UPDATE conversations_inbox SET secrets = secrets || %s::jsonb, config = config || %s::jsonb WHERE name = "
        "'zalo'",
        json.dumps(secrets),
        json.dumps(config),
    )
    sql("UPDATE conversations_receipt SET state = 'read' WHERE state = 'waiting'")
    sql("UPDATE conversations_outgoing SET state = 'sent' WHERE state = 'queued'")
    filled = product.told("bench.history", "2000")
    visitor: dict[str, Any] = json.loads(filled)
    return visitor


def pour(count: int) -> None:
    """So many receipts, as webhooks would have left them."""
    stamp = f"storm{int(time.time())}-"
    raw = json.loads(call().partition("\r\n\r\n")[2])
    raw["sender"]["id"], raw["message"]["msg_id"] = "{n}", "{n}"
    sql(
        """INSERT INTO conversations_receipt (inbox_id, external_id, at, raw, state, trouble)
        SELECT inbox.id, who, now(), replace(%s, '{n}', who)::jsonb, 'waiting', ''
        FROM conversations_inbox inbox, (SELECT %s || n AS who FROM generate_series(1, %s) n) names
        WHERE inbox.name = 'zalo'""",
        json.dumps(raw, ensure_ascii=False),
        stamp,
        count,
    )


def settled(until: float) -> None:
    """Wait until a worker has read and followed everything."""
    while time.perf_counter() < until:
        time.sleep(0.1)
        if not rows("conversations_receipt WHERE state = 'waiting'") and not rows("events_event WHERE pending"):
            break


def storm(count: int, visitor: dict[str, Any], base: psutil.Process) -> dict[str, Any]:
    """From the first look of the worker to the last reaction; the operator's pages meanwhile."""
    before = rows("tickets_ticket")
    pour(count)
    pages = itertools.cycle(["/desk/", *(f"/desk/{code}/" for code in visitor["codes"][:20])])
    read: list[float] = []
    ending = threading.Event()

    def look() -> None:
        """Five pages a second, one after the other."""
        browser = HTTPConnection("127.0.0.1", product.PORT, timeout=30)
        while not ending.wait(0.2):
            asked = time.perf_counter()
            browser.request("GET", next(pages), headers={"Cookie": f"sessionid={visitor['session']}"})
            page = browser.getresponse()
            assert page.read() and page.status == 200
            read.append((time.perf_counter() - asked) * 1000)

    with product.running(["caunoi.cli", "worker"]) as worker:
        while rows("tickets_ticket") == before:
            time.sleep(0.02)
        begun, already, spent = (
            time.perf_counter(),
            rows("tickets_ticket"),
            (product.cpu([worker]), product.cpu([base])),
        )
        reader = threading.Thread(target=look)
        reader.start()
        until = begun + WAIT
        settled(until)
        took = time.perf_counter() - begun
        cost, below = product.cpu([worker]) - spent[0], product.cpu([base]) - spent[1]
        ending.set()
        reader.join()
        sent_by = time.perf_counter()
        while rows("conversations_outgoing WHERE state = 'queued'") and time.perf_counter() < until:
            time.sleep(0.1)
        sent = time.perf_counter() - begun
    made = rows("tickets_ticket") - before
    return {
        "receipts": count,
        "tickets": made,
        "seconds": round(took, 1),
        "per_second": round((made - already + before) / took, 1),
        "worker_ms": round(cost / max(made, 1) * 1000, 2),
        "database_ms": round(below / max(made, 1) * 1000, 2),
        "pages": len(read),
        "page_p95_ms": round(sorted(read)[int(len(read) * 0.95)], 1),
        "page_p50_ms": round(sorted(read)[len(read) // 2], 1),
        "answers_sent_after": round(sent, 1),
        "provider_took": Provider.taken,
        "sent_late_by": round(time.perf_counter() - sent_by, 1),
    }


async def screen(session: str, seconds: float) -> list[float]:
    """Milliseconds from the beginning of a provider's call until the operator's stream tells of its ticket, upon which
    the list is drawn anew."""
    reader, writer = await asyncio.open_connection("127.0.0.1", product.PORT)
    writer.write(f"GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: sessionid={session}\r\n\r\n".encode())
    await reader.readuntil(b"\r\n\r\n")
    heard: dict[int, float] = {}
    stamp = f"screen{int(time.time())}-"

    async def listen() -> None:
        of = b""
        async for line in reader:
            if line.startswith(b"event: "):
                of = line[7:].strip()
            elif of == b"ticket" and line.startswith(b"data: ") and (pk := json.loads(line[6:]).get("id")):
                heard.setdefault(pk, time.perf_counter())

    listening = asyncio.create_task(listen())
    asked: dict[str, float] = {}
    pipes = [await asyncio.open_connection("127.0.0.1", product.PORT) for _ in range(8)]
    free: asyncio.Queue[Any] = asyncio.Queue()
    for pipe in pipes:
        free.put_nowait(pipe)

    async def write(n: int) -> None:
        inner, outer = await free.get()
        name = f"{stamp}{n}"
        head, _, body = (
            call().replace("bench-{n}", name).replace("u{n}", name).replace("{n}", name).partition("\r\n\r\n")
        )
        raw = body.encode()
        asked[name] = time.perf_counter()
        head += signed(ZALO, raw)
        outer.write(f"{head}\r\nHost: 127.0.0.1\r\nContent-Length: {len(raw)}\r\n\r\n".encode() + raw)
        assert await answer(inner) == 200
        free.put_nowait((inner, outer))

    tasks = []
    begun = time.perf_counter()
    for n in range(int(seconds * RATE)):
        await asyncio.sleep(max(0.0, begun + n / RATE - time.perf_counter()))
        tasks.append(asyncio.create_task(write(n)))
    await asyncio.gather(*tasks)
    await asyncio.sleep(3)
    listening.cancel()
    named = dict(
        sql(
            """SELECT exchange.ticket_id, message.external_id FROM tickets_exchange exchange
            JOIN conversations_message message ON message.id = exchange.message_id WHERE external_id LIKE %s""",
            f"{stamp}%",
        )
    )
    return sorted((heard[pk] - asked[name]) * 1000 for pk, name in named.items() if pk in heard)


def main() -> int:
    count = size(os.environ.get("SIZE") or "2000")
    provider = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=provider.serve_forever, daemon=True).start()
    with product.database() as pid:
        visitor = prepare(provider.server_address[1])
        base = psutil.Process(pid)
        with product.serving(["caunoi.cli", "web", "--fd", "{fd}"], "/health/ready"):
            told = storm(count, visitor, base)
            print(json.dumps(told), flush=True)
            with product.running(["caunoi.cli", "worker"]) as worker:
                pour(20)
                settled(time.perf_counter() + WAIT)
                spent = product.cpu([worker])
                times = uvloop.run(screen(visitor["session"], SECONDS))
                cost = product.cpu([worker]) - spent
    asked = int(SECONDS * RATE)
    shown = {
        "asked": asked,
        "seen": len(times),
        "p50_ms": round(times[len(times) // 2], 1),
        "p95_ms": round(times[int(len(times) * 0.95)], 1),
        "longest_ms": round(times[-1], 1),
        "worker_ms": round(cost / asked * 1000, 2),
    }
    print(json.dumps(shown))
    product.write("storm", {"storm": told, "screen": shown})
    good = (
        told["tickets"] == count
        and told["per_second"] >= TICKETS
        and told["page_p95_ms"] <= PAGE_MS
        and shown["p95_ms"] <= SCREEN_MS
        and shown["seen"] == asked
    )
    print(
        f"budget {TICKETS} tickets/s ({told['per_second']}), pages {PAGE_MS} ms p95 ({told['page_p95_ms']}), "
        f"screen {SCREEN_MS} ms p95 ({shown['p95_ms']}): {'kept' if good else 'MISSED'}"
    )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
