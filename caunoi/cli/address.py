"""`caunoi address`: which commune of today an address means, or that one must ask.

An installation's own acts count: where there is one, its rows are read. A database that does not answer (or is not laid
out yet) is named on standard error, and the state's list answers alone.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from typing import Any

from caunoi.cli.lines import answer, objects
from caunoi.host import home as house
from caunoi.host import postgres
from caunoi.lib import gazetteer
from caunoi.lib.address import resolve
from caunoi.lib.gazetteer import Geography
from caunoi.lib.toponyms import key

NAME = "address"
HELP = "find the commune of today that an address, old or new, means"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", nargs="+", metavar="TEXT", help='the address, or "-": JSON lines {"text": …, "on": …}')
    parser.add_argument("--on", type=date.fromisoformat, metavar="DATE", help="when it was written (default: today)")
    parser.add_argument("--json", action="store_true", help="print one object instead of words")


def run(args: argparse.Namespace) -> int:
    """Print an answer for each address; 0, or 2 where a line of `-` or the province was not understood."""
    stream = args.text == ["-"]
    one = {"text": " ".join(args.text), "on": args.on and args.on.isoformat()}
    questions: Iterable[tuple[int, dict[str, Any]]] = objects() if stream else [(1, one)]
    known = _geography()
    return answer(questions, lambda question: _answer(question, known), text=None if args.json or stream else _words)


def home() -> str:
    """The code of the province that is ours: CAUNOI_PROVINCE, a code or a name; default Thành phố Đồng Nai."""
    wanted = os.environ.get("CAUNOI_PROVINCE", "").strip() or "Thành phố Đồng Nai"
    for province in gazetteer.provinces():
        if wanted == province.code or key(wanted) in (key(province.name), key(province.short)):
            return province.code
    raise ValueError(f"CAUNOI_PROVINCE: no province of today is called {wanted!r}")


def _geography() -> Geography:
    """The list with this installation's acts over it. Django, half a second, is only loaded where there is one."""
    if not os.environ.get("DATABASE_URL") and not postgres.data(house.home()).is_dir():
        return gazetteer.official()
    try:
        with importlib.import_module("caunoi.cli.product").database():
            known: Geography = importlib.import_module("caunoi.directory.geography").geography()
            return known
    except (OSError, ValueError, SystemExit, importlib.import_module("django.db").DatabaseError) as error:
        print(f"the acts of this installation were not read: {str(error).splitlines()[0]}", file=sys.stderr)
        return gazetteer.official()


def _answer(question: dict[str, Any], geography: Geography) -> dict[str, Any]:
    text, on = question["text"], question.get("on")
    if not isinstance(text, str):
        raise TypeError("text is not a string")
    try:
        day = date.fromisoformat(on) if on else None
    except (TypeError, ValueError):
        raise ValueError(f"on is not a date: {on!r}") from None
    return asdict(resolve(text, on=day, home=home(), geography=geography))


def _words(found: Any) -> str:
    if found["area"]:
        return f"{found['area']} ({found['area_code']}, {found['confidence']:.2f})"
    if found["outside"]:
        return "another province"
    listed = [f"{one['area']} ({one['area_code']})" for one in found["candidates"]]
    return f"ask: {', '.join(listed) or 'nothing recognised'}"
