"""How long pages and lists take with many tickets, for one visitor at a time: p50, p95, processor time.

Budget: p95 at most 100 ms. SIZE=100000 (or 100k, 1M) sets the tickets; `PAGES="/desk/ /p/{code}"` other addresses.
Writes bench/out/pages.json.

Proves: speed, memory, start
"""

import json
import os
import subprocess
import sys
from typing import Any

import psutil

from bench import product

MILLISECONDS, SECONDS = 100.0, 2.0
PAGES = (
    "/desk/",
    "/desk/?q=r%C3%A1c%20th%E1%BB%91i",
    "/desk/{code}/",
    "/register",
    "/p/{code}",
    "/open311/v2/requests.json?page_size=50",
    "/open311/v2/requests/{code}.json",
    "/api/v1/tickets?limit=25",
    "/api/v1/tickets/{code}",
)


def size(text: str) -> int:
    """100000, 100k or 1M as a number."""
    factor = {"k": 1000, "m": 1_000_000}.get(text[-1:].lower(), 1)
    return int(float(text.rstrip("kKmM")) * factor)


def main() -> int:
    asked = size(os.environ.get("SIZE") or "100k")
    pages = os.environ.get("PAGES", "").split() or list(PAGES)
    slow, figures = [], {}
    with product.database() as pid:
        server = psutil.Process(pid)
        filled = subprocess.run(
            product.command("bench.history", str(asked)), env=product.environment(), check=True, stdout=subprocess.PIPE
        )
        visitor: dict[str, Any] = json.loads(filled.stdout)
        print(f"{visitor['tickets']} tickets, one visitor", flush=True)
        headers = f"Cookie: sessionid={visitor['session']}\r\nAuthorization: Bearer demo-api-lan\r\n\r\n"
        with product.serving(["caunoi.cli", "web", "--fd", "{fd}"], "/health/ready") as web:
            for page in pages:
                texts = [f"GET {page.replace('{code}', code)} HTTP/1.1\r\n{headers}" for code in visitor["codes"]]
                product.load(seconds=0.5, clients=1, requests=texts)
                before = product.cpu([*web, server])
                told = product.load(seconds=SECONDS, clients=1, requests=texts)
                told["cpu_ms"] = round((product.cpu([*web, server]) - before) / told["count"] * 1000, 2)
                figures[page] = told
                row = "{:<44}{p50_ms:>8} ms{p95_ms:>8} ms{cpu_ms:>8} ms CPU  {status}"
                print(row.format(page, **told), flush=True)
                if told["p95_ms"] > MILLISECONDS or set(told["status"]) != {"200"}:
                    slow.append(page)
    product.write("pages", {"budget_ms": MILLISECONDS, "tickets": visitor["tickets"], "pages": figures})
    print(f"budget p95 {MILLISECONDS} ms: {'MISSED by ' + ', '.join(slow) if slow else 'kept'}")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
