"""An upgrade host by host: the release before and this one at work together at one database, with people at both.

Proves: while this release brings the tables up to date, and while both serve, nobody is refused, nothing is lost and
nothing done twice, what came in by either is found at both, and the old one's `/health/ready` stays 200; once it has
ended all is sealed, also when the worker is killed at that moment; then a dump shows no number of anybody"""

import random
import re
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cluster import Server
from playwright.sync_api import Browser
from stage import CHECKOUT, LOUD, Answer, Person, ask, bare, free_port, wait_until
from test_citizen_day import set_up
from test_sealed_calls_day import tables
from test_upgrade_day import release

from tests.providers.sms import Sms
from tests.providers.zalo import Zalo

pytestmark = [pytest.mark.long(minutes=14), pytest.mark.timeout(2700)]  # the release before is built first
BEFORE = "64ac245a"
"""The release before: people's numbers lay sealed, what came in and went out, who called and who is called back not."""
TOGETHER, PATIENCE = 60, 900  # seconds


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The release before, set up as its own documents say."""
    folder = tmp_path_factory.mktemp("before") / "checkout"
    words = ["git", "-C", CHECKOUT, "worktree"]
    added = subprocess.run([*words, "add", "-q", "--detach", folder, BEFORE], capture_output=True)
    if added.returncode:
        pytest.skip(f"{BEFORE} is not in this clone")
    try:
        done = subprocess.run(["make", "setup"], cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        yield folder
    finally:
        subprocess.run([*words, "remove", "--force", folder], check=True)


def some[T](rows: Iterable[T]) -> list[T]:
    """At most so many of them as are looked for in a minute."""
    every = list(rows)
    return random.sample(every, min(25, len(every)))


@dataclass
class Host:
    """One of two hosts: pages and worker of a release, at a home and a database that both share."""

    code: Path
    python: Path
    home: Path
    database: str
    port: int = field(default_factory=free_port)
    parts: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.home.parent / f"{self.code.name}.log"

    def _words(self, *words: str) -> dict[str, Any]:
        environ = {"DATABASE_URL": self.database, "CAUNOI_DEMO": "1", "PYTHONPATH": str(self.code)}
        return {
            "args": [self.python, "-m", "caunoi.cli", *words],
            "env": bare(self.home, **environ),
            "cwd": self.code,
            "stdin": subprocess.DEVNULL,
        }

    def type(self, *words: str) -> str:
        done = subprocess.run(**self._words(*words), capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def begin(self, *parts: str) -> None:
        for part in parts:
            words = ("web", "--port", str(self.port)) if part == "web" else (part,)
            with self.log.open("ab") as out:
                self.parts[part] = subprocess.Popen(**self._words(*words), stdout=out, stderr=out)
        if "web" in parts:
            wait_until(self.is_ready, PATIENCE, every=1, why="it serves")

    def is_ready(self) -> bool:
        try:
            return ask(f"{self.address}/health/ready").status == 200
        except OSError:
            return False

    def end(self, *parts: str, how: signal.Signals = signal.SIGTERM) -> None:
        for part in parts or list(self.parts):
            process = self.parts.pop(part)
            process.send_signal(how)
            assert process.wait(60) in (0, -how), part


@dataclass
class Town:
    """People who report, write, call and hang up, and an operator who answers, at whichever host they come to."""

    hosts: list[Host]
    zalo: Zalo
    sms: Sms
    lan: str = ""  # her cookies
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    odd: list[str] = field(default_factory=list)
    reports: dict[str, str] = field(default_factory=dict)  # word → code
    words: list[str] = field(default_factory=list)  # that were written by Zalo
    callers: list[tuple[str, bool]] = field(default_factory=list)  # numbers; whether they were answered
    turns: Counter[str] = field(default_factory=Counter)
    over: threading.Event = field(default_factory=threading.Event)

    def ask(self, path: str, body: Any = None, host: Host | None = None, **more: str) -> Answer:
        one = host or random.choice(self.hosts)
        answer = ask(one.address + path, body, timeout=120, **more)
        self.statuses[one.code.name, answer.status] += 1
        if answer.status not in (200, 201, 302):
            self.odd.append(f"{one.code.name} {path} {answer.status} {answer.text[:200]}")
        return answer

    def report(self, turn: int) -> None:
        word = f"baocao{turn}"
        words = {
            "api_key": "demo-open311",
            "service_code": "lamps",
            "description": f"Đèn đường hỏng, {word}",
            "lat": "11.53",
            "long": "106.89",
            "phone": f"093{turn:07}",
        }
        code = self.ask("/open311/v2/requests.json", words, form="yes").json[0]["service_request_id"]
        for move in ({"move": "accept"}, {"move": "answer", "text": f"Đã sửa xong {word}."}):
            self.ask(
                f"/api/v1/tickets/{code}/moves", {**move, "category": "lamps"}, authorization="Bearer demo-api-lan"
            )
        self.reports[word] = code

    def write(self, turn: int) -> None:
        """By Zalo, which tells both hosts where one was slow."""
        word = f"zalotin{turn}"
        self.zalo.writes(f"nguoi-{turn}")
        headers, body = self.zalo.says(f"nguoi-{turn}", f"Hố ga mất nắp, {word}")
        for host in self.hosts if turn % 3 == 0 else [None]:
            self.ask("/hooks/zalo/", body, host, **{name.replace("-", "_"): value for name, value in headers.items()})
        self.words.append(word)

    def call(self, turn: int) -> None:
        """Some hang up before anybody answers; each event comes once or at both hosts."""
        number, call = f"097{turn:07}", f"goi-{turn}"
        ends = [{"event": "answer", "user": "lan"}, {"event": "hangup"}]
        for event in ({"event": "newCall"}, *(ends if turn % 2 else [{"event": "hangup", "cause": "cancel"}])):
            told = {**event, "callId": call, "direction": "in", "from": number, "to": "1022"}
            told["occurredAt"] = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
            for host in self.hosts if turn % 3 == 0 else [None]:
                self.ask("/cti/demo-cti", {**told, "eventId": f"{call}-{event['event']}"}, host)
        self.callers.append((number, bool(turn % 2)))

    def look(self, turn: int) -> None:
        for host in self.hosts:
            for path in ("/desk/", "/desk/calls/", "/desk/callbacks/"):
                self.ask(path, None, host, cookie=self.lan)
            self.ask("/health/ready", None, host)

    def live(self, what: Callable[[int], None]) -> None:
        name = what.__name__
        while not self.over.is_set():
            self.turns[name] += 1
            try:
                what(self.turns[name])
            except (OSError, LookupError, ValueError) as error:
                self.odd.append(f"{name} {self.turns[name]}: {error!r}")
            self.over.wait(1)

    @contextmanager
    def busy(self) -> Iterator[None]:
        threads = [threading.Thread(target=self.live, args=[one]) for one in self._lives()]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.over.set()
            for thread in threads:
                thread.join(130)

    def _lives(self) -> list[Callable[[int], None]]:
        return [self.report, self.write, self.call, self.look]

    def found(self, host: Host, path: str, pattern: str) -> int:
        return len(set(re.findall(pattern, self.ask(path, None, host, cookie=self.lan).text)))

    def missing(self, host: Host) -> list[str]:
        """Of what came in, some of each, what this host does not find exactly once."""
        wrong = [
            number
            for number, answered in some(self.callers)
            if self.found(host, f"/desk/calls/?number={number}", r"/desk/calls/(\d+)/") != 1
            or self.found(host, f"/desk/calls/?number={number[-6:]}", r"/desk/calls/(\d+)/") != 1
            or self.found(host, f"/desk/callbacks/?q={number}", r"/desk/callbacks/(\d+)/") != 1 - answered
        ]
        for word in (*some(self.reports), *some(self.words)):
            if self.found(host, f"/desk/?tab=all&q={word}", r"/desk/(\d\d-\d{6}-\d)") != 1:
                wrong.append(word)
        return wrong


@pytest.fixture
def town(before: Path, browser: Browser, tmp_path: Path) -> Iterator[tuple[Town, Host, Host, Server]]:
    """A demo province on a server of its own, made and served by the release before; this one stands beside it."""
    later = release(tmp_path / "later", "0.3.0")
    with Server() as server:
        home = tmp_path / "home"
        old = Host(before, before / ".venv" / "bin" / "python", home, server.url())
        new = Host(later, CHECKOUT / ".venv" / "bin" / "python", home, server.url())
        zalo, sms = Zalo(), Sms()
        zalo.start()
        sms.start()
        try:
            old.type("migrate", "--quiet")
            old.type("demo", "--no-life")
            old.begin("web", "worker")
            quan = Person(browser, old.address).sign_in("quan")
            set_up(quan, "sms", {**sms.settings("vnpt"), **sms.secrets()})
            set_up(quan, "zalo", {**zalo.settings(), **zalo.secrets()})
            quan.close()
            lan = Person(browser, old.address).sign_in("lan")
            cookies = "; ".join(f"{one['name']}={one['value']}" for one in lan.context.cookies())
            yield Town([old], zalo, sms, cookies), old, new, server
            lan.close()
        finally:
            for host in (old, new):
                for process in host.parts.values():
                    process.kill()
                    process.wait(30)
            zalo.stop()
            sms.stop()


def dump(server: Server) -> str:
    words = [server.programs / "pg_dump", server.url()]
    return subprocess.run(words, capture_output=True, check=True, timeout=PATIENCE).stdout.decode()


def is_closed(server: Server) -> bool:
    return server.ask("SELECT settled IS NOT NULL FROM vault_datakey WHERE purpose = 'identities'") == [("t",)]


def is_sealed(server: Server) -> bool:
    plain = [
        ("conversations_receipt", "raw"),
        ("conversations_outgoing", "address"),
        ("conversations_callback", "phone"),
        ("calls_call", "coalesce(phone, caller, dialled)"),
    ]
    counts = ", ".join(f"(SELECT count(*) FROM {table} WHERE {column} IS NOT NULL)" for table, column in plain)
    return server.ask(f"SELECT {counts}") == [("0",) * 4]


def test_host_by_host(town: tuple[Town, Host, Host, Server]) -> None:
    people, old, new, server = town
    with people.busy():
        wait_until(lambda: len(people.callers) > 5, PATIENCE, why="people come")
        new.type("migrate", "--quiet")
        assert not is_closed(server), "the release before is at work"
        new.begin("web", "worker")
        people.hosts.append(new)
        time.sleep(TOGETHER)
        people.over.set()
    wait_until(lambda: server.ask("SELECT 1 FROM conversations_receipt WHERE state = 'waiting'") == [], PATIENCE)
    wait_until(lambda: not people.missing(new), PATIENCE, every=5, why="all is found at the new host")
    assert people.missing(old) == [], "and at the old one"

    people.hosts.remove(old)
    people.over.clear()
    with people.busy():
        old.end()
        wait_until(lambda: is_closed(server), PATIENCE, every=0.05, why="the way back is closed")
        new.end("worker", how=signal.SIGKILL)
        new.begin("worker")
        people.over.set()
    wait_until(lambda: is_sealed(server), PATIENCE, every=2, why="all is sealed")
    wait_until(lambda: not people.missing(new), PATIENCE, every=5, why="all is found")

    assert people.odd == [], people.odd
    assert all(ask(f"{new.address}/open311/v2/requests/{code}.json").status == 200 for code in people.reports.values())
    told = Counter((one["to"], one["text"]) for one in people.sms.sent)
    assert told and max(told.values()) == 1, told.most_common(3)
    lying = dump(server)
    for turn in range(1, 10):
        for number in (f"93{turn:07}", f"97{turn:07}"):
            assert tables(lying, number) == set(), number
    assert not LOUD.search(new.log.read_text()), new.log.read_text()[-3000:]
    print(f"{sum(people.statuses.values())} answers, {len(people.reports)} reports, {len(people.callers)} calls")
