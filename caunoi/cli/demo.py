"""Fills the database with the demo province and a year of its life."""

import argparse
import sys
from datetime import date

from django.conf import settings

from caunoi.demo import calls, life, people, province
from caunoi.directory.outlines import BadOutlinesError

NAME = "demo"
HELP = "fill the database with the demo province and a year of its life (only with CAUNOI_DEMO=1)"
NEEDS = "database"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-life", action="store_true", help="the province only, without tickets")


def run(args: argparse.Namespace) -> int:
    if not settings.DEMO:
        print("The demo has known passwords and tokens: it is only made with CAUNOI_DEMO=1.", file=sys.stderr)
        return 2
    try:
        day = date.fromisoformat(settings.DEMO_DAY) if settings.DEMO_DAY else None
        province.build(province.outline_file())
    except (BadOutlinesError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    written = 0 if args.no_life else life.live(day)
    if not args.no_life:
        calls.ring(life.last_moment(day))
    print(f"{written} tickets written" if written else "The demo is there")
    print("Sign in with the password", people.PASSWORD, "as", ", ".join(name for name, *_ in people.STAFF))
    return 0
