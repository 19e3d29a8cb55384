"""A province on a cluster, and each part of it killed, frozen and cut off in turn while people report and work.

Machines are network namespaces on one bridge, with the addresses and files of deploy/cluster: two of the database
(PostgreSQL under Patroni, etcd), one more etcd, two hosts of pages and two of workers, each with a HAProxy and a
PgBouncer of its own, and a balancer before the pages. Needs root and Debian's packages (`.ci/run days` has them).

Budget: under RATE reports a second and DESKS desks nothing that was acknowledged is lost, nothing is there twice,
nobody is told twice, no session reads less than it has read or written (bench/histories.py); reads are served
throughout (never READ_GAP seconds without one); reports are taken again within 15 s where a process was killed, 40 s
where a machine was lost, stood still or was cut off; a rolling restart refuses nobody; a second host of pages does at
least 0.9 of what the first does for its CPU. Writes bench/out/cluster.json.

`TIMES=3` does each three times (default 1), `ONLY=words` those whose name holds the words (`restart`: the rolling
restart, and what a host more does), RATE and DESKS are set so.
"""

import asyncio
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from threading import Thread
from typing import IO, Any

import httpx
import psutil
from playwright.sync_api import sync_playwright

from bench import product as ours
from bench.histories import History, contradictions

sys.path[:0] = [str(ours.ROOT / "tests" / "outside"), str(ours.ROOT)]
from quorum import MACHINES, PORTS, PRODUCT, TOOLS, Part, Quorum, moved, typed  # noqa: E402
from stage import CHECKOUT, CHROMIUM, FLAGS, Person, Product, balancer, free_port, wait_until  # noqa: E402

from tests.providers.sms import Sms  # noqa: E402

ONLY_WHEN_NAMED = True  # half an hour, as root
RATE, DESKS = float(os.environ.get("RATE", "20")), int(os.environ.get("DESKS", "50"))
TIMES, ONLY = int(os.environ.get("TIMES", "1")), os.environ.get("ONLY", "")
KILLED, AWAY, READ_GAP = 15.0, 40.0, 5.0
SLOW = 2.0  # seconds
RESTART, ROLLING = "restart", "rolling restart"
HOSTS = {"a1": "10.22.0.21", "a2": "10.22.0.22", "b1": "10.22.0.31", "b2": "10.22.0.32"}
PAGES, WORKERS = ("a1", "a2"), ("b1", "b2")
BRIDGE, GATE = "cn-bridge", MACHINES["w1"]  # this machine's own address on the bridge
KEY = {"authorization": "Bearer demo-api-lan"}


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


@contextmanager
def net() -> Iterator[None]:
    """A bridge, and a namespace on it for each machine but w1, which is this one."""
    machines = {name: at for name, at in {**MACHINES, **HOSTS}.items() if name != "w1"}
    ip("link", "add", BRIDGE, "type", "bridge")
    try:
        ip("addr", "add", f"{GATE}/24", "dev", BRIDGE)
        ip("link", "set", BRIDGE, "up")
        for name, at in machines.items():
            ip("netns", "add", f"cn-{name}")
            ip("link", "add", f"v-{name}", "type", "veth", "peer", "name", "eth0", "netns", f"cn-{name}")
            ip("link", "set", f"v-{name}", "master", BRIDGE, "up")
            for device in ("lo", "eth0"):
                ip("-n", f"cn-{name}", "link", "set", device, "up")
            ip("-n", f"cn-{name}", "addr", "add", f"{at}/24", "dev", "eth0")
        yield
    finally:
        for name in machines:
            for line in (("link", "del", f"v-{name}"), ("netns", "del", f"cn-{name}")):
                subprocess.run(["ip", *line], check=False, stderr=subprocess.DEVNULL)
        ip("link", "del", BRIDGE)


