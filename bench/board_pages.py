"""The board's pages over very many tickets, through the real server, for a leader who is alone on it: p50, p95 and
processor time of each page, with filters, on past days, in old and new boundaries.

Budgets: a page of counts ≤ 100 ms p95, with another filter ≤ 200 ms, percentiles and past days ≤ 1 s. SIZE=1M sets the
tickets; KEEP=1 takes what `make bench BENCH=board` has left. Writes bench/out/board_pages.json.
"""

import json
import sys
from datetime import timedelta
from typing import Any

import psutil

from bench import product
from bench.board import COUNTS, FILTER, SLOW, USUAL, kept, told
from bench.sweep import count, size

SECONDS = 3.0
# A page → its budget; of what stands in braces another one each time.
PAGES = {
    "/board/": COUNTS,
    "/board/?period=month": COUNTS,
    "/board/?period=90": COUNTS,
    "/board/?period=year": COUNTS,
    "/board/ranking": COUNTS,
    "/board/ranking?period=year": COUNTS,
    "/board/wall": COUNTS,
    "/board/tickets": COUNTS,
    "/board/tickets?period=year&part=open_overdue": COUNTS,
    "/board/tickets?period=year&part=late": COUNTS,
    "/board/overdue": COUNTS,
    "/board/?agency={agency}": FILTER,
    "/board/?period=year&agency={agency}": FILTER,
    "/board/?category={category}": FILTER,
    "/board/?period=year&category={category}": FILTER,
    "/board/?period=year&area={area}": FILTER,
    "/board/?channel={channel}": FILTER,
    "/board/?period=year&channel={channel}": FILTER,
    "/board/?period=year&channel={channel}&category={category}": FILTER,
    "/board/?boundaries=2025-06-30": FILTER,
    "/board/?period=year&boundaries=2025-06-30": FILTER,
    "/board/?period=year&boundaries=now": FILTER,
    "/board/?boundaries=then&category={category}": FILTER,
    "/board/outlook": SLOW,
    "/board/measures": SLOW,
    "/board/measures?period=year": SLOW,
    "/board/satisfaction?period=year": SLOW,
    "/board/measures/handling?period=year": SLOW,
    "/board/measures/first_answer_p90?period=year&by=month": SLOW,
    "/board/measures/custody?period=year&by=agency": SLOW,
    "/board/measures/reopened?period=year&by=category": SLOW,
    "/board/measures/satisfaction?period=year&by=area": SLOW,
    "/board/measures/calls?period=year&by=month": SLOW,
    "/board/?as_of={day}": SLOW,
    "/board/?period=year&as_of={day}": SLOW,
    "/board/measures/handling?period=year&as_of={day}": SLOW,
    "/board/?period=year&as_of={day}&boundaries=2025-06-30": SLOW,
}


def inside(asked: int) -> dict[str, Any]:
    """In a process of the product: what there is is counted; what addresses are made of, and a leader's session."""
    from django.utils.timezone import localdate

    from bench.board import rebuild
    from bench.history import session
    from bench.years import CHANNELS, fill
    from caunoi.directory import queries as directory
    from caunoi.statistics import rollup

    fill(asked)
    if rollup.lag().building:
        rebuild()
    rollup.fresh()
    today = localdate()
    return {
        "session": session("phong"),
        "agency": [a.code for a in directory.agencies()][:40],
        "area": [a.code for a in directory.areas()][:40],
        "category": [c.code for c in directory.categories()][:5],
        "channel": list(CHANNELS),
        "day": [(today - timedelta(days=n)).isoformat() for n in range(1, 30)],
    }


def addresses(page: str, told: dict[str, Any]) -> list[str]:
    """Forty addresses of a page, its blanks filled with one after another."""
    found = []
    for n in range(40):
        given = {name: values[n % len(values)] for name, values in told.items() if isinstance(values, list)}
        found.append(page.format(**given))
    return list(dict.fromkeys(found))


def main() -> int:
    asked, missed, figures = count(size(), USUAL), [], {}
    with kept(asked) as pid:
        server, known = psutil.Process(pid), told("bench.board_pages", asked, pid)
        headers = f"Cookie: sessionid={known['session']}\r\n\r\n"
        print(f"{asked:,} tickets, one leader", flush=True)
        with product.serving(["caunoi.cli", "web", "--fd", "{fd}"], "/health/ready") as web:
            for page, most in PAGES.items():
                texts = [f"GET {address} HTTP/1.1\r\n{headers}" for address in addresses(page, known)]
                product.load(seconds=0.5, clients=1, requests=texts)
                before = product.cpu([*web, server])
                took = product.load(seconds=SECONDS, clients=1, requests=texts)
                took["cpu_ms"] = round((product.cpu([*web, server]) - before) / took["count"] * 1000, 1)
                bad = took["p95_ms"] > most or set(took["status"]) != {"200"}
                figures[page] = took | {"bar_ms": most}
                row = "{:<62}{p50_ms:>8} ms{p95_ms:>8} ms{cpu_ms:>8} ms CPU {:>5} {} {status}"
                print(row.format(page, most, "MISSED" if bad else "kept  ", **took), flush=True)
                missed += [page] if bad else []
    product.write("board_pages", {"tickets": asked, "pages": figures})
    return 1 if missed else 0


if __name__ == "__main__":
    from caunoi.cli.product import database

    with database("bench"):  # as the owner: tables are emptied and filled
        print(json.dumps(inside(int(sys.argv[1]))))
