"""Proves: the key that signs the public log is changed while it grows: announced in the log by the one before it, and
believed by witnesses and strangers only so"""

import json
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client
from django.utils.timezone import now

from caunoi.cli import keys as command
from caunoi.cli.main import Parser
from caunoi.events.actor import SYSTEM
from caunoi.events.models import Event
from caunoi.lib.crypto import merkle, succession
from caunoi.publication import queries
from caunoi.publication.actions import log, log_keys, log_rotation, witnesses
from caunoi.publication.actions.log_keys import LogKeyError
from caunoi.publication.models import ForeignHead, Head, Node, Statement, Successor, Witness
from tests.publication.test_witnesses import grow

VERIFIER = Path(__file__).parents[2] / "caunoi" / "web" / "handed" / "verify_log.py"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "log_key.pem"
    path.write_text(succession.new_key())
    monkeypatch.setenv("CAUNOI_LOG_KEY_FILE", str(path))
    return path


def raw(private: Ed25519PrivateKey) -> bytes:
    return succession.raw(private.public_key())


def rotate() -> str:
    return log_rotation.rotate(by=SYSTEM)


def verified() -> dict[str, str]:
    """Without the seals: those that `grow` states are none."""
    found = (log._verify_leaves(), log.verify_keys(), log._verify_heads())
    return {one.what: one.first_bad for one in found}


def proof(number: int) -> dict[str, Any]:
    """As the page gives it, of any leaf."""
    newest = queries.heads()[0]
    leaf = Statement.objects.get(number=number).leaf
    steps = [step.hex() for step in merkle.inclusion(number, newest.size, queries.log_node)]
    content = {"leaf": leaf, "number": number, "path": steps, "head": witnesses.as_json(newest)}
    return {**content, "key": log_keys.public_key(newest.key), "keys": log_keys.changes(newest)}


@pytest.fixture
def judge(tmp_path: Path) -> Callable[..., tuple[int, str]]:
    """The program that strangers have."""

    def run(content: dict[str, Any], *older: dict[str, Any], key: str = "") -> tuple[int, str]:
        names = []
        for index, one in enumerate((content, *older)):
            names.append(tmp_path / f"{index}.json")
            names[-1].write_text(json.dumps(one))
        words = [sys.executable, str(VERIFIER), *map(str, names)]
        if key:
            (tmp_path / "known.pem").write_text(key)
            words += ["--key", str(tmp_path / "known.pem")]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    return run


def test_each_key_signs_its_own_heads_and_no_other(file: Path):
    grow(3)
    first = log_keys.terms()[0]
    second = rotate()
    assert [(one.size, one.key == first.id) for one in Head.objects.order_by("size")] == [(3, True), (4, True)]
    grow(2)
    third = rotate()
    grow(2)
    assert [one.key for one in Head.objects.order_by("size")] == [first.id, first.id, second, second, third]
    assert [(one.id, one.first, one.last) for one in log_keys.terms()] == [
        (first.id, 1, 4),
        (second, 5, 7),
        (third, 8, None),
    ]
    assert verified() == {"log": "", "keys": "", "heads": ""} and log.check() == (9, "")
    text = file.read_text()
    assert text.count("BEGIN PRIVATE KEY") == 1 and text.count("BEGIN PUBLIC KEY") == 2
    assert file.stat().st_mode & 0o777 == 0o600
    assert [key == first.key for key in log_keys.key_file().keys] == [False, False, True], "the newest first"
    kinds = Event.objects.filter(kind="vault.rotate").values_list("data__key", flat=True)
    assert list(kinds) == ["log", "log"]


def test_strangers_follow_the_keys_from_the_one_they_know(judge: Callable[..., tuple[int, str]]):
    grow(3)
    known, old = log_keys.public_key(), proof(1)
    rotate()
    grow(1)
    between = log_keys.public_key()
    rotate()
    grow(3)
    new = proof(6)
    for key in (known, between, log_keys.public_key()):
        code, said = judge(new, key=key)
        assert code == 0 and said.count("was announced by the one before it") == 2, said
        assert "ok       the key you know leads to the one that signed" in said
    assert judge(old, key=known)[0] == 0, "what was kept stays valid"
    code, said = judge(new, old)
    assert code == 0 and "ok       the key of the log of 3 statements leads to the one that signed" in said
    assert judge(new, key=succession.pem(raw(Ed25519PrivateKey.generate())))[0] == 1
    assert judge(new | {"keys": []}, key=known)[0] == 1
    assert judge(old | {"keys": []}, key=log_keys.public_key())[0] == 1, "an older key says nothing for the new one"
    for change in (
        {"leaf": new["keys"][1]["leaf"].replace("2026", "2027", 1)},
        {"number": new["keys"][1]["number"] + 1},
        {"path": []},
    ):
        forged = new | {"keys": [new["keys"][0], new["keys"][1] | change]}
        assert judge(forged, key=known)[0] == 1, change


