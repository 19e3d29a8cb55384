"""Brings the database's tables up to date; the BI views stand aside meanwhile, so that columns can change below them."""

import argparse

from django.core.management import call_command

from caunoi.bi import actions as bi

NAME = "migrate"
HELP = "bring the database's tables up to date"
NEEDS = "database"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quiet", action="store_true", help="say nothing but errors")


def run(args: argparse.Namespace) -> int:
    there = bi.there()
    readers = bi.drop() if there else []
    call_command("migrate", interactive=False, verbosity=0 if args.quiet else 1)
    if there:
        bi.make(readers)
    return 0
