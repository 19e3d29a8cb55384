"""A backup is a folder: `database.dump` (pg_dump), `files/`, the keys, and `manifest.json`, which is written last.

The database is dumped before the files are copied: files are only ever added, so each that the dump names is there. A
file that the backup before holds already is a hard link to it: each backup is whole, whichever others are deleted. With
a recipient every file is sealed to that public key (`….age`); the manifest says names, sizes and sums of what lies
there. The master key, which opens what lies sealed in the database, is only in a backup that is itself sealed.

A restore never deletes and never works under a running product: what it replaces is moved into the home's
`before-restore-…`, and the database of a DATABASE_URL is first dumped there.
"""

import datetime as dt
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

import psycopg
from psycopg import sql

from caunoi import __version__
from caunoi.host import binaries, clients, database, guard, postgres, presence, seal
from caunoi.host.finding import Text, TranslatedError, _, text_of
from caunoi.host.home import CHECKOUT, KEYS, MASTER, prepare, write_keys

STATE = ("postgres", "files", "line.json", *(name for name in KEYS if name != MASTER))
"""What a home without these is empty of. A master key stays where it is: a restore may need it."""

ELSEWHERE = {  # a key that lies elsewhere
    "secret_key": "CAUNOI_SECRET_KEY_FILE",
    "log_key.pem": "CAUNOI_LOG_KEY_FILE",
    MASTER: "CAUNOI_MASTER_KEY_FILE",
}
DUMP, MANIFEST = "database.dump", "manifest.json"
EDITIONS = "files/open-data/"  # made anew from the database
PART = "part"  # the ending of a backup that is being written
BLOCK = 1 << 20
# What is counted of a database, to see after a restore that it is the same.
COUNTED = {
    "tickets": "tickets_ticket",
    "people": "accounts_user",
    "messages": "conversations_message",
    "pictures": "files_attachment",
    "events": "events_event",
    "public log": "publication_statement",
}


class BackupError(TranslatedError):
    """A backup or restore that would do harm or cannot work; the message says why and what to do."""


