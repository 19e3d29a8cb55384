"""One fault in the middle of an act, on the very connection that it uses and by the server itself: nothing is mocked.

A moment is a statement that the act sends, or a commit. The connection is Django's; what a psycopg connection of its
own does beside it (LISTEN, the locks of a session) is not counted."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

import psycopg
from django.db import connections

from caunoi.jobs import direct
from caunoi.web.unavailable import HARMLESS

REFUSAL = "DO $$BEGIN RAISE EXCEPTION 'canceling statement due to statement timeout' USING ERRCODE = '57014'; END$$"


class Fault(StrEnum):
    REFUSED = "refused"  # the server answers with an error instead, and the connection lives on
    CUT = "cut"  # the connection breaks before it reaches the server
    UNANSWERED = "unanswered"  # it is committed, and the connection breaks before the client hears so


class Saboteur:
    """Makes one fault at moment number `at` (from 1) of what is done while it is `at_work`; a later moment is
    left alone, whatever connection it goes by. Of UNANSWERED only what commits counts."""

    def __init__(self, fault: Fault, at: int) -> None:
        self.fault, self.at, self.moments, self.victim = fault, at, 0, ""

    def __str__(self) -> str:
        return f"{self.fault} at moment {self.at}, {self.victim or 'after the last'}"

    @property
    def fired(self) -> bool:
        return bool(self.victim)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        own = connections["default"]
        commit = own._commit

        def commits() -> None:
            self._pass("COMMIT", commit, commits=True)

        own.ensure_connection()
        own.execute_wrappers.append(self._statement)
        own._commit = commits
        try:
            yield
        finally:
            del own._commit
            own.execute_wrappers.remove(self._statement)

    def _statement(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        alone = not connections["default"].in_atomic_block and not HARMLESS.match(sql)
        return self._pass(sql, lambda: execute(sql, params, many, context), commits=alone)

    def _pass(self, name: str, do: Callable[[], Any], *, commits: bool) -> Any:
        if self.fired or not (commits or self.fault is not Fault.UNANSWERED):
            return do()
        self.moments += 1
        if self.moments != self.at:
            return do()
        self.victim = " ".join(name.split())[:160]
        if self.fault is Fault.UNANSWERED:
            do()
        if self.fault is not Fault.REFUSED:
            _break()
        return self._ask(REFUSAL) if self.fault is Fault.REFUSED else self._ask("SELECT 1")

    def _ask(self, sql: str) -> None:
        """It fails, as a statement of Django's does."""
        own = connections["default"]
        with own.wrap_database_errors:
            own.connection.execute(sql)
        raise AssertionError("the server did not mind")


def _break() -> None:
    """The server ends the session, and with it the transaction; not before that is over, so that its locks are gone
    when the act is repeated."""
    victim = connections["default"].connection.info.backend_pid
    with psycopg.connect(**direct.parameters(), autocommit=True) as own:
        row = own.execute("SELECT pg_terminate_backend(%s, 5000)", [victim]).fetchone()
    assert row == (True,)
