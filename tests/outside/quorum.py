"""A database cluster as docs/cluster.md makes it, on loopback addresses: two machines with PostgreSQL under Patroni, a
third one for etcd, HAProxy and PgBouncer before the primary, pgBackRest behind it.

Every part runs by its file of deploy/cluster: hosts, ports, paths and passwords are replaced, and nothing else."""

import json
import os
import pwd
import random
import re
import shutil
import signal
import ssl
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import IO, Any, Self
from urllib.request import Request, urlopen

import pytest
from cluster import DATABASE, psql, rows
from stage import CHECKOUT, Product, free_port, wait_until

EXAMPLES = CHECKOUT / "deploy" / "cluster"
TOOLS = ("etcd", "etcdctl", "patroni", "patronictl", "pgbouncer", "haproxy", "pgbackrest", "openssl")
MACHINES = {"db1": "10.22.0.11", "db2": "10.22.0.12", "w1": "10.22.0.13"}
SERVERS = ("db1", "db2")
PORTS = ("2379", "2380", "8008", "5432", "5000", "5001", "6432")
OWNER, PRODUCT = "caunoi", "caunoi_product"


def _programs() -> Path:
    """The newest server of Debian's; the product's own is newer than what Debian's Patroni knows."""
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    servers = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if missing or not servers or os.geteuid() != 0:
        why = f"missing: {', '.join(missing)}" if missing else "PostgreSQL of Debian's, and root, are needed"
        pytest.fail(why) if os.environ.get("CI") else pytest.skip(why)
    return servers[-1]


@dataclass
class Part:
    """One process of the cluster, and how it is started."""

    name: str
    words: list[str]
    place: "Quorum"
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.place.folder / f"{self.name}.log"

    def start(self) -> None:
        with self.log.open("ab") as out:
            self.process = self.place.begin(self.name, self.words, out)

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self.process:
            self.process.send_signal(how)
            self.process.wait(60)
        self.process = None


