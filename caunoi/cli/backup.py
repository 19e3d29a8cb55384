"""Writes a backup: database, files and keys."""

import argparse
import sys
from pathlib import Path

import psycopg

from caunoi.host import backup, binaries, home, postgres

NAME = "backup"
HELP = "write database, files and keys into a new folder: backup DIR"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="DIR", help="a folder that is new or empty; keep it secret")


def run(args: argparse.Namespace) -> int:
    try:
        manifest = backup.make(home.home(), args.folder.absolute())
    except (backup.Refused, binaries.NoServer, postgres.Failed, psycopg.Error, OSError) as error:
        print(f"caunoi backup: {str(error).strip()}", file=sys.stderr)
        return 1
    print(f"{args.folder}: {len(manifest.files)} files, PostgreSQL {manifest.postgres}, {manifest.made}")
    return 0
