"""Lists the installation's keys, and changes one while people work. Keys of apps are made in the set-up, not here."""

import argparse
import sys

from django.db import ProgrammingError

from caunoi.cli import lines
from caunoi.events.actor import SYSTEM
from caunoi.lib.crypto.envelope import SealError
from caunoi.vault import rotation
from caunoi.vault.queries import MasterKeyError

NAME = "keys"
HELP = "the installation's own keys, their age and use; `keys rotate NAME` makes a new one while people work"
NEEDS = "database"
HEADS = ("KEY", "ID", "MADE", "DAYS", "IN USE", "ROWS")

MOVE = "move it off this machine, to where the keys for those backups are kept"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("act", nargs="?", choices=["list", "rotate"], default="list")
    parser.add_argument("name", nargs="?", choices=rotation.NAMES, metavar="NAME", help=", ".join(rotation.NAMES))
    parser.add_argument("--json", action="store_true", help="one object a key a line")


def run(args: argparse.Namespace) -> int:
    if (args.act == "rotate") != bool(args.name):
        print("caunoi keys: `keys rotate NAME`, or `keys` alone; `caunoi keys --help` says more", file=sys.stderr)
        return 2
    try:
        return _rotate(args) if args.name else _list(args)
    except ProgrammingError:
        print("caunoi keys: the database is not set up yet; `caunoi up` or `caunoi migrate` does that", file=sys.stderr)
        return 2
    except (rotation.NotHereError, MasterKeyError, SealError, OSError, ValueError) as error:
        print(f"caunoi keys: {error}", file=sys.stderr)
        return 1


def _list(args: argparse.Namespace) -> int:
    rows = rotation.listing(counts=True)
    if args.json:
        for one in rows:
            made = one.made.isoformat(timespec="seconds") if one.made else None
            values = {"key": one.name, "id": one.id, "made": made, "days": one.days, "in_use": one.in_use}
            print(lines.dumps({**values, "rows": one.sealed}))
        return 0
    table = [HEADS]
    for one in rows:
        made, days = (f"{one.made:%Y-%m-%d}", str(one.days)) if one.made else ("", "")
        count = "" if one.sealed is None else str(one.sealed)
        table.append((one.name, one.id, made, days, "yes" if one.in_use else "no", count))
    widths = [max(len(row[n]) for row in table) for n in range(len(HEADS))]
    for row in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
    return 0


def _rotate(args: argparse.Namespace) -> int:
    total = 0

    def progress(column: str, rows: int) -> None:
        nonlocal total
        total += rows
        if rows:
            print(f"{column}: {total} rows sealed anew", file=sys.stderr)

    made = rotation.rotate(args.name, by=SYSTEM, progress=progress)
    print(lines.dumps({"key": args.name, "id": made, "rows": total}) if args.json else f"{args.name}: {made} is in use")
    if args.name == rotation.MASTER:
        for path in rotation.former_masters():
            print(f"{path} opens the backups of before, and only they need it: {MOVE}", file=sys.stderr)
    return 0
