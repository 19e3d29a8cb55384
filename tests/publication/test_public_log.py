"""The public log: what was said once cannot be unsaid unseen, and can still be forgotten."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test import Client

from caunoi.events.actor import citizen
from caunoi.lib import locks
from caunoi.lib.crypto import merkle
from caunoi.publication import actions, queries
from caunoi.publication.actions import log, log_keys
from caunoi.publication.models import Head, Node, Statement
from caunoi.tickets import actions as tickets
from caunoi.tickets.report import Report
from caunoi.web.handed.verify_log import consistent

VERIFIER = Path(__file__).parents[2] / "caunoi" / "web" / "handed" / "verify_log.py"


@pytest.fixture
def publish(town):
    def make(text, **edits):
        ticket = tickets.take(Report(text=text, channel="web", once=text), by=citizen())
        tickets.move(ticket, "accept", by=town.lan, category=town.lamps)
        publication = actions.propose(ticket)
        return actions.publish(publication, by=town.thu, note="Rõ hơn" if edits else "", **edits)

    return make


def enter():
    actions.sequence()
    return actions.sign()


def download(publication, number):
    response = Client().get(f"/log/{publication.ticket.code}/{number}.json")
    assert response.status_code == 200
    return response.content


def verify(tmp_path, *files):
    names = []
    for index, content in enumerate(files):
        names.append(tmp_path / f"{index}.json")
        names[-1].write_bytes(content)
    done = subprocess.run([sys.executable, VERIFIER, *names], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_a_citizen_proves_the_words_with_a_program_of_one_file(publish, tmp_path):
    rows = [publish(f"Đèn số {n} tắt") for n in range(5)]
    enter()
    code, said = verify(tmp_path, download(rows[2], 2))
    assert code == 0, said
    assert said.count("ok ") == 3


@pytest.mark.parametrize("field", ["said", "leaf", "number", "path", "root", "signature"])
def test_a_forged_proof_is_found_out(publish, tmp_path, field):
    rows = [publish(f"Đèn số {n} tắt") for n in range(5)]
    enter()
    proof = json.loads(download(rows[2], 2))
    if field == "said":
        proof["said"]["text"] += " (đã sửa)"
    elif field == "leaf":
        proof["leaf"] = proof["leaf"].replace("publish", "correct")
    elif field == "number":
        proof["number"] += 1
    elif field == "path":
        proof["path"].reverse()
    else:
        kept = proof["head"][field]
        proof["head"][field] = ("11" if kept.startswith("00") else "00") + kept[2:]
    code, said = verify(tmp_path, json.dumps(proof).encode())
    assert code == 1 and "NOT TRUE" in said


def test_each_change_of_what_the_public_reads_is_a_line_and_nothing_else_is(publish, town):
    row = publish("Đèn tắt")
    actions.publish(row, by=town.thu)
    actions.publish(row, by=town.thu, title="Đèn đường tắt", note="Rõ hơn")
    actions.withdraw(row, "Có tên người dân", by=town.thu)
    actions.publish(row, by=town.thu)
    assert [s.kind for s in queries.statements(row.ticket.code)] == ["publish", "correct", "withdraw", "publish"]


def test_an_answer_that_comes_by_itself_is_a_line_too(publish, town):
    row = publish("Đèn tắt")
    row.answer = "Đã thay bóng."
    row.save()
    assert log.state(row).kind == "correct" and log.state(row) is None


def test_the_log_grows_and_its_past_stays(publish):
    publish("một"), publish("hai"), publish("ba")
    first = enter()
    assert actions.sign() is None, "nothing new, nothing signed"
    publish("bốn"), publish("năm")
    second = enter()
    found = Client().get(f"/log/consistency.json?from={first.size}&to={second.size}").json()
    path = [bytes.fromhex(step) for step in found["path"]]
    roots = bytes.fromhex(first.root), bytes.fromhex(second.root)
    assert consistent(first.size, roots[0], second.size, roots[1], path)
    leaves = Client().get("/log/entries.json").json()["entries"]
    assert len(leaves) == 5 and all(set(json.loads(leaf)) == {"at", "code", "digest", "kind"} for leaf in leaves)


def test_a_line_rewritten_in_the_database_is_found_out(publish, tmp_path):
    rows = [publish(f"Đèn số {n} tắt") for n in range(3)]
    enter()
    Statement.objects.filter(number=1).update(leaf=Statement.objects.get(number=1).leaf.replace("publish", "correct"))
    code, said = verify(tmp_path, download(rows[1], 1))
    assert code == 1 and "NOT TRUE the statement is in the log" in said


def test_what_was_withdrawn_cannot_be_read_in_its_proof(publish, town, tmp_path):
    row = publish("Anh Ba ở số 5 làm ồn")
    enter()
    old = download(row, 0)
    assert "làm ồn" in old.decode()
    actions.withdraw(row, "Nhắc đến người khác", by=town.thu)
    enter()
    for number in (0, 1):
        proof = download(row, number)
        assert "làm ồn" not in proof.decode() and "said" not in json.loads(proof)
        assert verify(tmp_path, proof)[0] == 0
    page = Client().get(f"/log/{row.ticket.code}").content.decode()
    assert "làm ồn" not in page and "Đã gỡ xuống" in page


def test_forgetting_the_words_leaves_the_log_whole(publish, tmp_path):
    row = publish("Đèn tắt")
    publish("Rác")
    head = enter()
    assert actions.erase([row]) == 1
    proof = json.loads(download(row, 0))
    assert proof.get("said") is None and not proof.get("salt")
    assert verify(tmp_path, json.dumps(proof).encode())[0] == 0
    assert merkle.root(head.size, queries.log_node).hex() == head.root
    row.delete()
    assert Statement.objects.count() == 2, "the lines outlive what they tell of"


def test_what_was_never_published_has_no_page_in_the_log(publish, town):
    ticket = tickets.take(Report(text="Riêng", channel="web", once="x"), by=citizen())
    for address in (f"/log/{ticket.code}", f"/log/{ticket.code}/0.json", "/log/26-999999-9", "/log/nonsense"):
        assert Client().get(address).status_code == 404
    assert Client().get(f"/log?code={ticket.code}").status_code == 404


@pytest.mark.parametrize("query", ["from=0&to=1", "from=2&to=1", "from=1&to=9", "from=x&to=1", "", "from=1&to=1e9"])
def test_impossible_questions_are_answered_with_400(publish, query):
    publish("Đèn tắt")
    enter()
    assert Client().get(f"/log/consistency.json?{query}").status_code == 400


def test_bulk_publications_are_stated_afterwards(publish):
    row = publish("Đèn tắt")
    Statement.objects.all().delete()
    assert actions.state_missing() == 1 and actions.state_missing() == 0
    assert queries.statements(row.ticket.code)[0].said["title"]


def test_a_proof_that_is_not_signed_yet_says_when_to_come_back(publish):
    row = publish("Đèn tắt")
    actions.sequence()
    assert Client().get(f"/log/{row.ticket.code}/0.json").status_code == 425
    assert "Chờ lần ký tới" in Client().get(f"/log/{row.ticket.code}").content.decode()
    assert Client().get("/log").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_give_one_number_twice(publish, django_db_blocker):
    for n in range(20):
        publish(f"Đèn số {n}")
    other = connection.copy()
    try:
        with transaction.atomic():
            assert actions.sequence(limit=7) == 7
            with other.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_lock(%s)", [locks.LOGS])
                assert cursor.fetchone() == (False,), "another worker would leave it to us"
    finally:
        other.close()
    while actions.sequence(limit=7):
        pass
    numbers = list(Statement.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(20)) and Node.objects.filter(level=0).count() == 20
    assert actions.sign() and Head.objects.get().size == 20


def test_a_log_that_grows_while_it_is_read_is_whole(publish):
    publish("Đèn số 1 tắt")
    enter()
    grown = []

    def grow(execute, sql, params, many, context):
        if not grown and "publication_node" in sql and " ORDER BY " in sql and "DESC" not in sql:
            grown.append(sql)
            publish("Đèn số 2 tắt")
            enter()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(grow):
        found = log._verify_leaves()
    assert grown and (found.count, found.first_bad) == (1, "")
    assert log._verify_leaves().count == 2
    last = Statement.objects.order_by("-number").first()
    Node.objects.filter(level=0, index=last.number).delete()
    assert "statement 1 (it is not there)" in log._verify_leaves().first_bad
    Node.objects.create(level=0, index=1, hash=merkle.leaf_hash(last.leaf.encode()))
    last.delete()
    assert "statement 1 (it is not there)" in log._verify_leaves().first_bad


def test_the_signing_key_is_made_once(db, settings):
    assert (
        log_keys.public_key() == log_keys.public_key() and "PUBLIC KEY" in Client().get("/log/key.pem").content.decode()
    )


def test_the_verifier_can_be_had_without_us(db):
    text = Client().get("/log/verify_log.py").content.decode()
    assert "caunoi" not in "\n".join(line for line in text.splitlines() if "import" in line)
