"""A restore and the product are never at the same database at once."""

import signal
import socket
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest

from caunoi import __version__
from caunoi.host import guard, postgres
from caunoi.lib import locks


def test_many_parts_of_the_product_run_beside_each_other_and_none_beside_a_restore(server: postgres.Server) -> None:
    where = postgres.parameters(server.home)
    with (
        guard.present(where, "web"),
        guard.present(where, "worker"),
        pytest.raises(guard.LockedError, match=r"caunoi web .*, caunoi worker .* stop it first, on every host"),
    ):
        guard.alone(where).__enter__()
    with (
        guard.alone(where),
        pytest.raises(guard.LockedError, match="a restore is running: caunoi restore at this machine; try again"),
    ):
        guard.present(where, "web").__enter__()
    with guard.alone(where):
        pass


def test_whoever_lost_the_database_holds_the_lock_again_when_it_is_back(
    server: postgres.Server,
    connect: Callable[[Path], psycopg.Connection],
    until: Callable[..., bool],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(guard, "BEAT", 0.05)
    where = postgres.parameters(server.home)
    ended: list[int] = []
    monkeypatch.setattr(guard, "os", SimpleNamespace(getpid=lambda: 1, kill=lambda pid, number: ended.append(number)))
    with guard.present(where, "web"), connect(server.home) as other:
        cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name LIKE 'caunoi web%'"
        assert other.execute(cut).fetchone() == (1,)
        held = (
            "SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND query = "
            "'SELECT 1'"
        )
        assert until(lambda: other.execute(held).fetchall())  # it was taken, and looked after since
        with pytest.raises(guard.LockedError):
            guard.alone(where).__enter__()
    with guard.present(where, "web"), connect(server.home) as other:
        monkeypatch.setattr(guard, "BEAT", 1.0)
        assert other.execute(cut).fetchone() == (1,)
        with guard.alone(where):  # a restore that came in between
            assert until(lambda: ended == [signal.SIGTERM])


def test_through_a_pooler_no_restore_begins(server: postgres.Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "_is_straight", lambda server: False)
    with pytest.raises(guard.LockedError, match="set DATABASE_DIRECT_URL"):
        guard.alone(postgres.parameters(server.home)).__enter__()
    with guard.present(postgres.parameters(server.home), "web"):  # it runs, and holds nothing that nobody could release
        monkeypatch.undo()
        with guard.alone(postgres.parameters(server.home)):
            pass


def test_it_is_known_which_parts_of_the_release_before_are_at_work(
    server: postgres.Server, connect: Callable[[Path], psycopg.Connection]
) -> None:
    where = postgres.parameters(server.home)
    with connect(server.home) as asks:
        assert guard.generations(asks) == ([], [])
        with guard.present(where, "web"), connect(server.home) as older:
            older.execute("SET application_name = 'caunoi web (another-host)'")
            assert len(guard.generations(asks)[1]) == 1 and guard.generations(asks)[0] == []
            older.execute("SELECT pg_advisory_lock_shared(%s)", [locks.WORKS])
            assert guard.generations(asks)[0] == ["caunoi web (another-host)"]
        with guard.present(where, "worker"):
            assert guard.generations(asks)[0] == []


def test_what_is_at_work_where_and_of_which_release_is_seen(
    server: postgres.Server, connect: Callable[[Path], psycopg.Connection]
) -> None:
    where = postgres.parameters(server.home)
    with connect(server.home) as asks, guard.present(where, "web"), connect(server.home) as other:
        other.execute("SELECT pg_advisory_lock_shared(%s)", [locks.WORKS])
        other.execute("SET application_name = 'caunoi worker g3 (another-host)'")
        parts = {one.name: one for one in guard.parts(asks)}
        assert {one.version for one in parts.values()} == {"?", __version__} and parts["worker"].host == "another-host"
        assert parts["web"].host == socket.gethostname() and 0 <= parts["web"].quiet < guard.BEAT * 2