@dataclass
class Quorum:
    """`with Quorum() as quorum`: a leader, a synchronous standby, and the product's database made."""

    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="quorum-")))
    programs: Path = field(default_factory=_programs)
    parts: dict[str, Part] = field(default_factory=dict)
    network: str = "127.0.0.0/8"

    def __post_init__(self) -> None:
        net = f"127.{random.randint(1, 254)}.{random.randint(1, 254)}"
        self.address = {name: f"{net}.{example.rpartition('.')[2]}" for name, example in MACHINES.items()}
        self.port = {port: str(free_port()) for port in PORTS}
        self.secrets = {f"CHANGE-{n}": f"bi-mat-{n}-{random.randint(10**6, 10**7)}" for n in range(1, 5)}
        self.passwords = {name: f"mk-{name}-{random.randint(10**6, 10**7)}" for name in (OWNER, PRODUCT)}
        self.who = pwd.getpwnam("postgres")

    # --- the files ----------------------------------------------------------------------------------------------------

    def example(self, name: str, machine: str = "") -> Path:
        """A file of deploy/cluster for a machine, with addresses, ports, paths and passwords of this place."""
        text = (EXAMPLES / name).read_text("utf-8")
        if machine:
            own = {"db1": machine, MACHINES["db1"]: MACHINES[machine]}
            lines = text.splitlines(keepends=True)
            text = "".join(_replaced(line, own) if "# this machine" in line else line for line in lines)
        place = self.folder / (machine or "w1")
        text = _replaced(
            text,
            {
                "10.22.0.0/24": self.network,
                **{MACHINES[one]: self.address[one] for one in MACHINES},
                "/etc/caunoi-cluster": f"{self.folder}/tls",
                "/etc/pgbouncer": f"{place}",
                "/usr/lib/postgresql/17/bin": str(self.programs),
                "/var/lib/postgresql/17/caunoi": f"{place}/data",
                "/var/lib/postgresql": f"{place}",
                "/var/lib/etcd/caunoi": f"{place}/etcd",
                "/var/run/postgresql": f"{place}",
                "/var/log/postgresql": f"{place}",
                "/backups/pgbackrest": f"{self.folder}/backups",
                **self.secrets,
            },
        )
        text = re.sub(rf"\b({'|'.join(PORTS)})\b", lambda found: self.port[found[1]], text)
        path = place / name
        path.write_text(text, "utf-8")
        self._give(path, 0o600)
        return path

    def _give(self, path: Path, mode: int) -> None:
        path.chmod(mode)
        os.chown(path, self.who.pw_uid, self.who.pw_gid)

    def how(self, name: str) -> dict[str, Any]:
        machine = self.folder / name.partition("-")[0]
        environ = {
            "PATH": f"{self.programs}:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": str(machine),
            "LANG": "C.UTF-8",
            "PGBACKREST_CONFIG": str(machine / "pgbackrest.conf"),
            "PGBACKREST_LOG_PATH": str(machine),
            "PGBACKREST_LOCK_PATH": str(machine / "lock"),
        }
        who = {"user": self.who.pw_uid, "group": self.who.pw_gid, "extra_groups": []}
        return {"env": environ, "cwd": machine, **who}

    def begin(self, name: str, words: list[str], out: IO[bytes]) -> subprocess.Popen[bytes]:
        """A process of a machine, named `machine-part`."""
        return subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out, stderr=out, **self.how(name))

    def run(self, machine: str, *words: str | Path, given: str = "", timeout: float = 120) -> str:
        """A command on a machine, as postgres; what it said."""
        done = subprocess.run(words, capture_output=True, text=True, timeout=timeout, input=given, **self.how(machine))
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    # --- beginning and end --------------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        try:
            self._make()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _make(self) -> None:
        self._give(self.folder, 0o755)
        for name in (*MACHINES, "tls", "backups"):
            (self.folder / name).mkdir()
            self._give(self.folder / name, 0o755)
        machines = [f"{name}={address},127.0.0.1" for name, address in self.address.items()]  # where it comes from
        subprocess.run(["sh", EXAMPLES / "certificates.sh", self.folder / "tls", *machines], check=True)
        for path in (self.folder / "tls").iterdir():
            self._give(path, 0o600)
        (self.folder / "tls" / "ca.crt").chmod(0o644)
        for machine in MACHINES:
            config = self.example("etcd.yml", machine)
            debian = ["ETCD_NAME=host", "ETCD_DATA_DIR=/var/lib/etcd/default"]  # what its unit says beside it
            self._part(f"{machine}-etcd", "env", *debian, f"ETCD_CONFIG_FILE={config}", "etcd")
        for machine in SERVERS:
            self.example("pgbackrest.conf", machine)
            self._part(f"{machine}-patroni", "patroni", self.example("patroni.yml", machine))
        self._part("w1-haproxy", "haproxy", "-W", "-f", self.example("haproxy.cfg"))
        users = self.folder / "w1" / "userlist.txt"
        users.write_text(f'"{PRODUCT}" "{self.passwords[PRODUCT]}"\n')
        self._give(users, 0o600)
        self._part("w1-pgbouncer", "pgbouncer", self.example("pgbouncer.ini"))
        for part in self.parts.values():
            part.start()
        wait_until(self.standby, 120, every=0.5, why=f"a leader and a standby; {self.folder}")
        wait_until(self.answers, 30, every=0.5, why="HAProxy's way to the primary")

    def _part(self, name: str, *words: str | Path) -> None:
        self.parts[name] = Part(name, [str(word) for word in words], self)

    def __exit__(self, *rest: object) -> None:
        for part in self.parts.values():  # Patroni first: it would start its PostgreSQL again
            part.end(signal.SIGKILL)
        for machine in SERVERS:
            with suppress(FileNotFoundError, ValueError, ProcessLookupError):
                for pid in (*self.children(machine), self.postmaster(machine)):
                    os.kill(pid, signal.SIGKILL)
        subprocess.run(["rm", "-rf", self.folder], check=False)

    # --- what is asked of it ------------------------------------------------------------------------------------------

    @cached_property
    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.folder / "tls" / "ca.crt"))

    def patroni(self, machine: str, path: str, timeout: float = 2) -> Any:
        """What Patroni of a machine says; None where it says nothing, or no."""
        url = f"https://{self.address[machine]}:{self.port['8008']}{path}"
        with suppress(OSError), urlopen(Request(url), timeout=timeout, context=self.trust) as answer:
            return json.load(answer)
        return None

    def leader(self) -> str:
        return next((machine for machine in SERVERS if self.patroni(machine, "/primary")), "")

    def standby(self) -> str:
        """The synchronous standby that follows; empty where there is none."""
        return next((machine for machine in SERVERS if self.patroni(machine, "/synchronous")), "")

    def url(self, user: str, database: str = DATABASE, *, port: str = "5000") -> str:
        """An address by HAProxy, or by PgBouncer."""
        tls = "" if port == "6432" else f"?sslmode=verify-ca&sslrootcert={self.folder}/tls/ca.crt"
        password = self.passwords.get(user) or self.secrets["CHANGE-1"]
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port[port]}/{database}{tls}"

    def both(self, user: str) -> str:
        """The address with both servers in it."""
        hosts = ",".join(map(self.at, SERVERS))
        return self.url(user).replace(f"127.0.0.1:{self.port['5000']}", hosts) + "&target_session_attrs=read-write"

    def at(self, machine: str) -> str:
        """Where its PostgreSQL itself is."""
        return f"{self.address[machine]}:{self.port['5432']}"

    def answers(self) -> bool:
        with suppress(AssertionError):
            return self.ask("SELECT 1", self.url("postgres", "postgres")) == [("1",)]
        return False

    def ask(self, query: str, address: str = "", within: float = 60) -> list[tuple[str, ...]]:
        """By Debian's psql: the product's own speaks no TLS."""
        with psql(address or self.url(OWNER), query, programs=self.programs) as running:
            try:
                return rows(running, within)
            except subprocess.TimeoutExpired:
                running.kill()
                raise

    # --- what happens to it -------------------------------------------------------------------------------------------

    def postmaster(self, machine: str) -> int:
        return int((self.folder / machine / "data" / "postmaster.pid").read_text().split("\n", 1)[0])

    def children(self, machine: str) -> list[int]:
        parent = str(self.postmaster(machine))
        return [int(pid) for pid in subprocess.run(["pgrep", "-P", parent], capture_output=True).stdout.split()]

    def signal(self, machine: str, number: signal.Signals, *, patroni_alone: bool = False) -> None:
        """To Patroni and its PostgreSQL, all of its processes."""
        patroni = self.parts[f"{machine}-patroni"].process
        assert patroni
        for pid in (patroni.pid, *([] if patroni_alone else [self.postmaster(machine), *self.children(machine)])):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def patronictl(self, *words: str, given: str = "") -> str:
        config = self.folder / "db1" / "patroni.yml"
        return self.run("db1", "patronictl", "-c", config, *words, given=given)


