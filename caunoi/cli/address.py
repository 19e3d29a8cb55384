"""`caunoi address`: which commune of today an address means, or that one must ask.

An installation's own acts count: where there is one, its rows are read. A database that does not answer (or is not laid
out yet) is named on standard error, and the state's list answers alone.
"""

import argparse
import os
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from typing import Any

from caunoi.cli.installation import places, rows
from caunoi.cli.lines import answer, objects
from caunoi.lib.places import gazetteer
from caunoi.lib.places.address import resolve
from caunoi.lib.places.gazetteer import Geography
from caunoi.lib.places.toponyms import key

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
    with rows() as there:
        geography, province = places(there)
    return answer(
        questions, lambda question: _answer(question, geography, province), text=None if args.json or stream else _words
    )


def home(configured: str = "") -> str:
    """The code of the province that is ours: CAUNOI_PROVINCE, a code or a name; else what was `configured` at the first
    run; default Thành phố Đồng Nai."""
    name = os.environ.get("CAUNOI_PROVINCE", "").strip() or configured or "Thành phố Đồng Nai"
    for province in gazetteer.provinces():
        if name == province.code or key(name) in (key(province.name), key(province.short)):
            return province.code
    raise ValueError(f"CAUNOI_PROVINCE: no province of today is called {name!r}")


def _answer(question: dict[str, Any], geography: Geography, province: str) -> dict[str, Any]:
    text, on = question["text"], question.get("on")
    if not isinstance(text, str):
        raise TypeError("text is not a string")
    try:
        day = date.fromisoformat(on) if on else None
    except (TypeError, ValueError):
        raise ValueError(f"on is not a date: {on!r}") from None
    return asdict(resolve(text, on=day, home=home(province), geography=geography))


def _words(answer: Any) -> str:
    if answer["area"]:
        return f"{answer['area']} ({answer['area_code']}, {answer['confidence']:.2f})"
    if answer["outside"]:
        return "another province"
    listed = [f"{one['area']} ({one['area_code']})" for one in answer["candidates"]]
    return f"ask: {', '.join(listed) or 'nothing recognised'}"
