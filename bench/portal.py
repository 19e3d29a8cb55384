"""The public pages on a full register: each page drawn anew (one visitor, every address asked for once), and how many
pages a second two processes give of those that people read most.

Budgets: p95 of home, list and ticket 50 ms, of search 100 ms (also for a word that stands only in the oldest rows), of
a part of the map 30 ms at any zoom; 300 pages/s; a correction stands in the next answer of every process. SIZE=50k sets
the published tickets (1M for the whole): they are made once by bench.copies in a home that bench.opendata shares
(var/bench-register, or BENCH_HOME) and kept. Writes bench/out/portal.json."""

import json
import os
import sys
import time
from typing import Any
from urllib.request import urlopen

import psutil

from bench import product
from bench.pages import size

PAGE, SEARCH, MAP, RATE = 50.0, 100.0, 30.0, 300.0
SECONDS, CLIENTS = 2.0, 8
OLDEST = "khướu"  # put into the oldest rows, and into no other
# Parts of the map of 1440 × 900 points around Biên Hòa, and the whole province: zoom → (degrees wide, high).
MIDDLE = (106.88, 10.95)


def pages() -> dict[str, tuple[str, float]]:
    """What is asked → (address, budget). `{n}` is another number each time, so that nothing kept is given."""
    result = {
        "home": ("/?x={n}", PAGE),
        "home of a commune": ("/?area=25195&x={n}", PAGE),
        "list": ("/register?x={n}", PAGE),
        "list of a field, open": ("/register?category=roads&status=open&x={n}", PAGE),
        "list of a commune and a field": ("/register?area=25195&category=rubbish&x={n}", PAGE),
        "list of an agency, done": ("/register?agency=xncongtrinh&status=done&x={n}", PAGE),
        "ticket": ("/p/{code}?x={n}", PAGE),
        "feed": ("/feed.atom?x={n}", PAGE),
        "widget": ("/widget?x={n}", PAGE),
        "search, common words": ("/register?q=den+duong&x={n}", SEARCH),
        "search, one word": ("/register?q=r%C3%A1c&x={n}", SEARCH),
        "search, only in the oldest": ("/register?q=khuou&x={n}", SEARCH),
        "search, nothing": ("/register?q=zyzzyva+xylophon&x={n}", SEARCH),
        "search in a commune": ("/register?q=mat+nuoc&area=25195&x={n}", SEARCH),
    }
    for zoom in (5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17):
        wide, high = 1440 * 360 / (512 * 2**zoom), 900 * 360 / (512 * 2**zoom)
        west, south = MIDDLE[0] - wide / 2, MIDDLE[1] - high / 2
        box = f"{west:.4f},{south:.4f},{west + wide:.4f},{south + high:.4f}"
        result[f"map, zoom {zoom}"] = (f"/points.json?box={box}&zoom={zoom}&x={{n}}", MAP)
        if zoom in (8, 13):
            result[f"map, zoom {zoom}, of a field"] = (
                f"/points.json?box={box}&zoom={zoom}&category=rubbish&x={{n}}",
                MAP,
            )
    return result


def prepare(wanted: int) -> None:
    """Make what lacks of so many published tickets, put the rare word into the oldest, and fold the counters (in a
    process of its own, with Django)."""
    from bench import copies
    from caunoi.publication import actions, queries

    shown = copies.fill(wanted)
    oldest = list(queries.published().order_by("id")[:20])
    lacking = [row for row in oldest if OLDEST not in row.text]
    for row in lacking:
        row.text = f"{row.text} Tiếng {OLDEST} hót."
        row.save(update_fields=["text"])
    actions.file(lacking)
    actions.fold()
    actions.sweep()
    codes = [p.ticket.code for p in queries.published().order_by("-id")[:200]]
    print(json.dumps({"published": shown, "codes": codes}))


