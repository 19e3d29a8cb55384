"""What the database's errors mean, by their SQLSTATE: it is away, or another transaction was in the way; else our own
fault."""

from collections.abc import Iterator

import psycopg
from django.db import Error, InterfaceError, InternalError, OperationalError

READ_ONLY = "25006"
AWAY = ("08", "57P", "53", "25P03", READ_ONLY)  # it broke, was ended, stops, is full, or only reads
CLASH = ("40001", "40P01")  # undone because of another transaction: the same again may well succeed
BUSY = ("55P03", "57014")  # waited too long for a lock, or took too long
# without a state: of the driver itself, about the line to the server
OF_LINE = (OperationalError, psycopg.OperationalError, InternalError, psycopg.InternalError)


def lost(error: BaseException) -> bool:
    """Whether the database is away. An operational error of any other kind (a deadlock, a row too long for an index) is
    the statement's own. Without a state the driver itself says that the line broke or spoke out of turn: a server that
    is stopped while a commit waits for its standby answers "done" and "I stop" at once."""
    if isinstance(error, InterfaceError | psycopg.InterfaceError):
        return True
    state = _state(error)
    return state.startswith(AWAY) if state else isinstance(error, OF_LINE)


def clashed(error: BaseException) -> bool:
    """Whether another transaction got in the way of this one."""
    return any(_state(one) in CLASH for one in _causes(error))


def passing(error: BaseException) -> bool:
    """Whether the same request may succeed in a while, because there is nothing wrong with it."""
    return any(lost(one) or _state(one) in (*CLASH, *BUSY) for one in _causes(error))


def of_database(error: BaseException) -> bool:
    """Whether the database said so, whatever it is."""
    return any(True for _ in _causes(error))


def wrote(error: BaseException) -> bool:
    """Whether something was to be written where one only reads."""
    return any(_state(one) == READ_ONLY for one in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The errors of the database in the chain that led to this one."""
    one: BaseException | None = error
    while one is not None:
        if isinstance(one, Error | psycopg.Error):
            yield one
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)


def _state(error: BaseException) -> str:
    own = error if isinstance(error, psycopg.Error) else error.__cause__
    return getattr(own, "sqlstate", None) or ""
