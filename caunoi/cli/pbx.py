"""`caunoi pbx`: the telephone exchange that comes with the product. `write` makes an Asterisk's configuration, `check`
signs in and proves that the exchange does what the hotline needs, `drill` tries the second exchange."""

import argparse
import os
import shlex
import sys
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep

from django.db import transaction
from django.utils.timezone import localtime, now

from caunoi import __version__
from caunoi.calls import actions, exchange, queries, voices
from caunoi.calls.exchange import address_towards
from caunoi.calls.pbx import Ami
from caunoi.cli import doctor, lines
from caunoi.conversations.models import Inbox
from caunoi.events.actor import SYSTEM
from caunoi.host.finding import State
from caunoi.telephony import files

NAME = "pbx"
HELP = "the telephone exchange: write an Asterisk's configuration, check one that runs, drill the second"
NEEDS = "database"
SOUNDS = "sounds"  # the folder of what callers hear, beside the files
SHORTEST_DRILL, LONGEST_DRILL = 30, 3600  # seconds
PATIENCE = 45.0  # seconds for a bridge to let go, or to come back
LOADED_BY: Mapping[str, str] = {
    "extensions.conf": "dialplan reload",
    "queues.conf": "queue reload all",
    "pjsip.conf": "pjsip reload",
    "pjsip_wizard.conf": "pjsip reload",
    "sorcery.conf": "core restart when convenient",
    "manager.conf": "manager reload",
    "http.conf": "module reload http",
    "rtp.conf": "module reload res_rtp_asterisk.so",
    "musiconhold.conf": "moh reload",
    "confbridge.conf": "module reload app_confbridge.so",
    "logger.conf": "logger reload",
    "cdr.conf": "module reload cdr_csv",
    "cel.conf": "module reload cel",
    "cel_custom.conf": "module reload cel_custom",
    "modules.conf": "core restart when convenient",
}
"""By which command of the exchange's own console a file is loaded."""


def arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="command", required=True, metavar="write | check | drill")
    write = commands.add_parser("write", help="write the configuration files of Asterisk 20-22")
    write.add_argument("folder", type=Path, metavar="DIR", help="where they are written, such as /etc/asterisk")
    write.add_argument("--diff", action="store_true", help="write nothing; show what would change; exit 1 if it does")
    write.add_argument("--force", action="store_true", help="also over files that somebody changed by hand")
    write.add_argument("--inbox", default="", metavar="NAME", help="which telephone, where there are several")
    write.add_argument(
        "--product", default="", metavar="ADDRESS", help="the product's address as the exchange sees it; else guessed"
    )
    check = commands.add_parser("check", help="sign in and prove it; exit 1 when something is broken")
    check.add_argument("--json", action="store_true", help="{check, ok, why, mend} of every check, one a line")
    check.add_argument("--lang", choices=("vi", "en"), default="vi")
    check.add_argument("--inbox", default="", metavar="NAME", help="which telephone, where there are several")
    drill = commands.add_parser("drill", help="try the second exchange: is it ready, and does all go by it")
    drill.add_argument(
        "--seconds", type=int, default=0, metavar="N", help="leave the first exchange alone for so long (30 to 3600)"
    )
    drill.add_argument("--lang", choices=("vi", "en"), default="vi")
    drill.add_argument("--inbox", default="", metavar="NAME", help="the first exchange, where there are several")


def run(args: argparse.Namespace) -> int:
    if args.command == "drill":
        return _drill(args)
    box = _inbox(args.inbox)
    if box is None:
        return 2
    return _check(args, *box) if args.command == "check" else _write(args, *box)


def _inbox(name: str) -> tuple[Inbox, Ami] | None:
    """The inbox that is meant; None, and a line that says why, where that is not clear."""
    boxes = [pair for pair in queries.asterisks() if name in ("", pair[0].name)]
    if len(boxes) == 1:
        return boxes[0]
    names = ", ".join(box.name for box, _ in boxes)
    why = f"which one? --inbox with one of {names}" if boxes else "no inbox of the channel phone has an Asterisk"
    print(f"caunoi pbx: {why}; Setup, Inboxes says more", file=sys.stderr)
    return None


def _write(args: argparse.Namespace, box: Inbox, ami: Ami) -> int:
    try:
        product = args.product or address_towards(ami.host)
        with transaction.atomic():
            box = actions.make_passwords(box, by=SYSTEM)
            plan = queries.exchange_plan(box, product=product)
            transaction.set_rollback(args.diff)
        assert plan, "it was asked for an Asterisk"
        sounds, silent = ({}, []) if args.diff else actions.sounds(plan, box)
        new = files.write(plan, __version__)
        old = {path.name: path.read_text("utf-8") for name in new if (path := args.folder / name).is_file()}
    except (OSError, ValueError) as error:
        print(f"caunoi pbx write: {error}", file=sys.stderr)
        return 2
    changed = [name for name in new if old.get(name) != new[name]]
    if args.diff:
        print(files.diff(old, new) if changed else f"{args.folder}: as the set-up wants it")
        return 1 if changed else 0
    strange = [name for name in changed if name in old and not files.is_ours(old[name])]
    if strange and not args.force:
        print(
            f"caunoi pbx write: not ours, or changed by hand: {', '.join(strange)}; nothing is written. "
            "--diff shows what would change, --force replaces them",
            file=sys.stderr,
        )
        return 1
    try:
        for name in changed:
            replace(args.folder / name, new[name].encode())
        fresh = [name for name, data in sounds.items() if not _is(args.folder / SOUNDS / name, data)]
        for name in fresh:
            replace(args.folder / SOUNDS / name, sounds[name], mode=0o644)
    except OSError as error:
        print(f"caunoi pbx write: {args.folder}: {error.strerror}", file=sys.stderr)
        return 2
    _say(args.folder, changed, fresh=not old)
    if fresh:
        print(f"{args.folder / SOUNDS}: {len(fresh)} sounds; copy them into the exchange's folder of sounds:")
        print(f"  cp -r {shlex.quote(str(args.folder / SOUNDS))}/. /var/lib/asterisk/sounds/")
    if silent:
        why = "" if voices.has_voice() else f" ({voices.PROGRAM} is not installed)"
        print(f"nobody has recorded{why}, callers do not hear: {', '.join(silent)}", file=sys.stderr)
    if not plan.trunks:
        print('no line to the telephone company: Setup, Inboxes, "trunk"', file=sys.stderr)
    return 0


