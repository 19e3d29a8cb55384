"""Reads all evidence again and compares it with what was sealed: events, the public log, witnesses."""

import argparse
from collections.abc import Iterator

from caunoi.cli import lines
from caunoi.events import seals
from caunoi.events.seals import Verification
from caunoi.host.finding import _
from caunoi.publication import actions as publication
from caunoi.publication.actions import witnesses

NAME = "verify"
HELP = "compare the events and the public log with their seals; exit 1 when something does not fit"
NEEDS = "database"
WRONG = _("WRONG")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one object a line: what, count, ok, first_bad")
    lines.add_language(parser)
    parser.add_argument("--seal", action="store_true", help="first seal what happened since the last seal")


def run(args: argparse.Namespace) -> int:
    if args.seal:
        seals.seal()
        publication.state_seal()
        while publication.sequence():
            pass
        publication.sign()
    whole = True
    for one in _all():
        whole &= not one.first_bad
        result = {"what": one.what, "count": one.count, "ok": not one.first_bad, "first_bad": one.first_bad or None}
        bad = f"   {WRONG.in_(args.lang)}: {one.first_bad}" if one.first_bad else ""
        print(lines.dumps(result) if args.json else f"{one.what:<12} {one.count:>10}{bad}", flush=True)
    if not args.json and (open_events := seals.unsealed()):
        text = _("%(count)s newer events are not sealed yet; `caunoi verify --seal` does it now", count=open_events)
        print(text.in_(args.lang), flush=True)
    return 0 if whole else 1


def _all() -> Iterator[Verification]:
    yield seals.verify()
    yield from publication.verify()
    yield from witnesses.verify()
