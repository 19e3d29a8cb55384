"""A province whose database is a cluster, set up by the files of deploy/cluster, while people report without a pause.

Proves: from one machine to a cluster and its machines updated in turn; the leader's PostgreSQL killed, its machine or
its Patroni alone frozen, the standby lost, one etcd and all of etcd lost, PgBouncer killed, HAProxy reloaded: nothing
acknowledged is lost, nothing is there twice, everybody is answered 2xx or 503 with Retry-After, writes are taken again
within 15 s of a kill and 40 s of a freeze, worker, live screens and bridge come back by themselves; the whole cluster
restored to a moment by pgBackRest"""

import os
import re
import shutil
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection, HTTPException
from itertools import pairwise
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser
from quorum import EXAMPLES, PRODUCT, SERVERS, Quorum, moved, typed
from stage import Answer, Person, Product, copied, wait_until

pytestmark = pytest.mark.long(minutes=13)
KILLED, FROZEN = 15, 40  # seconds until writes are taken again
LONGEST = 15  # seconds that anybody waits for an answer
PEOPLE = 3


@dataclass
class Town:
    """The product, its database, and people who report and read."""

    quorum: Quorum
    product: Product
    cookies: str = ""
    acknowledged: dict[str, str] = field(default_factory=dict)  # word → number
    found: set[str] = field(default_factory=set)  # words whose ticket was opened by its number
    moments: list[float] = field(default_factory=list)  # of acknowledgements
    statuses: Counter[str] = field(default_factory=Counter)
    odd: list[str] = field(default_factory=list)
    longest: float = 0
    heard: float = 0  # when a live screen last heard of a report
    over: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)

    def ask(self, path: str, body: dict[str, object] | None = None, **headers: str) -> Answer | None:
        begun = time.monotonic()
        try:
            answer = self.product.ask(path, body, timeout=90, **headers)
        except (OSError, HTTPException) as error:
            self.odd.append(f"{path}: {error!r}")
            return None
        self.longest = max(self.longest, time.monotonic() - begun)
        self.statuses[f"{path} {answer.status}"] += 1
        if answer.status not in (200, 201) and (answer.status != 503 or "retry-after" not in answer.headers):
            self.odd.append(f"{path} {answer.status} {answer.headers} {answer.text[:300]}")
        return answer

    def report(self, name: str) -> None:
        """As a program does it: what was not acknowledged is sent again, with the same `once`."""
        number = 0
        while not self.over.is_set():
            number += 1
            word = f"bao{name}{number}"
            body: dict[str, object] = {"text": f"Đèn đường tắt, {word}", "channel": "web", "once": word}
            while not self.over.is_set():
                answer = self.ask("/api/v1/tickets", body, authorization="Bearer demo-api-lan")
                if answer and answer.status == 201:
                    self.acknowledged[word] = answer.json["code"]
                    self.moments.append(time.monotonic())
                    break
                self.over.wait(0.5)
            self.over.wait(1.2)

    def read(self) -> None:
        while not self.over.wait(1):
            for path in ("/", "/lookup"):
                self.ask(path)

    def listen(self) -> None:
        """A live screen, which connects again as a browser does."""
        while not self.over.is_set():
            with (
                suppress(OSError, HTTPException),
                closing(HTTPConnection("127.0.0.1", self.product.port, timeout=60)) as line,
            ):
                line.request("GET", "/live", headers={"Cookie": self.cookies, "Accept": "text/event-stream"})
                answer = line.getresponse()
                while answer.status == 200 and not self.over.is_set() and (text := answer.readline()):
                    if text.startswith(b"event:"):
                        self.heard = time.monotonic()
            self.over.wait(1)

    def begin(self) -> None:
        self.over.clear()
        people = [partial(self.report, f"{int(time.time())}x{n}x") for n in range(PEOPLE)]
        self.threads = [threading.Thread(target=one, daemon=True) for one in (*people, self.read, self.listen)]
        for one in self.threads:
            one.start()

    def end(self) -> None:
        self.over.set()
        for one in self.threads:
            one.join(95)
            assert not one.is_alive(), "somebody was never answered"

    def goes_on(self, since: float, within: float = 60) -> float:
        """Waits until reports are acknowledged from now on, several of each person; the longest time since then in
        which none was."""
        now = time.monotonic()
        wait_until(lambda: sum(at > now for at in self.moments) > 2 * PEOPLE, within, why="reports are taken again")
        return max(after - before for before, after in pairwise([since, *(at for at in self.moments if at > since)]))

    def whole(self) -> None:
        """What was acknowledged is there under its number, once; nothing else of ours is; all parts are at work."""
        begun = time.monotonic()
        known = dict(self.acknowledged)
        told = self.quorum.ask(
            r"SELECT substring(text from 'bao\w+$'), code FROM tickets_ticket WHERE text ~ 'bao\w+$'"
        )
        counted = Counter(word for word, _code in told)
        assert [word for word, times in counted.items() if times > 1] == [], "twice"
        there = dict(told)
        assert {word: code for word, code in known.items() if there.get(word) != code} == {}, "lost"
        for word in known.keys() - self.found:
            found = self.product.ask(f"/api/v1/tickets/{known[word]}", authorization="Bearer demo-api-lan")
            assert found.status == 200 and found.json["text"].endswith(word), (word, found.text)
        self.found |= known.keys()
        wait_until(self.is_done, 60, every=0.5, why="the worker does what follows")
        wait_until(self.has_bridge, 30, every=0.5, why="a bridge holds the lease")
        wait_until(lambda: self.heard > begun, 30, why="the live screen hears of reports")
        assert self.odd == [], self.odd[:5]
        assert self.longest <= LONGEST, self.longest

    def is_done(self) -> bool:
        """Nothing waits that happened more than some seconds ago."""
        late = "SELECT count(*) FROM events_event WHERE pending AND at < now() - interval '5 s'"
        return self.quorum.ask(late) == [("0",)]

    def has_bridge(self) -> bool:
        lease = "SELECT count(*) FROM jobs_lease WHERE name = 'bridge' AND until > clock_timestamp()"
        return self.quorum.ask(lease) == [("1",)]


