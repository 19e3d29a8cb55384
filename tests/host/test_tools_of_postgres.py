"""Backups are written and read by the newest tools there are, and never over a database that is in use."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from caunoi.host import backup, binaries, clients, guard, postgres
from caunoi.host.home import KEYS, MASTER

NO_TLS = 'pg_dump: error: sslmode value "require" invalid when SSL support is not compiled in'


def fake(folder: Path, version: str, complaint: str = "") -> Path:
    """A folder whose PostgreSQL programs only say their version, or why they do not connect."""
    folder.mkdir(parents=True)
    for name in ("postgres", "pg_dump", "pg_restore"):
        script = f"echo '{name} (PostgreSQL) {version}'\ncase $1 in --dbname*) echo '{complaint}' >&2; exit 1;; esac\n"
        (folder / name).write_text(f"#!/bin/sh\n{script}")
        (folder / name).chmod(0o755)
    return folder


@pytest.mark.parametrize(
    ("bundled", "system", "newest"),
    [("18.6", "15.14", "bundled"), ("18.6", "19.1", "system"), ("18.6", "18.10", "system"), (None, "17.2", "system")],
)
def test_the_newest_tools_are_used_wherever_they_are(
    bundled: str | None, system: str, newest: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = [fake(tmp_path / "bundled", bundled)] if bundled else []
    monkeypatch.setattr(binaries, "_folders", lambda environ: iter(folders))
    monkeypatch.setenv("PATH", f"{fake(tmp_path / 'system', system)}:{os.environ['PATH']}")
    assert binaries.tools({}).name == newest


def test_where_the_database_asks_for_tls_those_that_speak_it_are_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundled = fake(tmp_path / "bundled", "18.6", NO_TLS)
    monkeypatch.setattr(binaries, "_folders", lambda environ: iter([bundled]))
    monkeypatch.setenv("PATH", str(fake(tmp_path / "system", "17.2", "could not connect")))
    for mode, folder in (("require", "system"), ("verify-ca", "system"), ("prefer", "bundled")):
        environ = {"DATABASE_URL": f"postgresql://a:b@db/caunoi?sslmode={mode}"}
        with clients.reach(tmp_path, environ) as (_, tools):
            assert tools.name == folder
    (tmp_path / "system" / "pg_dump").unlink()
    with pytest.raises(binaries.NoServerError, match="install postgresql-client"):
        binaries.tools({}, tls=True)


def test_the_wheels_own_speak_no_tls_and_say_so_at_once() -> None:
    assert not binaries._speaks_tls(binaries.find().folder)


def test_without_any_it_is_said_where_was_looked(tmp_path: Path) -> None:
    with pytest.raises(binaries.NoServerError, match="no pg_dump found; looked at: /nowhere"):
        binaries.tools({"CAUNOI_PG_BIN": "/nowhere"})


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("ALTER TABLE ONLY public.word ALTER COLUMN said SET (pg_attver=22194296);", None),
        (
            "ALTER TABLE ONLY a.b ALTER COLUMN c SET (n_distinct=5, pg_attver=2);",
            "ALTER TABLE ONLY a.b ALTER COLUMN c SET (n_distinct=5);",
        ),
        (
            "ALTER TABLE ONLY a.b ALTER COLUMN c SET (pg_attver=2, n_distinct=5);",
            "ALTER TABLE ONLY a.b ALTER COLUMN c SET (n_distinct=5);",
        ),
        (
            "ALTER TABLE ONLY a.b ALTER COLUMN c SET (n_distinct=5);",
            "ALTER TABLE ONLY a.b ALTER COLUMN c SET (n_distinct=5);",
        ),
        ("SET transaction_timeout = 0;", None),
    ],
)
def test_of_a_script_only_what_other_servers_do_not_know_is_left_out(line: str, kept: str | None) -> None:
    rows = [b"COPY public.word (said) FROM stdin;\n", f"{line}\n".encode(), b"\\.\n"]
    found = list(clients.understood([f"{line}\n".encode(), *rows]))
    assert found == [*([f"{kept}\n".encode()] if kept else []), *rows], "what people wrote stays"


@pytest.fixture
def lived(tmp_path: Path) -> Path:
    """A home with a row and all keys."""
    home = tmp_path / "home"
    with postgres.serving(home), psycopg.connect(**postgres.parameters(home), autocommit=True) as server:
        server.execute("CREATE TABLE word AS SELECT 'mới' AS said")
    for name in KEYS:
        (home / name).write_text(name)
    return home


def url(home: Path) -> str:
    values = postgres.parameters(home)
    return f"postgresql://{values['user']}@/{values['dbname']}?host={values['host']}&port={values['port']}"


def test_a_database_in_use_is_never_replaced_and_an_unused_one_is_dumped_first(
    lived: Path, tmp_path: Path, connect: Callable[[Path], psycopg.Connection]
) -> None:
    kept = tmp_path / "kept"
    kept.mkdir(mode=0o755)
    backup.make(lived, kept, {})
    assert {path.name for path in kept.iterdir()} == {"database.dump", "manifest.json", *KEYS} - {MASTER}
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept.rglob("*")} == {0o600}
    assert stat.S_IMODE(kept.stat().st_mode) == 0o700
    assert backup.lacking(kept) == [MASTER]
    other, fresh = tmp_path / "other", tmp_path / "fresh"
    with postgres.serving(other):
        environ = {"DATABASE_URL": url(other)}
        with connect(other) as server:
            server.execute("CREATE TABLE word AS SELECT 'cũ' AS said")
            with (
                guard.present(postgres.parameters(other), "worker"),
                pytest.raises(
                    guard.LockedError, match=r"the product is running: caunoi worker .* at this machine; stop it first"
                ),
            ):
                backup.restore(fresh, kept, force=True, environ=environ)
            assert server.execute("SELECT said FROM word").fetchone() == ("cũ",)
        assert not fresh.exists()
        with pytest.raises(backup.BackupError, match="has tables; --force keeps a dump"):
            backup.restore(fresh, kept, environ=environ)
        aside = backup.restore(fresh, kept, force=True, environ=environ)
        assert aside
        assert (aside / "database.dump").stat().st_size > 100
        with connect(other) as server:
            assert server.execute("SELECT said FROM word").fetchone() == ("mới",)
    kept_keys = set(KEYS) - {MASTER}
    assert {name: (fresh / name).read_text() for name in kept_keys} == {name: name for name in kept_keys}
