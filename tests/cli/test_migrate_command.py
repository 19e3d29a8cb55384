"""Bringing tables up to date holds nobody up: who waits to change one waits for a moment, and comes again.

Proves: `caunoi migrate` beside a reader that does not end: nobody who comes after waits behind it for more than a
moment; it goes on when the table is free, and says who was at it when it never is"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection, transaction

from caunoi.cli import migrate
from caunoi.host import releases
from caunoi.jobs import direct
from caunoi.vault.models import DataKey

TABLE = "jobs_periodictask"


@pytest.fixture
def own(transactional_db: None) -> Iterator[psycopg.Connection]:
    with direct.session() as session:
        yield session


@contextmanager
def reader() -> Iterator[Callable[[], None]]:
    """Somebody reads the table in a transaction that does not end, as a dump does; what is given ends it."""
    with psycopg.connect(**direct.parameters(), application_name="a long dump") as session:
        session.execute(f"SELECT count(*) FROM {TABLE}".encode())
        yield session.rollback


def change() -> None:
    with connection.execute_wrapper(migrate.for_a_moment), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.execute(f"ALTER TABLE {TABLE} ADD COLUMN IF NOT EXISTS noon integer")
        cursor.execute("SELECT current_setting('lock_timeout')")
        assert cursor.fetchone() == ("0",), "what waits for rows is not hurried"
        cursor.execute(f"ALTER TABLE {TABLE} DROP COLUMN noon")


def change_last() -> None:
    """A migration whose foreign keys are made at its end, as Django makes them."""
    with connection.execute_wrapper(migrate.for_a_moment), connection.schema_editor() as editor:
        editor.execute("SELECT 1")
        editor.deferred_sql.append(f"ALTER TABLE {TABLE} ADD COLUMN IF NOT EXISTS noon integer")
        editor.deferred_sql.append(f"ALTER TABLE {TABLE} DROP COLUMN noon")


def test_what_a_migration_does_last_gives_way_too(
    own: psycopg.Connection, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(migrate, "PAUSE", 0.05)
    with reader() as end:
        threading.Timer(1.2, end).start()
        migrate.in_turn(own, change_last)
    assert not connection.in_atomic_block
    assert capsys.readouterr().err.count("\n") == 1


def test_a_change_gives_way_and_goes_on_when_the_table_is_free(
    own: psycopg.Connection, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(migrate, "PAUSE", 0.05)
    longest, over = [0.0], threading.Event()

    def others() -> None:
        with psycopg.connect(**direct.parameters(), autocommit=True) as session:
            while not over.is_set():
                began = time.monotonic()
                session.execute(f"SELECT count(*) FROM {TABLE}".encode())
                longest[0] = max(longest[0], time.monotonic() - began)

    with reader() as end:
        began = time.monotonic()
        with pytest.raises(OperationalError):
            change()
        assert time.monotonic() - began < 5
        somebody = threading.Thread(target=others)
        somebody.start()
        threading.Timer(1.2, end).start()
        migrate.in_turn(own, change)
        over.set()
        somebody.join()
    assert longest[0] < 1, longest
    told = capsys.readouterr().err
    assert told.count("\n") == 1 and "in use, by a long dump since" in told


def test_a_table_that_is_never_free_is_said_with_who_was_at_it(
    own: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "PAUSE", 0.05)
    monkeypatch.setattr(migrate, "PATIENCE", 0.5)
    with reader(), pytest.raises(migrate.TableBusyError, match="a long dump since"):
        time.sleep(1)
        migrate.in_turn(own, change)


def test_what_fails_otherwise_is_not_tried_again(own: psycopg.Connection) -> None:
    tries = []

    def broken() -> None:
        tries.append(1)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(OperationalError):
        migrate.in_turn(own, broken)
    connection.close()
    assert tries == [1]


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("caunoi.conversations.migrations.0019_sealed_receipts", "WAIT"),
        ("caunoi.calls.migrations.0004_sealed_calls", "UNSETTLE"),
    ],
)
@pytest.mark.parametrize("served", [True, False])
def test_where_a_release_has_served_before_its_processes_are_waited_for(
    db: None, module: str, name: str, served: bool
) -> None:
    statement: Any = getattr(import_module(module), name)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM jobs_release")
        DataKey.objects.update(settled="2026-11-29T00:00Z")
        if served:
            releases.record(connection.connection)
        cursor.execute(statement)
    waiting = set(DataKey.objects.filter(settled=None).values_list("purpose", flat=True))
    assert waiting == ({"identities"} if served else set())
