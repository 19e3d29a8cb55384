"""Answers pages, the API and /live. Needs the database; `caunoi up` starts both."""

import argparse
import logging
import os
import socket
import sys
from concurrent.futures import Executor

from django.db import Error

from caunoi import declared
from caunoi.accounts import queries as accounts
from caunoi.directory import queries as directory
from caunoi.host import address, configuration, leaving
from caunoi.jobs import away, pool, replica
from caunoi.procedures import finding
from caunoi.vault import secret_key
from caunoi.web import serve, whole

log = logging.getLogger(__name__)
NAME = "web"
HELP = "answer pages, the API and /live (the database must run)"
NEEDS = "database"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(wait=True, reads=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=os.environ.get("PORT") or 8022)
    parser.add_argument("--fd", type=int, help="a listening socket handed over instead")


def run(args: argparse.Namespace) -> int:
    if not declared.complete():
        return 2
    pool.share(whole.THREADS)
    finding.engine.warm()
    try:
        replica.anywhere(_know)
    except Error as error:  # full, or gone again: the first requests will know
        if not away.passing(error):
            raise
        log.warning("web: begins while the database is away (%s)", type(error).__name__)
    application = whole.Whole()
    return serve_at(application, args, application.pool)


def _know() -> None:
    """What every process knows, should the database go away."""
    accounts.apps()
    directory.text("consent")


def serve_at(application: object, args: argparse.Namespace, pool: Executor | None = None) -> int:
    """Serves at the socket that was handed over, or at host and port."""
    handed = socket.socket(fileno=args.fd) if args.fd is not None else None
    if handed is not None and handed.family in (socket.AF_INET, socket.AF_INET6):
        args.host = handed.getsockname()[0]
    if opened := configuration.opened_demo(os.environ, args.host):
        print(f"caunoi: the demo has passwords that everybody knows: it is not opened at {opened}", file=sys.stderr)
        return 2
    leaving.listen()
    secret_key.watch()
    try:
        sock = handed or address.listen(args.host, args.port)
    except (address.PortTakenError, address.PortForbiddenError) as error:
        print(f"caunoi: cannot listen at {error}", file=sys.stderr)
        return 1
    return serve.run(application, sock, whole.ending, pool)
