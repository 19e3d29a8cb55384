"""Real servers and processes in homes of their own.

Proves: health, metrics, JSON logs, `caunoi doctor`, backup and restore"""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from caunoi.host import postgres


@pytest.fixture
def until() -> Callable[..., bool]:
    """Whether something becomes true in time."""

    def wait(true: Callable[[], object], seconds: float = 15) -> bool:
        end = time.monotonic() + seconds
        while not true():
            if time.monotonic() > end:
                return False
            time.sleep(0.01)
        return True

    return wait


@pytest.fixture
def gone() -> Callable[[int], bool]:
    """Whether a process is no more (or waits to be buried)."""

    def look(pid: int) -> bool:
        try:
            return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
        except OSError:
            return True

    return look


@pytest.fixture
def connect() -> Callable[[Path], psycopg.Connection]:
    """A connection to the server of a home."""
    return lambda home: psycopg.connect(**postgres.parameters(home), autocommit=True)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in a folder that is long, has spaces, a comma and Vietnamese letters."""
    return tmp_path_factory.mktemp("x" * 60) / "nhà, của tôi" / ("y" * 40)


@pytest.fixture
def server(home: Path) -> Iterator[postgres.Server]:
    server = postgres.Server(home)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an empty database on a server of one's own, an old one."""
    programs = Path("/usr/lib/postgresql/15/bin")
    place = Path(tempfile.mkdtemp(prefix="own-server-"))  # short: it holds the socket
    whom: dict[str, object] = {}
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        os.chown(place, user.pw_uid, user.pw_gid)
        whom = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    data = place / "data"
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", "caunoi", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"],
        check=True,
        capture_output=True,
        cwd=place,
        **whom,
    )
    process = subprocess.Popen(
        [programs / "postgres", "-D", data, "-k", place, "-h", ""], cwd=place, stderr=subprocess.DEVNULL, **whom
    )
    address = f"postgresql://caunoi@/postgres?host={place}"
    try:
        end = time.monotonic() + 30
        while True:
            try:
                with psycopg.connect(address, autocommit=True) as server:
                    server.execute("CREATE DATABASE own")
                break
            except psycopg.OperationalError:
                assert time.monotonic() < end
                time.sleep(0.05)
        yield address.replace("/postgres?", "/own?")
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(place)