class Cluster(Quorum):
    """The database's machines, each in its namespace; and a HAProxy and a PgBouncer for whoever asks from here."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.address, self.port = dict(MACHINES), {port: port for port in PORTS}
        self.network = "10.22.0.0/24"

    def begin(self, name: str, words: list[str], out: IO[bytes]) -> subprocess.Popen[bytes]:
        machine = name.partition("-")[0]
        if machine == "w1":
            return super().begin(name, words, out)
        how = {key: value for key, value in self.how(name).items() if key not in ("user", "group", "extra_groups")}
        who = ["setpriv", f"--reuid={self.who.pw_uid}", f"--regid={self.who.pw_gid}", "--clear-groups"]
        line = ["ip", "netns", "exec", f"cn-{machine}", *who, *words]
        return subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=out, stderr=out, **how)


@dataclass
class Host:
    """A host of the product: its own way to the database, and what runs on it."""

    name: str
    cluster: Cluster
    product: Product
    parts: dict[str, Part] = field(default_factory=dict)

    @classmethod
    def made(cls, name: str, cluster: Cluster, template: Product, room: Path, sms: int) -> "Host":
        """With the master key of the one that was moved, and nothing else of it."""
        own, first = cluster.folder / name, cluster.folder / "w1"
        shutil.copytree(first, own, ignore=lambda _folder, names: {n for n in names if n not in FILES})
        for path in (own, *own.iterdir()):
            if path.is_file():
                path.write_text(path.read_text().replace(str(first), str(own)))
            os.chown(path, cluster.who.pw_uid, cluster.who.pw_gid)
        pages, at = name in PAGES, HOSTS[name]
        with (own / "haproxy.cfg").open("a") as config:
            config.write(
                f"\nlisten texts from database\n    bind 127.0.0.1:{sms}\n    server own {GATE}:{sms} no-check\n"
            )
            if pages:
                config.write(
                    f"\nlisten pages from database\n    bind {at}:8022\n    server own 127.0.0.1:8022 no-check\n"
                )
        home = room / name / "home"
        home.mkdir(parents=True, mode=0o700)
        shutil.copy(template.home / "master_key", home / "master_key")
        command = room / name / "caunoi"
        command.write_text(f'#!/bin/sh\nexec ip netns exec cn-{name} {CHECKOUT}/bin/caunoi "$@"\n')
        command.chmod(0o755)
        words = ("--lang", "en", "--only", "web,live" if pages else "worker,bridge")
        running = Product(home, template.environ, port=8022, words=words, command=command)
        host = cls(name, cluster, running)
        for part in ("haproxy", "pgbouncer"):
            line = [word.replace(str(first), str(own)) for word in cluster.parts[f"w1-{part}"].words]
            host.parts[part] = Part(f"{name}-{part}", line, cluster)
        return host

    def start(self) -> None:
        for part in self.parts.values():
            part.start()
        self.product.start()

    def pids(self) -> list[int]:
        own = [self.product.pid, *self.product.children()] if self.product.runs else []
        return own + [pid for part in self.parts.values() if part.process for pid in _tree(part.process.pid)]

    def kill(self) -> None:
        self.product.kill()
        for part in self.parts.values():
            _signal(_tree(part.process.pid) if part.process else [], signal.SIGKILL)
            part.end(signal.SIGKILL)


FILES = ("haproxy.cfg", "pgbouncer.ini", "userlist.txt")


def is_ready(address: str) -> bool:
    """Asked by the name that the product goes by, wherever it is reached."""
    with suppress(httpx.HTTPError):
        return httpx.get(f"{address}/health/ready", headers={"host": "127.0.0.1"}, timeout=3).status_code == 200
    return False


def _tree(pid: int) -> list[int]:
    with suppress(psutil.NoSuchProcess):
        return [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
    return []


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


@dataclass
class People:
    """Who reports and works, over the balancer; in an event loop of their own."""

    front: str
    cookies: str
    leader: str
    rate: float = RATE
    acknowledged: dict[str, str] = field(default_factory=dict)
    acks: list[float] = field(default_factory=list)
    reads: list[float] = field(default_factory=list)
    slow: list[tuple[float, str]] = field(default_factory=list)  # pages that kept their reader waiting, asked for when
    statuses: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)
    heard: list[float] = field(default_factory=list)
    histories: list[History] = field(default_factory=list)
    over: bool = False

    async def _ask(self, http: httpx.AsyncClient, method: str, path: str, **more: Any) -> httpx.Response | None:
        try:
            answer = await http.request(method, path, **more)
        except httpx.HTTPError as error:
            self._refuse(f"{path} {type(error).__name__}")
            return None
        self.statuses[f"{path} {answer.status_code}"] += 1
        waits = answer.status_code == 503 and "retry-after" in answer.headers
        if answer.status_code not in (200, 201) and not waits:
            self._refuse(f"{path} {answer.status_code}")
        return answer

    def _refuse(self, what: str) -> None:
        self.statuses[what] += 1
        self.refused.append(what)

    async def _report(self, http: httpx.AsyncClient, word: str, number: int) -> None:
        """As a program does: what was not acknowledged is sent again, with the same `once`."""
        body = {"text": f"Đèn đường tắt, {word}", "channel": "web", "once": word}
        contact = {"contact": {"phone": f"0900{number % 1_000_000:06}"}} if number % 10 == 0 else {}
        while not self.over:
            answer = await self._ask(http, "POST", "/api/v1/tickets", json={**body, **contact}, headers=KEY)
            if answer is not None and answer.status_code == 201:
                self.acknowledged[word] = answer.json()["code"]
                self.acks.append(time.monotonic())
                return
            await asyncio.sleep(0.5)

    async def _reporters(self, http: httpx.AsyncClient, tasks: asyncio.TaskGroup) -> None:
        name, number = f"b{int(time.time())}x", 0
        while not self.over:
            number += 1
            tasks.create_task(self._report(http, f"bao{name}{number}", number))
            await asyncio.sleep(1 / self.rate)

    async def _reader(self) -> None:
        """Somebody who only reads, with no cookie of those who write."""
        async with httpx.AsyncClient(base_url=self.front, timeout=20) as http:
            while not self.over:
                for path in ("/", "/lookup", "/register"):
                    begun = time.monotonic()
                    answer = await self._ask(http, "GET", path)
                    if (took := time.monotonic() - begun) > SLOW:
                        came = f"{answer.status_code} by {answer.headers.get('x-by')}" if answer else "no answer"
                        self.slow.append((begun, f"{path} {took:.1f} s {came}"))
                    if answer is not None and answer.status_code == 200:
                        self.reads.append(time.monotonic())
                    await asyncio.sleep(0.5)

    async def _screen(self, http: httpx.AsyncClient) -> None:
        headers = {"cookie": self.cookies, "accept": "text/event-stream"}
        while not self.over:
            with suppress(httpx.HTTPError):
                async with http.stream("GET", "/live", headers=headers, timeout=60) as answer:
                    async for line in answer.aiter_lines():
                        if self.over:
                            return
                        if line.startswith("event:"):
                            self.heard.append(time.monotonic())
            await asyncio.sleep(1)

    async def _desk(self, http: httpx.AsyncClient) -> None:
        await asyncio.sleep(random.uniform(0, 20))
        while not self.over:
            await self._ask(http, "GET", "/desk/", headers={"cookie": self.cookies})
            await asyncio.sleep(random.uniform(15, 25))

    async def _citizen(self, number: int) -> None:
        """Writes on the page of a ticket of theirs again and again, and reads it: a session that keeps its cookies."""
        history = History(f"citizen {number}")
        self.histories.append(history)
        async with httpx.AsyncClient(base_url=self.front, timeout=20) as http:
            once = f"citizen-{number}-{int(time.time())}"
            form = {"text": f"Vỉa hè hỏng, {once}", "once": once, "consent": "on", "send": "1"}
            while not (page := re.search(r"/f/[^/?]+", await self._sent(http, "/report/short", form))):
                await asyncio.sleep(1)
            word = 0
            while not self.over:
                if await self._sent(http, f"{page[0]}/reply", {"text": f"thêm{number}x{word} nữa"}):
                    history.wrote(f"{word}")
                    word += 1
                for _ in range(2):
                    await asyncio.sleep(1)
                    answer = await self._ask(http, "GET", page[0])
                    if answer is not None and answer.status_code == 200:
                        history.read(re.findall(rf"thêm{number}x(\d+) nữa", answer.text))

    async def _sent(self, http: httpx.AsyncClient, path: str, form: dict[str, str]) -> str:
        """Where a form leads that was taken; empty where it was not."""
        try:
            answer = await http.post(path, data=form, headers={"origin": self.front})
        except httpx.HTTPError as error:
            self._refuse(f"{path} {type(error).__name__}")
            return ""
        self.statuses[f"form {answer.status_code}"] += 1
        return answer.headers.get("location", "") if answer.is_redirect else ""

    async def _leader(self, number: int) -> None:
        """Looks at the tickets behind a figure, the newest first: no newer one goes away again."""
        history = History(f"leader {number}")
        self.histories.append(history)
        async with httpx.AsyncClient(base_url=self.front, timeout=20) as http:
            for cookie in self.leader.split("; "):
                name, _, value = cookie.partition("=")
                http.cookies.set(name, value)
            newest = 0
            while not self.over:
                answer = await self._ask(http, "GET", "/board/tickets")
                if answer is not None and answer.status_code == 200:
                    there = max(map(int, re.findall(r"\d\d-(\d{6})-\d", answer.text)), default=0)
                    history.read({"the newest"} if there >= newest else ())
                    newest = max(newest, there)
                await asyncio.sleep(1)

    async def _live(self) -> None:
        limits = httpx.Limits(max_connections=DESKS + 400, max_keepalive_connections=40)
        async with (
            httpx.AsyncClient(base_url=self.front, timeout=20, limits=limits) as http,
            asyncio.TaskGroup() as tasks,
        ):
            tasks.create_task(self._reporters(http, tasks))
            for number in range(2):
                tasks.create_task(self._reader())
                tasks.create_task(self._leader(number))
            for number in range(4):
                tasks.create_task(self._citizen(number))
            for _ in range(DESKS):
                tasks.create_task(self._desk(http))
                tasks.create_task(self._screen(http))

    @contextmanager
    def at_work(self) -> Iterator[None]:
        self.over = False
        thread = Thread(target=lambda: asyncio.run(self._live()), daemon=True)
        thread.start()
        try:
            yield
        finally:
            self.over = True
            thread.join(120)
            if thread.is_alive():
                raise RuntimeError("somebody was never answered")


@dataclass
class Town:
    """All of it."""

    cluster: Cluster
    hosts: dict[str, Host]
    balancer: subprocess.Popen[bytes]
    people: People
    sms: Sms

    def machine(self, name: str, number: signal.Signals) -> None:
        """To everything that runs on a machine."""
        if name in self.hosts:
            _signal(self.hosts[name].pids(), number)
            return
        pids = [
            pid
            for part in (f"{name}-patroni", f"{name}-etcd")
            if (process := self.cluster.parts[part].process)
            for pid in _tree(process.pid)
        ]
        with suppress(OSError, ValueError):
            pids += _tree(self.cluster.postmaster(name))
        _signal(pids, number)

    def revive(self, name: str) -> None:
        """A machine that was killed is switched on."""
        if name in self.hosts:
            self.hosts[name].start()
            return
        for part in (f"{name}-etcd", f"{name}-patroni"):
            self.cluster.parts[part].end(signal.SIGKILL)
            self.cluster.parts[part].start()

    def kill(self, name: str) -> None:
        self.hosts[name].kill() if name in self.hosts else self.machine(name, signal.SIGKILL)

    def keep_logs(self) -> None:
        """Of what does not come back by itself, into bench/out/cluster-logs."""
        kept = ours.OUT / "cluster-logs"
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True)
        for log in self.cluster.folder.glob("**/*.log"):
            shutil.copy(log, kept / f"{log.parent.name}-{log.name}")
        for name, host in self.hosts.items():
            shutil.copy(host.product.log_file, kept / f"{name}.log")

    def is_whole(self) -> bool:
        """A leader and a standby, every host of pages ready, both workers at work."""
        if not (self.cluster.leader() and self.cluster.standby()):
            return False
        if not all(is_ready(f"http://{HOSTS[name]}:8022") for name in PAGES):
            return False
        late = "SELECT count(*) FROM events_event WHERE pending AND at < now() - interval '10 s'"
        lease = "SELECT count(*) FROM jobs_lease WHERE name = 'bridge' AND until > clock_timestamp()"
        with suppress(AssertionError, subprocess.TimeoutExpired):
            return self.cluster.ask(f"SELECT ({late}), ({lease})", within=10) == [("0", "1")]
        return False


@dataclass(frozen=True)
class Fault:
    """Something that happens to a machine or a process, and its end. `machine` is asked for when it begins."""

    name: str
    bar: float
    machine: Callable[[Town], str]
    begin: Callable[[Town, str], None]
    end: Callable[[Town, str], None]
    hold: float = 12.0  # seconds at least


def _primary(town: Town) -> str:
    return town.cluster.leader()


def _standby(town: Town) -> str:
    return town.cluster.standby()


def _of(name: str) -> Callable[[Town], str]:
    return lambda _town: name


def _freeze(town: Town, name: str) -> None:
    town.machine(name, signal.SIGSTOP)


def _thaw(town: Town, name: str) -> None:
    town.machine(name, signal.SIGCONT)


def _cut(town: Town, name: str) -> None:
    ip("link", "set", f"v-{name}", "down")


def _mend(town: Town, name: str) -> None:
    ip("link", "set", f"v-{name}", "up")


def _to_part(name: str, number: signal.Signals) -> Callable[[Town, str], None]:
    """To HAProxy or PgBouncer of a host, or to an etcd (its machine is the part's own name)."""

    def act(town: Town, machine: str) -> None:
        part = town.hosts[machine].parts[name] if machine in town.hosts else town.cluster.parts[f"{machine}-{name}"]
        _signal(_tree(part.process.pid) if part.process else [], number)

    return act


def _start_part(name: str) -> Callable[[Town, str], None]:
    def act(town: Town, machine: str) -> None:
        part = town.hosts[machine].parts[name] if machine in town.hosts else town.cluster.parts[f"{machine}-{name}"]
        part.end(signal.SIGKILL)
        part.start()

    return act


def _kill_postgres(town: Town, name: str) -> None:
    os.kill(town.cluster.postmaster(name), signal.SIGKILL)


def _nothing(town: Town, name: str) -> None:
    return None


def _etcd(number: signal.Signals) -> Callable[[Town, str], None]:
    def act(town: Town, _name: str) -> None:
        for machine in MACHINES:
            _to_part("etcd", number)(town, machine)

    return act


def _start_etcd(town: Town, _name: str) -> None:
    for machine in MACHINES:
        _start_part("etcd")(town, machine)


def faults() -> list[Fault]:
    rows = [Fault("the primary's PostgreSQL killed", KILLED, _primary, _kill_postgres, _nothing)]
    machines = (
        ("the primary's machine", _primary),
        ("the standby's machine", _standby),
        ("a host of pages", _of("a1")),
        ("a host of workers", _of("b1")),
    )
    for what, which in machines:
        rows += [
            Fault(f"{what} killed", AWAY, which, Town.kill, Town.revive),
            Fault(f"{what} frozen", AWAY, which, _freeze, _thaw, hold=30),
            Fault(f"{what} cut off", AWAY, which, _cut, _mend, hold=30),
        ]
    parts = (
        ("an etcd", "w1", "etcd"),
        ("HAProxy of a host", "a1", "haproxy"),
        ("PgBouncer of a host", "a1", "pgbouncer"),
    )
    for what, machine, part in parts:
        kill, stop, go = (_to_part(part, one) for one in (signal.SIGKILL, signal.SIGSTOP, signal.SIGCONT))
        rows += [
            Fault(f"{what} killed", KILLED, _of(machine), kill, _start_part(part)),
            Fault(f"{what} frozen", AWAY, _of(machine), stop, go),
        ]
    rows.append(Fault("all of etcd killed", KILLED, _of(""), _etcd(signal.SIGKILL), _start_etcd, hold=25))
    return [one for one in rows if ONLY in one.name]


def _gap(moments: list[float], begun: float, ended: float) -> float:
    own = [begun, *(at for at in moments if begun < at < ended), ended]
    return max(after - before for before, after in pairwise(own))


def _within(seconds: float, what: Callable[[], bool]) -> bool:
    """Whether it comes about; what comes too late is said, and the next fault comes all the same."""
    with suppress(AssertionError):
        return bool(wait_until(what, seconds, every=0.5))
    return False


def suffer(town: Town, fault: Fault) -> dict[str, Any]:
    """One fault from its beginning until all is as before."""
    people, machine = town.people, fault.machine(town)
    before, begun = Counter(people.refused), time.monotonic()
    fault.begin(town, machine)
    time.sleep(fault.hold)
    taken = _within(90, lambda: sum(at > time.monotonic() - 3 for at in people.acks) > RATE)
    fault.end(town, machine)
    if not (whole := _within(180, town.is_whole)):
        town.keep_logs()
    ended = time.monotonic()
    return {
        "fault": fault.name,
        "machine": machine,
        "write_gap": round(_gap(people.acks, begun, ended), 1),
        "read_gap": round(_gap(people.reads, begun, ended), 1),
        "slow_reads": [what for at, what in people.slow if at > begun],
        "refused": dict(Counter(people.refused) - before),
        "bar": fault.bar,
        "whole": whole,
        "whole_after": round(ended - begun, 1),
        "wrong": [
            *([] if taken else ["no reports after 90 s"]),
            *([] if whole else ["not whole after 180 s"]),
        ],
    }


def restart(town: Town) -> dict[str, Any]:
    """Each host in turn ends as `systemctl restart` ends it, and starts again."""
    before, begun = len(town.people.refused), time.monotonic()
    for host in town.hosts.values():
        host.product.stop(signal.SIGTERM)
        host.product.start()
        wait_until(town.is_whole, 120, every=1, why="all is as before")
    ended = time.monotonic()
    return {
        "fault": ROLLING,
        "write_gap": round(_gap(town.people.acks, begun, ended), 1),
        "read_gap": round(_gap(town.people.reads, begun, ended), 1),
        "bar": READ_GAP,
        "refused": town.people.refused[before:],
    }


def _cpu(host: Host) -> float:
    """Seconds that its processes of pages have used."""
    used = 0.0
    for pid in host.product.children("caunoi.cli web") if host.product.runs else []:
        with suppress(psutil.NoSuchProcess):
            times = psutil.Process(pid).cpu_times()
            used += times.user + times.system
    return used


def share(town: Town, seconds: float = 30) -> dict[str, float]:
    """What a report and what else is asked beside it cost in CPU with two hosts of pages, and with one."""

    def cost() -> float:
        hosts = [town.hosts[name] for name in PAGES]
        before, acks = [_cpu(host) for host in hosts], len(town.people.acks)
        time.sleep(seconds)
        used = sum(_cpu(host) for host in hosts) - sum(before)
        return used / max(1, len(town.people.acks) - acks)

    two = cost()
    town.hosts["a2"].product.stop()
    time.sleep(3)
    one = cost()
    town.hosts["a2"].product.start()
    wait_until(town.is_whole, 120, every=1, why="all is as before")
    return {"ms_two": round(two * 1000, 2), "ms_one": round(one * 1000, 2), "ratio": round(one / two, 2)}


def truth(town: Town) -> dict[str, int]:
    """Of what was acknowledged: what is not there, what is there twice; and who was told the same twice."""
    told = town.cluster.ask(r"SELECT substring(text from 'bao\w+$'), code FROM tickets_ticket WHERE text ~ 'bao\w+$'")
    counted, there = Counter(word for word, _code in told), dict(told)
    texts = Counter((one["to"], one["text"]) for one in town.sms.sent)
    odd = contradictions(town.people.histories)
    print(*odd[:10], sep="\n", flush=True)
    return {
        "reads_in_order": sum(one.reads() for one in town.people.histories),
        "contradictions": len(odd),
        "acknowledged": len(town.people.acknowledged),
        "lost": sum(there.get(word) != code for word, code in town.people.acknowledged.items()),
        "twice": sum(count > 1 for count in counted.values()),
        "texts": len(town.sms.sent),
        "told_twice": sum(count > 1 for count in texts.values()),
    }


@contextmanager
def town() -> Iterator[Town]:
    room = Path(tempfile.mkdtemp(prefix="bench-cluster-"))
    room.chmod(0o711)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, room, ignore_errors=True)
        stack.enter_context(net())
        cluster = stack.enter_context(Cluster())
        cluster.run(cluster.leader(), "pgbackrest", "--stanza=caunoi", "stanza-create")
        sms = Sms()
        sms.start()
        stack.callback(sms.stop)
        alone = Product(room / "alone" / "home", {"CAUNOI_DEMO": "1"})
        alone.home.parent.mkdir()
        alone.start()
        port = free_port()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
            quan = Person(browser, alone.address).sign_in("quan")
            page = quan.at("/setup/inboxes/sms/edit")
            for name, value in {**sms.settings("vnpt"), **sms.secrets()}.items():
                control = page.locator(f"[name=inbox-{name}]")
                choice = control.evaluate("e => e.tagName") == "SELECT"
                (control.select_option if choice else control.fill)(str(value))
            with page.expect_navigation():
                page.locator("main form button[value=save]").click()
            alone.stop()
            template = moved(cluster, alone)
            template.environ["DATABASE_READ_URL"] = cluster.url(PRODUCT, port="5001")
            template.environ["CAUNOI_LEAVE_SECONDS"] = "5"
            template.environ["CAUNOI_PUBLIC_URL"] = f"http://127.0.0.1:{port}"
            typed(template, "migrate")
            for option in ("reports_per_hour", "writes_per_link"):
                cluster.ask(f"INSERT INTO directory_option (name, value) VALUES ('{option}', '1000000')")
            hosts = {name: Host.made(name, cluster, template, room, int(sms.url.rpartition(":")[2])) for name in HOSTS}
            for host in hosts.values():
                stack.callback(host.kill)
                host.start()
            pages = {name: f"{HOSTS[name]}:8022" for name in PAGES}
            own = int(sms.url.rpartition(":")[2])  # the hosts' way to the provider of texts
            texts = f"listen texts\n    mode tcp\n    bind {GATE}:{own}\n    server own 127.0.0.1:{own}\n"
            front_door = balancer(room, port, pages, texts)
            stack.callback(front_door.kill)
            front = f"http://127.0.0.1:{port}"
            wait_until(lambda: is_ready(front), 60, why="the balancer answers")
            staff = [Person(browser, front).sign_in(who) for who in ("lan", "phong")]
            cookies = ["; ".join(f"{one['name']}={one['value']}" for one in who.context.cookies()) for who in staff]
            browser.close()
        yield Town(cluster, hosts, front_door, People(front, *cookies), sms)


