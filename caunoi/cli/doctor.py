"""Looks for mistakes in settings, machine, running product and province, and says what to do about each."""

import argparse
import importlib
import os
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from caunoi.cli import lines
from caunoi.host import configuration, database, home, machine, postgres
from caunoi.host.finding import Finding, State, _
from caunoi.host.finding import run as look

NAME = "doctor"
HELP = "look for mistakes in settings, machine, running product and province; exit 1 when something is broken"
HEADS = {State.BROKEN: _("BROKEN"), State.WARN: _("WARNING"), State.OK: _("OK")}
ORDER = [State.BROKEN, State.WARN, State.OK]
UNASKED = _("The product itself was not asked: its settings or its database are broken.")
NEW = _("The product was never started with this home.")
START = _("Start it: caunoi up, or systemctl start caunoi.")
FIRST = _("Fix what is broken first.")
VITAL = {"database", "home", "numbers", "choices", "port", "secret_key"}
LEVEL = 3
BY_ASSURANCE = _("STATED BY THE ORGANISATION")
STANDINGS = {"met": _("MET"), "open": _("NOT MET"), "people": _("BY THE ORGANISATION")}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="{check, state, why, mend} of every check, one a line")
    parser.add_argument("--all", action="store_true", help="say also what is in order")
    parser.add_argument("--lang", choices=("vi", "en"), default="vi")
    parser.add_argument(
        "--level",
        type=int,
        choices=(LEVEL,),
        help="answer the checklist of security level 3 instead; exit 1 when a row is open, 2 when none can be answered;"
        " with --json {id, text, source, read_in_original, by, state, answer, mend, stated}",
    )
    parser.add_argument("--annex", type=Path, metavar="FILE.docx", help="with --level 3: write the answers there too")


def run(args: argparse.Namespace) -> int:
    if args.level:
        return _level(args)
    if args.annex:
        print("caunoi doctor: --annex goes with --level 3", file=sys.stderr)
        return 2
    findings = sorted(results(), key=lambda one: ORDER.index(one.state))
    if args.json:
        for one in findings:
            print(lines.dumps(one.as_json(args.lang)))
    else:
        visible = [one for one in findings if args.all or one.state != State.OK]
        for _same, alike in groupby(visible, key=lambda one: (one.state, one.what, one.mend)):
            print(as_text(list(alike), args.lang))
        well = sum(one.state == State.OK for one in findings)
        print(_count(well, len(findings), args.lang))
    return 1 if any(one.state == State.BROKEN for one in findings) else 0


def results() -> Iterator[Finding]:
    """What all checks find; where the first ones say that the product cannot be asked, it is not."""
    folder = home.home()
    first = [*look(configuration.CHECKS, os.environ), *look(machine.CHECKS, folder, os.environ)]
    yield from first
    if causes := VITAL & {one.check for one in first if one.state == State.BROKEN}:
        yield Finding(check="product", part="running", state=State.WARN, what=UNASKED, mend=FIRST)
        if causes == {"database"}:
            yield from _spool()
        return
    if not os.environ.get("DATABASE_URL") and not postgres.data(folder).exists():
        yield Finding(check="product", part="running", state=State.WARN, what=NEW, mend=START)
        return
    product = importlib.import_module("caunoi.cli.product")  # Django is made ready here, not before
    with product.database("doctor", owner=False):
        yield from importlib.import_module("caunoi.checks.every").of_product(folder)


def _spool() -> Iterator[Finding]:
    """Which reports wait for the database: the store knows that alone."""
    try:
        importlib.import_module("caunoi.cli.product")
    except database.AddressError:
        return
    yield from look(importlib.import_module("caunoi.checks.spooled").CHECKS)


def _level(args: argparse.Namespace) -> int:
    folder = home.home()
    if not os.environ.get("DATABASE_URL") and not postgres.data(folder).exists():
        print(f"caunoi doctor: {NEW.in_(args.lang)} {START.in_(args.lang)}", file=sys.stderr)
        return 2
    try:
        product = importlib.import_module("caunoi.cli.product")
        with product.database("doctor", owner=False):
            level3 = importlib.import_module("caunoi.checks.level3")
            rows = level3.answers()
            annex = importlib.import_module("caunoi.checks.annex").write(rows, args.lang) if args.annex else b""
    except SystemExit as error:  # there is no database to ask
        if isinstance(error.code, str):
            print(error.code, file=sys.stderr)
        return 2
    if args.annex:
        try:
            args.annex.write_bytes(annex)
        except OSError as error:
            print(f"caunoi doctor: {args.annex}: {error.strerror}", file=sys.stderr)
            return 2
    for row, answer in rows:
        if args.json:
            print(lines.dumps(level3.as_json(row, answer, args.lang)))
            continue
        standing = BY_ASSURANCE if answer.is_stated else STANDINGS[answer.standing]
        print(f"{standing.in_(args.lang)}  {row.id}: {row.text.in_(args.lang)}")
        print(f"  {answer.text.in_(args.lang)}")
        if mend := answer.mend.in_(args.lang):
            print(f"  {_('Do').in_(args.lang)}: {mend}")
        print(f"  {_('Source').in_(args.lang)}: {level3.source(row).in_(args.lang)}")
    if not args.json:
        print(level3.counts(rows).in_(args.lang))
    return 1 if any(answer.standing == "open" for _row, answer in rows) else 0


def as_text(alike: list[Finding], lang: str) -> str:
    one = alike[0]
    rows = [f"{HEADS[one.state].in_(lang)}  {', '.join(a.check for a in alike)}: {one.what.in_(lang)}"]
    if why := one.why.in_(lang):
        rows.append(f"  {_('Why').in_(lang)}: {why}")
    if mend := one.mend.in_(lang):
        rows.append(f"  {_('Do').in_(lang)}: {mend}")
    return "\n".join(rows)


def _count(well: int, every: int, lang: str) -> str:
    if well == every:
        return _("Everything is in order.").in_(lang)
    return _("%(well)s of %(every)s checks are in order.", well=well, every=every).in_(lang)
