"""Brings a backup back."""

import argparse
import sys
from pathlib import Path

from caunoi.host import backup, binaries, home, postgres

NAME = "restore"
HELP = "bring a backup into an empty home: restore DIR (--force: in place of what is there)"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="DIR", help="what `caunoi backup` wrote")
    parser.add_argument("--force", action="store_true", help="move aside what the home holds, and restore")


def run(args: argparse.Namespace) -> int:
    try:
        aside = backup.restore(home.home(), args.folder.absolute(), force=args.force)
    except (backup.Refused, binaries.NoServer, postgres.Failed, OSError) as error:
        print(f"caunoi restore: {error}", file=sys.stderr)
        return 1
    print(f"restored into {home.home()}" + (f"; what was there is in {aside}" if aside else ""))
    return 0
