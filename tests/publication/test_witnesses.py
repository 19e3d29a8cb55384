"""Proves: the public log's heads are kept by others, who sign them; another past is found by what they hold"""

import contextlib
import json
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import connection
from django.db.models.signals import pre_save
from django.test import Client
from django.utils.timezone import now

from caunoi.events.actor import NotAllowedError
from caunoi.events.models import Event
from caunoi.lib.crypto import merkle
from caunoi.publication import models
from caunoi.publication.actions import log, log_keys, witnesses
from caunoi.publication.actions.witnesses import WitnessError
from caunoi.publication.models import ForeignHead, Node, Statement, Witness
from tests.lib.test_timestamps import Authority

ROOT = "ab" * 32
NO_HEADS = [(True, ROOT), (0, ROOT), (-1, ROOT), (2**63, ROOT), (9.0, ROOT), (9, ROOT[:-2]), (9, "AB" * 32), (9, "")]


def grow(count: int) -> None:
    """So many statements more in our log, and a signed head."""
    for _number in range(count):
        Statement.objects.create(code="", kind="seal", at=now(), leaf=f'{{"n":{Statement.objects.count()}}}')
    while log.sequence():
        pass
    log.sign()


class Other:
    """Another installation: its key, its own log, and the same rules as ours."""

    def __init__(self) -> None:
        self.private = Ed25519PrivateKey.generate()
        self.key = self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        self.leaves: list[bytes] = []
        self.heads: dict[int, dict[str, Any]] = {}
        self.asked = 0

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        if request.url.path == "/log/key.pem":
            return httpx.Response(200, text=self.key)
        if request.method == "GET":
            return httpx.Response(200, json={"heads": list(self.heads.values())})
        body = json.loads(request.content)
        head, held = body["head"], max(self.heads, default=0)
        if held and held < head["size"]:
            first, second = (bytes.fromhex(one["root"]) for one in (self.heads[held], head))
            steps = [bytes.fromhex(step) for step in body["path"]]
            assert merkle.consistent(held, first, head["size"], second, steps)
        self.heads[head["size"]] = head
        at = "2026-11-29T01:02:03Z"
        words = f"caunoi witness\n{head['key']}\n{head['size']}\n{head['root']}\n{at}\n".encode()
        return httpx.Response(200, json={"at": at, "signature": self.private.sign(words).hex()})

    def http(self) -> httpx.Client:
        return httpx.Client(transport=httpx.MockTransport(self.answer))

    def signed(self, size: Any, root: str) -> dict[str, Any]:
        at = "2026-11-29T01:02:03Z"
        return {"size": size, "root": root, "at": at, "signature": self.private.sign(log.words(size, root, at)).hex()}

    def head(self, count: int, *, other: bool = False) -> dict[str, Any]:
        """A signed head of its own log, of so many statements."""
        leaves = [merkle.leaf_hash(f"{'another' if other else 'leaf'} {number}".encode()) for number in range(count)]
        return self.signed(count, merkle.root_of(leaves).hex())


def steps(before: int, size: int) -> list[str]:
    tree: dict[tuple[int, int], bytes] = {}
    for number in range(size):
        leaf = merkle.leaf_hash(f"leaf {number}".encode())
        for level, index, root in merkle.added(number, leaf, lambda level, index: tree[level, index]):
            tree[level, index] = root
    return [step.hex() for step in merkle.consistency(before, size, lambda level, index: tree[level, index])]


@pytest.fixture
def other() -> Other:
    return Other()


@pytest.fixture
def row(town: SimpleNamespace, other: Other) -> Witness:
    return witnesses.add(
        "Tổng đài Bình Thuận", "installation", address="https://bt.example/", key=other.key, by=town.quan
    )


def test_an_installation_signs_what_it_sees(row: Witness, other: Other):
    grow(3)
    assert witnesses.send_all(other.http()) == 1 and witnesses.send_all(other.http()) == 0
    grow(4)
    assert witnesses.send_all(other.http()) == 1
    assert sorted(other.heads) == list(models.Testimony.objects.order_by("size").values_list("size", flat=True))
    (found,) = witnesses.verify(other.http())
    assert (found.what, found.count, found.first_bad) == ("witness Tổng đài Bình Thuận", 2, "")


