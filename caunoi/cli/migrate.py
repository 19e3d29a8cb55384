"""Brings the database's tables up to date while the hotline serves; the BI views are dropped meanwhile, so that the
columns below them can change.

Whoever asks for a table waits behind a statement that waits to change it. So none waits for longer than a moment: then
all of its migration is undone and tried again, when whoever read the table may be through.
"""

import argparse
import re
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psycopg
from django.core.management import call_command
from django.db import OperationalError, ProgrammingError, connection

from caunoi import declared
from caunoi.bi import actions as bi
from caunoi.events import rowsecurity
from caunoi.host import database, grants, home, releases
from caunoi.jobs import direct
from caunoi.lib import locks
from caunoi.vault import queries as vault
from caunoi.vault import shared_keys

NAME = "migrate"
HELP = "bring the database's tables up to date"
NEEDS = "owner"

DATA = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH|SET|SAVEPOINT|RELEASE|ROLLBACK)\b", re.I)
"""Statements that change no table; they wait for rows."""
PATIENCE, PAUSE = 600.0, 2.0  # seconds, in all and between two tries
BUSY = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)
READS = """
SELECT coalesce(nullif(application_name, ''), 'a program'), (now() - xact_start)::interval(0)::text
FROM pg_stat_activity WHERE datname = current_database() AND xact_start < now() - interval '250 ms'
AND pid <> pg_backend_pid() ORDER BY xact_start LIMIT 3
"""


class TableBusyError(Exception):
    """A table that has to change was never free; the message says who was at it, and what to do."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quiet", action="store_true", help="say nothing but errors")
    parser.add_argument("--wait", action="store_true", help="wait for a database that is not there yet")


def run(args: argparse.Namespace) -> int:
    if not declared.complete():
        return 2
    with direct.session() as own:
        _alone(own)
        if newer := releases.newer(own):  # whoever was before us
            print(f"caunoi: {newer.why.in_('en')}", file=sys.stderr)
            return 1
        if problem := _sealed(own):
            print(f"caunoi: {problem}", file=sys.stderr)
            return 1
        releases.announce(own)
        there = bi.there()
        readers = bi.drop() if there else []
        try:
            in_turn(own, lambda: _migrate(verbosity=0 if args.quiet else 1))
            in_turn(own, lambda: give(own))
            shared_keys.settle(make=True)
        except (TableBusyError, *shared_keys.TROUBLE) as error:
            print(f"caunoi: {error}", file=sys.stderr)
            if there:
                with suppress(ProgrammingError):  # what they show may be changed already
                    bi.make(readers)
            return 1
        if there:
            bi.make(readers)
        releases.record(own)
    return 0


def _migrate(verbosity: int) -> None:
    with connection.execute_wrapper(for_a_moment):
        call_command("migrate", interactive=False, verbosity=verbosity)


def for_a_moment(execute: Callable[..., Any], query: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Around each statement of Django's: one that changes tables, in a transaction, waits for a moment only."""
    if not connection.in_atomic_block or DATA.match(str(query)):
        return execute(query, params, many, context)
    connection.connection.execute(f"SET LOCAL lock_timeout = '{grants.MOMENT}'", prepare=False)
    done = execute(query, params, many, context)
    connection.connection.execute("SET LOCAL lock_timeout = 0", prepare=False)
    return done


def in_turn(own: psycopg.Connection, step: Callable[[], None]) -> None:
    """Does a step, which goes on where it was when it is done again; TableBusyError where that was in vain for too
    long."""
    ends, is_announced = time.monotonic() + PATIENCE, False
    while True:
        try:
            return step()
        except (OperationalError, *BUSY) as error:
            if not isinstance(error, BUSY) and not isinstance(error.__cause__, BUSY):
                raise
        if connection.in_atomic_block:  # Django leaves it open where one of its deferred statements fails
            connection.close()
            connection.connect()
        reading = ", ".join(f"{name} since {age}" for name, age in own.execute(READS)) or "somebody"
        if time.monotonic() > ends:
            raise TableBusyError(
                f"a table that has to change is in use without a pause, by {reading}: end that, and migrate again;"
                " what was done stays, and the release before goes on"
            )
        if not is_announced:
            print(f"caunoi: a table is in use, by {reading}; trying again", file=sys.stderr, flush=True)
            is_announced = True
        time.sleep(PAUSE)


def give(own: psycopg.Connection) -> None:
    """The product's role gets what is declared, on the tables as they are now. Nothing to do where DATABASE_URL's user
    is the owner."""
    if not database.url():
        grants.create(own)
        grants.apply(own)
        with grants.one_at_a_time(own):
            rowsecurity.lend(own, grants.PRODUCT)
    elif database.owner_url():
        user = database.parameters(home.home()).get("user", "")
        grants.apply(own, user)
        rowsecurity.lend(own, user)


def _sealed(own: psycopg.Connection) -> str:
    """Why what lies sealed in the database does not open here; empty where it does, or nothing is."""
    if own.execute("SELECT to_regclass('public.vault_datakey')").fetchone() == (None,):
        return ""
    return vault.unopened()


def _alone(own: psycopg.Connection) -> None:
    """Waits by asking again: a statement that waits would itself hold up an index that is built beside the traffic."""
    is_announced = False
    while own.execute("SELECT pg_try_advisory_lock(%s)", [locks.MIGRATES]).fetchone() != (True,):
        if not is_announced:
            print("caunoi: another host is migrating; waiting for it", file=sys.stderr, flush=True)
            is_announced = True
        time.sleep(0.5)
