"""Reading from a standby: a bind, and no router (docs/adr/0034).

For its length the thread's connection to the standby stands under the alias "default", so that the ORM, SQL,
transactions and row security all follow it. That connection only reads, whatever it leads to: the demo's leads to the
same server, so that a write where only reads are declared fails there already. Without DATABASE_READ_URL there is no
such connection, and nothing is bound.

A standby says up to which position of the log it has replayed the primary's changes; whoever has written needs the
position after their commit. Positions are asked of the very connection that is then read from: there may be several
standbys behind one address.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock, local
from time import monotonic, sleep
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, Error, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from caunoi.host import database
from caunoi.jobs import away, direct

READ = "read"
FRESH = 1.0  # seconds for which a standby's answer is reused
QUIET = 10.0  # seconds since the newest commit that it has, after which it is asked whether there is a primary
AGAIN = 1.0  # seconds between two such questions of a process
DOWN = 5.0  # seconds for which a standby that did not answer is left alone
CATCH_UP = 2.0  # seconds for which one waits for what a standby has received from a primary that is away
PATIENCE = 5.0  # seconds that a task waits for a standby to come up to what it needs

STATE = """SELECT pg_is_in_recovery(), pg_last_wal_replay_lsn()::text, pg_last_xact_replay_timestamp(),
    extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8,
    EXISTS (SELECT FROM pg_stat_wal_receiver WHERE coalesce(status, 'streaming') = 'streaming')"""
RECEIVED = "SELECT pg_last_wal_receive_lsn()::text"
WRITTEN = "SELECT pg_current_wal_insert_lsn()::text"  # what lies beyond what others have flushed is ours too
PRIMARY = f"SELECT current_setting('transaction_read_only')::bool, ({WRITTEN})"

log = logging.getLogger(__name__)


UNKNOWN = (1 << 64) - 1  # the position after something that nobody could say: all there is, and not less


def position(text: str) -> int:
    """A position of the log, "16/B374D848", as a number that grows with it. ValueError."""
    high, low = text.split("/")
    return int(high, 16) << 32 | int(low, 16)


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """What the server of a bind has: up to which position (None: all there is, for it is the primary), when the newest
    of it was committed, and how many seconds ago; `streams`: it receives from the primary now. One that does not may
    have what nobody has any more, such as a primary of before that is back and not yet rewound: its positions lead
    elsewhere."""

    position: int | None = None
    at: datetime | None = None
    age: float | None = None
    streams: bool = True

    def has(self, needs: int) -> bool:
        return self.position is None or self.position >= needs

    def is_current(self, needs: int) -> bool:
        """Whether it stands in for the primary for whoever needs this much."""
        return self.streams and self.has(needs)


class Bind:
    """The connection to the standby in the place of this thread's own, between `begin` and `end`."""

    primary: BaseDatabaseWrapper

    def begin(self) -> None:
        self.primary = connections[DEFAULT_DB_ALIAS]
        connections[DEFAULT_DB_ALIAS] = connections[READ]
        _thread.bind = self

    def end(self) -> None:
        connections[DEFAULT_DB_ALIAS] = self.primary
        _thread.bind = None

    def replayed(self, needs: int = 0) -> Replayed:
        """What its server has; asked again where that was long ago, or not enough. Django's Error."""
        connection.ensure_connection()
        moment, state = _states.get(connection.connection, (-FRESH, Replayed()))
        return state if monotonic() - moment < FRESH and state.has(needs) else self.now()

    def now(self) -> Replayed:
        """What its server has now. Django's Error."""
        connection.ensure_connection()
        server = connection.connection
        with connection.wrap_database_errors:
            follows, text, at, age, streams = server.execute(STATE, prepare=False).fetchone()
        standby.find()
        is_standby = follows and text
        state = Replayed(position=position(text), at=at, age=age, streams=streams) if is_standby else Replayed()
        _states[server] = (monotonic(), state)
        return state

    def catch_up(self, needs: int) -> Replayed:
        """What its server has when it has come up to what is needed, or has replayed all that it received from a
        primary that is away. Django's Error."""
        state, until = self.replayed(needs), monotonic() + CATCH_UP
        if state.has(needs):
            return state
        with connection.wrap_database_errors:
            received = connection.connection.execute(RECEIVED, prepare=False).fetchone()[0]
        needs = min(needs, position(received)) if received else 0
        while not state.has(needs) and monotonic() < until:
            sleep(0.02)
            state = self.now()
        return state


