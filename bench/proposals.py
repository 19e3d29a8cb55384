"""What is proposed while a report is written, at 10,000 procedures and a million tickets, one visitor: the citizen's
words (reports and questions), the alike ones of an address and of a place on the map, and the desk's form.

Budget: 15 ms at the 95th percentile for the citizen's words. SIZE=20k (1M for the whole) sets the tickets, all of them
published, one in thirty open; PROCEDURES=10000 the procedures. Both are written into var/bench-proposals
(BENCH_HOME) and kept. Writes bench/out/proposals.json.

The reports are the open hands' (tests/triage/alike/open), each copied to other communes and years by the database
itself; what the register counts, and the history of a ticket, is not written."""

import csv
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil

from bench import product
from bench.pages import size

ROOT = Path(__file__).resolve().parents[1]
REPORTS = ROOT / "tests" / "triage" / "alike" / "open"
QUESTIONS = ROOT / "tests" / "procedures" / "questions.tsv"
WORDS = 15.0  # ms
SECONDS, TEXTS = 4.0, 200
TOKEN = "b" * 32  # of the desk's form; any will do that stands in the cookie too

TICKETS = """
    INSERT INTO tickets_ticket
        (id, code, follow, state, asked_from, kind, urgency, channel, restricted, text, summary, address, received,
         category_id, area_id, agency_id, contact_id, conversation_id, operator, reopened, touched, answered,
         latitude, longitude)
    SELECT n, '99-' || n, 'bench-' || n, CASE WHEN open THEN 'working' ELSE 'closed' END, '', 'report', 'normal', 'web',
           false, text, '', '', came, category, area, agency, %(contact)s, %(conversation)s, '', 0, came,
           CASE WHEN NOT open THEN came + interval '2 days' END, latitude, longitude
    FROM bench_report ORDER BY n
"""
PUBLICATIONS = """
    INSERT INTO publication_publication
        (id, ticket_id, state, title, text, answer, place, latitude, longitude, edited, published, by, note)
    SELECT n, n, 'published', left(text, 120), text, '', '', latitude, longitude, false, came, '', ''
    FROM bench_report ORDER BY n
"""
ENTRIES = """
    INSERT INTO publication_entry
        (publication_id, vector, shown, done, category_id, area_id, agency_id, latitude, longitude)
    SELECT n, vector, true, NOT open, category, area, agency, latitude, longitude FROM bench_report ORDER BY n
"""
INDEXED = "INSERT INTO tickets_words (ticket_id, vector) SELECT n, vector FROM bench_report ORDER BY n"
DRAWN = """
    CREATE UNLOGGED TABLE bench_report AS
    SELECT n, w.text || ', số ' || n AS text, w.vector || ('so_' || n || ':60B')::tsvector AS vector,
           n > %(size)s * 0.97 OR random() < 0.004 AS open, now() - (%(size)s - n) * %(step)s::interval AS came,
           coalesce((%(categories)s::jsonb ->> w.category)::bigint, (%(others)s::bigint[])[1 + n %% %(fields)s])
               AS category,
           p.id AS area, (%(agencies)s::bigint[])[1 + n %% cardinality(%(agencies)s::bigint[])] AS agency,
           p.latitude + random_normal(0, 0.015) AS latitude, p.longitude + random_normal(0, 0.015) AS longitude
    FROM generate_series(1, %(size)s::bigint) n
    JOIN bench_word w ON w.id = 1 + (n * 7919) %% %(words)s
    JOIN LATERAL (SELECT (%(areas)s::jsonb -> ((n * 104729) %% %(communes)s)::int) AS one) AS chosen ON true
    JOIN LATERAL (SELECT (one ->> 0)::bigint AS id, (one ->> 1)::float AS latitude, (one ->> 2)::float AS longitude) p
        ON true
"""


def reports() -> list[dict[str, Any]]:
    files = sorted(REPORTS.glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]


