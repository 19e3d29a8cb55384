"""Fills the database with the demo province and a year of its life."""

import argparse
import sys

from django.conf import settings

from caunoi.cli import product  # noqa: F401  before the stages
from caunoi.demo import people, province
from caunoi.directory.outlines import BadOutlines

NAME = "demo"
HELP = "fill the database with the demo province (only with CAUNOI_DEMO=1)"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-life", action="store_true", help="the province only, without tickets")


def run(args: argparse.Namespace) -> int:
    if not settings.DEMO:
        print("The demo has known passwords and tokens: it is only made with CAUNOI_DEMO=1.", file=sys.stderr)
        return 2
    try:
        province.build(province.outline_file())
    except BadOutlines as error:
        print(error, file=sys.stderr)
        return 2
    print("Sign in with the password", people.PASSWORD, "as", ", ".join(name for name, *_ in people.STAFF))
    return 0