class _Thread(local):
    bind: Bind | None = None


_thread = _Thread()
_states: WeakKeyDictionary[psycopg.Connection[Any], tuple[float, Replayed]] = WeakKeyDictionary()


def is_apart() -> bool:
    """Whether there is a standby to read from."""
    return bool(settings.REPLICA)


def new() -> Bind | None:
    """A bind that has not begun; None where there is none to be had."""
    return Bind() if READ in connections.settings and standby.may_be_tried() else None


def bound() -> bool:
    """Whether this thread reads from a standby now."""
    return _thread.bind is not None


@contextmanager
def on_primary() -> Iterator[None]:
    """What is done inside is done on the primary, also within a bind."""
    bind = _thread.bind
    if bind is None:
        yield
        return
    bind.end()
    try:
        yield
    finally:
        bind.begin()


def ask_primary[T](look: Callable[[], T]) -> T:
    """What only the primary knows for certain, such as whether a key was revoked a moment ago; while there is none, as
    the standby has it. `look` must read again what it gave before."""
    if bound() and not primary.is_lost():
        try:
            with on_primary():
                return look()
        except Error as error:
            if not away.lost(error):
                raise
            primary.lose()
    return look()


def anywhere[T](look: Callable[[], T]) -> T:
    """What is looked at on the primary; while there is none, on the standby. For what no request asks: those are bound
    as a whole. Django's Error where neither answers."""
    try:
        return look()
    except Error as error:
        bind = None if bound() or not away.lost(error) else new()
        if bind is None:
            raise
    primary.lose()
    bind.begin()
    try:
        return look()
    finally:
        bind.end()


def note[T](write: Callable[[], T], otherwise: T) -> T:
    """What a page that reads writes down beside it, on the primary; while there is none it is forgone."""
    if not bound():
        return write()
    if primary.is_lost():
        return otherwise
    try:
        with on_primary():
            return write()
    except Error as error:
        if not away.lost(error):
            raise
        primary.lose()
        return otherwise


def written() -> int:
    """The position after everything that was committed on the primary until now."""
    with on_primary(), connection.cursor() as cursor:
        cursor.execute(WRITTEN)
        return position(cursor.fetchone()[0])


def seen() -> int:
    """A position that lies not before anything that this thread has read until now."""
    state = _thread.bind.now() if _thread.bind else Replayed()
    return written() if state.position is None else state.position


class Standby:
    """Whether it is worth asking for one: where somebody got no connection, one tries again after a while, and nobody
    else waits for it."""

    def __init__(self) -> None:
        self._lost, self._until = False, 0.0

    def may_be_tried(self) -> bool:
        """After it was lost, only one is told so, each DOWN seconds."""
        if not self._lost:
            return True
        at = monotonic()
        if at < self._until:
            return False
        self._until = at + DOWN
        return True

    def find(self) -> None:
        """It has answered."""
        self._lost = False

    def lose(self, error: Exception) -> None:
        self._lost, self._until = True, monotonic() + DOWN
        log.warning("replica: not read from (%s)", " ".join(str(error).split())[:200])


