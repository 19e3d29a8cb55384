"""Writes what leaves the product whole."""

import argparse
import sys
from pathlib import Path

from caunoi.opendata import actions

NAME = "export"
HELP = "write the open data (CSV, Parquet, GeoJSON, GeoReport Bulk): open-data DIR"
NEEDS = "database"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=["open-data"], help="what to write")
    parser.add_argument("folder", type=Path, metavar="DIR", help="files of an earlier export in it are replaced whole")


def run(args: argparse.Namespace) -> int:
    try:
        edition = actions.export(args.folder)
    except OSError as error:
        print(f"caunoi export: {error}", file=sys.stderr)
        return 1
    size = sum(file["bytes"] for file in edition.files)
    print(f"{args.folder}: {edition.rows} tickets, {len(edition.files)} files, {size} bytes, {edition.seconds} s")
    return 0
