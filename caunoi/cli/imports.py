"""`caunoi import agencies|people|tickets`; its output is English, as of all commands."""

import csv
import sys
from pathlib import Path
from typing import Any

from caunoi.events.actor import SYSTEM
from caunoi.imports import actions, queries
from caunoi.imports.mapping import BadMappingError, ColumnMapping, parse
from caunoi.imports.models import Batch
from caunoi.imports.oddities import problem
from caunoi.imports.report import table

MOST_WORDS = 20


def bring_in(what: str, path: Path, *, mapping: Path | None, preview: bool, oddities: Path | None) -> int:
    """0, or 2 where the file or the mapping cannot be read or every row is left out: then nothing is changed."""
    try:
        columns = parse(mapping.read_text("utf-8"), what) if mapping else ColumnMapping()
        row = actions.open_batch(what, path, by=SYSTEM, mapping=columns, resume=not preview)
    except BadMappingError as error:
        print(f"{mapping}: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    going_on = row.state == Batch.State.APPLYING
    if going_on:
        print(f"going on after line {row.line}")
    else:
        row = actions.look(row, path)
    if row.state == Batch.State.FAILED:
        print(f"{path}: {problem(row.error['problem'])} {row.error['text']}".rstrip(), file=sys.stderr)
        print("nothing was changed", file=sys.stderr)
        return 2
    if not going_on:
        (_tickets if what == "tickets" else _list)(row)
    if preview:
        _report(row, oddities)
        row.delete()
        print("--preview: nothing was changed")
        return 0
    if not going_on and _leaves_all_out(row):
        _report(row, oddities)
        row.delete()
        print(f"{path}: every row is left out; nothing was changed", file=sys.stderr)
        return 2
    if going_on or actions.begin(row, Batch.State.APPLYING, by=SYSTEM):
        row.refresh_from_db()
        row = actions.bring_in(row, by=SYSTEM, path=path)
    _report(row, oddities)
    _done(row)
    return 0


def undo(number: int) -> int:
    """Undo import `number`."""
    row = queries.batch(number)
    if row is None:
        print(f"there is no import {number}", file=sys.stderr)
        return 2
    try:
        row = actions.undo(row, by=SYSTEM)
    except actions.WrongStateError as error:
        reasons = {
            "touched": "somebody has worked on some of its tickets since",
            "not_ready": "it is not there to be taken back",
        }
        print(f"import {number}: {reasons.get(error.code, error.code)}", file=sys.stderr)
        return 1
    print(f"import {number} taken back; {row.counts.get('kept', 0)} kept because they were changed or used since")
    return 0


def _leaves_all_out(row: Batch) -> bool:
    counts = row.counts
    return bool(counts["left"]) and not any(counts.get(name) for name in ("fresh", "changed", "same", "rows", "known"))


def _list(row: Batch) -> None:
    plan: Any = row.plan
    for one in plan["fresh"]:
        print(f"+ {one['key']} {one['name'][:90]}")
    for one in plan["changed"]:
        changes = "; ".join(
            f"{name}: {one['before'][name] or '–'} → {value or '–'}" for name, value in one["after"].items()
        )
        print(f"~ {one['key']} {one['name'][:90]} ({changes})")
    c = row.counts
    print(f"{c['fresh']} new, {c['changed']} changed, {c['same']} as they were, {c['left']} left out")


def _tickets(row: Batch) -> None:
    plan: Any = row.plan
    c = row.counts
    for title, many in (("state", c["states"]), ("year", c["years"]), ("channel", c["channels"])):
        print(f"{title}: {', '.join(f'{name} {count}' for name, count in sorted(many.items()))}")
    for field, words in plan["words"].items():
        for word, one in sorted(words.items(), key=lambda pair: -pair[1]["count"])[:MOST_WORDS]:
            meant = one["code"] or (f"? perhaps {one['suggest']}" if one["suggest"] else "?")
            print(f"  {field}: {word[:60]} ({one['count']}) → {meant}")
    print(
        f"{c['rows']} to bring in, {c['known']} here before ({c['changed']} say something else now), {c['left']} left "
        f"out, "
        f"{c['apart']} end before they begin"
    )


def _done(row: Batch) -> None:
    if row.what == "tickets":
        c = row.counts
        print(f"import {row.pk}: {c['rows']} tickets brought in, {c['known']} here before, {c['left']} left out")
    print(f"to take it back: caunoi import undo {row.pk}")


def _report(row: Batch, path: Path | None) -> None:
    """The oddities: figures, and every line in a CSV with the cells of what was left out."""
    for one in queries.problems(row):
        print(f"{'left out' if one['out'] else 'odd'} ({one['count']}): {problem(one['problem'])}")
    if path:
        with path.open("w", encoding="utf-8-sig", newline="") as out:
            csv.writer(out).writerows(table(row, problem))
        print(f"every odd row: {path}")
