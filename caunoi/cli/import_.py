"""Brings a file's rows into the product; with --preview it only says what would change."""

import argparse
import csv
import sys
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction

from caunoi.cli import imports
from caunoi.directory import actions, geography, outlines, past
from caunoi.directory.queries import province_code
from caunoi.events.actor import SYSTEM
from caunoi.imports.vocabulary import KINDS
from caunoi.procedures import actions as procedures
from caunoi.procedures.models import Import
from caunoi.procedures.oddities import FLAWS, ODDITIES

NAME = "import"
HELP = "bring in files: areas (GeoJSON), procedures (XLSX, JSON lines), agencies people tickets (XLSX, CSV); --preview"
NEEDS = "database"


def arguments(parser: argparse.ArgumentParser) -> None:
    whats = ["areas", "procedures", *KINDS, "undo"]
    parser.add_argument("what", choices=whats, help="what the file holds; undo: takes an import back by its number")
    parser.add_argument("file", type=Path, nargs="+")
    parser.add_argument("--preview", action="store_true", help="say what would change, and change nothing")
    parser.add_argument(
        "--history", action="store_true", help="areas: the units of the past too, and what followed them"
    )
    parser.add_argument("--from", dest="since", type=date.fromisoformat, help="procedures: in force from (YYYY-MM-DD)")
    parser.add_argument("--keep", action="store_true", help="procedures: retire nothing that a file no longer names")
    parser.add_argument("--oddities", type=Path, help="write what was strange into this CSV file")
    parser.add_argument("--mapping", type=Path, help="agencies, people, tickets: how the file is to be read (TOML)")


def run(args: argparse.Namespace) -> int:
    if args.what == "procedures":
        return _procedures(args)
    if len(args.file) > 1:
        print(f"one file of {args.what} at a time", file=sys.stderr)
        return 2
    if args.what == "areas":
        return _areas(args)
    if args.what == "undo":
        return imports.undo(int(str(args.file[0]))) if str(args.file[0]).isdigit() else 2
    return imports.bring_in(args.what, args.file[0], mapping=args.mapping, preview=args.preview, oddities=args.oddities)


def _areas(args: argparse.Namespace) -> int:
    try:
        drawn = outlines.read(args.file[0], province_code())
    except outlines.BadOutlinesError as error:
        print(error, file=sys.stderr)
        return 2
    with transaction.atomic():
        rows = geography.commune_rows(actions.save_province(province_code()), drawn)
        fresh, changed = actions.compare_areas(rows)
        actions.save_areas(rows)
        past_count = past.save_past(province_code()) if args.history else 0
        transaction.set_rollback(args.preview)
    for sign, areas in (("+", fresh), ("~", changed)):
        for area in areas:
            print(f"{sign} {area.code} {area.name}")
    print(f"{len(fresh)} new, {len(changed)} changed, {len(rows) - len(fresh) - len(changed)} as they were", end="")
    print(f"; {past_count} of the past" if args.history else "", end="")
    print("; --preview: nothing was changed" if args.preview else "")
    return 0


def _procedures(args: argparse.Namespace) -> int:
    """All files or none: the first unreadable one rolls the others back."""
    odd: list[dict[str, Any]] = []
    with transaction.atomic():
        for path in args.file:
            try:
                row = procedures.upload(
                    path.name, path.read_bytes(), by=SYSTEM, effective_from=args.since, retires=not args.keep
                )
            except OSError as error:
                print(f"{path}: {error.strerror}", file=sys.stderr)
                transaction.set_rollback(True)
                return 2
            procedures.look(row)
            odd += [{"file": path.name, **one} for one in row.oddities]
            if row.state == Import.State.FAILED:
                for flaw in row.oddities:
                    where = f"{path}, line {flaw['line']}" if flaw["line"] else str(path)
                    print(f"{where}: {FLAWS[flaw['problem']]} {flaw['text']}".rstrip(), file=sys.stderr)
                print("nothing was changed", file=sys.stderr)
                transaction.set_rollback(True)
                return 2
            _say(path, row)
            procedures.bring_in(row, by=SYSTEM, index=path == args.file[-1] and not args.preview)
        transaction.set_rollback(args.preview)
    if args.oddities:
        _write(args.oddities, odd)
    if args.preview:
        print("--preview: nothing was changed")
    return 0


def _say(path: Path, row: Import) -> None:
    plan: Any = row.plan
    for sign, rows in (("+", plan["fresh"]), ("~", plan["changed"]), ("-", plan["gone"])):
        for one in rows:
            fields = f" ({', '.join(one['fields'])})" if one.get("fields") else ""
            print(f"{sign} {one['code']} {one['name'][:90]}{fields}")
    print(
        f"{path.name}: {len(plan['fresh'])} new, {len(plan['changed'])} changed, {len(plan['gone'])} gone, "
        f"{plan['same']} as they were, {len(row.oddities)} oddities"
    )


def _write(path: Path, odd: list[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["file", "code", "field", "problem", "meaning", "text"])
        for one in odd:
            rows.writerow(
                [one["file"], one["code"], one["field"], one["problem"], ODDITIES[one["problem"]], one["text"]]
            )
