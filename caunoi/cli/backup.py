"""Writes a backup: database, files and key."""

import argparse
import sys
from pathlib import Path

from caunoi.host import backup, binaries, home, postgres

NAME = "backup"
HELP = "write database, files and key into a new folder: backup DIR"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="DIR", help="a folder that is new or empty; keep it secret")


def run(args: argparse.Namespace) -> int:
    try:
        manifest = backup.make(home.home(), args.folder.absolute())
    except (backup.Refused, binaries.NoServer, postgres.Failed, OSError) as error:
        print(f"caunoi backup: {error}", file=sys.stderr)
        return 1
    print(f"{args.folder}: {len(manifest.files)} files, PostgreSQL {manifest.postgres}, {manifest.made}")
    return 0
