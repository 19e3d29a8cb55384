"""Lists the installation's keys, and changes one while people work. Keys of apps are made in the set-up, not here."""

import argparse
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from django.db import ProgrammingError

from caunoi.cli import lines
from caunoi.events.actor import SYSTEM
from caunoi.host.finding import Text, _
from caunoi.lib.crypto.envelope import SealError
from caunoi.publication import queries as publication
from caunoi.publication.actions import log_keys, log_rotation, witnesses
from caunoi.vault import rotation, shared_keys
from caunoi.vault.queries import MasterKeyError

NAME = "keys"
HELP = (
    "the installation's own keys, their age and use; `keys rotate NAME` makes a new one while people work; `keys adopt"
    " NAME FILE` brings one back from a backup"
)
NEEDS = "database"
HEADS = (_("KEY"), _("ID"), _("MADE"), _("DAYS"), _("IN USE"), _("ROWS"))
YES, NO = _("yes"), _("no")

LOG = "log"  # signs the public log
NAMES = (*rotation.NAMES, LOG)
FILES = {
    rotation.SECRET: shared_keys.SECRET,
    rotation.PUSH: shared_keys.PUSH,
    rotation.CELL: shared_keys.CELL,
    LOG: shared_keys.LOG,
}
USAGE = _("`keys rotate NAME`, `keys adopt NAME FILE`, or `keys` alone; `caunoi keys --help` says more")
NO_TABLES = _("the database is not set up yet; `caunoi up` or `caunoi migrate` does that")
BY_HAND = _(
    "%(file)s cannot be written: on every host, leave of the key before only its public part (openssl pkey -pubout), "
    "below the new one"
)
COPY = _("copy %(file)s to every other host at once: without it they cannot sign")
NOT_SHARED = _("the key %(name)s is named by the settings or cannot be written here: its file is in your own hands")
ADOPTED = _("%(file)s is the key %(name)s of the installation now, on every host")
MOVE = _(
    "%(file)s opens the backups of before, and only they need it: move it off this machine, to where the keys for "
    "those backups are kept"
)
PROGRESS = _("%(column)s: %(count)s rows sealed anew")
UNSEEN = _("the witness %(name)s has not seen it yet: %(why)s")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("act", nargs="?", choices=["list", "rotate", "adopt"], default="list")
    parser.add_argument("name", nargs="?", choices=NAMES, metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help=f"adopt: {', '.join(FILES)}")
    parser.add_argument("--json", action="store_true", help="one object a key a line")
    lines.add_language(parser)


def run(args: argparse.Namespace) -> int:
    if (args.act != "list") != bool(args.name) or (args.act == "adopt") != bool(args.file):
        print(f"caunoi keys: {USAGE.in_(args.lang)}", file=sys.stderr)
        return 2
    try:
        if args.act == "adopt":
            return _adopt(args)
        return _rotate(args) if args.name else _list(args)
    except ProgrammingError:
        print(f"caunoi keys: {NO_TABLES.in_(args.lang)}", file=sys.stderr)
        return 2
    except (
        rotation.NotHereError,
        shared_keys.ChangedError,
        log_keys.LogKeyError,
        MasterKeyError,
        SealError,
        OSError,
        ValueError,
    ) as error:
        print(f"caunoi keys: {error}", file=sys.stderr)
        return 1


def _list(args: argparse.Namespace) -> int:
    rows = [*rotation.listing(counts=True), *_log_keys()]
    if args.json:
        for one in rows:
            made = one.made.isoformat(timespec="seconds") if one.made else None
            values = {"key": one.name, "id": one.id, "made": made, "days": one.days, "in_use": one.in_use}
            print(lines.dumps({**values, "rows": one.sealed}))
        return 0
    table = []
    for one in rows:
        made, days = (f"{one.made:%Y-%m-%d}", str(one.days)) if one.made else ("", "")
        count = "" if one.sealed is None else str(one.sealed)
        table.append((one.name, one.id, made, days, (YES if one.in_use else NO).in_(args.lang), count))
    lines.print_table(HEADS, table, args.lang)
    return 0


def _log_keys() -> Iterator[rotation.KeyInfo]:
    """Those of the public log; one that has never signed is not made here."""
    if not log_keys.path().exists():
        return
    terms, last = log_keys.terms(), log_keys.made()
    begun = datetime.fromtimestamp(log_keys.path().stat().st_mtime, UTC) if len(terms) == 1 else None
    for one in terms:
        yield rotation.KeyInfo(name=LOG, id=one.id[:12], made=last.get(one.id, begun), in_use=one is terms[-1])


def _rotate(args: argparse.Namespace) -> int:
    total = 0

    def progress(column: str, rows: int) -> None:
        nonlocal total
        total += rows
        if rows:
            _advise(PROGRESS, args.lang, column=column, count=total)

    if args.name == LOG:
        made = log_rotation.rotate(by=SYSTEM)[:12]
        witnesses.send_all()
    else:
        made = rotation.rotate(args.name, by=SYSTEM, progress=progress)
    if args.json:
        print(lines.dumps({"key": args.name, "id": made, "rows": total}))
    else:
        print(_("%(key)s: %(id)s is in use", key=args.name, id=made).in_(args.lang))
    for row in publication.witnesses().filter(active=True).exclude(trouble="") if args.name == LOG else ():
        _advise(UNSEEN, args.lang, name=row.name, why=row.trouble)
    if args.name == LOG and not log_rotation.is_writable():
        _advise(BY_HAND, args.lang, file=log_keys.path())
    elif args.name == LOG and not shared_keys.is_shared(shared_keys.LOG) and os.environ.get("DATABASE_URL"):
        _advise(COPY, args.lang, file=log_keys.path())
    if args.name == rotation.MASTER:
        for path in rotation.former_masters():
            _advise(MOVE, args.lang, file=path)
    return 0


def _adopt(args: argparse.Namespace) -> int:
    """A file's text becomes the key of the installation."""
    name = FILES.get(args.name)
    if name is None:
        print(f"caunoi keys: {USAGE.in_(args.lang)}", file=sys.stderr)
        return 2
    if not shared_keys.is_shared(name):
        print(f"caunoi keys: {Text(NOT_SHARED.source, {'name': args.name}).in_(args.lang)}", file=sys.stderr)
        return 1
    shared_keys.adopt(name, args.file.read_text("utf-8"))
    print(Text(ADOPTED.source, {"file": args.file, "name": args.name}).in_(args.lang))
    return 0


def _advise(text: Text, lang: str, **values: object) -> None:
    print(Text(text.source, values).in_(lang), file=sys.stderr)
