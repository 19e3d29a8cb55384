"""Django made ready, and the database running: what `main` gives a command that says that it needs them (`NEEDS`).

No command imports this: `main` does, before it imports the command. (The benches import it as the first of all.)
"""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import NoReturn

import django
import psycopg
from django.conf import settings
from django.db import connection

from caunoi.host import binaries, grants, guard, home, postgres, releases
from caunoi.host import database as addresses

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "caunoi.settings")
django.setup()

from caunoi.vault import shared_keys  # noqa: E402 -- its models want Django ready


@contextmanager
def database(
    command: str = "program",
    *,
    owner: bool = True,
    wait: bool = False,
    reads: bool = False,
    any_release: bool = False,
) -> Iterator[None]:
    """A database for the length of a block: that of DATABASE_URL, the running embedded one, or one started for it. No
    restore begins meanwhile.

    `owner`: as the owner of the tables (migrations, benches), else as the product's own role. `wait`: until that of
    DATABASE_URL answers; `reads`: or a standby of it. Exits with 1, and a line that says why, where there is none,
    where it cannot hold sessions, and where a newer release has been at work, so that this code must not touch it
    (unless `any_release`).
    """
    server = None if addresses.url() else postgres.Server(home.home())
    try:
        there = _ready(server, wait=wait, reads=reads)
        if server:
            _role()
        if owner:
            _be_owner()
        if not any_release:
            _must_serve(there)
        with _present(command):
            yield
    finally:
        if server:
            server.stop()


def _ready(server: postgres.Server | None, *, wait: bool, reads: bool) -> bool:
    """Whether the database itself answers, or else a standby of it."""
    folder = home.home()
    try:
        if server:
            server.start()
        elif wait:
            return addresses.wait(folder, os.environ, _say, reads=reads)
        else:
            addresses.reach(folder)
    except (binaries.NoServerError, postgres.ServerStartError, OSError) as error:
        _exit(f"the database does not start: {error}; `caunoi doctor` says more")
    except addresses.PoolerError as error:
        _exit(f"{error}")
    except psycopg.Error as error:
        _exit(addresses.missing(folder, os.environ, error))
    return True


def _role() -> None:
    """An embedded server that was made before there was a role for the product gets it before its next migration."""
    with psycopg.connect(**postgres.parameters(home.home()), autocommit=True) as own:
        if not grants.there(own):
            grants.create(own)
            grants.apply(own)


def _be_owner() -> None:
    """From here on Django and whatever opens sessions of its own is the owner of the tables."""
    values = addresses.owner(home.home())
    if settings.DATABASE_DIRECT:
        settings.DATABASE_DIRECT.clear()
        settings.DATABASE_DIRECT.update(values)
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    connection.close()
    connection.settings_dict.update({key: values.pop(name, "") for name, key in names.items()})
    connection.settings_dict["OPTIONS"] = values


def _must_serve(there: bool) -> None:
    if not there:
        place = addresses.replica(home.home())
    elif addresses.url():
        place = addresses.direct(home.home())
    else:
        place = addresses.owner(home.home())
    try:
        with psycopg.connect(**place, autocommit=True) as own:  # type: ignore[arg-type]
            if newer := releases.newer(own):
                _exit(newer.why.in_("en"))
    except psycopg.errors.InsufficientPrivilege:
        if not addresses.owner_url():
            raise
        # the product's role was just made: migrate, which comes first, gives it what it may do


def _say(line: str) -> None:
    print(f"caunoi: {line}", file=sys.stderr, flush=True)


def _exit(line: str) -> NoReturn:
    sys.exit(f"caunoi: {line}")


@contextmanager
def _present(command: str) -> Iterator[None]:
    with ExitStack() as stack:
        try:
            stack.enter_context(guard.present(addresses.direct(home.home()), command, shared_keys.look))
        except guard.LockedError as error:
            sys.exit(f"caunoi {command}: {error}")
        yield
