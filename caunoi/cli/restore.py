"""Brings a backup back."""

import argparse
import sys
from pathlib import Path

import psycopg

from caunoi.host import backup, binaries, home, postgres

NAME = "restore"
HELP = "bring a backup into an empty home: restore DIR (--force: in place of what is there)"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="DIR", help="what `caunoi backup` wrote")
    parser.add_argument("--force", action="store_true", help="move aside what the home holds, and restore")


def run(args: argparse.Namespace) -> int:
    try:
        aside = backup.restore(home.home(), args.folder.absolute(), force=args.force)
    except (backup.Refused, binaries.NoServer, postgres.Failed, psycopg.Error, OSError) as error:
        print(f"caunoi restore: {str(error).strip()}", file=sys.stderr)
        return 1
    for name in backup.lacking(args.folder):
        print(
            f"caunoi restore: the backup holds no {name}; bring it from elsewhere if it was ever made", file=sys.stderr
        )
    print(f"restored into {home.home()}" + (f"; what was there is in {aside}" if aside else ""))
    return 0