@pytest.fixture(scope="module")
def town(demo_home: Path, tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Town]:
    room = tmp_path_factory.mktemp("cluster")
    room.chmod(0o711)
    alone = Product(copied(demo_home, room / "alone"), {"CAUNOI_DEMO": "1"})
    with Quorum() as quorum:
        quorum.run(quorum.leader(), "pgbackrest", "--stanza=caunoi", "stanza-create")
        product = moved(quorum, alone).start()
        lan = Person(browser, product.address).sign_in("lan")
        place = Town(quorum, product, "; ".join(f"{one['name']}={one['value']}" for one in lan.context.cookies()))
        lan.close()
        place.begin()
        try:
            yield place
        finally:
            place.over.set()
            print(f"\n{len(place.acknowledged)} reports; longest answer {place.longest:.1f} s; {dict(place.statuses)}")
            product.stop()
        assert product.complaints() == []
        shutil.rmtree(room)


def switch(town: Town) -> float:
    """A planned switchover; the longest time in which no report was taken."""
    old, new = town.quorum.leader(), town.quorum.standby()
    begun = time.monotonic()
    town.quorum.patronictl("switchover", "--leader", old, "--candidate", new, "--force")
    gap = town.goes_on(begun)
    assert town.quorum.leader() == new
    wait_until(lambda: town.quorum.standby() == old, 60, every=0.5, why="there are two again")
    return gap


def test_the_machines_are_updated_one_after_the_other(town: Town) -> None:
    """The standby is restarted, the primary changes places with it, the other is restarted. The address with both
    servers in it finds the primary, wherever it is."""
    gaps = []
    for _machine in SERVERS:
        standby = town.quorum.standby()
        begun = time.monotonic()
        town.quorum.patronictl("restart", "caunoi", standby, "--force")
        wait_until(town.quorum.standby, 60, every=0.5, why="it follows again")
        gaps += [town.goes_on(begun), switch(town)]
        told = town.product.shell("jobs", "--json", DATABASE_URL=town.quorum.both(PRODUCT), DATABASE_DIRECT_URL="")
        assert '"task"' in told.stdout, told.stderr
    print(f"standby restarted, switched over: {', '.join(f'{gap:.1f} s' for gap in gaps)}")
    assert max(gaps) <= KILLED
    town.whole()


