"""Starts the whole product at one address, or a part of it (--only), and keeps it running: database, pages, worker."""

import argparse
import asyncio
import contextlib
import functools
import hashlib
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import psycopg

from caunoi import __version__
from caunoi.host import (
    address,
    archive,
    configuration,
    database,
    handover,
    home,
    leaving,
    machine,
    notify,
    postgres,
    presence,
)
from caunoi.host.binaries import NoServerError
from caunoi.host.finding import Text, _
from caunoi.host.lifeline import tie
from caunoi.host.processes import Child, Supervisor
from caunoi.lib.privacy.secret_links import hide
from caunoi.starter import link

NAME = "up"
HELP = "start the whole product and keep it running"

START = "caunoi up" if home.INSTALLED else "make run"
TAKE_OVER = 60.0  # seconds in which the one before must end
TEXTS = {
    "running": _(
        "The product is running at %(address)s (process %(pid)s) with the same home %(home)s.\nStop it "
        "with: kill %(pid)s"
    ),
    "taken": _("Port %(port)s is used by another program.\nChoose another one, for example: PORT=%(other)s %(start)s"),
    "forbidden": _("Cannot listen at %(where)s.\nPorts below 1024 need privileges; choose a PORT of 1024 or more."),
    "open demo": _("The demo has passwords that everybody knows, so it only listens at 127.0.0.1, not at %(host)s."),
    "home": _("Cannot write to the home %(home)s: %(error)s\nFix its permissions, or set CAUNOI_HOME."),
    "database": _("The database does not start: %(error)s\nRun `%(command)s doctor` to learn what to do."),
    "prepare": _("`caunoi %(command)s` failed (code %(code)s); the reason is above."),
    "take over": _("Cannot take over from process %(pid)s: %(error)s.\nRun as the same user, or stop it first."),
    "stopped": _("Stopped before the data was prepared; the next start goes on with it."),
    "reads": _("There is no primary. Who only reads is answered at %(address)s, from the standby; all else waits."),
    "first": _("Preparing the data for the first time…"),
    "ready": _("Ready"),
    "own database": _("--only needs DATABASE_URL: the product's own database is this host's alone."),
    "demo": _("Sign in at %(address)s/login, password demo1022!:"),
    "first run": _("There is no administrator yet. The first run is answered, once, at:\n%(address)s"),
    "no address": _(
        "The address of the first run could not be made: %(error)s\nRun `%(command)s init --link` to read it."
    ),
    "stop": _("Ctrl-C stops it."),
}
PARTS = ("web", "live", "worker", "bridge")
PEOPLE = (
    ("lan", _("operator")),
    ("tam", _("supervisor")),
    ("minh", _("officer at the utilities company")),
    ("hoa", _("that agency's lead")),
    ("thu", _("reviewer at the IOC")),
    ("phong", _("leader")),
    ("quan", _("administrator")),
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen at (default 127.0.0.1)")
    parser.add_argument("--port", type=int, default=os.environ.get("PORT") or 8022, help="default PORT or 8022")
    cores = len(os.sched_getaffinity(0))
    parser.add_argument(
        "--web", type=int, default=min(2, cores), help="processes that answer pages (default %(default)s)"
    )
    parser.add_argument(
        "--only",
        type=_parts,
        default=frozenset(PARTS),
        metavar="PARTS",
        help="a part of the product on this host: web,live,worker,bridge (with web comes /live; default all)",
    )
    parser.add_argument("--take-over", action="store_true", help="take the socket of the older release that runs here")
    parser.add_argument("--with-parent", action="store_true", help="end when the program that started this one ends")
    parser.add_argument("--lang", choices=("vi", "en"), default="vi")


def _parts(text: str) -> frozenset[str]:
    parts = frozenset(part.strip() for part in text.split(",") if part.strip())
    if not parts or parts - {*PARTS}:
        raise argparse.ArgumentTypeError(f"{text!r} are not some of {','.join(PARTS)}")
    return parts


def run(args: argparse.Namespace) -> int:
    folder = home.home()
    demo = os.environ.get("CAUNOI_DEMO", "").lower() in {"1", "true", "yes", "on"}
    text = functools.partial(_text, args.lang)
    if args.with_parent:
        tie(signal.SIGTERM, parent=os.getppid())()
    where = f"http://{args.host if args.host != '0.0.0.0' else '127.0.0.1'}:{args.port}"  # noqa: S104
    if opened := configuration.opened_demo(os.environ, args.host):
        return _refuse(text("open demo", host=opened))
    handed = handover.previous()
    try:
        external = _database_elsewhere(folder)
    except database.AddressError as error:
        return _refuse(f"{error.name}: {error.why.in_(args.lang)}")
    if args.only != {*PARTS} and not external:
        return _refuse(text("own database"))
    try:
        home.prepare(folder)
        lock = presence.lock(folder, handed.lock if handed else None)
    except OSError as error:
        return _refuse(text("home", home=folder, error=error))
    who: dict[str, Any] = {"pid": os.getpid(), "address": where, "version": __version__, "began": time.time_ns()}
    old_socket = None
    if args.take_over and not handed and (before := presence.running(folder)):
        try:
            old_socket = handover.take_socket(int(before["pid"]), args.port)
            with handover.unheard(old_socket):
                os.kill(int(before["pid"]), signal.SIGINT)  # at once
                claimed = presence.claim(lock, patience=TAKE_OVER, **who)
        except (OSError, ValueError) as error:
            return _refuse(text("take over", pid=before["pid"], error=error))
    else:
        claimed = presence.claim(lock, **who)
    if not claimed:
        return _refuse(text("running", home=folder, **presence.holder_data(lock)))
    try:
        sock = _listening(args, handed, old_socket)
    except address.PortTakenError:
        return _refuse(text("taken", port=args.port, other=args.port + 10, start=START))
    except address.PortForbiddenError as error:
        return _refuse(text("forbidden", where=error))
    server = None if external else postgres.Server(folder)
    try:
        _start(server, handed)
    except (NoServerError, postgres.ServerStartError, OSError) as error:
        return _refuse(text("database", error=error, command=home.COMMAND))
    os.environ["PORT"] = str(args.port)
    place = Place(folder=folder, sock=sock.fileno() if sock else None, lock=lock, who=who, handed=handed)
    try:
        return asyncio.run(_run(Supervisor(say=_say, database=server), place, args, demo=demo))
    finally:
        if server:
            server.stop()


def _start(server: postgres.Server | None, handed: handover.Handed | None) -> None:
    """Starts the product's own database, or adopts the one that runs. NoServerError, ServerStartError, OSError."""
    if server:
        server.start()
        if handed and handed.database:
            server.process = handover.Adopted(handed.database)


def _database_elsewhere(folder: Path) -> bool:
    """Whether the database is another's to run; AddressError where an address of it cannot be read."""
    database.parameters(folder)
    database.direct(folder)
    database.owner(folder)
    database.replica(folder)
    return bool(database.url())


def _only_reads(folder: Path) -> bool:
    """Whether a standby of the database answers, and not the database itself."""
    try:
        return not database.has_primary(folder) and database.has_standby(folder)
    except database.PoolerError:
        return False  # `migrate` says it


def _listening(
    args: argparse.Namespace, handed: handover.Handed | None, before: socket.socket | None
) -> socket.socket | None:
    """Where pages or streams are answered; None where they are not on this host. PortTakenError, PortForbiddenError."""
    if not args.only & {"web", "live"}:
        return None
    if handed and handed.socket is not None:
        return socket.socket(fileno=handed.socket)
    return before or address.listen(args.host, args.port)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where this `up` stands: its home, its socket's descriptor where it listens, the lock and what it says, what was
    handed to it."""

    folder: Path
    sock: int | None
    lock: IO[str]
    who: dict[str, Any]
    handed: handover.Handed | None


async def _run(supervisor: Supervisor, place: Place, args: argparse.Namespace, *, demo: bool) -> int:
    text = functools.partial(_text, args.lang)
    loop, folder = asyncio.get_running_loop(), place.folder
    loop.add_signal_handler(signal.SIGINT, supervisor.ending.set)
    loop.add_signal_handler(signal.SIGTERM, supervisor.leave, leaving.seconds())
    renewal = asyncio.Event()
    loop.add_signal_handler(signal.SIGHUP, renewal.set)
    vouching = asyncio.create_task(_vouch(supervisor, place, args.only))  # upon a hand-over the older ones answer
    steps = [["migrate", "--quiet", "--wait"], *([["demo"]] if demo else [])]
    mark, digest = folder / "prepared", _digest(folder, steps)
    prepared = mark.exists() and mark.read_text() == digest
    preparing = None
    if prepared and not supervisor.database and await asyncio.to_thread(_only_reads, folder):
        _say("up", "there is no primary; the tables are as the start before this one left them, and looked at later")
        preparing = asyncio.create_task(_prepare(supervisor, steps, text))
    elif not prepared or not supervisor.database:
        if not mark.exists():
            print(text("first"), flush=True)
        done = await _prepare(supervisor, steps, text)
        if supervisor.ending.is_set():
            print(text("stopped"), flush=True)
            return 0
        if "migrate" not in done:  # without the demo's rows the product still runs
            return 1
        if len(done) == len(steps):
            mark.write_text(digest)
    children = [*_answering(place, args), *_others(args.only)]
    names = [child.name for child in children if child.serves]
    telling = asyncio.create_task(_tell(supervisor, place, args, [child.name for child in children], demo=demo))
    serving = asyncio.create_task(_serves(supervisor, place, names))
    renewing = asyncio.create_task(_renew(supervisor, place, renewal))
    old = place.handed.children if place.handed else ()
    if supervisor.database and archive.folder():
        children.append(_command("archive", "archive"))
    elif supervisor.database:
        archive.forget(folder)
    await supervisor.keep(children, old)
    if preparing:
        await preparing  # it ends with all else
    for task in (telling, serving, renewing, vouching):
        task.cancel()
    return 0


async def _prepare(supervisor: Supervisor, steps: Sequence[Sequence[str]], text: Callable[..., str]) -> list[str]:
    """The commands that bring the data up to date; which of them were done. None after one that failed to migrate."""
    done = []
    for name, *words in steps:
        code = await supervisor.once(_command(name, name, *words))
        if supervisor.ending.is_set():
            break
        if code == 0:
            done.append(name)
            continue
        _refuse(text("prepare", command=name, code=code))
        if name == "migrate":
            break
    return done


def _answering(place: Place, args: argparse.Namespace) -> list[Child]:
    """The processes that answer at the socket."""
    if place.sock is None:
        return []
    part = "web" if "web" in args.only else "live"
    count = args.web if part == "web" else 1
    names = [part] if count == 1 else [f"{part} {number + 1}" for number in range(count)]
    return [_outward(name, part, "--fd", str(place.sock), files=[place.sock], serves=True) for name in names]


def _others(only: Collection[str]) -> list[Child]:
    others = {"worker": _command("worker", "worker"), "bridge": _outward("bridge", "bridge")}
    return [child for name, child in others.items() if name in only]


def _work(supervisor: Supervisor, names: Sequence[str]) -> bool:
    """Whether all of them have begun to work."""
    return all(name in supervisor.running and supervisor.running[name].serves.is_set() for name in names)


async def _serves(supervisor: Supervisor, place: Place, names: Sequence[str]) -> None:
    """Says in the lock when all that answer do, and nobody of the program before does any more."""
    while supervisor.old or not _work(supervisor, names):
        await asyncio.sleep(0.1)
    presence.say(place.lock, **place.who, serves=True)


async def _renew(supervisor: Supervisor, place: Place, renewal: asyncio.Event) -> None:
    """Upon SIGHUP: hands everything over to the program that is installed now."""
    while True:
        await renewal.wait()
        renewal.clear()
        _say("up", "handing over to what is installed now")
        notify.tell("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")
        own = supervisor.database.process if supervisor.database else None
        database = own.pid if own else None
        children = supervisor.handed()
        handed = handover.Handed(socket=place.sock, lock=place.lock.fileno(), database=database, children=children)
        try:
            handover.give(handed, place.folder)
        except (OSError, ValueError, KeyError) as error:
            _say("up", f"nothing was handed over: {error}")
            notify.tell("READY=1")


async def _tell(
    supervisor: Supervisor, place: Place, args: argparse.Namespace, names: Sequence[str], *, demo: bool
) -> None:
    """Says that the product is ready once it says so itself, and where the first run is answered."""
    where = str(place.who["address"])
    text = functools.partial(_text, args.lang)
    if "web" not in args.only:
        while not _work(supervisor, names):
            await asyncio.sleep(0.2)
        notify.tell("READY=1", f"STATUS={', '.join(names)}")
        print(f"Ready: {', '.join(names)}\n{text('stop')}", flush=True)
        return
    reads = False
    while not await _answers(where, "/health/ready"):
        if not reads and await _answers(where, "/health/reads") and not await _answers(where, "/health/ready"):
            reads = True
            notify.tell("READY=1", f"STATUS={where}")
            print(text("reads", address=where), flush=True)
        await asyncio.sleep(0.2)
    notify.tell("READY=1", f"STATUS={where}")
    lines = [f"Ready: {where}" if args.lang == "en" else f"Ready: {where}   ({text('ready')})"]
    if demo:
        lines += [text("demo", address=where), *(f"  {name:<6} {role.in_(args.lang)}" for name, role in PEOPLE)]
    print("\n".join([*lines, text("stop")]), flush=True)
    if demo:
        return
    try:
        if address_once := await asyncio.to_thread(_first_run, place.folder, where):
            print(text("first run", address=address_once), flush=True)
    except (psycopg.Error, OSError, ValueError) as error:
        why = database.reason(error) or type(error).__name__
        print(text("no address", error=why, command=home.COMMAND), file=sys.stderr, flush=True)


def _first_run(folder: Path, where: str) -> str:
    """The one-time address of the first run; empty where there is an administrator. No process of its own: that would
    take seconds just when all the others start."""
    with psycopg.connect(**database.direct(folder), autocommit=True) as own:  # type: ignore[arg-type]
        if machine.is_administered(own):
            return ""
    urls = [os.environ.get(name, "").strip() for name in ("CAUNOI_STAFF_URL", "CAUNOI_PUBLIC_URL")]
    staff = next(filter(None, urls), where).rstrip("/")
    return f"{staff}{link.PATH}{link.token(home.secret_key(folder))}"


async def _vouch(supervisor: Supervisor, place: Place, only: Collection[str]) -> None:
    """Tells systemd's watchdog that pages are answered for as long as they are, and at the end that we are ending.
    Where there are no pages, the supervisor itself watches over what there is."""
    pause = notify.patience() / 3 or None
    while not supervisor.ending.is_set():
        if pause and ("web" not in only or await _answers(place.who["address"], "/health/live", within=pause)):
            notify.tell("WATCHDOG=1")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(supervisor.ending.wait(), pause)
    notify.tell("STOPPING=1")


async def _answers(where: str, path: str, within: float = 60) -> bool:
    host, port = where.removeprefix("http://").rsplit(":", 1)
    try:
        reader, writer = await asyncio.open_connection(host, int(port))
        try:
            writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
            return b" 200 " in await asyncio.wait_for(reader.readline(), within)
        finally:
            writer.close()
    except (OSError, TimeoutError):
        return False


def _command(name: str, *words: str, files: Sequence[int] = (), serves: bool = False) -> Child:
    return Child(name=name, command=home.command(*words), files=files, serves=serves, env=home.python())


def _outward(name: str, *words: str, files: Sequence[int] = (), serves: bool = False) -> Child:
    """A command that others reach: it does not know where the database's owner signs in."""
    child = _command(name, *words, files=files, serves=serves)
    return replace(child, env={**child.env, "DATABASE_OWNER_URL": ""})


def _digest(folder: Path, steps: list[list[str]]) -> str:
    """Changes with what `migrate` and `demo` would do: the migrations, the packages, a province's own channels,
    the database itself."""
    parts = [*(str(step) for step in steps), os.environ.get("CAUNOI_DEMO_DAY", "")]
    parts += [__version__, *home.pins()]
    folders = [Path(own) for own in os.environ.get("CAUNOI_CHANNELS", "").split(os.pathsep) if own]
    own = [path for place in folders for path in place.glob("*.py")]
    for path in sorted([*(home.CHECKOUT / "caunoi").glob("*/migrations/*.py"), *own]):
        parts.append(f"{path} {hashlib.sha256(path.read_bytes()).hexdigest()}")
    made = postgres.data(folder) / "PG_VERSION"
    parts += [str(made.stat().st_mtime_ns)] if made.exists() else []
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


PLAIN = {"at", "level", "logger", "message", "process", "trace"}
_COLOURS = {"web": 36, "worker": 35, "database": 33}


def _say(name: str, line: str) -> None:
    """A line of a child: one JSON object a line on stderr, as programs read it; on a terminal as people do."""
    try:
        entry = json.loads(line)
    except ValueError:
        entry = None
    if not isinstance(entry, dict):
        entry = {
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "level": "info",
            "logger": "up",
            "message": hide(line),
            "process": name,
        }
    if not sys.stdout.isatty():
        print(json.dumps(entry, ensure_ascii=False), file=sys.stderr, flush=True)
    elif entry.get("logger") != "caunoi.request" or os.environ.get("CAUNOI_LOG_LEVEL") == "DEBUG":
        head = f"\033[{_COLOURS.get(name.split()[0], 32)}m{name:<8} | \033[0m"
        level = "" if entry.get("level") == "info" else f"{entry.get('level')}: "
        more = "".join(f" {key}={value}" for key, value in entry.items() if key not in PLAIN)
        trace = f"\n{entry['trace']}" if "trace" in entry else ""
        print(f"{time.strftime('%H:%M:%S')} {head}{level}{entry.get('message', '')}{more}{trace}", flush=True)


def _text(lang: str, key: str, **values: object) -> str:
    return Text(TEXTS[key].source, values).in_(lang)


def _refuse(message: str) -> int:
    print(message, file=sys.stderr, flush=True)
    return 1
