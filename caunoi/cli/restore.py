"""Brings a backup back, or the embedded database as it was at a moment; or only tries it."""

import argparse
import datetime as dt
import sys
from pathlib import Path

from caunoi.cli import lines
from caunoi.host import archive, backup, database, home, rehearsal, seal
from caunoi.host.finding import NOTHING, Text, _, text_of

NAME = "restore"
HELP = "bring back a backup, restore DIR, or a moment, restore --to TIME; --rehearse only tries it"
LATEST = "latest"
OK, WRONG = _("ok"), _("WRONG")
ASIDE = _("; what was there is in %(folder)s")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folder",
        type=Path,
        nargs="?",
        metavar="DIR",
        help="what `caunoi backup` wrote; with --to the archive of moments (default: where this installation keeps it)",
    )
    parser.add_argument(
        "--to", type=_moment, metavar="TIME", help="a moment such as 2026-11-28T10:15:00+07:00, or latest"
    )
    parser.add_argument("--force", action="store_true", help="move aside what the home holds, and restore")
    parser.add_argument("--identity", type=Path, metavar="FILE", help="the private key of a sealed backup")
    parser.add_argument(
        "--rehearse", action="store_true", help="only try it, in a throw-away server; exit 1 when something is wrong"
    )
    parser.add_argument("--json", action="store_true", help="with --rehearse: one object a line")
    lines.add_language(parser)


def _moment(text: str) -> str | dt.datetime:
    if text == LATEST:
        return text
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no time: write it like 2026-11-28T10:15:00+07:00") from None
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} has no offset: write it like {text}+07:00")
    return moment


def run(args: argparse.Namespace) -> int:
    if args.folder is None and (args.to is None or archive.folder() is None):
        _complain(_("name the folder of a backup, or of an archive with --to"), args.lang)
        return 2
    try:
        if args.rehearse:
            return _rehearse(args)
        return _to(args) if args.to else _backup(args)
    except (*backup.TROUBLE, archive.NotArchivedError) as error:
        _complain(text_of(error), args.lang)
        return (
            2
            if args.rehearse and not isinstance(error, (backup.BackupError, seal.BadKeyError, archive.NotArchivedError))
            else 1
        )


def _backup(args: argparse.Namespace) -> int:
    folder = args.folder.absolute()
    aside = backup.restore(home.home(), folder, force=args.force, keys=_keys(args))
    for name in backup.lacking(folder):
        if name != home.MASTER:
            text = _("the backup holds no %(name)s; bring it from elsewhere if it was ever made", name=name)
            _complain(text, args.lang)
        elif not home.master_file().exists():
            text = _(
                "the backup holds no %(name)s; put your copy of it at %(file)s before `caunoi up`, which does not "
                "start without it (docs/security/keys.md)",
                name=name,
                file=home.home() / home.MASTER,
            )
            _complain(text, args.lang)
    print(_("restored into %(home)s%(aside)s", home=home.home(), aside=_aside(aside)).in_(args.lang))
    return 0


def _complain(text: Text, lang: str) -> None:
    print(f"caunoi restore: {' '.join(text.in_(lang).split())}", file=sys.stderr)


def _aside(folder: Path | None) -> Text:
    return Text(ASIDE.source, {"folder": folder}) if folder else NOTHING


def _to(args: argparse.Namespace) -> int:
    if database.url():
        text = _(
            "--to is of the embedded database; DATABASE_URL's server restores by its own means (docs/operating.md, "
            "pgBackRest)"
        )
        _complain(text, args.lang)
        return 2
    place, to = _archive(args)
    reached, files, aside = archive.restore(home.home(), place, to, force=args.force, say=print)
    text = _(
        "restored into %(home)s: the database as of %(database)s, files as of %(files)s%(aside)s",
        home=home.home(),
        database=archive.written(reached),
        files=archive.written(files),
        aside=_aside(aside),
    )
    print(text.in_(args.lang))
    return 0


def _rehearse(args: argparse.Namespace) -> int:
    whole, width = True, max(len(word.in_(args.lang)) for word in (OK, WRONG)) + 1
    for one in rehearsal.rehearse(lambda room: _bring(args, room)):
        whole &= one.ok
        if args.json:
            print(lines.dumps(vars(one)), flush=True)
        else:
            expectation = ""
            if not one.ok and one.expected is not None:
                expectation = f"   {_('WRONG: %(count)s expected', count=one.expected).in_(args.lang)}"
            word = (OK if one.ok else WRONG).in_(args.lang)
            print(f"{word:<{width}}{one.check:<12} {one.found}{expectation}", flush=True)
    if whole:
        rehearsal.remember(home.home())
    return 0 if whole else 1


def _bring(args: argparse.Namespace, room: Path) -> backup.Manifest | None:
    if args.to:
        place, to = _archive(args)
        archive.restore(room, place, to)
        return None
    folder = args.folder.absolute()
    backup.restore(room, folder, keys=_keys(args), environ=rehearsal.own())
    return backup.read_manifest(folder)


def _archive(args: argparse.Namespace) -> tuple[Path, dt.datetime | None]:
    place = args.folder.absolute() if args.folder else archive.folder()
    assert place
    return place, None if args.to == LATEST else args.to


def _keys(args: argparse.Namespace) -> seal.Identities | None:
    return seal.identities(args.identity) if args.identity else None