RUNNING = _("the product is running in this home; stop it first")
TROUBLE = (
    BackupError,
    guard.LockedError,
    seal.BadKeyError,
    clients.ClientProgramError,
    binaries.NoServerError,
    postgres.ServerStartError,
    database.AddressError,
    psycopg.Error,
    OSError,
)
"""What a backup or a restore may raise, each with a message for people."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A file of a backup: SHA-256 of it as it lies there; size (bytes) and time of change (ns) of what was copied."""

    sha256: str
    size: int = -1  # unknown: made by 0.1
    changed: int = 0


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a backup holds. `files`: name below the folder, as it lies there. `copied`, `linked`: bytes of `files/`."""

    made: str  # RFC 3339
    postgres: str  # the server's version, "18.6"
    files: Mapping[str, Entry]
    version: str = "0.1.0"  # of the product
    tools: str = ""  # the version of pg_dump
    recipient: str = ""  # the public key that it is sealed to
    migrations: Mapping[str, str] = field(default_factory=dict)  # the newest of each part, "tickets": "0042_…"
    counts: Mapping[str, int] = field(default_factory=dict)
    copied: int = 0
    linked: int = 0
    bucket: str = ""  # where the files lie that it does not hold

    @property
    def ending(self) -> str:
        return seal.ENDING if self.recipient else ""


def make(home: Path, folder: Path, environ: Mapping[str, str] = os.environ, *, recipient: str = "") -> Manifest:
    """Writes a backup of the home into a folder that is new or empty; what is broken off leaves nothing. One of
    TROUBLE."""
    if folder.exists() and any(folder.iterdir()):
        raise BackupError(_("%(folder)s is not empty; give a new folder for each backup", folder=folder))
    if recipient:
        seal.recipient(recipient)
    before = _newest_beside(folder, recipient)
    part = folder if folder.exists() else folder.with_name(f".{folder.name}.{PART}")
    prepare(folder.parent)
    shutil.rmtree(part, ignore_errors=True) if part != folder else None
    prepare(part).chmod(0o700)
    try:
        manifest = _write(home, part, environ, before=before, recipient=recipient)
        os.sync()
        if part != folder:
            part.rename(folder)
    except BaseException:
        for path in part.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        if part != folder:
            part.rmdir()
        raise
    return manifest


def _write(
    home: Path, folder: Path, environ: Mapping[str, str], *, before: tuple[Path, Manifest] | None, recipient: str
) -> Manifest:
    to = seal.recipient(recipient) if recipient else None
    entries: dict[str, Entry] = {}
    signing = _signing(home, environ)

    def keep(source: IO[bytes], name: str, size: int = 0, changed: int = 0) -> None:
        name += seal.ENDING if to else ""
        entries[name] = _entry(source, folder / name, to, size, changed)

    with clients.reach(home, environ) as (connection, tools), psycopg.connect(**connection) as server:
        server.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        (snapshot,) = _row(server, "SELECT pg_export_snapshot()")  # what is counted is what is dumped
        counts, migrations = count(server), _migrations(server)
        version = (server.info.parameter_status("server_version") or "").split(" ")[0]
        dump = ("--format=custom", "--no-owner", f"--snapshot={snapshot}")
        with clients.flow(tools / "pg_dump", *dump, connection=connection) as source:
            keep(source, DUMP)
        if not to:
            clients.run(tools / "pg_restore", "--list", str(folder / DUMP), connection=connection)  # it can be read
    for name in KEYS if to else (name for name in KEYS if name != MASTER):  # what is sealed, and its key: apart
        key = _place(name, home, environ)
        if key.is_file():
            with key.open("rb") as source:
                keep(source, name)
    if signing and signing != _signing(home, environ):
        raise BackupError(_("the key of the public log was changed meanwhile: back up again"))
    copied = linked = 0
    for path, name in tree(home / "files"):
        if name.startswith(EDITIONS):
            continue
        with (
            suppress(FileNotFoundError),
            path.open("rb") as source,
        ):  # else: a picture that nobody sent, forgotten just now
            status = os.fstat(source.fileno())
            lying = name + (seal.ENDING if to else "")
            if before and (same := _linked(before, folder, lying, status)):
                entries[lying] = same
                linked += status.st_size
            else:
                keep(source, name, status.st_size, status.st_mtime_ns)
                copied += status.st_size
    manifest = Manifest(
        made=dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds"),
        postgres=version,
        files=entries,
        version=__version__,
        tools=binaries.version_of(tools, "pg_dump") or "",
        recipient=recipient,
        migrations=migrations,
        counts=counts,
        copied=copied,
        linked=linked,
        bucket=environ.get("S3_BUCKET", "").strip(),
    )
    written = folder / f"{MANIFEST}.{PART}"
    written.touch(0o600)
    written.write_text(json.dumps(asdict(manifest), ensure_ascii=False, separators=(",", ":")), "utf-8")
    written.rename(folder / MANIFEST)
    return manifest


def _signing(home: Path, environ: Mapping[str, str]) -> bytes:
    """The keys of the public log: the database of a backup must know the one that lies in it."""
    try:
        return _place("log_key.pem", home, environ).read_bytes()
    except OSError:
        return b""


def _place(name: str, home: Path, environ: Mapping[str, str]) -> Path:
    return Path(environ.get(ELSEWHERE.get(name, ""), "") or home / name)


def count(server: psycopg.Connection) -> dict[str, int]:
    """How many rows of each kind (COUNTED) the database holds."""
    result = {}
    for name, table in COUNTED.items():
        if _row(server, "SELECT to_regclass(%s) IS NOT NULL", f"public.{table}")[0]:
            query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
            result[name] = int(_row(server, query)[0])
    return result


def verify(
    folder: Path, keys: seal.Identities | None = None, environ: Mapping[str, str] = os.environ
) -> Iterator[Text]:
    """Reads all of a backup, and yields what is wrong with it, a sentence each. BackupError where there is none to be
    read; otherwise one of TROUBLE."""
    if not folder.is_dir():
        raise BackupError(_("%(folder)s is no folder", folder=folder))
    try:
        manifest = read_manifest(folder)
    except BackupError as error:
        yield error.what
        return
    if newer := _newer(manifest, environ):
        yield newer
        return
    spoilt = set()
    for name, entry in manifest.files.items():
        path = folder / name
        if not path.is_file():
            spoilt.add(name)
            yield _("%(file)s is missing: the backup was copied in part; copy it again", file=path)
        elif _digest(path) != entry.sha256:
            spoilt.add(name)
            yield _(
                "%(file)s is not what was backed up: the disk or the copy spoilt it; take another backup", file=path
            )
    if "secret_key" + manifest.ending not in manifest.files:
        yield _("%(folder)s holds no secret_key: sessions and follow links do not survive a restore", folder=folder)
    if DUMP + manifest.ending in spoilt or (manifest.recipient and keys is None):
        return  # no more can be seen
    with tempfile.TemporaryDirectory() as room, opened(folder, Path(room), manifest, keys) as take:
        try:
            dump = take(DUMP, Path(room) / DUMP)
            clients.run(binaries.tools(environ) / "pg_restore", "--list", str(dump), connection={})
        except clients.ClientProgramError as error:
            yield _("%(file)s cannot be read: %(why)s", file=folder / DUMP, why=text_of(error))


def read(folder: Path, environ: Mapping[str, str] = os.environ) -> Manifest:
    """A backup's manifest, after every file has been compared with it. BackupError where it is not whole, or not for
    us."""
    manifest = read_manifest(folder)
    if newer := _newer(manifest, environ):
        raise BackupError(newer)
    for name, entry in manifest.files.items():
        path = folder / name
        if not path.is_file() or _digest(path) != entry.sha256:
            raise BackupError(
                _("%(file)s is missing or is not what was backed up; `caunoi backup --verify` lists all", file=path)
            )
    return manifest


def restore(
    home: Path,
    folder: Path,
    *,
    force: bool = False,
    keys: seal.Identities | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Path | None:
    """Brings a backup into a home that is empty, or with `force` in place of what is there.

    Returns where the former state was moved, if there was any. With DATABASE_URL that database's tables are replaced.
    One of TROUBLE; until it begins to write, nothing is changed.
    """
    manifest = read(folder, environ)
    _check_keys(folder, manifest, keys)
    external = database.url(environ)
    # Nobody else works with the database of a DATABASE_URL, and nobody begins.
    with stopped(home), guard.alone(database.owner(home, environ)) if external else nullcontext():
        dumped = _keep_external(home, force=force, environ=environ) if external else None
        aside = cleared(home, force=force, aside=dumped)
        try:
            _fill(home, folder, manifest, keys, environ=environ)
        except TROUBLE as error:
            raise BackupError(with_aside(error, aside)) from error
    return aside


def with_aside(error: BaseException, aside: Path | None) -> Text:
    """What broke a restore off, and where what was there before lies."""
    why = text_of(error)
    return _("%(why)s; what was there is in %(folder)s", why=why, folder=aside) if aside else why


@contextmanager
def stopped(home: Path) -> Iterator[None]:
    """The home for ourselves: `caunoi up` does not start in it while the block runs. Refused while it does run."""
    if postgres.postmaster(home) is not None:
        raise BackupError(RUNNING)
    there = home.is_dir()
    prepare(home)
    try:
        with open(home / "up.lock", "a+") as lock:
            if not presence.claim(lock, pid=os.getpid(), address="caunoi restore"):
                raise BackupError(RUNNING)
            yield
    finally:
        if not there and {path.name for path in home.iterdir()} <= {"up.lock"}:  # a refusal leaves nothing
            shutil.rmtree(home)


def cleared(home: Path, *, force: bool, aside: Path | None = None) -> Path | None:
    """Moves the home's content aside. BackupError without `force` unless it is empty."""
    contents = [home / name for name in STATE if (home / name).exists()]
    if contents and not force:
        names = ", ".join(path.name for path in contents)
        raise BackupError(_("%(home)s already holds %(what)s; --force moves it aside first", home=home, what=names))
    if contents:
        aside = aside or _aside(home)
        for path in contents:
            path.rename(aside / path.name)
    (home / "prepared").unlink(missing_ok=True)
    return aside


