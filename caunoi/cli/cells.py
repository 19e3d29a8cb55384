"""The control plane of several provinces: the catalogue of their installations, editions of common data, and a table of
their published figures. It works on a folder, anywhere, without a database and without the product running."""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

from caunoi.cli import lines
from caunoi.host import home
from caunoi.host.finding import Text, _
from caunoi.lib import cells
from caunoi.lib.cells import Cell
from caunoi.lib.places import gazetteer
from caunoi.plane import asking, figures
from caunoi.plane.asking import SilentCellError
from caunoi.plane.folder import CHECKS, Folder, PlaneError
from caunoi.plane.survey import CellState, survey

NAME = "cells"
HELP = "several provinces: the catalogue of their installations, editions of common data, published figures"

CREATED = _("%(path)s is a control plane now. Its public key, for each province's set-up:")
KEEP = _("%(path)s signs for all: keep a copy off this machine, and show people %(public)s alone.")
COMPARE = _("Compare on the telephone with what their Setup → Shared editions shows: %(mark)s")
BEFORE = _("Until now the catalogue had another key: %(mark)s")
ADDED = _("%(code)s %(name)s, release %(version)s, is in the draft")
REMOVED = _("%(code)s %(name)s is no longer in the draft")
PUBLISH = _("`%(command)s` shows it to all")
SIGNED = _("Catalogue %(number)s: %(count)s provinces")
MADE = _("Edition %(number)s of %(subject)s is in the draft")
NOTHING = _("no province is in the draft yet")
OTHER_CODE = _("it says that it is province %(own)s, not %(code)s")
OTHER_MARK = _("its key is another: %(mark)s")
NO_PROVINCE = _("%(code)s is no province of today")
UNSIGNED = _("The draft says more than the catalogue that is shown: `%(command)s`")
WRITTEN = _("%(path)s: %(count)s lines of %(cells)s provinces")
LACKING = _("not in it: %(code)s %(name)s: %(why)s")
PUBLISHED_ONLY = _("Only what each province publishes is counted; satisfaction is not among it.")

STATES: Mapping[str, Text] = {
    "ok": _("well"),
    "degraded": _("degraded"),
    "down": _("down"),
    "silent": _("silent"),
}
SUBJECTS: Mapping[str, Text] = {
    "catalogue": _("catalogue"),
    "procedures": _("procedures"),
    "areas": _("areas"),
    "holidays": _("holidays"),
}
YES = _("yes")
LACKS = _("lacks %(what)s")
STRANGER = _("another key")
LIST_HEADS = (_("CODE"), _("NAME"), _("ADDRESS"), _("RELEASE"), _("STATE"), _("UPGRADED"), _("NEWEST"))
FIGURE_HEADS = (
    _("MONTH"),
    _("CODE"),
    _("NAME"),
    _("PUBLISHED"),
    _("HANDLED"),
    _("ON TIME"),
    _("OVERDUE"),
    _("AS OF"),
)


def arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")

    def act(name: str, about: str, *, folder: bool = True) -> argparse.ArgumentParser:
        one = acts.add_parser(name, help=about, description=about)
        if folder:
            one.add_argument("--folder", type=Path, default=Path(), help="the control plane's (default: this one)")
        lines.add_language(one)
        return one

    act("init", "make a folder a control plane", folder=False).add_argument("folder", type=Path)
    add = act("add", "ask an installation who it is, and put it into the draft of the catalogue")
    add.add_argument("code", help="the state's two digits of its province")
    add.add_argument("address", help="its public address, https://…")
    add.add_argument("--fingerprint", default="", help="refuse any key but the one of this fingerprint")
    act("remove", "take a province out of the draft").add_argument("code")
    act("list", "how every cell is; 1 where one is not well").add_argument(
        "--json", action="store_true", help="one object a cell a line"
    )
    act("sign", "show the draft to all as the next catalogue")
    edition = act("edition", "make the next edition of procedures, areas (70.geojson) or holidays (CSV: day,kind,name)")
    edition.add_argument("subject", choices=sorted(CHECKS))
    edition.add_argument("file", type=Path, nargs="+")
    edition.add_argument("--note", default="", help="what is new, in a line")
    edition.add_argument("--from", dest="since", type=date.fromisoformat, help="procedures: in force from (YYYY-MM-DD)")
    edition.add_argument("--keep", action="store_true", help="procedures: retire nothing that a list no longer names")
    counts = act("figures", "count every cell's open data by month; 1 where one is missing")
    counts.add_argument("--out", type=Path, metavar="FILE", help="write the table as CSV")
    counts.add_argument("--json", action="store_true", help="one object a month and cell a line")


def run(args: argparse.Namespace) -> int:
    try:
        return ACTS[args.act](Folder(args.folder.absolute()), args)
    except (PlaneError, SilentCellError, OSError, ValueError) as error:
        print(f"caunoi cells: {' '.join(str(error).split())}", file=sys.stderr)
        return 2


def _init(folder: Folder, args: argparse.Namespace) -> int:
    folder.create()
    print(
        _in(args.lang, CREATED, path=folder.path), cells.key_text(folder.key), cells.fingerprint(folder.key), sep="\n"
    )
    print(_in(args.lang, KEEP, path=folder.path / "plane_key.pem", public=folder.public))
    return 0