def test_a_log_made_anew_is_found(row: Witness, other: Other):
    grow(5)
    witnesses.send_all(other.http())
    last = Statement.objects.order_by("-number")[0]
    Statement.objects.filter(pk=last.pk).update(leaf='{"n":"another"}')
    Node.objects.all().delete()
    nodes: dict[tuple[int, int], bytes] = {}
    for number, leaf in enumerate(Statement.objects.order_by("number").values_list("leaf", flat=True)):
        for level, index, root in merkle.added(number, merkle.leaf_hash(leaf.encode()), lambda a, b: nodes[a, b]):
            nodes[level, index] = root
    Node.objects.bulk_create(Node(level=level, index=index, hash=root) for (level, index), root in nodes.items())
    (found,) = witnesses.verify(other.http())
    assert "the log was another" in found.first_bad
    models.Testimony.objects.all().delete()  # whoever has the database takes that away too; the witness has it
    (found,) = witnesses.verify(other.http())
    assert "it holds another" in found.first_bad


def test_a_false_signature_is_trouble_and_no_testimony(row: Witness, other: Other):
    grow(1)
    other.private = Ed25519PrivateKey.generate()
    assert witnesses.send_all(other.http()) == 0
    row.refresh_from_db()
    assert row.trouble == "its signature is false" and not row.testimonies.exists()


@pytest.mark.parametrize("status", [404, 500, 302])
def test_who_does_not_answer_is_trouble(row: Witness, status: int):
    grow(1)
    http = httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(status)))
    assert witnesses.send_all(http) == 0
    row.refresh_from_db()
    assert row.trouble == f"it answers {status}" and row.tried


def test_an_authority_stamps_our_heads(town: SimpleNamespace, tmp_path: Path):
    authority = Authority(tmp_path / "tsa", "ec")

    def stamp(request: httpx.Request) -> httpx.Response:
        assert request.headers["content-type"] == "application/timestamp-query"
        return httpx.Response(200, content=authority.reply(request.content))

    witnesses.add("Dấu thời gian", "authority", address="https://tsa.example/tsr", key=authority.root, by=town.quan)
    grow(2)
    http = httpx.Client(transport=httpx.MockTransport(stamp))
    assert witnesses.send_all(http) == 1
    (found,) = witnesses.verify(httpx.Client(transport=httpx.MockTransport(stamp)))
    assert (found.count, found.first_bad) == (1, "")
    proof = bytes(models.Testimony.objects.get().proof)
    models.Testimony.objects.update(proof=proof[:-5] + b"aaaaa")
    (found,) = witnesses.verify(httpx.Client(transport=httpx.MockTransport(stamp)))
    assert found.first_bad.startswith("head of 2")


def test_we_keep_the_heads_of_those_we_know(row: Witness, other: Other, client: Client):
    def show(head: dict[str, Any], path: list[str], key: str = "") -> Any:
        body = {"key": key or other.key, "head": head, "path": path}
        return client.post("/log/witness", body, content_type="application/json")

    first = show(other.head(3), [])
    assert first.status_code == 200
    words = witnesses._countersigned(witnesses.fingerprint(other.key), 3, other.head(3)["root"], first.json()["at"])
    log_keys.current().public_key().verify(bytes.fromhex(first.json()["signature"]), words)
    assert show(other.head(3), []).status_code == 200  # again, and it is kept once
    assert show(other.head(7), steps(3, 7)).status_code == 200
    for head, path in (
        (other.head(7, other=True), []),  # another log of the same size
        (other.head(9, other=True), steps(7, 9)),  # another log
        (other.head(9), []),  # no proof
        (other.head(2), []),  # shorter
        (other.head(9) | {"signature": "00" * 64}, steps(7, 9)),
        (other.head(9) | {"size": "many"}, steps(7, 9)),
        *((other.signed(size, root), steps(7, 9)) for size, root in NO_HEADS),
        (other.head(9) | {"at": "yesterday"}, steps(7, 9)),
    ):
        assert show(head, path).status_code == 409
    assert show(Other().head(3), [], Other().key).status_code == 409, "nobody we know"
    assert list(ForeignHead.objects.order_by("size").values_list("size", flat=True)) == [3, 7]
    held = client.get("/log/witness", {"key": witnesses.fingerprint(other.key)}).json()["heads"]
    assert [one["size"] for one in held] == [7, 3]


@pytest.mark.django_db(transaction=True)
def test_two_pasts_shown_at_one_moment_are_not_both_signed(row: Witness, other: Other):
    both, results = threading.Barrier(2), list[bool]()

    def wait(**_more: Any) -> None:
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(1)

    def show(head: dict[str, Any]) -> None:
        try:
            witnesses.witness({"key": other.key, "head": head, "path": []})
            results.append(True)
        except WitnessError:
            results.append(False)
        finally:
            connection.close()

    pre_save.connect(wait, sender=ForeignHead)
    threads = [threading.Thread(target=show, args=(head,)) for head in (other.head(3), other.head(4, other=True))]
    try:
        for thread in threads:
            thread.start()
    finally:
        for thread in threads:
            thread.join()
        pre_save.disconnect(wait, sender=ForeignHead)
    assert sorted(results) == [False, True] and ForeignHead.objects.count() == 1


