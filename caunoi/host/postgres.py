"""The embedded database server: one a home, kept by a lock that every process of the server holds.

The server is started in its data folder and told that its data and its socket are in `/proc/self/cwd`, so neither a
closed parent folder nor a long path nor a space or a comma in it is ever met. As root it runs as another user.
"""

import fcntl
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from caunoi.host import binaries, grants
from caunoi.host.handover import Adopted
from caunoi.host.home import prepare
from caunoi.host.lifeline import tie

HERE = "/proc/self/cwd"
OWNER = "caunoi"  # of the tables, and a superuser; whoever may enter the data folder may be it
LONGEST = 85  # bytes of a folder whose socket every client can still name (107 with its own name and a reserve)
PATIENCE = 120.0  # seconds: recovery after a crash reads up to max_wal_size of log
SETTINGS = {
    "max_connections": "60",
    "shared_buffers": "128MB",
    "effective_cache_size": "1GB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "fsync": "on",
    "synchronous_commit": "on",  # what was acknowledged is on disk
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_min_duration_statement": "2s",
}
ALWAYS = {"max_slot_wal_keep_size": "4GB"}  # an archive that is away does not fill the disk of the database


class ServerStartError(Exception):
    """The server does not start; the message ends with its output."""


def data(home: Path) -> Path:
    """The data folder of the home's server."""
    return home / "postgres"


def parameters(home: Path) -> dict[str, Any]:
    """How the owner reaches the home's server: host (a folder), port, user, dbname; for psycopg and for Django."""
    return {"host": str(_door(data(home))), "port": "5432", "user": OWNER, "dbname": "caunoi"}


def product(home: Path) -> dict[str, Any]:
    """How the product's processes and ordinary commands reach it: as a role that owns nothing (grants.py)."""
    return parameters(home) | {"user": grants.PRODUCT}


def postmaster(home: Path) -> int | None:
    """The process id of the home's running server. An id that another program got since is not taken for it."""
    folder = data(home)
    try:
        pid = int((folder / "postmaster.pid").read_text().split("\n", 1)[0])
        ours = os.path.samefile(f"/proc/{pid}/cwd", folder)
        return pid if ours and Path(f"/proc/{pid}/comm").read_text().strip() == "postgres" else None
    except (OSError, ValueError):
        return None


