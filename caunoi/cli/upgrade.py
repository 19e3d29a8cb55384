"""Brings an installation to the release whose command this is, while the one before goes on serving: looks first, backs
up, migrates, and has the running `up` hand its socket over. The same command of the older release is the way back, for
as long as the database may be served by it (host/releases.py)."""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from caunoi import __version__
from caunoi.cli import lines
from caunoi.host import (
    binaries,
    configuration,
    database,
    handover,
    home,
    machine,
    postgres,
    presence,
    releases,
    schedule,
)
from caunoi.host.finding import State
from caunoi.host.finding import run as look

NAME = "upgrade"
HELP = "bring the installation to this release (or back to it): look, back up, migrate, hand over; nobody is refused"
PATIENCE = 180.0  # seconds in which the new processes must serve


class StoppedError(Exception):
    """Nothing more is done. `code`: 1 something was found before anything was changed, 2 a step failed."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="only look whether it could be done")
    parser.add_argument("--backup", type=Path, metavar="DIR", help="where the backup goes (default: in the home)")
    parser.add_argument("--no-backup", action="store_true", help="make none: there is one of just now")
    parser.add_argument("--json", action="store_true", help="{step, ok, why}, one a line")


def run(args: argparse.Namespace) -> int:
    folder = home.home()
    try:
        for step, why in _steps(args, folder):
            _say(args, step, ok=True, why=why)
    except StoppedError as error:
        _say(args, "stopped", ok=False, why=str(error))
        return error.code
    return 0


def _steps(args: argparse.Namespace, folder: Path) -> Iterator[tuple[str, str]]:
    with _served(folder):
        yield "preflight", _preflight(folder)
        if args.check:
            return
        if not args.no_backup:
            yield "backup", _backup(args.backup or _place(folder))
            with contextlib.suppress(OSError):  # what cannot be removed today can be at the next one
                schedule.prune_upgrades(_place(folder).parent)
        yield "migrate", _migrate()
    yield "hand over", _hand_over(folder)


def _say(args: argparse.Namespace, step: str, *, ok: bool, why: str) -> None:
    if args.json:
        print(lines.dumps({"step": step, "ok": ok, "why": why}), flush=True)
    else:
        print(f"{'✓' if ok else '✗'} {step}: {why}", file=sys.stdout if ok else sys.stderr, flush=True)


@contextlib.contextmanager
def _served(folder: Path) -> Iterator[None]:
    """The database: of DATABASE_URL, the running embedded one, or one started for it."""
    if not database.url() and not postgres.data(folder).exists():
        raise StoppedError(1, f"there is nothing to upgrade in {folder}; `caunoi up` begins there")
    try:
        with contextlib.nullcontext() if database.url() else postgres.serving(folder):
            yield
    except (binaries.NoServerError, postgres.ServerStartError, OSError) as error:
        raise StoppedError(2, f"the database does not start: {error}") from error


def _preflight(folder: Path) -> str:
    """What would stop the new code, found before anything is changed."""
    findings = [*look(configuration.CHECKS, os.environ), *look(machine.CHECKS, folder, os.environ)]
    wrong = [f"{one.check}: {one.what.in_('en')} {one.mend.in_('en')}" for one in findings if one.state == State.BROKEN]
    if wrong:
        raise StoppedError(1, "\n  ".join(["nothing was changed; mend first", *wrong]))
    try:
        with psycopg.connect(**database.owner(folder), autocommit=True) as own:  # type: ignore[arg-type]
            if newer := releases.newer(own):
                raise StoppedError(1, newer.why.in_("en"))
            before = releases.latest(own) or "0.1 or older"
    except (psycopg.Error, database.AddressError) as error:
        raise StoppedError(1, f"no database: {' '.join(str(error).split())}") from None
    return f"from {before} to {__version__}"


def _place(folder: Path) -> Path:
    backups = Path(os.environ.get("CAUNOI_BACKUP_DIR") or folder / "backups")
    return backups / schedule.before(__version__, datetime.now(UTC))


def _backup(place: Path) -> str:
    home.prepare(place.parent)
    _command("backup", str(place))
    return str(place)


def _migrate() -> str:
    _command("migrate", "--quiet", "--wait")
    return "the tables are those of this release; the one before goes on serving"


def _command(*words: str) -> None:
    done = subprocess.run(home.command(*words), env=os.environ | home.python(), capture_output=True, text=True)
    if done.returncode:
        output = (done.stderr or done.stdout).strip()
        raise StoppedError(
            2, f"`caunoi {words[0]}` failed, and the running product was left as it is: {output[-1000:]}"
        )


def _hand_over(folder: Path) -> str:
    """The running `up` becomes this release's."""
    before = presence.running(folder)
    if before is None:
        return "the product does not run here; start it"
    if "began" not in before:
        raise StoppedError(
            1,
            "the release that runs cannot hand over: start this one with `caunoi up --take-over`, or restart the "
            "service",
        )
    handover.name_next(folder, sys.executable, home.python().get("PYTHONPATH", ""))
    os.kill(int(str(before["pid"])), signal.SIGHUP)
    end = time.monotonic() + PATIENCE
    while (now := presence.running(folder)) is None or now["began"] == before["began"] or not now.get("serves"):
        if time.monotonic() > end:
            raise StoppedError(2, "the new processes do not serve; the ones before still do: see the log")
        time.sleep(0.2)
    return f"{__version__} serves at {now['address']}"
