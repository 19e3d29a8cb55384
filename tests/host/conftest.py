"""Real servers and processes in homes of their own."""

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
