"""The lock in the database that keeps a restore and the product apart, on whatever hosts they are.

Whatever works with the database holds an advisory lock, shared, in a session of its own; a restore takes it alone. It
is taken past a pooler, in which a session means nothing.
"""

import logging
import os
import re
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import psycopg

from caunoi import __version__
from caunoi.host import database
from caunoi.host.finding import TranslatedError, _
from caunoi.lib import locks

log = logging.getLogger(__name__)

GENERATION = 4
"""Of what a process understands of the database; in the name of its session. 2: people's names and numbers lie sealed
alone; 3: so do what came in and went out, who called and who is called back; 4: and whose a thread is. (Processes of
before give none.)"""
MARK = re.compile(r"^caunoi (?P<part>\S+) g(?P<generation>\d+) (?:(?P<version>[\w.+-]+) )?\((?P<host>[^)]*)")
BEAT = 3.0  # seconds between looks whether our session is still there
HOLDERS = """
SELECT application_name, coalesce(host(client_addr), 'this machine'),
    extract(epoch FROM clock_timestamp() - state_change)::float8
FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
AND classid::bigint << 32 | objid::bigint = %s AND objsubid = 1 AND pid <> pg_backend_pid() ORDER BY 1, 2
"""


class LockedError(TranslatedError):
    """The other side holds the lock; the message says who it is, and what to do."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A process of the product: which part, on which host, of which release, how many seconds ago it gave a sign of
    life (every BEAT)."""

    name: str
    host: str
    version: str
    quiet: float


@contextmanager
def alone(connection: Mapping[str, Any]) -> Iterator[None]:
    """The database for ourselves: while the block runs no part of the product starts, anywhere. Busy while one runs."""
    with _session(connection, "caunoi restore") as server:
        if not _is_straight(server):
            raise LockedError(
                _("DATABASE_URL leads to a pooler: set DATABASE_DIRECT_URL to the address of the database itself")
            )
        row = server.execute("SELECT pg_try_advisory_lock(%s)", [locks.WORKS]).fetchone()
        if not row or not row[0]:
            raise LockedError(
                _(
                    "the database is in use, the product is running: %(who)s; stop it first, on every host",
                    who=_holders(server),
                )
            )
        yield


@contextmanager
def present(
    connection: Mapping[str, Any], name: str, look: Callable[[psycopg.Connection], None] = lambda server: None
) -> Iterator[None]:
    """The lock held, shared, for the length of a block, and taken again whenever the database went away. Raises Busy at
    once while a restore runs; if one happened while the lock was lost, the process gets SIGTERM. `look` is called when
    it is taken, and every BEAT, in a thread of its own."""
    presence = _Presence(connection, name, look)
    with suppress(psycopg.Error):  # no database yet: the thread asks on
        presence.take()
    presence.thread.start()
    try:
        yield
    finally:
        presence.end()


class _Presence:
    def __init__(self, connection: Mapping[str, Any], name: str, look: Callable[[psycopg.Connection], None]) -> None:
        self.connection = connection
        self.look = look
        self.name = f"caunoi {name} g{GENERATION} {__version__} ({socket.gethostname()})"
        self.server: psycopg.Connection | None = None
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._keep, name="presence", daemon=True)

    def end(self) -> None:
        self.ended.set()
        self.thread.join(BEAT)
        if self.server:
            self.server.close()

    def take(self) -> None:
        server = _session(self.connection, self.name)
        try:
            if not _is_straight(server):
                log.warning("DATABASE_URL leads to a pooler: without DATABASE_DIRECT_URL no restore sees that we run")
                self.ended.set()
                server.close()
                return
            row = server.execute("SELECT pg_try_advisory_lock_shared(%s)", [locks.WORKS]).fetchone()
            if not row or not row[0]:
                raise LockedError(_("a restore is running: %(who)s; try again when it is done", who=_holders(server)))
            self.look(server)
        except BaseException:
            server.close()
            raise
        self.server = server

    def _keep(self) -> None:
        while not self.ended.wait(BEAT):
            try:
                if self.server is None:
                    self.take()
                else:
                    self.server.execute("SELECT 1")
                    self.look(self.server)
            except psycopg.Error:
                if self.server:
                    self.server.close()
                self.server = None
            except LockedError as error:
                log.error("%s", error)
                os.kill(os.getpid(), signal.SIGTERM)
                return


def generations(server: psycopg.Connection) -> tuple[list[str], list[str]]:
    """The parts of the product that are at work, on whatever hosts: those of a generation before ours, or whose name we
    may not read, and those of ours."""
    older, ours = set[str](), set[str]()
    for name, _address, _quiet in server.execute(HOLDERS, [locks.WORKS]):
        mark = MARK.match(name or "")
        (ours if mark and int(mark["generation"]) >= GENERATION else older).add(name or "?")
    return sorted(older), sorted(ours)


def parts(server: psycopg.Connection) -> list[Part]:
    """What of the product is at work, on whatever hosts, by host and part."""
    result = []
    for name, _address, quiet in server.execute(HOLDERS, [locks.WORKS]):
        if mark := MARK.match(name or ""):
            result.append(Part(name=mark["part"], host=mark["host"], version=mark["version"] or "?", quiet=quiet or 0))
    return sorted(result, key=lambda one: (one.host, one.name))


def _session(connection: Mapping[str, Any], name: str) -> psycopg.Connection:
    server = psycopg.connect(**{"connect_timeout": 5, **connection, "application_name": name[:63]}, autocommit=True)
    server.execute(database.WATCHFUL)
    return server


def _is_straight(server: psycopg.Connection) -> bool:
    """Whether the one who answers is who took the call: a pooler tells a process id of its own."""
    row = server.execute("SELECT pg_backend_pid()").fetchone()
    return row is not None and row[0] == server.info.backend_pid


def _holders(server: psycopg.Connection) -> str:
    rows = server.execute(HOLDERS, [locks.WORKS]).fetchall()
    return ", ".join(sorted({f"{name or 'a program'} at {address}" for name, address, _quiet in rows}))
