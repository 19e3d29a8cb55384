"""Makes or rescues an administrator: the first of all, or one who can no longer come in."""

import argparse
import os
import sys

from django.conf import settings
from django.db import ProgrammingError, transaction
from django.urls import reverse

from caunoi.accounts import actions, factors, invitations
from caunoi.cli import lines
from caunoi.events.actor import SYSTEM
from caunoi.host import presence
from caunoi.starter.answers import USER

NAME = "admin"
HELP = "make or rescue an administrator; prints the one-time address at which the password is chosen"
NEEDS = "database"


def _user(text: str) -> str:
    if not USER.fullmatch(text):
        raise argparse.ArgumentTypeError("small Latin letters, digits, dots and hyphens, at most 40")
    return text


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("user", type=_user, metavar="USER", help="the user name to sign in with")
    parser.add_argument("--name", default="", help="the full name (a new account's is else the user name)")
    parser.add_argument("--email", default="", help="the mail address")
    parser.add_argument("--json", action="store_true", help='print {"enrol": "…"} instead of words')


def public_url() -> str:
    """Where the staff reach the product; until somebody sets it, where the one of this home listens."""
    configured = any(os.environ.get(name, "").strip() for name in ("CAUNOI_PUBLIC_URL", "CAUNOI_STAFF_URL"))
    return settings.STAFF_URL if configured else presence.running_at(settings.HOME) or settings.STAFF_URL


def run(args: argparse.Namespace) -> int:
    try:
        with transaction.atomic():
            user = actions.rescue_administrator(args.user, by=SYSTEM, full_name=args.name, email=args.email)
            factors.rescue_factors(user, by=SYSTEM)
            token = invitations.invite(user, by=SYSTEM)
    except actions.TakenError:
        print(
            f"caunoi admin: {args.user} was somebody else's user name, and user names are never used again, so that "
            "history names one person; choose another",
            file=sys.stderr,
        )
        return 1
    except ProgrammingError:  # no tables
        print(
            "caunoi admin: the database is not prepared yet; start the product once, or run `caunoi migrate`",
            file=sys.stderr,
        )
        return 1
    address = public_url() + reverse("invitation", args=[token])
    if args.json:
        print(lines.dumps({"enrol": address}))
        return 0
    print(f"{args.user} chooses a password here, once, within {invitations.DAYS} days:\n{address}")
    if not args.email and not user.email:
        print("Their mail address can be added under Setup, People.", file=sys.stderr)
    return 0
