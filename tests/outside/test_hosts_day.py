"""A province on two machines: one database, one store of files, a balancer in front.

Proves: pages, sign-in, photos and live screens are the same on either; of two telephone bridges one holds the link,
and the other takes over within ten seconds when it is killed or stands still; a machine that stands still keeps no
reader waiting, and one that dies loses nothing that was acknowledged, and the other goes on; a machine may run a part
of the product (`--only`)"""

import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import pairwise

import pytest
from cluster import Server
from exchange import Exchange
from playwright.sync_api import Browser
from stage import Answer, Person, Product, ask, balancer, free_port, wait_until
from test_phone_day import save
from test_store_day import seen, with_photo
from test_words_day import set_up

from tests.providers import s3
from tests.providers.dovecot import IMAP, PROGRAM, Dovecot
from tests.providers.smtpd import Post, serve

pytestmark = pytest.mark.long(minutes=10)
MASTER = "master_key"
SHARED = ("secret_key", "log_key.pem", "push_key.pem", "cell_key.pem")
TAKEOVER = 10  # seconds
READ_GAP = 5  # seconds


@dataclass
class Town:
    """Two hosts, and what they share."""

    first: Product
    second: Product
    server: Server
    front: str  # the balancer's address
    exchange: Exchange

    @property
    def hosts(self) -> tuple[Product, Product]:
        return self.first, self.second

    def holder(self, lease: str, part: str) -> tuple[Product, int]:
        """Whose process of a part holds a lease, and which that is."""
        told = self.server.ask(f"SELECT host FROM jobs_lease WHERE name = '{lease}' AND until > clock_timestamp()")
        pid = int(told[0][0].partition("(")[2].rstrip(")")) if told else 0
        for host in self.hosts:
            if host.runs and pid in host.children(f"caunoi.cli {part}"):
                return host, pid
        raise AssertionError(f"{told} is no {part} of ours")

    def bridge(self) -> tuple[Product, int]:
        return self.holder("bridge", "bridge")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    if not shutil.which("haproxy"):
        pytest.fail("haproxy is missing") if os.environ.get("CI") else pytest.skip("haproxy is not installed")
    place = tmp_path_factory.mktemp("hosts")
    with s3.serve() as bucket, Server() as server, Exchange() as exchange:
        environ = {"DATABASE_URL": server.url(), "CAUNOI_DEMO": "1", "CAUNOI_LEAVE_SECONDS": "4", **bucket.environ}
        first, second = (Product(place / name, dict(environ)) for name in ("first", "second"))
        port = free_port()
        front = balancer(place, port, {one.home.name: f"127.0.0.1:{one.port}" for one in (first, second)})
        try:
            first.start()
            second.home.mkdir(mode=0o700)
            shutil.copy(first.home / MASTER, second.home / MASTER)
            second.start()
            yield Town(first, second, server, f"http://127.0.0.1:{port}", exchange)
        finally:
            front.kill()
            front.wait()
            for one in (first, second):
                one.stop()


def once(address: str, body: dict[str, object] | None = None, **headers: str) -> Answer | None:
    """One request over a connection of its own; None where it broke."""
    with suppress(OSError):
        return ask(address, body, timeout=20, **headers)
    return None


def keys(host: Product) -> dict[str, bytes]:
    return {name: (host.home / name).read_bytes() for name in SHARED}


def test_one_brings_the_master_key_and_has_the_others(town: Town) -> None:
    """The second machine was given its settings and the master key, and started."""
    assert keys(town.second) == keys(town.first)
    assert town.first.ask("/log/key.pem").text == town.second.ask("/log/key.pem").text


def test_keys_are_changed_on_one_machine_for_both(town: Town, browser: Browser) -> None:
    lan = Person(browser, town.front).sign_in("lan")
    before = keys(town.second)
    for name in ("secret", "push", "log", "cell"):
        done = town.first.shell("keys", "rotate", name, "--lang", "en")
        assert done.returncode == 0 and done.stderr == "", done.stderr
    wait_until(lambda: keys(town.second) == keys(town.first), within=15)
    assert all(before[name] != text for name, text in keys(town.second).items())
    assert town.first.ask("/log/key.pem").text == town.second.ask("/log/key.pem").text
    (town.second.home / "push_key.pem").unlink()
    wait_until((town.second.home / "push_key.pem").exists, within=15)
    for _ in range(6):
        lan.at("/desk/")
        assert lan.page.url.endswith("/desk/"), "nobody was signed out"
    lan.close()
    assert lan.complaints == []


def test_who_has_signed_in_is_signed_in_on_both(town: Town, browser: Browser) -> None:
    lan = Person(browser, town.front).sign_in("lan")
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in lan.context.cookies())
    for host in (*town.hosts, *[town] * 10):
        address = host.front if isinstance(host, Town) else host.address
        assert ask(f"{address}/desk/", cookie=cookies).status == 200
    lan.close()
    assert lan.complaints == []