def lacking(folder: Path) -> list[str]:
    """The keys missing from a backup: what they signed can no longer be proved after a restore."""
    return [name for name in KEYS if not any((folder / f"{name}{end}").is_file() for end in ("", seal.ENDING))]


def manifests(folder: Path) -> dict[Path, Manifest]:
    """The whole backups in a folder, oldest first."""
    result = {}
    for path in folder.iterdir() if folder.is_dir() else []:
        if not path.name.startswith(".") and (path / MANIFEST).is_file():
            with suppress(BackupError):
                result[path] = read_manifest(path)
    return dict(sorted(result.items(), key=lambda one: one[1].made))


@contextmanager
def opened(
    folder: Path, room: Path, manifest: Manifest, keys: seal.Identities | None
) -> Iterator[Callable[[str, Path], Path]]:
    """`take(name, target)` brings a file of the backup out, unsealed, and returns where it can be read: of a backup
    that is not sealed where it lies, if the target is in `room`."""

    def take(name: str, target: Path) -> Path:
        source = folder / f"{name}{manifest.ending}"
        if not manifest.recipient and target.parent == room:
            return source
        prepare(target.parent)
        target.touch(0o600)
        with source.open("rb") as reader, target.open("wb") as writer:
            if manifest.recipient:
                seal.open_(reader, writer, keys or [])
            else:
                shutil.copyfileobj(reader, writer, BLOCK)
        if entry := manifest.files.get(source.relative_to(folder).as_posix()):
            changed = entry.changed or source.stat().st_mtime_ns
            os.utime(target, ns=(changed, changed))
        return target

    yield take