def rebuilt() -> None:
    """The tree anew, as whoever has the database would make it."""
    Node.objects.all().delete()
    nodes: dict[tuple[int, int], bytes] = {}
    for number, leaf in enumerate(Statement.objects.order_by("number").values_list("leaf", flat=True)):
        for level, index, root in merkle.added(number, merkle.leaf_hash(leaf.encode()), lambda a, b: nodes[a, b]):
            nodes[level, index] = root
    Node.objects.bulk_create(Node(level=level, index=index, hash=root) for (level, index), root in nodes.items())


def signed(private: Ed25519PrivateKey, size: int) -> None:
    """A head by whichever key."""
    root, at = merkle.root(size, queries.log_node).hex(), now().replace(microsecond=0)
    signature = private.sign(log.words(size, root, log.moment(at))).hex()
    Head.objects.filter(size=size).delete()
    Head.objects.create(size=size, root=root, at=at, signature=signature, key=succession.key_id(raw(private)))


def announced(before: Ed25519PrivateKey, after: Ed25519PrivateKey, **other: str) -> None:
    leaf = succession.announce(before, after, log.moment(now())) | other
    Statement.objects.create(code="", kind="key", at=now(), leaf=log.canonical(leaf))
    while log.sequence():
        pass


def test_a_key_that_the_one_before_did_not_announce_is_found(file: Path):
    grow(3)
    thief, own = Ed25519PrivateKey.generate(), log_keys.current()
    announced(thief, thief)
    assert "statement 3 (it does not follow the key that was in use)" in verified()["keys"]
    assert raw(log_keys.current()) == raw(own), "nobody is led astray"
    log.sign()
    assert verified()["heads"] == ""
    signed(thief, 4)
    assert verified()["heads"] == "head of 4 (it was signed by another key than log_key.pem)"


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"signature": "00" * 64}, "it is not signed by the key before it"),
        ({"consent": "00" * 64}, "it is not signed by the key that it announces"),
        ({"at": "2020-01-01T00:00:00Z"}, "it is not signed by the key before it"),
        ({"kind": "seal"}, "it announces no key"),
        ({"key": "zz"}, "it announces no key"),
    ],
)
def test_a_forged_rotation_is_told_by_its_first_row(other: dict[str, str], why: str):
    grow(2)
    own = log_keys.current()
    announced(own, Ed25519PrivateKey.generate(), **other)
    announced(own, Ed25519PrivateKey.generate(), **other)
    assert verified()["keys"] == f"statement 2 ({why})"
    assert raw(log_keys.current()) == raw(own)
    assert rotate() and verified()["heads"] == "", "the true one still works"
    assert log_keys.changes(queries.heads()[0])[0]["number"] == 4


def test_a_retired_key_signs_nothing_any_more():
    grow(2)
    old = log_keys.current()
    rotate()
    grow(2)
    signed(old, 5)
    assert verified()["heads"] == "head of 5 (it was signed by a key that was not in use)"
    announced(old, Ed25519PrivateKey.generate())
    assert verified()["keys"] == "statement 5 (it does not follow the key that was in use)"
    Head.objects.filter(size=5).delete()
    signed(log_keys.current(), 3)
    assert verified()["heads"] == "head of 3 (it was signed by a key that was not in use)", (
        "nor does the new one before"
    )