class Primary:
    """Whether there is one, as this process knows it. It is asked only upon suspicion."""

    def __init__(self) -> None:
        self._lock, self._last_look = Lock(), -AGAIN
        self._lost, self._suspected, self._silent, self._position = False, False, False, 0

    def is_lost(self) -> bool:
        """As it was the last time, without asking."""
        return self._lost

    def lose(self) -> None:
        """Somebody got no answer: it is asked at once, unless it is known."""
        self._suspected = True
        if not self._lost:
            self._lost, self._last_look = True, -AGAIN

    def is_out(self) -> bool:
        """Whether it did not answer itself, and that a moment ago; while it does not, one of those who want to know
        asks again."""
        return self._lost and not self._answers() and self._silent

    def is_away(self, state: Replayed) -> bool:
        """Whether there is none, given what a standby has."""
        if state.position is None:
            self._lost = self._suspected = self._silent = False
            return False
        if not self._suspected and state.streams and state.age is not None and state.age < QUIET:
            self._lost = False
            return False
        return not self._answers()

    def is_ahead(self, state: Replayed) -> bool:
        """Whether it had more than the standby, when it was last asked."""
        return not state.has(self._position)

    def _answers(self) -> bool:
        if self._lock.acquire(blocking=False):
            try:
                if monotonic() - self._last_look >= AGAIN:
                    self._lost = self._silent = not self._ask()
                    self._suspected, self._last_look = self._lost, monotonic()
            finally:
                self._lock.release()
        return not self._lost

    def _ask(self) -> bool:
        try:
            with on_primary():
                parameters = {**direct.parameters(), "connect_timeout": "2"}
            with psycopg.connect(**parameters, autocommit=True) as server:
                only_reads, text = server.execute(PRIMARY).fetchone() or (True, "0/0")
        except psycopg.Error as error:
            log.warning("replica: there is no primary (%s)", " ".join(str(error).split())[:200])
            return False
        self._position = position(text)
        return not only_reads


standby, primary = Standby(), Primary()


def serves() -> bool:
    """Whether a standby can be read from now."""
    bind = new() if is_apart() else None
    if bind is None:
        return False
    bind.begin()
    try:
        return bind.replayed().position is not None
    except Error as error:
        standby.lose(error)
        return False
    finally:
        bind.end()


@dataclass(frozen=True, kw_only=True)
class StandbyLag:
    """One server of DATABASE_READ_URL: how far it is behind the primary, in bytes of the log and in seconds (None:
    nobody can say); `follows`: it is a standby; `error`: it did not answer."""

    server: str
    bytes: int | None = None
    seconds: float | None = None
    follows: bool = True
    error: str = ""


def lags() -> list[StandbyLag]:
    """Every server that is read from, asked by itself."""
    if not is_apart():
        return []
    try:
        needs = None if primary.is_lost() else written()
    except Error:
        needs = None
        primary.lose()
    return [_lag(one, needs) for one in database.each(database.replica(Path(settings.HOME)))]


def _lag(parameters: Mapping[str, str], needs: int | None) -> StandbyLag:
    server = f"{parameters.get('host') or 'localhost'}:{parameters.get('port') or 5432}"
    try:
        with psycopg.connect(**parameters, autocommit=True) as own:  # type: ignore[arg-type]
            follows, text, _at, age, _streams = own.execute(STATE).fetchone() or (False, None, None, None, False)
    except psycopg.Error as error:
        return StandbyLag(server=server, error=database.reason(error))
    if not follows or not text:
        return StandbyLag(server=server, bytes=0, seconds=0.0, follows=False)
    behind = max(0, needs - position(text)) if needs is not None else None
    return StandbyLag(server=server, bytes=behind, seconds=0.0 if behind == 0 else age)


def read[T](make: Callable[[], T], within: float = PATIENCE) -> T:
    """What a task makes of what it reads: from a standby that has everything of before, once that is so; else, and
    where it breaks off there, from the primary. What a task needs was committed before it began, so no task carries a
    position along."""
    alone = is_apart() and not bound() and not connection.in_atomic_block  # else it may need what is not committed yet
    if not alone or (bind := new()) is None:
        return make()
    needs, until = written(), monotonic() + within
    bind.begin()
    try:
        while not (state := bind.replayed(needs)).is_current(needs) and monotonic() < until:
            sleep(0.05)
        if state.is_current(needs):
            return make()
        log.warning("replica: it lags; a task reads from the primary")
    except Error as error:
        standby.lose(error)
    finally:
        bind.end()
    return make()