def _check_keys(folder: Path, manifest: Manifest, keys: seal.Identities | None) -> None:
    """Refused without the private key of a sealed backup; BadKeyError for another's."""
    if not manifest.recipient:
        return
    if keys is None:
        raise BackupError(
            _(
                "%(folder)s is sealed to %(recipient)s: give its private key with --identity FILE",
                folder=folder,
                recipient=manifest.recipient,
            )
        )
    smallest = min(manifest.files, key=lambda name: (folder / name).stat().st_size)
    with (folder / smallest).open("rb") as source, open(os.devnull, "wb") as nowhere:
        seal.open_(source, nowhere, keys)


def read_manifest(folder: Path) -> Manifest:
    """Refused where there is none."""
    try:
        values = json.loads((folder / MANIFEST).read_text("utf-8"))
        files = {
            name: Entry(sha256=one) if isinstance(one, str) else Entry(**one) for name, one in values["files"].items()
        }
        if any(name.startswith("/") or ".." in name.split("/") for name in files):
            raise ValueError
        own = {name: value for name, value in values.items() if name in Manifest.__dataclass_fields__}
        return Manifest(**{**own, "files": files})
    except (FileNotFoundError, NotADirectoryError):
        raise BackupError(
            _("%(folder)s is no backup, or was copied in part: it has no %(file)s", folder=folder, file=MANIFEST)
        ) from None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        reason = error.strerror if isinstance(error, OSError) else _("it was copied in part, or is not ours")
        raise BackupError(
            _(
                "%(folder)s is no whole backup: %(file)s cannot be read (%(why)s)",
                folder=folder,
                file=MANIFEST,
                why=reason,
            )
        ) from None


def _newer(manifest: Manifest, environ: Mapping[str, str]) -> Text | None:
    """Why this product or its PostgreSQL is too old for a backup."""
    if numbers(manifest.version) > numbers(__version__):
        return _(
            "the backup was made by version %(made)s of the product, this is %(ours)s: install that one",
            made=manifest.version,
            ours=__version__,
        )
    for part, name in manifest.migrations.items():
        steps = {path.stem for path in (CHECKOUT / "caunoi" / part / "migrations").glob("[0-9]*.py")}
        if name not in steps and name[:4] > max(steps, default="")[:4]:
            return _(
                "the backup was made by a newer %(made)s of the product (%(step)s): install that one",
                made=manifest.version,
                step=f"{part} {name}",
            )
    made = manifest.tools or manifest.postgres
    if numbers(made)[:1] > numbers(ours := binaries.version_of(binaries.tools(environ), "pg_restore") or "0")[:1]:
        return _(
            "the backup was made by PostgreSQL %(made)s, the newest pg_restore here is %(ours)s: install the client "
            "programs of PostgreSQL %(number)s or name their folder by CAUNOI_PG_BIN",
            made=made,
            ours=ours,
            number=made.split(".")[0],
        )
    return None


def numbers(version: str) -> list[int]:
    return [int(part) if part.isdigit() else 0 for part in version.split(".")]


def _newest_beside(folder: Path, recipient: str) -> tuple[Path, Manifest] | None:
    """The newest backup in the same folder, for the same eyes."""
    candidates = [(path, one) for path, one in manifests(folder.parent).items() if one.recipient == recipient]
    return candidates[-1] if candidates else None