def test_what_was_broken_off_goes_on(file: Path, monkeypatch: pytest.MonkeyPatch):
    grow(2)
    first = log_keys.current()
    write, real = log_rotation._write, log_rotation._announce
    monkeypatch.setattr(log_rotation, "_announce", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        rotate()
    grow(1)
    assert raw(log_keys.current()) == raw(first) and file.read_text().count("PRIVATE KEY") == 4
    prepared = raw(log_keys.key_file().private[1])
    monkeypatch.setattr(log_rotation, "_announce", real)
    monkeypatch.setattr(log_rotation, "_write", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        rotate()
    grow(1)
    assert raw(log_keys.current()) == prepared and verified()["heads"] == ""
    monkeypatch.setattr(log_rotation, "_write", write)
    assert rotate() == succession.key_id(prepared), "it finishes, and makes no third"
    assert file.read_text().count("BEGIN PRIVATE") == 1 and Statement.objects.filter(kind="key").count() == 1


def test_a_host_without_the_new_key_signs_nothing(file: Path):
    grow(1)
    before = file.read_text()
    rotate()
    new = file.read_text()
    file.write_text(before)
    with pytest.raises(LogKeyError, match="does not hold"):
        grow(1)
    file.write_text(new)
    assert log.sign() and verified()["heads"] == ""


def test_where_the_file_cannot_be_written_somebody_puts_the_key_there(file: Path, monkeypatch: pytest.MonkeyPatch):
    grow(1)
    monkeypatch.setattr(log_rotation.os, "access", lambda path, mode: False)
    with pytest.raises(LogKeyError, match="put a new key below"):
        rotate()
    file.write_text(file.read_text() + succession.new_key())
    prepared = raw(log_keys.key_file().private[1])
    assert rotate() == succession.key_id(prepared) and raw(log_keys.current()) == prepared
    grow(1)
    assert verified()["heads"] == "" and file.read_text().count("BEGIN PRIVATE") == 2


def test_the_addresses_name_the_keys(client: Client):
    grow(2)
    assert client.get("/log/keys.json").json()["changes"] == []
    second = rotate()
    grow(1)
    content = client.get("/log/keys.json").json()
    assert [(one["from"], one["to"]) for one in content["keys"]] == [(1, 3), (4, None)]
    assert content["keys"][1]["key"] == second and content["head"]["key"] == second
    assert content["keys"][1]["pem"] == client.get("/log/key.pem").content.decode()
    assert len(content["changes"]) == 1
    page = client.get("/log", headers={"accept-language": "vi"}).content.decode()
    assert "keys.json" in page and second[:16] in page


def test_the_command_lists_and_changes_it(capsys: pytest.CaptureFixture[str]):
    def run(*words: str) -> list[dict[str, Any]]:
        parser = Parser(prog="caunoi keys")
        command.arguments(parser)
        assert command.run(parser.parse_args([*words, "--json"])) == 0
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    grow(1)
    assert [one["in_use"] for one in run() if one["key"] == "log"] == [True]
    [made] = run("rotate", "log")
    rows = [one for one in run() if one["key"] == "log"]
    assert [one["in_use"] for one in rows] == [False, True] and rows[1]["id"] == made["id"]


# --- Witnesses --------------------------------------------------------------------------------------------------------
@pytest.fixture
def mirror(town: SimpleNamespace, client: Client) -> Iterator[SimpleNamespace]:
    """Ourselves as our own witness: both ends of the protocol at once. `late` keeps what is asked for a while."""

    def forward(request: httpx.Request) -> httpx.Response:
        target = request.url.raw_path.decode()
        content_type = request.headers.get("content-type", "")
        answer = client.generic(request.method, target, request.content, content_type=content_type)
        return httpx.Response(answer.status_code, content=answer.content)

    grow(2)
    row = witnesses.add("Lâm Đồng", "installation", address="http://self", key=log_keys.public_key(), by=town.quan)
    yield SimpleNamespace(row=row, http=lambda: httpx.Client(transport=httpx.MockTransport(forward)))


def test_a_witness_follows_two_rotations_at_both_ends(mirror: SimpleNamespace):
    assert witnesses.send_all(mirror.http()) == 1
    for _number in range(2):
        rotate()
        grow(2)
        assert witnesses.send_all(mirror.http()) == 1, Witness.objects.get().trouble
    assert Successor.objects.count() == 2 and ForeignHead.objects.values("key").distinct().count() == 3
    (found,) = witnesses.verify(mirror.http())
    assert (found.count, found.first_bad) == (3, "")
    assert Event.objects.filter(kind="witness.key").count() == 2
    assert witnesses.key_ids(mirror.row)[-1] == log_keys.terms()[-1].id


def test_a_witness_that_slept_through_two_rotations_follows(mirror: SimpleNamespace):
    witnesses.send_all(mirror.http())
    rotate(), grow(3), rotate(), grow(3)
    assert witnesses.send_all(mirror.http()) == 1 and Successor.objects.count() == 2


def test_a_witness_takes_the_old_keys_last_head_and_no_more_of_it(mirror: SimpleNamespace, client: Client):
    old = log_keys.current()
    witnesses.send_all(mirror.http())
    rotate()
    assert witnesses.send_all(mirror.http()) == 1 and Successor.objects.count() == 1
    grow(3)
    signed(old, 6)
    head = witnesses.as_json(Head.objects.get(size=6))
    steps = [step.hex() for step in merkle.consistency(3, 6, queries.log_node)]
    for keys in ([], log_keys.changes(Head.objects.get(size=6))):
        body = {"key": succession.pem(raw(old)), "head": head, "path": steps, "keys": keys}
        answer = client.post("/log/witness", body, content_type="application/json")
        assert answer.status_code == 409 and "may not sign" in answer.json()["error"]


def test_a_witness_refuses_a_forged_rotation(mirror: SimpleNamespace, client: Client):
    witnesses.send_all(mirror.http())
    thief, own = Ed25519PrivateKey.generate(), log_keys.current()
    announced(own, thief, signature="00" * 64)
    grow(2)
    signed(thief, 5)
    head = Head.objects.get(size=5)
    number, leaf = queries.key_statements()[0]
    path = [step.hex() for step in merkle.inclusion(number, 5, queries.log_node)]
    steps = [step.hex() for step in merkle.consistency(2, 5, queries.log_node)]
    changes = [{"leaf": leaf, "number": number, "path": path}]
    good = succession.announce(own, thief, log.moment(now()))
    for keys in (
        changes,
        [],
        None,
        [[]],
        [{"leaf": log.canonical(good), "number": number, "path": path}],  # signed, and not in the log
        changes * 101,
    ):
        body = {"key": succession.pem(raw(thief)), "head": witnesses.as_json(head), "path": steps, "keys": keys}
        assert client.post("/log/witness", body, content_type="application/json").status_code == 409, keys
    assert not Successor.objects.exists() and ForeignHead.objects.count() == 1


def test_a_key_that_announces_two_is_refused_the_second(mirror: SimpleNamespace, client: Client):
    witnesses.send_all(mirror.http())
    old, thief = log_keys.current(), Ed25519PrivateKey.generate()
    rotate()
    grow(2)
    witnesses.send_all(mirror.http())
    Head.objects.filter(size__gt=2).delete()
    Statement.objects.filter(number__gt=1).delete()
    rebuilt()
    announced(old, thief)
    for number in range(4):
        Statement.objects.create(code="", kind="seal", at=now(), leaf=f"{number}")
    log.sequence()
    signed(thief, 7)
    number, leaf = queries.key_statements()[0]
    path = [step.hex() for step in merkle.inclusion(number, 7, queries.log_node)]
    steps = [step.hex() for step in merkle.consistency(2, 7, queries.log_node)]
    body = {"key": succession.pem(raw(thief)), "head": witnesses.as_json(Head.objects.get(size=7)), "path": steps}
    body["keys"] = [{"leaf": leaf, "number": number, "path": path}]
    answer = client.post("/log/witness", body, content_type="application/json")
    assert answer.status_code == 409 and "another change of its key" in answer.json()["error"]


def test_a_countersignature_by_a_retired_key_is_worth_nothing(mirror: SimpleNamespace):
    old = log_keys.current()
    witnesses.send_all(mirror.http())
    rotate()
    grow(1)
    witnesses.send_all(mirror.http())
    head, at = queries.heads()[0], "2099-01-01T00:00:00Z"
    for private, why in ((old, "no longer in use"), (Ed25519PrivateKey.generate(), "false")):
        words = witnesses._countersigned(head.key, head.size, head.root, at)
        content = {"at": at, "key": succession.key_id(raw(private)), "signature": private.sign(words).hex()}
        with pytest.raises(witnesses.WitnessError, match=why):
            witnesses._check_countersignature(mirror.row, head.key, head.size, head.root, json.dumps(content).encode())


def test_home_keeps_the_key_where_it_is_named(file: Path):
    assert log_keys.path() == file


def test_a_head_is_checked_with_the_very_key_that_it_names(judge: Callable[..., tuple[int, str]]):
    """A text may hold two keys, one to be named by and another to check with: who has neither key of ours signs so."""
    grow(3)
    known, real = log_keys.public_key(), proof(1)
    other = Ed25519PrivateKey.generate()
    words = "caunoi log\n{size}\n{root}\n{at}\n".format(**real["head"]).encode()
    head = real["head"] | {"signature": other.sign(words).hex()}
    tail = b64encode(b"\0" + succession.public(known)).decode()
    forged = real | {"head": head, "key": f"{succession.pem(raw(other))}A{tail}\n"}
    code, said = judge(forged, key=known)
    assert code == 1 and "NOT TRUE the head is signed" in said, said
    assert judge(real, key=known)[0] == 0


def test_an_announcement_that_stands_there_once_more_spoils_no_proof(monkeypatch: pytest.MonkeyPatch):
    grow(3)
    rotate()
    ((number, leaf),) = queries.key_statements()
    grow(1)
    newest = queries.heads()[0]
    monkeypatch.setattr(queries, "key_statements", lambda: [(number, leaf), (newest.size - 1, leaf)])
    assert [one["number"] for one in log_keys.changes(newest)] == [number]