def main() -> int:
    if lacks := [tool for tool in TOOLS if not shutil.which(tool)] or ([] if os.geteuid() == 0 else ["root"]):
        print(f"skipped: needs {', '.join(lacks)}")
        return 0
    rows: list[dict[str, Any]] = []
    with town() as place:
        with place.people.at_work():
            time.sleep(20)
            wait_until(place.is_whole, 120, every=1, why="all is there")
            begun = time.monotonic()
            time.sleep(15)
            calm = round(len([at for at in place.people.acks if at > begun]) / 15, 1)
            print(f"undisturbed: {calm} reports a second, {DESKS} desks", flush=True)
            for fault in faults():
                for _ in range(TIMES):
                    if rows and not rows[-1]["whole"]:
                        break  # it does not come back: nothing more is to be learnt
                    rows.append(suffer(place, fault))
                    print(
                        "{fault}: writes {write_gap} s (bar {bar:.0f}), reads {read_gap} s, whole after {whole_after} s"
                        " {wrong} {slow_reads}".format(**rows[-1]),
                        flush=True,
                    )
            if ONLY == RESTART or (not ONLY and len(rows) == len(faults()) * TIMES):
                rows.append(restart(place))
                print("rolling restart: {} refused, writes {write_gap} s".format(len(rows[-1]["refused"]), **rows[-1]))
                added = share(place)
                print("CPU of pages a report: two hosts {ms_two} ms, one {ms_one} ms ({ratio})".format(**added))
            else:
                added = {}
        _within(120, place.is_whole)
        found = truth(place)
        print(found, dict(place.people.statuses), flush=True)
    ours.OUT.mkdir(parents=True, exist_ok=True)
    result = {"rate": RATE, "desks": DESKS, "calm": calm, "rows": rows, "share": added, "truth": found}
    (ours.OUT / "cluster.json").write_text(json.dumps(result, indent=1))
    late = [
        row
        for row in rows
        if row["write_gap"] > row["bar"]
        or row["read_gap"] > READ_GAP
        or row.get("wrong")
        or (row["fault"] == ROLLING and row["refused"])
    ]
    wrong = found["lost"] or found["twice"] or found["told_twice"] or found["contradictions"]
    return 1 if late or wrong or added.get("ratio", 1) < 0.9 else 0
