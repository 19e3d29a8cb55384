"""Answers /live alone, for a proxy that sends it here to keep thousands of open screens away from the pages."""

import argparse
import os

from caunoi.cli.web import serve_at
from caunoi.jobs import pool
from caunoi.web import live, serve

NAME = "live"
HELP = "answer /live alone, at PORT + 1 (a proxy sends it here)"
NEEDS = "database"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(wait=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8022) + 1)
    parser.add_argument("--fd", type=int, help="a listening socket handed over instead")


def run(args: argparse.Namespace) -> int:
    pool.share(serve.THREADS)
    return serve_at(live.application, args)
