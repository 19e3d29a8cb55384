"""Prints what the administrator of a database server runs once, to part the product from the owner of its tables."""

import argparse
import re

from django.db import connection

from caunoi.host import grants

NAME = "roles"
HELP = "print the SQL that makes a role for the product, which owns nothing, on a server of one's own"
NEEDS = "settings"
ROLE = re.compile(r"[a-z_][a-z0-9_]{0,62}")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--role", type=_role, default=grants.PRODUCT, help="its name (default %(default)s)")


def run(args: argparse.Namespace) -> int:
    print(grants.script(str(connection.settings_dict["NAME"]), args.role), end="")
    return 0


def _role(text: str) -> str:
    if not ROLE.fullmatch(text) or text.startswith("pg_"):
        raise argparse.ArgumentTypeError("lower-case letters, digits and _, at most 63")
    return text
