"""Brings the database's tables up to date."""

import argparse

from django.core.management import call_command

from caunoi.cli import product  # noqa: F401

NAME = "migrate"
HELP = "bring the database's tables up to date"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quiet", action="store_true", help="say nothing but errors")


def run(args: argparse.Namespace) -> int:
    call_command("migrate", interactive=False, verbosity=0 if args.quiet else 1)
    return 0
