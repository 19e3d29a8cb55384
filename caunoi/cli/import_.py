"""Brings a file's rows into the product; with --preview it only says what would change."""

import argparse
import sys
from pathlib import Path

from django.conf import settings
from django.db import transaction

from caunoi.cli import product  # noqa: F401  before the stages
from caunoi.directory import actions, outlines, queries

NAME = "import"
HELP = "bring in a file: areas FILE (GeoJSON, properties.code); --preview changes nothing"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=["areas"], help="what the file holds")
    parser.add_argument("file", type=Path)
    parser.add_argument("--preview", action="store_true", help="say what would change, and change nothing")


def run(args: argparse.Namespace) -> int:
    try:
        drawn = outlines.read(args.file, settings.PROVINCE)
    except outlines.BadOutlines as error:
        print(error, file=sys.stderr)
        return 2
    with transaction.atomic():
        rows = queries.commune_rows(actions.save_province(settings.PROVINCE), drawn)
        fresh, changed = actions.compare_areas(rows)
        actions.save_areas(rows)
        transaction.set_rollback(args.preview)
    for sign, areas in (("+", fresh), ("~", changed)):
        for area in areas:
            print(f"{sign} {area.code} {area.name}")
    print(f"{len(fresh)} new, {len(changed)} changed, {len(rows) - len(fresh) - len(changed)} as they were", end="")
    print("; --preview: nothing was changed" if args.preview else "")
    return 0
