"""Brings the database's tables up to date; the BI views are dropped meanwhile, so that the columns below them can
change."""

import argparse
import sys
import time

import psycopg
from django.core.management import call_command

from caunoi import declared
from caunoi.bi import actions as bi
from caunoi.events import rowsecurity
from caunoi.host import database, grants, home, releases
from caunoi.jobs import direct
from caunoi.lib import locks
from caunoi.vault import queries as vault

NAME = "migrate"
HELP = "bring the database's tables up to date"
NEEDS = "owner"


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
        there = bi.there()
        readers = bi.drop() if there else []
        call_command("migrate", interactive=False, verbosity=0 if args.quiet else 1)
        give(own)
        if there:
            bi.make(readers)
        releases.record(own)
    return 0


def give(own: psycopg.Connection) -> None:
    """The product's role gets what is declared, on the tables as they are now. Nothing to do where DATABASE_URL's user
    is the owner."""
    if not database.url():
        grants.create(own)
        grants.apply(own)
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
