"""Answers pages, the API and /live. Needs the database; `caunoi up` starts both."""

import argparse
import os
import socket
import sys

from django.conf import settings

from caunoi.cli.up import LOOPBACK
from caunoi.host import address
from caunoi.procedures import finding
from caunoi.web import serve, whole

NAME = "web"
HELP = "answer pages, the API and /live (the database must run)"
NEEDS = "database"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=os.environ.get("PORT") or 8022)
    parser.add_argument("--fd", type=int, help="a listening socket handed over instead")


def run(args: argparse.Namespace) -> int:
    finding.engine.warm()
    return serve_at(whole.application(), args)


def serve_at(application: object, args: argparse.Namespace) -> int:
    """Serves at the socket that was handed over, or at host and port."""
    if args.fd is not None:
        return serve.run(application, socket.socket(fileno=args.fd), whole.ending)
    if settings.DEMO and args.host not in LOOPBACK:
        print(f"caunoi: the demo has passwords that everybody knows: it is not opened at {args.host}", file=sys.stderr)
        return 2
    try:
        sock = address.listen(args.host, args.port)
    except (address.Taken, address.Forbidden) as error:
        print(f"caunoi: cannot listen at {error}", file=sys.stderr)
        return 1
    return serve.run(application, sock, whole.ending)
