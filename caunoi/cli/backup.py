"""Writes a backup: database, files and keys; or reads one and says whether it is whole."""

import argparse
import datetime as dt
import os
import sys
from pathlib import Path

from caunoi.cli import lines
from caunoi.host import backup, home, schedule, seal
from caunoi.host.finding import NOTHING, Text, _, text_of

NAME = "backup"
HELP = "write database, files and keys into a folder: backup [DIR]; backup --verify DIR reads one again"
FOLDER, RECIPIENT = "CAUNOI_BACKUP_DIR", "CAUNOI_BACKUP_RECIPIENT"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folder", type=Path, nargs="?", metavar="DIR", help=f"new or empty; default: a dated one in {FOLDER}"
    )
    parser.add_argument(
        "--encrypt",
        metavar="RECIPIENT",
        default=os.environ.get(RECIPIENT, ""),
        help=f"seal it to this public key, age1… (default {RECIPIENT})",
    )
    parser.add_argument(
        "--keep",
        nargs=3,
        type=_count,
        metavar=("DAYS", "WEEKS", "MONTHS"),
        help=f"afterwards remove from {FOLDER} all but the newest of so many days, weeks and months",
    )
    parser.add_argument("--verify", action="store_true", help="read all of DIR; exit 1 when something is wrong")
    parser.add_argument("--identity", type=Path, metavar="FILE", help="with --verify: the private key, to look inside")
    parser.add_argument("--new-key", type=Path, metavar="FILE", help="make a pair of keys; do it on another machine")
    parser.add_argument("--json", action="store_true", help="one object a line")
    lines.add_language(parser)


def _count(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is no number")
    return int(text)


def run(args: argparse.Namespace) -> int:
    try:
        if args.new_key:
            return _new_key(args.new_key, args.lang)
        return _verify(args) if args.verify else _make(args)
    except backup.TROUBLE as error:
        _complain(text_of(error), args.lang)
        return 2 if args.verify else 1


def _complain(text: Text, lang: str) -> None:
    print(f"caunoi backup: {' '.join(text.in_(lang).split())}", file=sys.stderr)


def _new_key(file: Path, lang: str) -> int:
    try:
        public = seal.new(file)
    except FileExistsError:
        _complain(_("%(file)s is there already; no key is ever overwritten", file=file), lang)
        return 1
    print(public)
    text = _(
        "The private half is in %(file)s: keep it away from the servers; without it no backup opens.",
        file=file,
    )
    print(text.in_(lang), file=sys.stderr)
    return 0


def _verify(args: argparse.Namespace) -> int:
    if args.folder is None:
        _complain(_("--verify needs the folder of a backup"), args.lang)
        return 2
    keys = seal.identities(args.identity) if args.identity else None
    faults = list(backup.verify(args.folder.absolute(), keys))
    if args.json:
        print(lines.dumps({"backup": str(args.folder), "ok": not faults, "found": [one.in_("en") for one in faults]}))
    else:
        print("\n".join(one.in_(args.lang) for one in faults) or "ok")
    return 1 if faults else 0


def _make(args: argparse.Namespace) -> int:
    backups = os.environ.get(FOLDER)
    if args.folder is None and not backups:
        _complain(_("name a folder, or set %(name)s", name=FOLDER), args.lang)
        return 2
    if args.folder is not None:
        return _say(args, args.folder, backup.make(home.home(), args.folder.absolute(), recipient=args.encrypt))
    assert backups
    place = Path(backups).absolute()
    with schedule.one_at_a_time(place):
        folder = place / schedule.name(dt.datetime.now(dt.UTC))
        code = _say(args, folder, backup.make(home.home(), folder, recipient=args.encrypt))
        if args.keep:
            days, weeks, months = args.keep
            for path in schedule.prune(place, schedule.Keep(days=days, weeks=weeks, months=months)):
                print(_("%(path)s: removed", path=path).in_(args.lang), file=sys.stderr)
    return code


def _say(args: argparse.Namespace, folder: Path, made: backup.Manifest) -> int:
    if not made.recipient and home.master_file().exists():
        text = _(
            "the master key is not in it, as it is not encrypted (--encrypt): keep a copy of %(file)s elsewhere",
            file=home.master_file(),
        )
        _complain(text, args.lang)
    if made.bucket:
        text = _(
            "the files lie in the bucket %(bucket)s and are not in it: keep a second copy of the bucket (versions and "
            "replication of the S3 server, or `%(command)s store move --out DIR`)",
            bucket=made.bucket,
            command=home.COMMAND,
        )
        _complain(text, args.lang)
    if args.json:
        figures = {"backup": str(folder), "made": made.made, "files": len(made.files), "copied": made.copied}
        print(lines.dumps({**figures, "linked": made.linked, "recipient": made.recipient, **made.counts}))
    else:
        text = _(
            "%(folder)s: %(count)s files, PostgreSQL %(postgres)s, %(made)s%(sealed)s; %(copied)s MB of files copied, "
            "%(linked)s MB as in the backup before",
            folder=folder,
            count=len(made.files),
            postgres=made.postgres,
            made=made.made,
            sealed=_(", sealed to %(recipient)s", recipient=made.recipient) if made.recipient else NOTHING,
            copied=f"{made.copied / 1e6:.1f}",
            linked=f"{made.linked / 1e6:.1f}",
        )
        print(text.in_(args.lang))
    return 0