def questions() -> list[str]:
    with QUESTIONS.open(encoding="utf-8", newline="") as file:
        return [row["text"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]


def fill(tickets: int, procedures: int) -> dict[str, Any]:
    """Bring the database to so many of both; what a visitor needs (in a process of the product)."""
    from bench import history
    from caunoi.conversations.actions import begin_draft
    from caunoi.directory import queries as directory
    from caunoi.publication.models import Publication
    from caunoi.web.citizen.proposals import propose

    _procedures(procedures)
    if Publication.objects.count() != tickets:
        _tickets(tickets)
    dice = random.Random(5)
    areas = [area for area in directory.areas() if area.latitude is not None]
    drafts = []
    for row in dice.sample(reports(), TEXTS // 2):
        area, text = dice.choice(areas), row["text"]
        data = {"text": text, "kind": "report", "proposals": propose(text).to_data()}
        drafts.append([begin_draft("bench", data).token, area.name, area.latitude, area.longitude])
    return {"tickets": tickets, "session": history.session("lan"), "drafts": drafts}


def _procedures(count: int) -> None:
    from bench import procedures_import
    from caunoi.procedures.models import Procedure

    if Procedure.objects.count() < count:
        procedures_import.measured(procedures_import.file(count))


def _tickets(count: int) -> None:
    from django.db import connection

    from bench.years import without_indexes
    from caunoi.conversations.models import Contact, Conversation, Inbox
    from caunoi.directory import queries as directory
    from caunoi.lib.vietnamese.writing import lexemes
    from caunoi.vault import blind

    written = reports()
    contact = Contact.objects.create()
    conversation = Conversation.objects.filter(blind.equal(Conversation, "address", "bench")).first()
    if conversation is None:
        conversation = Conversation.objects.create(inbox=Inbox.objects.first(), address="bench", contact=contact)
    areas = [[area.pk, area.latitude, area.longitude] for area in directory.areas() if area.latitude is not None]
    fields = {category.code: category.pk for category in directory.categories()}
    given = {
        "size": count,
        "words": len(written),
        "step": f"{3 * 365 / count} days",
        "contact": contact.pk,
        "conversation": conversation.pk,
        "areas": json.dumps(areas),
        "communes": len(areas),
        "categories": json.dumps(fields),
        "others": [*fields.values()],
        "fields": len(fields),
        "agencies": [agency.pk for agency in directory.agencies()],
    }
    tables = ("tickets_ticket", "tickets_words", "publication_publication", "publication_entry")
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE tickets_ticket CASCADE")
        cursor.execute("SET maintenance_work_mem = '512MB'; SET synchronous_commit = off")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("DROP TABLE IF EXISTS bench_word, bench_report")
        cursor.execute("CREATE UNLOGGED TABLE bench_word (id int, text text, category text, vector tsvector)")
        cursor.executemany(
            "INSERT INTO bench_word VALUES (%s, %s, %s, %s::tsvector)",
            [
                (at, row["text"], row.get("category", ""), lexemes([(row["text"], "B")]))
                for at, row in enumerate(written, 1)
            ],
        )
        cursor.execute(DRAWN, given)
        with without_indexes(tables):
            for statement in (TICKETS, INDEXED, PUBLICATIONS, ENTRIES):
                cursor.execute(statement, given)
        cursor.execute("DROP TABLE bench_word, bench_report")
        cursor.execute("RESET ALL")
        for table in tables:
            cursor.execute(f"VACUUM ANALYZE {table}")


def _request(address: str, values: dict[str, Any], more: str = "") -> str:
    """`{n}` in a value makes each request another one."""
    body = urlencode(values).replace("%7Bn%7D", "{n}")
    return f"POST {address} HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded{more}\r\n\r\n{body}"


def asked(visitor: dict[str, Any]) -> dict[str, list[str]]:
    """What is asked → requests."""
    dice = random.Random(6)
    words = [row["text"] for row in dice.sample(reports(), TEXTS)]
    about = dice.sample(questions(), TEXTS)
    desk = f"\r\nCookie: sessionid={visitor['session']}; csrftoken={TOKEN}\r\nX-CSRFToken: {TOKEN}"
    plain = {"kind": "report", "category": ""}
    places = dict[str, list[str]]({"address": [], "map": []})
    for token, area, latitude, longitude in visitor["drafts"]:
        lat, long = latitude + dice.gauss(0, 0.015), longitude + dice.gauss(0, 0.015)
        address = f"/report/{token}/similar"
        places["address"].append(_request(address, {"address": f"đường Lê Lợi, {area} {{n}}", "area": ""}))
        places["map"].append(_request(address, {"lat": f"{lat:.5f}", "long": f"{long:.5f}", "address": "{n}"}))
    return {
        "words of a report": [
            _request("/report/bench/proposals", {"text": f"{text} {{n}}", **plain}) for text in words
        ],
        "words of a question": [
            _request("/report/bench/proposals", {"text": f"{text} {{n}}", **plain}) for text in about
        ],
        "a question, chosen": [
            _request("/report/bench/proposals", {"text": f"{text} {{n}}", **plain, "kind": "question", "own": "kind"})
            for text in about
        ],
        "alike at an address": places["address"],
        "alike on the map": places["map"],
        "the desk's form": [
            _request("/desk/hints", {"text": f"{text} {{n}}", "channel": "phone", "then": "accept"}, desk)
            for text in words
        ],
    }


def main() -> int:
    tickets, procedures = size(os.environ.get("SIZE") or "20k"), int(os.environ.get("PROCEDURES") or 10_000)
    product.use("proposals")
    figures: dict[str, Any] = {}
    with product.database() as pid:
        product.lift("proposals_per_minute")
        line = product.command("bench.proposals", "fill", str(tickets), str(procedures))
        filled = subprocess.run(line, env=product.environment(), check=True, stdout=subprocess.PIPE, text=True)
        visitor: dict[str, Any] = json.loads(filled.stdout.splitlines()[-1])
        server = psutil.Process(pid)
        print(f"{tickets:,} tickets, {procedures:,} procedures, one visitor", flush=True)
        with product.serving(["caunoi.cli", "web", "--fd", "{fd}"], "/health/ready") as web:
            for name, requests in asked(visitor).items():
                product.load(seconds=2.0, clients=2, requests=requests, start=10_000_000)
                before = product.cpu([*web, server])
                told = product.load(seconds=SECONDS, clients=1, requests=requests)
                told["cpu_ms"] = round((product.cpu([*web, server]) - before) / told["count"] * 1000, 2)
                figures[name] = told
                row = "{:<24}{p50_ms:>8} ms{p95_ms:>8} ms{cpu_ms:>8} ms CPU  {status}"
                print(row.format(name, **told), flush=True)
    product.write("proposals", {"tickets": tickets, "procedures": procedures, "budget_ms": WORDS, "asked": figures})
    missed = [name for name, told in figures.items() if set(told["status"]) != {"200"}]
    missed += [name for name in ("words of a report", "words of a question") if figures[name]["p95_ms"] > WORDS]
    print(f"budget p95 {WORDS:g} ms: {'MISSED by ' + ', '.join(missed) if missed else 'kept'}")
    return 1 if missed else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["fill"]:
        from caunoi.cli.product import database

        with database("bench"):  # as the owner: tables are emptied and filled
            print(json.dumps(fill(int(sys.argv[2]), int(sys.argv[3]))))
    else:
        sys.exit(main())