def ready(home: Path) -> bool:
    """Whether the home's server takes connections."""
    try:
        lines = (data(home) / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[7].strip() == "ready" and postmaster(home) is not None


class Server:
    """The home's server, started by this process or found running.

    `start` must be called in the main thread: the server that it starts is ended by the kernel with that thread.
    """

    def __init__(self, home: Path, settings: Mapping[str, str] | None = None, patience: float = PATIENCE) -> None:
        """`settings` outweigh those of the data folder's postgresql.conf while this server runs; `patience`: seconds
        until it must be ready."""
        self.home = home
        self.settings = {**ALWAYS, **(settings or {})}
        self.patience = patience
        self.log = home / "log" / "postgres.log"
        self.process: subprocess.Popen[bytes] | Adopted | None = None

    def start(self) -> None:
        """Starts the server, or attaches to the one that runs; returns when it is ready.

        NoServerError where there is no fit PostgreSQL, ServerStartError where it does not come up.
        """
        prepare(self.home)
        prepare(self.log.parent)
        until = time.monotonic() + self.patience
        with open(self.home / "postgres.lock", "w") as lock:
            while not ready(self.home):
                if _take(lock.fileno()):
                    self._run(lock.fileno(), until)
                    return
                if postmaster(self.home) is None:
                    _end_orphans(data(self.home))
                if time.monotonic() > until:
                    raise ServerStartError(f"another process keeps {lock.name}, and no server becomes ready")
                time.sleep(0.05)

    def running(self) -> bool:
        """Whether the server, ours or not, is alive. Reaps our own when it has died."""
        if self.process is not None and self.process.poll() is not None:
            self.process = None
        return postmaster(self.home) is not None

    def stop(self) -> None:
        """Ends the server if this process started it: fast, then at once, then by force."""
        if self.process is None:
            return
        for number, seconds in ((signal.SIGINT, 10), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
            self.process.send_signal(number)
            try:
                self.process.wait(seconds)
                break
            except subprocess.TimeoutExpired:
                continue
        self.process = None

    def _run(self, lock: int, until: float) -> None:
        if self.process is not None:
            self.process.wait()  # dead, for the lock is ours, but not yet buried
        folder = data(self.home)
        fresh = not (folder / "PG_VERSION").exists()
        programs = binaries.find(None if fresh else int((folder / "PG_VERSION").read_text()))
        user = _user(folder)
        if user is not None:
            programs = binaries.reachable(programs, user)
        if fresh:
            _initialise(self.home, programs, user, lock)
        if postmaster(self.home) is None:
            (folder / "postmaster.pid").unlink(missing_ok=True)  # the lock says that no process of the server is left
        if self.log.exists() and self.log.stat().st_size > 8_000_000:
            self.log.rename(self.log.with_suffix(".log.1"))
        command = [str(programs.folder / "postgres"), "-D", HERE, "-k", HERE, "-h", "", "-p", "5432"]
        command += [f"--{name}={value}" for name, value in self.settings.items()]
        while True:
            start = self.log.stat().st_size if self.log.exists() else 0
            with open(self.log, "ab") as log:
                process: subprocess.Popen[bytes] = subprocess.Popen(
                    command, stdout=log, stderr=log, preexec_fn=tie(signal.SIGINT), **_place(folder, user, lock)
                )
            self.process = process
            while process.poll() is None:
                if ready(self.home):
                    return
                if time.monotonic() > until:
                    self.stop()
                    raise ServerStartError(
                        f"the database server was not ready after {self.patience:.0f} s; see {self.log}"
                    )
                time.sleep(0.01)
            output = self.log.read_bytes()[start:].decode("utf-8", "replace").strip()
            self.process = None
            if "shared memory block" not in output or time.monotonic() > until:  # the kernel may keep it a moment
                raise ServerStartError(f"the database server does not start (see {self.log}):\n{output[-1500:]}")
            time.sleep(0.2)


@contextmanager
def serving(home: Path) -> Iterator[Server]:
    """The home's server for the length of a block: found running and left so, or started and stopped."""
    server = Server(home)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def adopt(folder: Path) -> None:
    """Gives a data folder that we wrote to the user whom the server runs as."""
    folder.chmod(0o700)
    if (user := _user(folder)) is None:
        return
    group = pwd.getpwuid(user).pw_gid
    for root, folders, files in os.walk(folder):
        for name in (".", *folders, *files):
            os.chown(Path(root) / name, user, group, follow_symlinks=False)


def forget(home: Path) -> None:
    """A home that is to be removed: no short link to its data is left."""
    if (door := _door(data(home))) != data(home):
        door.unlink(missing_ok=True)
        with suppress(OSError):  # others' links are in it
            door.parent.rmdir()


def _take(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _user(folder: Path) -> int | None:
    """As root: the user to run as, who owns the data or is called for it. Else None, ourselves."""
    if os.geteuid() != 0:
        return None
    if folder.exists() and (owner := folder.stat().st_uid):
        return owner
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    raise ServerStartError("PostgreSQL does not run as root, and there is no user `postgres` or `nobody` to run it as")


def _place(folder: Path, user: int | None, lock: int) -> dict[str, Any]:
    """What every program of the server is started with: its folder, its user, the lock."""
    whom: dict[str, Any] = {}
    if user is not None:
        whom = {"user": user, "group": pwd.getpwuid(user).pw_gid, "extra_groups": []}
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    return {"cwd": folder, "env": clean, "pass_fds": (lock,), "start_new_session": True, **whom}


def _initialise(home: Path, programs: binaries.Binaries, user: int | None, lock: int) -> None:
    """Makes the data folder with our database in it, whole or not at all."""
    part = home / "postgres.new"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(mode=0o700)
    if user is not None:
        os.chown(part, user, -1)
    locale = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8"]
    tuned = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
    initdb = [str(programs.folder / "initdb"), "-D", HERE, "-U", OWNER, "-A", "trust", "--sync-method=syncfs"]
    for command, statements in (
        ([*initdb, *locale, *tuned], ""),
        (
            [str(programs.folder / "postgres"), "--single", "-D", HERE, "postgres"],
            f"CREATE ROLE {grants.PRODUCT} {grants.ATTRIBUTES.as_string()}\nCREATE DATABASE caunoi\n",
        ),
    ):
        done = subprocess.run(command, input=statements, capture_output=True, text=True, **_place(part, user, lock))
        if done.returncode:
            raise ServerStartError(f"{command[0]} failed:\n{(done.stdout + done.stderr)[-1500:]}")
    part.rename(data(home))


def _end_orphans(folder: Path) -> None:
    """Ends what is left of a server whose postmaster was killed: a backend in a long query would go on for hours."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            backend = (process / "cmdline").read_bytes().startswith(b"postgres: ")  # a postmaster has another title
            if backend and os.path.samefile(process / "cwd", folder) and postmaster(folder.parent) is None:
                os.kill(int(process.name), signal.SIGKILL)
        except OSError:
            continue


def _door(folder: Path) -> Path:
    """The folder as clients name it: a short link where its own path is too long or has a comma, which libpq splits."""
    if len(os.fsencode(folder)) <= LONGEST and "," not in str(folder):
        return folder
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    rooms = [Path(place) / f"caunoi-{os.geteuid()}" for place in (tempfile.gettempdir(), "/tmp")]  # noqa: S108
    room = next((each for each in rooms if len(os.fsencode(each / name)) <= LONGEST), rooms[-1])
    room.mkdir(mode=0o700, exist_ok=True)
    if room.is_symlink() or room.stat().st_uid != os.geteuid():
        raise ServerStartError(f"{room} belongs to someone else: remove it, or set TMPDIR")
    link = room / name
    if not link.is_symlink():
        try:
            link.symlink_to(folder)
        except FileExistsError:
            pass
    return link