def test_the_leaders_postgresql_is_killed(town: Town) -> None:
    town.goes_on(time.monotonic())
    old = town.quorum.leader()
    begun = time.monotonic()
    os.kill(town.quorum.postmaster(old), signal.SIGKILL)
    wait_until(lambda: town.quorum.leader() not in ("", old), 60, every=0.5, why="the standby takes over")
    gap = town.goes_on(begun)
    print(f"killed: {gap:.1f} s")
    assert gap <= KILLED
    wait_until(town.quorum.standby, 60, every=0.5, why="there are two again")
    town.whole()


@pytest.mark.parametrize("island", [False, True])
def test_the_leaders_machine_stands_still_and_wakes_up(town: Town, island: bool) -> None:
    """Or only its Patroni does: then there are two primaries for a while, and the old one, which people reach no more,
    acknowledges nothing to anybody who reaches it all the same."""
    quorum = town.quorum
    old, new = quorum.leader(), quorum.standby()
    begun = time.monotonic()
    quorum.signal(old, signal.SIGSTOP, patroni_alone=island)
    wait_until(lambda: quorum.leader() == new, 60, every=0.5, why="the standby takes over")
    gap = town.goes_on(begun)
    print(f"{'Patroni' if island else 'machine'} frozen: {gap:.1f} s")
    assert gap <= FROZEN
    if island:
        there = quorum.url("postgres").replace(f"127.0.0.1:{quorum.port['5000']}", quorum.at(old))
        assert quorum.ask("SELECT pg_is_in_recovery()", there) == [("f",)], "two primaries"
        with pytest.raises(subprocess.TimeoutExpired):
            quorum.ask("CREATE TABLE island ()", there, within=5)
    quorum.signal(old, signal.SIGCONT, patroni_alone=island)
    wait_until(lambda: quorum.standby() == old, 60, every=0.5, why="who woke up follows")
    assert quorum.ask("SELECT to_regclass('island')") == [("",)]
    town.whole()


def test_the_standby_is_lost_and_comes_back(town: Town) -> None:
    """Without it commits wait until Patroni no longer counts on it; then the leader goes on alone."""
    leader, lost = town.quorum.leader(), town.quorum.standby()
    begun = time.monotonic()
    town.quorum.signal(lost, signal.SIGKILL)
    gap = town.goes_on(begun)
    print(f"standby lost: {gap:.1f} s")
    assert gap <= KILLED and town.quorum.leader() == leader and not town.quorum.standby()
    part = town.quorum.parts[f"{lost}-patroni"]
    part.end()
    part.start()
    wait_until(lambda: town.quorum.standby() == lost, 60, every=0.5, why="there are two again")
    town.whole()


def test_one_etcd_is_lost_and_then_all_of_it(town: Town) -> None:
    leader = town.quorum.leader()
    etcd = [town.quorum.parts[f"{machine}-etcd"] for machine in ("w1", "db1", "db2")]
    begun = time.monotonic()
    etcd[0].end(signal.SIGKILL)
    time.sleep(8)
    one = town.goes_on(begun)
    for part in etcd[1:]:
        part.end(signal.SIGKILL)
    begun = time.monotonic()
    time.sleep(25)  # longer than any lease lives
    gap = town.goes_on(begun)
    print(f"one etcd lost: {one:.1f} s; all of it: {gap:.1f} s")
    assert max(one, gap) <= 5 and town.quorum.leader() == leader
    for part in etcd:
        part.start()
    wait_until(lambda: '"health":true' in health(town), 60, every=1, why="etcd is there again")
    wait_until(town.quorum.standby, 60, every=0.5, why="a leader and a standby")
    assert town.quorum.leader() == leader
    town.whole()