def _replaced(text: str, words: dict[str, str]) -> str:
    for word, other in words.items():
        text = text.replace(word, other)
    return text


def moved(quorum: Quorum, alone: Product) -> Product:
    """From one machine to the cluster, as docs/cluster.md says: a database and its roles, a backup of what there was,
    and that restored into it."""
    quorum.ask(f"CREATE ROLE {OWNER} LOGIN PASSWORD '{quorum.passwords[OWNER]}'", quorum.url("postgres", "postgres"))
    quorum.ask(f"CREATE DATABASE {DATABASE} OWNER {OWNER}", quorum.url("postgres", "postgres"))
    environ = {
        "DATABASE_URL": quorum.url(PRODUCT, port="6432"),
        "DATABASE_DIRECT_URL": quorum.url(PRODUCT),
        "DATABASE_OWNER_URL": quorum.url(OWNER),
        "CAUNOI_DEMO": "1",
    }
    roles = typed(alone, "roles").replace("choose one", quorum.passwords[PRODUCT])
    quorum.ask(roles, quorum.url("postgres"))
    backup = str(alone.home.parent / "moved")
    typed(alone, "backup", backup)
    product = Product(alone.home, environ)
    typed(product, "restore", "--force", backup)
    return product


def typed(product: Product, *words: str) -> str:
    done = product.shell(*words, timeout=400)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
