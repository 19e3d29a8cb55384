"""Looks through the stored files, and carries them from a folder to a bucket or back."""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

from caunoi.cli import lines
from caunoi.host import home
from caunoi.host.finding import Text, _
from caunoi.spool.actions import put_back
from caunoi.spool.queries import ASIDE, waiting
from caunoi.store import actions
from caunoi.store.actions import Round
from caunoi.store.places import Folder, Place, StoreError
from caunoi.store.queries import store
from caunoi.store.store import Store, folder

NAME = "store"
HELP = "where files lie: `store check` reads them all, `store move` carries them to the bucket (or --out DIR)"
NEEDS = "database"
ACTS = "read and compare every file; carry them over; say which reports wait for a number"
EVERY = 2.0  # seconds between two lines of progress

CHECKED = _("%(place)s: %(files)s files, %(size)s bytes, each as it was written")
FRESH = _("%(count)s of them were older than the checksums and were taken as they are")
MOVED = _("%(files)s files looked at, %(carried)s carried from %(source)s to %(target)s")
LEFT = _("They still lie in %(source)s too; `%(command)s` takes them away.")
FAULTS = _("%(count)s files are not in order:")
NO_BUCKET = _("there is no bucket to move to: set S3_BUCKET and what belongs to it, or name a folder with --out")
NOTHING = _("nothing lies in %(source)s any more")
BUSY = _("files are being moved already; wait until that is done")
WAITING = _("%(pending)s reports wait for a number, %(aside)s are set aside")
SAME = _("%(folder)s is where the files lie already")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("act", choices=["check", "move", "spool"], help=ACTS)
    parser.add_argument("--out", type=Path, metavar="DIR", help="move: from the store into this folder")
    parser.add_argument("--remove", action="store_true", help="move: take each away once it lies at the other place")
    parser.add_argument("--again", action="store_true", help="spool: what was set aside waits for a number again")
    lines.add_language(parser)


def run(args: argparse.Namespace) -> int:
    try:
        if args.act == "spool":
            return _spool(args.again, args.lang)
        return _check(store(), args.lang) if args.act == "check" else _move(store(), args)
    except StoreError as error:
        print(f"caunoi store: {error}", file=sys.stderr)
        return 2


def _spool(again: bool, lang: str) -> int:
    """1 while something is set aside."""
    if again:
        put_back()
    pending, aside = waiting(), waiting(ASIDE)
    print(_in(lang, WAITING, pending=pending.count, aside=aside.count))
    return 1 if aside.count else 0


def _check(files: Store, lang: str) -> int:
    done = actions.check(files.main, files.former, _progress())
    if not done.faults:
        print(_in(lang, CHECKED, place=files.main.label, files=done.files, size=done.size))
    if done.fresh:
        print(_in(lang, FRESH, count=done.fresh))
    return _faults(done, lang)


def _move(files: Store, args: argparse.Namespace) -> int:
    if args.out:
        source: Place = files.main
        target: Place = Folder(location=args.out)
        if isinstance(source, Folder) and Path(source.location).resolve() == args.out.resolve():
            return _refuse(_in(args.lang, SAME, folder=args.out))
    elif isinstance(files.main, Folder):
        return _refuse(_in(args.lang, NO_BUCKET))
    else:
        source, target = folder(), files.main
    with actions.alone() as is_alone:
        if not is_alone:
            return _refuse(_in(args.lang, BUSY))
        done = actions.move(source, target, remove=args.remove, progress=_progress())
    print(_in(args.lang, MOVED, files=done.files, carried=done.carried, source=source.label, target=target.label))
    if args.remove and not done.faults:
        print(_in(args.lang, NOTHING, source=source.label))
    elif not args.remove and done.files:
        again = f"{home.COMMAND} store move{f' --out {args.out}' if args.out else ''} --remove"
        print(_in(args.lang, LEFT, source=source.label, command=again))
    return _faults(done, args.lang)


def _in(lang: str, text: Text, **values: object) -> str:
    return Text(text.source, values).in_(lang)


def _faults(done: Round, lang: str) -> int:
    if done.faults:
        print(_in(lang, FAULTS, count=len(done.faults)), *done.faults, sep="\n  ", file=sys.stderr)
    return 1 if done.faults else 0


def _refuse(text: str) -> int:
    print(f"caunoi store: {text}", file=sys.stderr)
    return 2


def _progress() -> Callable[[Round], None]:
    """A line every few seconds, on a terminal."""
    last = time.monotonic()

    def say(so_far: Round) -> None:
        nonlocal last
        if sys.stderr.isatty() and time.monotonic() - last >= EVERY:
            last = time.monotonic()
            print(f"{so_far.files} · {so_far.size >> 20} MB", file=sys.stderr, flush=True)

    return say