def _add(folder: Folder, args: argparse.Namespace) -> int:
    unit = gazetteer.unit(args.code)
    if unit is None or unit.level != "province":
        raise PlaneError(_in(args.lang, NO_PROVINCE, code=args.code))
    before = folder.draft().cells.get(args.code)
    with asking.client() as http:
        about = asking.about(http, cells.clean_address(args.address))
    mark = cells.fingerprint(about.cell.key)
    if about.cell.code != args.code:
        raise PlaneError(_in(args.lang, OTHER_CODE, own=about.cell.code, code=args.code))
    if args.fingerprint and args.fingerprint.split() != mark.split():
        raise PlaneError(_in(args.lang, OTHER_MARK, mark=mark))
    folder.put(about.cell)
    print(_in(args.lang, ADDED, code=args.code, name=about.cell.name, version=about.version))
    if before and before.key != about.cell.key:
        print(_in(args.lang, BEFORE, mark=cells.fingerprint(before.key)))
    print(_in(args.lang, COMPARE, mark=mark))
    return _publish(folder, args.lang)


def _remove(folder: Folder, args: argparse.Namespace) -> int:
    cell = folder.remove(args.code)
    print(_in(args.lang, REMOVED, code=cell.code, name=cell.name))
    return _publish(folder, args.lang)


def _publish(folder: Folder, lang: str) -> int:
    print(_in(lang, PUBLISH, command=_command(folder)))
    return 0


def _command(folder: Folder) -> str:
    return f"{home.COMMAND} cells sign --folder {folder.path}"


def _sign(folder: Folder, args: argparse.Namespace) -> int:
    catalogue = folder.sign()
    print(_in(args.lang, SIGNED, number=catalogue.number, count=len(catalogue.cells)))
    return 0


def _edition(folder: Folder, args: argparse.Namespace) -> int:
    edition = folder.add_edition(args.subject, args.file, note=args.note, effective_from=args.since, keep=args.keep)
    subject = SUBJECTS[edition.subject].in_(args.lang)
    print(_in(args.lang, MADE, number=edition.number, subject=subject))
    return _publish(folder, args.lang)


def _members(folder: Folder, args: argparse.Namespace) -> Sequence[Cell]:
    """Of the draft. PlaneError where there is none."""
    members = list(folder.draft().cells.values())
    if not members:
        raise PlaneError(NOTHING.in_(args.lang))
    return members


def _list(folder: Folder, args: argparse.Namespace) -> int:
    rows = survey(_members(folder, args), folder.published())
    if args.json:
        for one in rows:
            print(lines.dumps(_as_json(one)))
    else:
        lines.print_table(LIST_HEADS, (_row(one, args.lang) for one in rows), args.lang)
        if not folder.is_published():
            print(_in(args.lang, UNSIGNED, command=_command(folder)), file=sys.stderr)
    return 0 if all(one.is_well for one in rows) else 1


def _as_json(one: CellState) -> dict[str, object]:
    cell = {"code": one.cell.code, "name": one.cell.name, "address": one.cell.address}
    states = {"state": one.state, "why": one.why, "version": one.version or None, "upgraded": one.upgraded or None}
    return {
        **cell,
        **states,
        "newest": one.state != "silent" and not one.behind,
        "behind": one.behind,
        "key": "other" if one.stranger else "same" if one.version else None,
    }


def _row(one: CellState, lang: str) -> list[str]:
    state = STATES[one.state].in_(lang) + (f" ({one.why})" if one.why else "")
    if one.stranger:
        state = f"{state}, {STRANGER.in_(lang)}"
    what = ", ".join(SUBJECTS[name].in_(lang) if name in SUBJECTS else name for name in one.behind)
    newest = "–" if one.state == "silent" else _in(lang, LACKS, what=what) if what else YES.in_(lang)
    cell = one.cell
    return [cell.code, cell.name, cell.address, one.version or "–", state, one.upgraded[:10] or "–", newest]


def _figures(folder: Folder, args: argparse.Namespace) -> int:
    rows, missing = figures.gather(_members(folder, args))
    if args.json:
        for one in rows:
            print(lines.dumps(asdict(one)))
    else:
        table = (
            [
                one.month,
                one.code,
                one.cell,
                *map(str, (one.published, one.handled, one.on_time, one.overdue)),
                one.as_of,
            ]
            for one in rows
        )
        lines.print_table(FIGURE_HEADS, table, args.lang)
        print(PUBLISHED_ONLY.in_(args.lang), file=sys.stderr)
    if args.out:
        figures.write(args.out, rows)
        counted = len({one.code for one in rows})
        print(_in(args.lang, WRITTEN, path=args.out, count=len(rows), cells=counted), file=sys.stderr)
    for lack in missing:
        values = {"code": lack.cell.code, "name": lack.cell.name, "why": lack.why}
        print(_in(args.lang, LACKING, **values), file=sys.stderr)
    return 1 if missing else 0


ACTS: Mapping[str, Callable[[Folder, argparse.Namespace], int]] = {
    "init": _init,
    "add": _add,
    "remove": _remove,
    "list": _list,
    "sign": _sign,
    "edition": _edition,
    "figures": _figures,
}


def _in(lang: str, text: Text, **values: object) -> str:
    return Text(text.source, values).in_(lang)