def correct(code: str) -> None:
    """Correct a ticket as a reviewer does; say what it is called now and how long that took (in a process of its
    own)."""
    from caunoi.cli import product as ready  # noqa: F401

    # isort: split
    from caunoi.events.actor import SYSTEM
    from caunoi.publication import actions, queries

    row = queries.find(code)
    assert row is not None
    title = f"Đã sửa lúc {time.time():.0f}"
    begun = time.perf_counter()
    actions.publish(row, by=SYSTEM, title=title, note="Sửa lời")
    print(json.dumps({"title": title, "ms": round((time.perf_counter() - begun) * 1000, 1)}))


def corrected(code: str) -> dict[str, Any]:
    """Correct a ticket that every process keeps, and ask for it and for the list until each process must have answered;
    {ms of the correction, old answers seen after it}."""

    def answers() -> list[str]:
        pages = (f"/p/{code}", "/register", "/feed.atom")
        return [urlopen(f"http://127.0.0.1:{product.PORT}{page}", timeout=30).read().decode() for page in pages * 8]

    answers()
    told: dict[str, Any] = json.loads(product.told("bench.portal", "correct", code).splitlines()[-1])
    return {"ms": told["ms"], "old": sum(told["title"] not in page for page in answers())}


def main() -> int:
    asked = size(os.environ.get("SIZE") or "50k")
    slow: list[str] = []
    figures: dict[str, Any] = {}
    product.use("register")
    with product.database() as pid:
        server = psutil.Process(pid)
        known = json.loads(product.told("bench.portal", "prepare", str(asked)).splitlines()[-1])
        print(f"{known['published']} published tickets, one visitor, nothing kept", flush=True)
        with product.serving(["caunoi.cli", "web", "--fd", "{fd}"], "/health/ready") as web:
            for name, (address, budget) in pages().items():
                codes = known["codes"] if "{code}" in address else [""]
                texts = [f"GET {address.replace('{code}', code)} HTTP/1.1\r\n\r\n" for code in codes]
                product.load(seconds=0.5, clients=1, requests=texts, start=10_000_000)
                before = product.cpu([*web, server])
                told = product.load(seconds=SECONDS, clients=1, requests=texts)
                told["cpu_ms"] = round((product.cpu([*web, server]) - before) / told["count"] * 1000, 2)
                figures[name] = told | {"budget_ms": budget}
                print("{:<34}{p50_ms:>8} ms{p95_ms:>8} ms{cpu_ms:>8} ms CPU  {status}".format(name, **told), flush=True)
                if told["p95_ms"] > budget or set(told["status"]) != {"200"}:
                    slow.append(name)
            popular = ["/", "/register", "/register?status=done", "/register?category=roads", "/near", "/agencies/"]
            popular += [f"/p/{code}" for code in known["codes"][:30]]
            texts = [f"GET {address} HTTP/1.1\r\n\r\n" for address in popular]
            product.load(seconds=1.0, clients=CLIENTS, requests=texts)
            before = product.cpu([*web, server])
            told = product.load(seconds=5.0, clients=CLIENTS, requests=texts)
            told["cpu_ms"] = round((product.cpu([*web, server]) - before) / told["count"] * 1000, 2)
            figures["most read"] = told | {"budget_per_second": RATE}
            print("most read: {per_second}/s, p95 {p95_ms} ms, {cpu_ms} ms CPU a page".format(**told), flush=True)
            if told["per_second"] < RATE:
                slow.append("most read")
            figures["correction"] = told = corrected(known["codes"][0])
            print("a correction took {ms} ms; {old} old answers after it".format(**told), flush=True)
            if told["old"]:
                slow.append("correction")
    product.write("portal", {"published": known["published"], "pages": figures})
    print(f"budgets: {'MISSED by ' + ', '.join(slow) if slow else 'kept'}")
    return 1 if slow else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["prepare"]:
        prepare(int(sys.argv[2]))
    elif sys.argv[1:2] == ["correct"]:
        correct(sys.argv[2])
    else:
        sys.exit(main())
