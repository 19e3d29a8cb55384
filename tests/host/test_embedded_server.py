"""The embedded database server: one a home, whatever happened before.

Proves: `make run` from a bare checkout; second start in seconds; as root; long paths, spaces, 0700 homes"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from caunoi.host import postgres
from caunoi.host.binaries import NoServerError

type Connect = Callable[[Path], psycopg.Connection]
type Until = Callable[..., bool]


def test_it_runs_in_a_long_path_with_spaces_and_knows_vietnamese(
    home: Path, server: postgres.Server, connect: Connect
) -> None:
    with connect(home) as connection:
        row = connection.execute("SELECT lower('ĐƯỜNG'), current_setting('TimeZone'), current_user").fetchone()
    assert row == ("đường", "UTC", "caunoi")
    assert len(postgres.parameters(home)["host"]) <= postgres.LONGEST


def test_what_is_acknowledged_is_durable(home: Path, server: postgres.Server, connect: Connect) -> None:
    with connect(home) as connection:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            assert connection.execute(f"SHOW {name}").fetchone() == ("on",)


def test_nobody_else_can_read_the_data(home: Path, server: postgres.Server) -> None:
    assert home.stat().st_mode & 0o77 == 0
    assert postgres.data(home).stat().st_mode & 0o77 == 0


def test_a_second_starter_attaches_and_leaves_it_running(home: Path, server: postgres.Server) -> None:
    with postgres.serving(home) as second:
        assert second.process is None
        assert second.running()
    assert postgres.ready(home)


def test_after_the_server_is_killed_it_starts_again_though_a_backend_is_still_busy(
    home: Path, server: postgres.Server, connect: Connect, until: Until, gone: Callable[[int], bool]
) -> None:
    with connect(home) as connection, connect(home) as busy:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (n int)")
        connection.execute("INSERT INTO kept VALUES (1)")
        backend = busy.info.backend_pid
        os.kill(backend, signal.SIGSTOP)  # like a query that does not look around for hours
        pid = postgres.postmaster(home)
        assert pid
        os.kill(pid, signal.SIGKILL)
        assert until(lambda: not server.running())
        server.start()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    with connect(home) as connection:
        assert connection.execute("SELECT count(*) > 0 FROM kept").fetchone() == (True,)
    assert gone(backend)


def test_a_process_id_that_another_program_got_since_does_not_fool_it(
    home: Path, server: postgres.Server, connect: Connect
) -> None:
    server.stop()
    (postgres.data(home) / "postmaster.pid").write_text(f"{os.getpid()}\n{postgres.data(home)}\n1\n5432\n\n\n\nready\n")
    assert postgres.postmaster(home) is None
    server.start()
    with connect(home) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_it_ends_with_the_process_that_started_it_even_by_kill_9(home: Path, until: Until) -> None:
    code = "import sys, pathlib; from caunoi.host import postgres; postgres.Server(pathlib.Path(sys.argv[1])).start()"
    with subprocess.Popen(
        [sys.executable, "-c", code + "; print('up', flush=True); sys.stdin.read()", str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as starter:
        assert starter.stdout
        assert starter.stdout.readline() == b"up\n"
        assert postgres.ready(home)
        starter.kill()
    assert until(lambda: postgres.postmaster(home) is None)


def test_a_reason_is_given_when_it_does_not_start(home: Path, server: postgres.Server) -> None:
    server.stop()
    with pytest.raises(postgres.ServerStartError, match="nonsense"):
        postgres.Server(home, {"shared_buffers": "nonsense"}).start()


def test_data_of_a_version_that_is_not_here_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("12\n")
    with pytest.raises(NoServerError, match=r"no PostgreSQL 12 found; looked at: .*"):
        postgres.Server(tmp_path).start()


def test_someone_elses_lock_is_named(tmp_path: Path) -> None:
    with open(tmp_path / "postgres.lock", "w") as lock:
        assert postgres._take(lock.fileno())
        with pytest.raises(postgres.ServerStartError, match=r"another process keeps .*postgres\.lock"):
            postgres.Server(tmp_path, patience=0.1).start()