def test_what_is_reported_at_one_is_seen_at_the_other_at_once(town: Town, person: Callable[..., Person]) -> None:
    lan = person(town.second, "lan")
    lan.at("/desk/")
    lan.page.locator("body[data-live-state=open]").wait_for()
    page = with_photo(person(town.first, size="phone"), "Ống nước vỡ trước số 12 đường Lê Lợi")
    lan.page.get_by_text("Ống nước vỡ").first.wait_for()
    assert seen(town.first, page) == seen(town.second, page) == 200


def test_one_bridge_works_and_another_takes_over(town: Town, browser: Browser) -> None:
    for host in town.hosts:
        host.expect("bridge was stopped", "another host has taken over", "hangs|SIGKILL", "link|exchange")
    exchange = town.exchange
    admin = Person(browser, town.first.address).sign_in("quan")
    page = admin.at("/setup/inboxes/phone/edit")
    for name, value in exchange.settings().items():
        page.fill(f"[name=inbox-{name}]", value)
    save(admin)
    wait_until(lambda: exchange.linked, 60, why="a bridge links to the exchange")
    time.sleep(3)
    assert exchange.links == 1, "the other one waits"

    host, frozen = town.bridge()
    os.kill(frozen, signal.SIGSTOP)  # its connection stays, as of a machine that stands still
    begun, before = time.monotonic(), exchange.logins
    wait_until(lambda: exchange.logins > before, TAKEOVER + 5, why="the other takes over")
    assert time.monotonic() - begun <= TAKEOVER
    assert town.bridge()[0] is not host
    with suppress(ProcessLookupError):  # its supervisor may have ended it
        os.kill(frozen, signal.SIGCONT)
    wait_until(lambda: exchange.links == 1, 20, why="who wakes up lets go of the line")
    assert admin.at("/desk/calls/").locator("text=mất kết nối").count() == 0
    assert town.server.ask("SELECT count(*) FROM calls_link WHERE down_since IS NOT NULL") == [("0",)]

    machines = admin.at("/setup/system").locator("section[aria-labelledby=hosts]").inner_text()
    assert "web × 4" in machines and "worker × 2" in machines and "đang giữ đường dây tổng đài" in machines, machines

    host, pid = town.bridge()
    os.kill(pid, signal.SIGKILL)
    begun, before = time.monotonic(), exchange.logins
    wait_until(lambda: exchange.logins > before, TAKEOVER + 5, why="it is started again, and goes on")
    assert time.monotonic() - begun <= TAKEOVER and town.bridge()[0] is host
    admin.close()


def test_one_worker_reads_the_mailboxes_and_another_takes_over(town: Town, browser: Browser) -> None:
    if PROGRAM is None or not IMAP.exists():
        pytest.fail("dovecot is missing") if os.environ.get("CI") else pytest.skip("dovecot-imapd is not installed")
    mailbox, smtp = Dovecot().start(), serve(Post())
    for host in town.hosts:
        host.expect("inbox email", "hangs|SIGKILL", "lease polls")
    admin = Person(browser, town.first.address).sign_in("quan")
    set_up(admin, "email", **mailbox.settings(smtp_port=smtp.port), **mailbox.secrets())

    of_mail = "FROM conversations_receipt WHERE inbox_id = (SELECT id FROM conversations_inbox WHERE name = 'email')"

    def arrives(name: str) -> float:
        """Seconds until a letter is read."""
        begun, read = time.monotonic(), f"SELECT count(*) {of_mail} AND state = 'read'"
        [(before,)] = town.server.ask(read)
        mailbox.deliver(
            f"From: {name} <{name}@dan.example>\r\nTo: demo@tinh.example\r\nSubject: Rác\r\n"
            f"Message-ID: <{name}@dan.example>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
            f"Rác chưa thu gom, {name}.\r\n".encode()
        )
        wait_until(lambda: town.server.ask(read) == [(str(int(before) + 1),)], 40, why=f"the letter of {name} is read")
        return time.monotonic() - begun

    begun = "SELECT cursor <> '{}' FROM conversations_inbox WHERE name = 'email'"
    try:
        wait_until(lambda: town.server.ask(begun) == [("t",)], 30, why="what was there before is no letter to us")
        arrives("mot")
        host, frozen = town.holder("polls", "worker")
        os.kill(frozen, signal.SIGSTOP)
        assert arrives("hai") <= TAKEOVER + 4, "the other took over, signed in, and read it"
        assert town.holder("polls", "worker")[0] is not host
        with suppress(ProcessLookupError):
            os.kill(frozen, signal.SIGCONT)
        arrives("ba")
        time.sleep(3)
        assert town.server.ask(f"SELECT count(*) {of_mail}") == [("3",)], "each once"
        assert (
            "đang đọc các hộp thư" in admin.at("/setup/system").locator("section[aria-labelledby=hosts]").inner_text()
        )
    finally:
        admin.close()
        smtp.stop()
        mailbox.stop(signal.SIGKILL)