def test_the_alert_rules_ask_for_what_patroni_says(town: Town) -> None:
    rules = (EXAMPLES / "alerts.yml").read_text()
    asked = set(re.findall(r"patroni_\w+", rules))
    url = f"https://{town.quorum.address['db1']}:{town.quorum.port['8008']}/metrics"
    with urlopen(url, timeout=10, context=town.quorum.trust) as answer:
        told = set(re.findall(r"^(patroni_\w+)\{scope=\"caunoi\"", answer.read().decode(), re.M))
    assert len(asked) >= 3 and asked <= told, asked - told


def health(town: Town) -> str:
    tls = town.quorum.folder / "tls"
    ends = ",".join(f"https://{address}:{town.quorum.port['2379']}" for address in town.quorum.address.values())
    words = [f"--endpoints={ends}", f"--cacert={tls}/ca.crt", f"--cert={tls}/db1.crt", f"--key={tls}/db1.key"]
    with suppress(AssertionError):
        return town.quorum.run("db1", "etcdctl", *words, "endpoint", "health", "-w", "json")
    return ""


def test_the_way_to_the_database_is_cut_and_laid_anew(town: Town) -> None:
    pooler, balancer = town.quorum.parts["w1-pgbouncer"], town.quorum.parts["w1-haproxy"]
    begun = time.monotonic()
    pooler.end(signal.SIGKILL)
    time.sleep(3)
    pooler.start()
    killed = town.goes_on(begun)
    begun = time.monotonic()
    assert balancer.process
    balancer.process.send_signal(signal.SIGUSR2)  # systemctl reload haproxy
    reloaded = town.goes_on(begun)
    print(f"PgBouncer killed: {killed:.1f} s; HAProxy reloaded: {reloaded:.1f} s")
    assert max(killed, reloaded) <= KILLED
    town.whole()


def test_the_cluster_goes_back_to_a_moment(town: Town) -> None:
    """As docs/cluster.md says it, line by line."""
    quorum, product = town.quorum, town.product
    leader, other = quorum.leader(), quorum.standby()
    typed(product, "backup", str(product.home.parent / "kept"))  # keys and files are in no other one
    quorum.run(leader, "pgbackrest", "--stanza=caunoi", "--type=full", "backup", timeout=300)
    town.goes_on(time.monotonic())
    town.end()
    before = town.acknowledged.copy()
    moment = quorum.ask("SELECT now()")[0][0]
    product.stop()
    quorum.ask("UPDATE tickets_ticket SET text = 'nhầm'")

    for machine in (other, leader):
        quorum.parts[f"{machine}-patroni"].end()
    data = quorum.folder / leader / "data"
    target = f"--target={moment}"
    begun = time.monotonic()
    words = ["--stanza=caunoi", "--delta", "--type=time", target, "--target-action=promote", "restore"]
    quorum.run(leader, "pgbackrest", *words, timeout=300)
    alone = "-c listen_addresses='' -c hot_standby=off"
    quorum.run(leader, quorum.programs / "pg_ctl", "-D", data, "-o", alone, "-l", f"{data}/../alone.log", "-w", "start")
    ready = [quorum.programs / "pg_isready", "-h", data.parent, "-p", quorum.port["5432"]]
    wait_until(
        lambda: subprocess.run(ready, capture_output=True).returncode == 0, 120, every=0.5, why="it is recovered"
    )
    quorum.run(leader, quorum.programs / "pg_ctl", "-D", data, "-w", "stop")
    quorum.patronictl("remove", "caunoi", given="caunoi\nYes I am aware\n")
    quorum.parts[f"{leader}-patroni"].start()
    wait_until(lambda: quorum.leader() == leader, 60, every=0.5, why="the restored one leads")
    shutil.rmtree(quorum.folder / other / "data")
    quorum.parts[f"{other}-patroni"].start()
    wait_until(lambda: quorum.standby() == other, 90, every=0.5, why="the other one is made anew and follows")
    print(f"restored to a moment, with a standby: {time.monotonic() - begun:.1f} s")
    settings = quorum.patroni(leader, "/config")
    assert settings["synchronous_mode"] and settings["failsafe_mode"], settings
    product.start()
    town.begin()
    town.goes_on(time.monotonic())
    town.whole()
    assert before.items() <= town.acknowledged.items()