def _say(folder: Path, changed: list[str], *, fresh: bool) -> None:
    if not changed:
        print(f"{folder}: as the set-up wants it; nothing written")
        return
    print(f"{folder}: {', '.join(changed)}")
    loads = ["core restart now"] if fresh else sorted({LOADED_BY[name] for name in changed if name in LOADED_BY})
    if loads:
        print("to load them, on the exchange:")
    for command in loads:
        print(f"  asterisk -rx {shlex.quote(command)}")
    if files.LOGROTATE in changed:
        print(f"{files.LOGROTATE} goes to /etc/logrotate.d/asterisk")


def _is(path: Path, data: bytes) -> bool:
    return path.is_file() and path.read_bytes() == data


def replace(path: Path, data: bytes, *, mode: int = 0o640) -> None:
    """Write a file whole, or not at all; only its owner and group can read it, unless `mode` says otherwise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data)
    part.replace(path)


def _check(args: argparse.Namespace, box: Inbox, ami: Ami) -> int:
    results = exchange.examine(box, ami, call=True)
    for one in results:
        answer = one.as_json(args.lang)
        if args.json:
            print(
                lines.dumps(
                    {"check": one.check, "ok": one.state == State.OK, "why": answer["why"], "mend": answer["mend"]}
                )
            )
            continue
        print(f"{doctor.HEADS[one.state].in_(args.lang)}  {one.check}: {answer['why']}")
        if answer["mend"]:
            print(f"    {answer['mend']}")
    return 1 if any(one.state == State.BROKEN for one in results) else 0


def _drill(args: argparse.Namespace) -> int:
    """Look whether the second exchange is ready; with `--seconds` leave the first one alone and look what happens."""
    pairs = [(first, second) for first, _ in queries.asterisks() if (second := queries.standby_of(first))]
    pairs = [pair for pair in pairs if args.inbox in ("", pair[0].name)]
    if len(pairs) != 1:
        why = "which one? --inbox with the first exchange's name" if pairs else "no exchange stands by for another one"
        print(f"caunoi pbx drill: {why}; Setup, Inboxes, “Stands by for”", file=sys.stderr)
        return 2
    if args.seconds and not SHORTEST_DRILL <= args.seconds <= LONGEST_DRILL:
        print(f"caunoi pbx drill: --seconds from {SHORTEST_DRILL} to {LONGEST_DRILL}", file=sys.stderr)
        return 2
    first, second = pairs[0]
    ready = _is_ready(second, args.lang)
    if not ready or not args.seconds:
        print("ready" if ready else f"{second.name} is not ready to take over: nothing was done", flush=True)
        return 0 if ready else 1
    return _leave_alone(first, second, args.seconds)


def _is_ready(second: Inbox, lang: str) -> bool:
    """Whether the second exchange does its work and reaches the phones of those on duty; said line by line."""
    ami = next(ami for box, ami in queries.asterisks() if box.pk == second.pk)
    broken = [one for one in exchange.examine(second, ami, call=True) if one.state == State.BROKEN]
    for one in broken:
        print(f"{doctor.HEADS[one.state].in_(lang)}  {one.check}: {one.as_json(lang)['why']}")
    link = queries.link(second)
    there = link.reached if link and queries.holds(link) else {}
    on_duty = [one.username for one in queries.operators()]
    deaf = [name for name in on_duty if not there.get(name)]
    print(f"{second.name}: {len(on_duty) - len(deaf)} of {len(on_duty)} phones of those on duty are connected there")
    if deaf:
        print(f"  not there: {', '.join(deaf)}")
    return not broken and not deaf


def _leave_alone(first: Inbox, second: Inbox, seconds: int) -> int:
    since, until = now(), now() + timedelta(seconds=seconds)
    begun = monotonic()
    actions.begin_drill(first, until, by=SYSTEM)
    print(f"{first.name} is left alone until {localtime(until):%H:%M:%S}; Ctrl+C ends it", flush=True)
    try:
        if not _comes(lambda: not queries.linked(first), PATIENCE):
            print("the bridge did not let go: does it run?", file=sys.stderr)
            return 1
        print(f"after {monotonic() - begun:.0f} s all goes by {second.name}", flush=True)
        while now() < until:
            if not queries.linked(second):
                print(f"{second.name} is not connected any more", file=sys.stderr)
                return 1
            sleep(1)
    except KeyboardInterrupt:
        print("ended early")
    finally:
        actions.end_drill(first, by=SYSTEM)
    begun = monotonic()
    if not _comes(lambda: queries.linked(first), PATIENCE):
        print(f"{first.name} did not come back", file=sys.stderr)
        return 1
    print(f"{first.name} is back after {monotonic() - begun:.0f} s")
    calls = queries.begun_between(second, since, now())
    print(f"calls by {second.name} meanwhile: {calls}; what {first.name} did alone is filled in from its logs")
    return 0


def _comes(so: Callable[[], bool], seconds: float) -> bool:
    """Whether it becomes so within these seconds."""
    until = monotonic() + seconds
    while not so():
        if monotonic() > until:
            return False
        sleep(0.5)
    return True
