"""How many of a provider's calls a second are written down and acknowledged, beside a bare view that durably inserts
one row under the same server and the limit of the database, all in one run.

Budget: at least 1,000 a second, p99 at most 100 ms, at least 60 % of the bare view; every acknowledged call is in the
database afterwards. Writes bench/out/hooks.json.
"""

import json
import sys
import time
from typing import Any

import psutil
import psycopg

from bench import open311, product
from bench.open311 import rows
from caunoi.host import postgres

RATE, P99, OF_BARE = 1000.0, 100.0, 0.6
CLIENTS, SECONDS, BARE = 32, 4.0, 2.0
ZALO = ["1022", str(int(time.time() * 1000)), "demo-zalo-secret"]  # application, timestamp, OA secret of the demo


def body(text: str = "Đèn đường trước cổng chợ không sáng ba tối nay, số {n}", sender: str = "u{n}") -> str:
    """A text as Zalo sends it; `{n}` is filled in by the load."""
    event = {
        "app_id": ZALO[0],
        "sender": {"id": sender},
        "user_id_by_app": "bench",
        "recipient": {"id": "oa"},
        "event_name": "user_send_text",
        "message": {"text": text, "msg_id": "bench-{n}"},
        "timestamp": ZALO[1],
    }
    return json.dumps(event, ensure_ascii=False)


def call(**changed: str) -> str:
    return f"POST /hooks/zalo/ HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{body(**changed)}"


def measured(name: str, web: list[psutil.Process], server: psutil.Process, text: str, **asked: Any) -> dict[str, Any]:
    product.load(seconds=1, clients=CLIENTS, requests=[text], start=10**7, **asked)  # warm
    before = product.cpu(web), product.cpu([server])
    told = product.load(seconds=SECONDS, clients=CLIENTS, requests=[text], **asked)
    app, base = product.cpu(web) - before[0], product.cpu([server]) - before[1]
    told |= {"app_ms": round(app / told["count"] * 1000, 2), "database_ms": round(base / told["count"] * 1000, 2)}
    row = "{:<34}{per_second:>10}/s{p50_ms:>9} ms{p99_ms:>9} ms p99{app_ms:>8} +{database_ms:>6} ms CPU  {status}"
    print(row.format(name, **told), flush=True)
    return told


def main() -> int:
    figures: dict[str, Any] = {"budget": {"per_second": RATE, "p99_ms": P99, "of_bare": OF_BARE}}
    with product.database() as pid:
        server = psutil.Process(pid)
        with psycopg.connect(**postgres.parameters(product.HOME), autocommit=True) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS bench_row (id bigserial PRIMARY KEY, text text)")
            connection.execute(
                "DELETE FROM conversations_receipt WHERE external_id LIKE 'bench-%' AND state = 'waiting'"
            )
        figures["commits_per_second"] = open311.commits(BARE)
        print(f"{'single-row commits':<34}{figures['commits_per_second']:>10}/s", flush=True)
        with product.serving(["bench.bare", "{fd}", product.bare()], "/") as web:
            insert = open311.request("/insert", description=body())
            figures["bare_insert"] = measured("a bare view, one durable row", web, server, insert)
        with product.serving(["caunoi.cli", "web", "--fd", "{fd}"], "/health/ready") as web:
            figures["hook"] = told = measured("a webhook acknowledged", web, server, call(), zalo=ZALO)
            forged = product.load(seconds=1, clients=CLIENTS, requests=[call()], zalo=[*ZALO[:2], "wrong"], start=10**8)
            figures["forged"] = forged
            print("{:<34}{per_second:>10}/s{p50_ms:>9} ms{p99_ms:>9} ms p99  {status}".format("forged", **forged))
            lost = told["count"] - rows(
                f"({_numbers(told['count'])}) AS asked JOIN conversations_receipt USING (external_id)"
            )
        with psycopg.connect(**postgres.parameters(product.HOME), autocommit=True) as connection:
            connection.execute("DELETE FROM conversations_receipt WHERE external_id LIKE 'bench-%'")
    figures["of_bare_insert"] = round(told["per_second"] / figures["bare_insert"]["per_second"], 2)
    figures["lost"] = lost
    good = (
        told["per_second"] >= RATE
        and told["p99_ms"] <= P99
        and figures["of_bare_insert"] >= OF_BARE
        and not lost
        and set(told["status"]) == {"200"}
        and set(forged["status"]) == {"403"}
    )
    product.write("hooks", figures)
    print(
        f"budget {RATE}/s, p99 {P99} ms, {OF_BARE:.0%} of the bare view ({figures['of_bare_insert']:.0%}): "
        f"{'kept' if good else 'MISSED'}; {told['count']} acknowledged, {lost} of them not in the database"
    )
    return 0 if good else 1


def _numbers(count: int) -> str:
    return f"SELECT 'bench-' || n AS external_id FROM generate_series(0, {count - 1}) AS n"


if __name__ == "__main__":
    sys.exit(main())