def test_a_machine_that_stands_still_keeps_no_reader_waiting(town: Town) -> None:
    town.first.expect(".")  # it wakes up in the middle of everything
    read: list[float] = []
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            answer = once(f"{town.front}/register")
            if answer and answer.status == 200:
                read.append(time.monotonic())
            time.sleep(0.2)

    reader = threading.Thread(target=look)
    reader.start()
    time.sleep(2)
    still = [*town.first.children(), town.first.pid]
    for pid in still:
        os.kill(pid, signal.SIGSTOP)
    try:
        time.sleep(12)
    finally:
        for pid in reversed(still):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        over.set()
        reader.join()
    gaps = [after - before for before, after in pairwise(read)]
    assert len(read) > 20 and max(gaps) < READ_GAP, sorted(gaps)[-3:]
    wait_until(lambda: (answer := once(f"{town.first.address}/health/ready")) and answer.status == 200, 60)


def test_a_machine_that_dies_loses_nothing_and_the_other_goes_on(town: Town) -> None:
    town.first.expect(".")  # it is torn away in the middle of everything
    acknowledged: list[str] = []
    failed: list[float] = []
    over = threading.Event()

    def report() -> None:
        number = 0
        while not over.is_set():
            number += 1
            body = {"text": f"Rác chưa thu gom, lần {number}", "channel": "web"}
            answer = once(f"{town.front}/api/v1/tickets", body, authorization="Bearer demo-api-lan")
            if answer and answer.status == 201:
                acknowledged.append(answer.json["code"])
            else:
                failed.append(time.monotonic())
            time.sleep(0.1)

    people = [threading.Thread(target=report) for _ in range(3)]
    for one in people:
        one.start()
    time.sleep(4)
    killed = time.monotonic()
    town.first.kill()
    time.sleep(8)
    over.set()
    for one in people:
        one.join()
    assert all(at - killed < 4 for at in failed), "the balancer notices within seconds"
    kept = {code for (code,) in town.server.ask("SELECT code FROM tickets_ticket")}
    assert len(acknowledged) > 30 and not {*acknowledged} - kept and len({*acknowledged}) == len(acknowledged)
    wait_until(lambda: town.bridge()[0] is town.second, TAKEOVER + 2, why="the bridge too")

    def unmarked() -> bool:
        late = town.server.ask("SELECT count(*) FROM events_event WHERE pending")
        return late == [("0",)]

    wait_until(unmarked, 60, why="the other's worker does what is left")
    town.first.start()
    wait_until(lambda: once(f"{town.first.address}/health/ready") is not None, 30)


def test_nobody_is_refused_while_one_after_the_other_is_restarted(town: Town) -> None:
    answers: list[Answer | None] = []
    over = threading.Event()

    def live() -> None:
        while not over.is_set():
            body = {"text": f"Đèn đường tắt, lần {len(answers)}", "channel": "web"}
            answers.append(once(f"{town.front}/api/v1/tickets", body, authorization="Bearer demo-api-lan"))
            answers.append(once(f"{town.front}/register"))

    people = [threading.Thread(target=live) for _ in range(3)]
    for one in people:
        one.start()
    for host in town.hosts:
        host.expect("bridge was stopped", "link|exchange")
        host.stop(signal.SIGTERM)
        host.start()
        wait_until(lambda host=host: once(f"{host.address}/health/ready") is not None, 60)
        time.sleep(2)  # the balancer sees it
    over.set()
    for one in people:
        one.join()
    refused = [one and one.status for one in answers if one is None or one.status not in (200, 201)]
    assert not refused, f"{len(refused)} of {len(answers)}: {refused[:5]}"
    assert len(answers) > 50


def test_a_machine_may_run_a_part(town: Town, person: Callable[..., Person]) -> None:
    for host in town.hosts:
        host.expect("bridge was stopped", "link|exchange")
        host.stop()
    town.first.words = (*town.first.words, "--only", "web")
    town.second.words = (*town.second.words, "--only", "worker,bridge")
    town.first.start()
    town.second.start()
    assert "Ready: worker, bridge" in town.second.log
    assert not town.second.children("caunoi.cli web") and not town.first.children("caunoi.cli worker")
    assert once(f"{town.second.address}/health/live") is None, "nothing listens there"
    page = with_photo(person(town.first, size="phone"), "Biển báo ngã ở ngã tư bệnh viện")
    assert seen(town.first, page) == 200
    due = (
        "SELECT count(*) FROM sla_deadline d JOIN tickets_ticket t ON t.id = d.ticket_id WHERE t.text LIKE 'Biển báo%'"
    )
    wait_until(lambda: town.server.ask(due) != [("0",)], 60, why="the other machine's worker set its deadlines")
    wait_until(lambda: town.exchange.linked, 30, why="and its bridge holds the line")
    town.second.stop()
    town.second.words = (*town.second.words[:2], "--only", "live")
    town.second.start()
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in person(town.first, "lan").context.cookies())
    stream = HTTPConnection("127.0.0.1", town.second.port, timeout=20)
    stream.request("GET", "/live", headers={"Cookie": cookies})
    assert stream.getresponse().status == 200
    stream.close()