def _linked(before: tuple[Path, Manifest], folder: Path, name: str, status: os.stat_result) -> Entry | None:
    """The file as the backup before has it, if it has it; linked."""
    entry = before[1].files.get(name)
    if not entry or (entry.size, entry.changed) != (status.st_size, status.st_mtime_ns):
        return None
    prepare((folder / name).parent)
    try:
        os.link(before[0] / name, folder / name)
    except OSError:  # gone, too many links, or a disk that knows none
        return None
    return entry


class _Summing:
    """What is written, and its SHA-256."""

    def __init__(self, target: IO[bytes]) -> None:
        self.target, self.sum = target, hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.sum.update(data)
        return self.target.write(data)

    def flush(self) -> None:
        self.target.flush()


def _entry(source: IO[bytes], target: Path, to: Any, size: int, changed: int) -> Entry:
    prepare(target.parent)
    with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        summing: Any = _Summing(out)
        if to:
            seal.close(source, summing, to)
        else:
            shutil.copyfileobj(source, summing, BLOCK)
    return Entry(sha256=summing.sum.hexdigest(), size=size, changed=changed)


def _aside(home: Path) -> Path:
    return prepare(home / f"before-restore-{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S}")


def _keep_external(home: Path, *, force: bool, environ: Mapping[str, str]) -> Path | None:
    """Dumps what the database of DATABASE_URL holds into a new folder; None where it is empty. BackupError without
    `force`."""
    with clients.reach(home, environ) as (connection, tools):
        with psycopg.connect(**connection) as server:
            tables = server.execute("SELECT 1 FROM pg_tables WHERE schemaname = 'public' LIMIT 1").fetchall()
        if not tables:
            return None
        if not force:
            raise BackupError(
                _("the database of DATABASE_URL has tables; --force keeps a dump of them and replaces them")
            )
        aside = _aside(home)
        file = aside / DUMP
        file.touch(0o600)
        clients.run(tools / "pg_dump", "--format=custom", "--no-owner", f"--file={file}", connection=connection)
        clients.run(tools / "pg_restore", "--list", str(file), connection=connection)
        return aside


def _fill(
    home: Path, folder: Path, manifest: Manifest, keys: seal.Identities | None, *, environ: Mapping[str, str]
) -> None:
    external = bool(environ.get("DATABASE_URL"))
    room = home / "restoring"
    shutil.rmtree(room, ignore_errors=True)
    prepare(room)
    try:
        with opened(folder, room, manifest, keys) as take, clients.reach(home, environ) as (connection, tools):
            with guard.alone(connection) if not external else nullcontext():
                dump = take(DUMP, room / DUMP)
                newest = binaries.tools(environ) / "pg_restore"  # it may be another's dump: any older is read by it
                replace = ["--clean", "--if-exists"] if external else []
                clients.play([str(newest), "--no-owner", *replace, "--file=-", str(dump)], tools / "psql", connection)
                with psycopg.connect(**connection, autocommit=True) as server:
                    server.execute("ANALYZE")
            for name in manifest.files:
                name = name.removesuffix(manifest.ending)
                if name == MASTER:
                    _add_master(take(name, room / name), home / name)
                elif name != DUMP:
                    take(name, home / name)
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _add_master(source: Path, target: Path) -> None:
    """A backup's master key above those that the home has: each of them may open something."""
    lines = source.read_text("ascii").split("\n")
    there = target.read_text("ascii").split("\n") if target.exists() else []
    write_keys(target, [line for line in dict.fromkeys([*lines, *there]) if line.strip()])


def _migrations(server: psycopg.Connection) -> dict[str, str]:
    if not _row(server, "SELECT to_regclass('public.django_migrations') IS NOT NULL")[0]:
        return {}
    rows = server.execute("SELECT app, max(name) FROM django_migrations GROUP BY app").fetchall()
    return {app: name for app, name in rows if (CHECKOUT / "caunoi" / app).is_dir()}


def _row(server: psycopg.Connection, query: Any, *values: object) -> tuple[Any, ...]:
    row = server.execute(query, values).fetchone()
    assert row
    return row


def tree(folder: Path) -> Iterator[tuple[Path, str]]:
    """The files below a folder, with their names as seen from its parent."""
    for root, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(root) / name
            yield path, path.relative_to(folder.parent).as_posix()


def _digest(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