def test_an_answer_without_heads_is_trouble(row: Witness):
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"heads": [{"size": size, "root": root} for size, root in NO_HEADS[:1]]})

    grow(2)
    assert witnesses.send_all(httpx.Client(transport=httpx.MockTransport(answer))) == 0
    row.refresh_from_db()
    assert row.trouble == "its answer cannot be read"


def test_a_key_is_fetched_outside_of_any_transaction(
    town: SimpleNamespace, other: Other, monkeypatch: pytest.MonkeyPatch
):
    depth, blocks = len(connection.savepoint_ids), list[int]()

    def fetch(address: str) -> str:
        blocks.append(len(connection.savepoint_ids))
        return other.key

    monkeypatch.setattr(witnesses, "_fetch_key", fetch)
    witnesses.add("Lâm Đồng", "installation", address="https://ld.example", key="", by=town.quan)
    assert blocks == [depth]


def test_both_ends_of_it_are_one_protocol(town: SimpleNamespace, client: Client):
    """We as our own witness: what is sent is what is taken, over a log that grows."""

    def forward(request: httpx.Request) -> httpx.Response:
        target = request.url.raw_path.decode()
        content_type = request.headers.get("content-type", "")
        answer = client.generic(request.method, target, request.content, content_type=content_type)
        return httpx.Response(answer.status_code, content=answer.content)

    row = witnesses.add("Chính mình", "installation", address="http://self", key=log_keys.public_key(), by=town.quan)
    for count in (1, 4, 3, 9):
        grow(count)
        assert witnesses.send_all(httpx.Client(transport=httpx.MockTransport(forward))) == 1
    row.refresh_from_db()
    assert row.trouble == "" and ForeignHead.objects.count() == row.testimonies.count() == 4
    (result,) = witnesses.verify(httpx.Client(transport=httpx.MockTransport(forward)))
    assert (result.count, result.first_bad) == (4, "")


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"a"', b"[" * 9000, b"a" * 40_000, b'{"key": 1, "head": 2}'])
def test_what_is_no_head_is_refused(row: Witness, client: Client, body: bytes):
    answer = client.post("/log/witness", body, content_type="application/json")
    assert answer.status_code in (400, 409)


def test_who_is_stopped_is_shown_nothing_and_kept_nothing_of(
    row: Witness, other: Other, town: SimpleNamespace, client: Client
):
    witnesses.switch(row, active=False, by=town.quan)
    grow(1)
    assert witnesses.send_all(other.http()) == 0 and other.asked == 0
    body = {"key": other.key, "head": other.head(3), "path": []}
    assert client.post("/log/witness", body, content_type="application/json").status_code == 409
    kinds = Event.objects.filter(subject="witness").order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["witness.add", "witness.stop"]


def test_only_administrators_name_witnesses(town: SimpleNamespace, other: Other):
    with pytest.raises(NotAllowedError):
        witnesses.add("x", "installation", address="", key=other.key, by=town.tam)
    for kind, key in (("installation", "no key"), ("authority", other.key), ("installation", "")):
        with pytest.raises(WitnessError):
            witnesses.add("x", kind, address="", key=key, by=town.quan)


def test_the_page_names_stops_and_resumes(town: SimpleNamespace, other: Other):
    quan = Client(headers={"accept-language": "vi"})
    quan.force_login(town.users["quan"], backend="django.contrib.auth.backends.ModelBackend")
    values = {"name": "Tổng đài Lâm Đồng", "kind": "installation", "address": "", "key": other.key, "do": "save"}
    assert quan.post("/setup/witnesses/new", values | {"key": "khóa"}).status_code == 422
    assert quan.post("/setup/witnesses/new", values).status_code == 302
    row = Witness.objects.get()
    page = quan.get("/setup/witnesses/").content.decode()
    assert "Tổng đài Lâm Đồng" in page and witnesses.fingerprint(other.key)[:16] in page
    for do, active in (("stop", False), ("resume", True)):
        assert quan.post("/setup/witnesses/switch", {"id": row.pk, "do": do}).status_code == 302
        row.refresh_from_db()
        assert row.active is active
    assert quan.post("/setup/witnesses/switch", {"id": "x"}).status_code == 404
    assert "Đã dừng bên làm chứng" in quan.get("/setup/history/").content.decode()
