"""Django's own management commands, for developers: `caunoi manage makemigrations`."""

import argparse

from django.core.management import execute_from_command_line

from caunoi.cli import product  # noqa: F401

NAME = "manage"
HELP = "Django's management commands, for developers"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("rest", nargs=argparse.REMAINDER)


def run(args: argparse.Namespace) -> int:
    execute_from_command_line(["caunoi manage", *args.rest])
    return 0
