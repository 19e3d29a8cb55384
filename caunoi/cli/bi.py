"""The read-only views for the province's own BI tool (docs/bi.md)."""

import argparse
import re
import sys

from django.db import Error, connection

from caunoi.bi import actions

NAME = "bi"
HELP = "views for a BI tool: --role NAME makes or renews its login, --remove NAME ends it, --sql prints the statements"
NEEDS = "owner"
ROLE = re.compile(r"[a-z_][a-z0-9_]{0,62}")


def _role(text: str) -> str:
    if not ROLE.fullmatch(text) or text.startswith("pg_"):
        raise argparse.ArgumentTypeError("lower-case letters, digits and _, at most 63")
    return text


def arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--role", type=_role, help="make this login role, or give it a new password; it reads the views only"
    )
    what.add_argument("--remove", type=_role, help="take this login role away")
    what.add_argument(
        "--sql", type=_role, metavar="ROLE", help="print what a database administrator must run for a role"
    )


def run(args: argparse.Namespace) -> int:
    try:
        if args.sql:
            connection.ensure_connection()
            for statement in actions.script(args.sql):
                print(f"{statement.as_string(connection.connection)};")
        elif args.role:
            password = actions.admit(args.role)
            print(f"role {args.role}, password {password}\n(shown this once; schema bi, read-only)")
        elif args.remove:
            actions.expel(args.remove)
            print(f"role {args.remove} is gone; the views stay")
        else:
            actions.make()
            print("the views are in the schema bi; --role NAME makes a login that reads them")
    except (Error, ValueError) as error:
        print(f"caunoi bi: {str(error).strip()}", file=sys.stderr)
        if "permission denied" in str(error):
            print("Ask the database's administrator to run what `caunoi bi --sql ROLE` prints.", file=sys.stderr)
        return 1
    return 0
