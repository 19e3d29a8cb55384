"""What a report through Open311 costs, and how many a second two cores take with the load on them too.

Budget: at most 6 ms of processor time a report (application and database), at least 200 a second by 8 clients; each
figure beside the limits of the parts in the same run. Writes bench/out/open311.json.
"""

import sys
import threading
import time
from typing import Any
from urllib.parse import urlencode

import psutil
import psycopg

from bench import product
from caunoi.host import postgres

MILLISECONDS, RATE, CLIENTS, SECONDS = 6.0, 200.0, 8, 4.0
FIELDS = {
    "api_key": "demo-open311",
    "service_code": "{code}",
    "lat": "11.5352",
    "long": "106.8926",
    "phone": "0900 000 001",
    "description": "Đèn đường trước cổng chợ không sáng ba tối nay, xe máy qua lại rất nguy hiểm. Số {n}",
    "address_string": "Ngã tư Đồng Xoài",
    "first_name": "Tư",
    "last_name": "Demo",
}
FORM = "Content-Type: application/x-www-form-urlencoded"


def request(path: str, **fields: str) -> str:
    body = urlencode(fields).replace("%7Bn%7D", "{n}")
    return f"POST {path} HTTP/1.1\r\n{FORM}\r\n\r\n{body}"


def commits(seconds: float) -> float:
    """Durable single-row inserts a second by CLIENTS connections, straight to the database."""
    counted: list[int] = []
    until = time.perf_counter() + seconds

    def insert() -> None:
        with psycopg.connect(**postgres.parameters(product.HOME), autocommit=True) as connection:
            n = 0
            while time.perf_counter() < until:
                connection.execute("INSERT INTO bench_row (text) VALUES (%s)", [FIELDS["description"]], prepare=True)
                n += 1
            counted.append(n)

    threads = [threading.Thread(target=insert) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return round(sum(counted) / seconds, 1)


def measured(
    name: str, web: list[psutil.Process], server: psutil.Process, text: str, seconds: float, clients: int = CLIENTS
) -> dict[str, Any]:
    """One load on what is being served: rate, latency, and processor time a request."""
    product.load(seconds=1, clients=clients, requests=[text])  # connections are made, code is warm
    before = product.cpu(web), product.cpu([server])
    told = product.load(seconds=seconds, clients=clients, requests=[text], start=10**6)
    app, base = product.cpu(web) - before[0], product.cpu([server]) - before[1]
    told |= {"app_ms": round(app / told["count"] * 1000, 2), "database_ms": round(base / told["count"] * 1000, 2)}
    told["cpu_ms"] = round(told["app_ms"] + told["database_ms"], 2)
    row = "{:<34}{per_second:>10}/s{p50_ms:>9} ms{p95_ms:>9} ms{app_ms:>8} +{database_ms:>6} ms CPU"
    print(row.format(name, **told), flush=True)
    return told


def reactions(server: psutil.Process, seconds: float) -> dict[str, float]:
    """What follows a report, in the worker: events a second and processor time each, off the citizen's way."""
    pending = "events_event WHERE pending"
    with product.running(["caunoi.cli", "worker"]) as worker:
        time.sleep(2)
        left, begun = rows(pending), time.perf_counter()
        before = product.cpu([worker]), product.cpu([server])
        time.sleep(seconds)
        done, took = left - rows(pending), time.perf_counter() - begun
        app, base = product.cpu([worker]) - before[0], product.cpu([server]) - before[1]
    each = 1000 / max(done, 1)
    told = {"per_second": round(done / took, 1), "app_ms": round(app * each, 2), "database_ms": round(base * each, 2)}
    print(
        "{:<34}{per_second:>10}/s{app_ms:>34} +{database_ms:>6} ms CPU".format("what follows one, in a worker", **told)
    )
    return told


def rows(table: str) -> int:
    with psycopg.connect(**postgres.parameters(product.HOME)) as connection:
        found = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        return int(found[0]) if found else 0


def main() -> int:
    figures: dict[str, Any] = {"budget": {"cpu_ms": MILLISECONDS, "per_second": RATE}}
    with product.database() as pid:
        server = psutil.Process(pid)
        with psycopg.connect(**postgres.parameters(product.HOME), autocommit=True) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS bench_row (id bigserial PRIMARY KEY, text text)")
            found = connection.execute('SELECT code FROM directory_category ORDER BY "order" LIMIT 1').fetchone()
        assert found
        report = request("/open311/v2/requests.json", **{**FIELDS, "service_code": found[0]})
        figures["commits_per_second"] = commits(2)
        print(f"{'single-row commits':<34}{figures['commits_per_second']:>10}/s", flush=True)
        with product.serving(["bench.bare", "{fd}", product.bare()], "/") as web:
            figures["bare_200"] = measured("a bare 200", web, server, "GET / HTTP/1.1\r\n\r\n", 2)
            insert = request("/insert", description=FIELDS["description"])
            figures["bare_insert"] = measured("a bare view, one durable row", web, server, insert, 2)
        with product.serving(["caunoi.cli", "web", "--fd", "{fd}"], "/health/ready") as web:
            before = rows("tickets_ticket")
            figures["report"] = measured("a report through Open311", web, server, report, SECONDS)
            figures["tickets"] = rows("tickets_ticket") - before
        figures["reactions"] = reactions(server, 4)
    told = figures["report"]
    good = told["cpu_ms"] <= MILLISECONDS and told["per_second"] >= RATE and set(told["status"]) == {"201"}
    figures["of_bare_insert"] = round(told["per_second"] / figures["bare_insert"]["per_second"], 2)
    product.write("open311", figures)
    print(f"budget {MILLISECONDS} ms, {RATE}/s: {'kept' if good else 'MISSED'}; {figures['tickets']} tickets counted")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
