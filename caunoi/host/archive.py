"""The embedded server's way back to any moment: its log (WAL), streamed as it is written, base backups, files and keys.

    ARCHIVE/line-…/wal      the log, by pg_receivewal through a slot: what it has not got, the server keeps for it
    ARCHIVE/line-…/base-…   a base backup (base.tar.gz), and base.json once it is whole
    ARCHIVE/line-…/alive    changed at a moment up to which everything is here
    ARCHIVE/files, keys     copies of the home's, a second behind
    ARCHIVE/erased/DAY      files that the product has removed since

A line is one life of a database; a restore begins another, so what a line holds never contradicts itself. Streaming
needs no setting, no restart and no right of the server's user in the archive, which `archive_command` would.
"""

import datetime as dt
import fcntl
import gzip
import json
import logging
import os
import shutil
import subprocess
import tarfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import IO, Any

import psycopg

from caunoi import __version__
from caunoi.host import backup, clients, postgres
from caunoi.host.finding import Text, TranslatedError, _
from caunoi.host.home import KEYS, MASTER, prepare
from caunoi.host.lifeline import tie

log = logging.getLogger(__name__)

SLOT = "caunoi_archive"
BASE_EVERY = dt.timedelta(hours=24)
DAYS = 7  # moments so far back can be restored
LOOK, TIDY = 1.0, 10.0  # seconds between copies of files; between looks for what is to be compressed, made, removed
YOUNG = 10.0  # seconds; a file changed so lately may not be whole yet and is looked at again
FAREWELL = 4.0  # seconds that the others are given to end before we do; less than the supervisor's
FRESH = 60.0  # seconds; what happened after a moment is in segments and files changed no later than so long after it
PATIENCE = 12 * 3600.0  # seconds for a recovery


class NotArchivedError(TranslatedError):
    """The archive does not reach the wanted moment; the message says what it reaches."""


@dataclass(frozen=True, kw_only=True)
class Base:
    """A base backup. Times in RFC 3339; `wal`: the first segment that it needs."""

    began: str
    ended: str
    wal: str
    postgres: str
    version: str
    size: int  # bytes

    @property
    def end(self) -> dt.datetime:
        return dt.datetime.fromisoformat(self.ended)


def folder(environ: Mapping[str, str] = os.environ) -> Path | None:
    """Where the archive is; None = there is none. CAUNOI_WAL_ARCHIVE, else below CAUNOI_BACKUP_DIR, except where
    backups are sealed: the log is not, so it must be asked for. None also with DATABASE_URL, whose server has its
    own."""
    if environ.get("DATABASE_URL"):
        return None
    if place := environ.get("CAUNOI_WAL_ARCHIVE"):
        return Path(place).absolute()
    backups = environ.get("CAUNOI_BACKUP_DIR")
    return Path(backups).absolute() / "moments" if backups and not environ.get("CAUNOI_BACKUP_RECIPIENT") else None


def days(environ: Mapping[str, str] = os.environ) -> int:
    """How many days back a moment can be restored: CAUNOI_WAL_DAYS. ValueError."""
    count = int(environ.get("CAUNOI_WAL_DAYS") or DAYS)
    if count < 1:
        raise ValueError("CAUNOI_WAL_DAYS is a number of days, 1 or more")
    return count


def bases(archive: Path) -> list[tuple[Path, Base]]:
    """The whole base backups, oldest first."""
    result = []
    for file in archive.glob("line-*/base-*/base.json"):
        with suppress(OSError, ValueError, TypeError):
            result.append((file.parent, Base(**json.loads(file.read_text("utf-8")))))
    return sorted(result, key=lambda one: one[1].ended)


def reaches(line: Path) -> dt.datetime | None:
    """The moment up to which everything is in this line."""
    try:
        return dt.datetime.fromtimestamp((line / "alive").stat().st_mtime, dt.UTC)
    except OSError:
        return None


def fault(archive: Path, now: dt.datetime) -> Text | None:
    """Why a restore to this moment would not succeed; None where it would."""
    backups = bases(archive)
    if not backups:
        return _("%(folder)s holds no base backup yet", folder=archive)
    path, base = backups[-1]
    until = reaches(path.parent)
    if until is None:
        return _("the log was never archived; `caunoi up` keeps it, its log says why not")
    if (now - until).total_seconds() > 2 * FRESH:
        return _("the log is archived until %(at)s; `caunoi up` keeps it, its log says why not", at=written(until))
    if now - base.end > 2 * BASE_EVERY:
        return _("the newest base backup is of %(at)s", at=written(base.end))
    return None


def forget(home: Path) -> None:
    """The home's server no longer retains its log for an archive."""
    with suppress(psycopg.Error), psycopg.connect(**postgres.parameters(home), autocommit=True) as server:
        server.execute(
            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = %s AND NOT active",
            [SLOT],
        )


class Archivist:
    """Keeps the archive of a home whose server runs, until `ending` is set."""

    def __init__(self, home: Path, archive: Path, environ: Mapping[str, str] = os.environ) -> None:
        self.home, self.archive, self.days = home, archive, days(environ)
        self.ending = threading.Event()
        self.mirror = Mirror(home, archive)
        self.tidying = threading.Thread(target=self._tidying, name="tidying", daemon=True)
        self.line: Path | None = None
        self.receiver: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        """OSError where the archive cannot be written, or is another home's."""
        prepare(self.archive.parent)
        prepare(self.archive).chmod(0o700)
        with open(self.archive / ".lock", "w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise OSError(
                    f"{self.archive} is kept by another process; each home needs an archive of its own"
                ) from None
            self.tidying.start()
            pause = LOOK
            while not self.ending.wait(pause):
                try:
                    self._look()
                    pause = LOOK
                except (*backup.TROUBLE, EOFError) as error:
                    log.error("archive: %s", " ".join(str(error).split()))
                    pause = min(pause * 2, FRESH)
            self._leave()

    def _look(self) -> None:
        if self.receiver is None or self.receiver.poll() is not None:
            self._end_receiver()
            self.line = self._line()
            self.receiver = self._receive(self.line)
        self._keep_up()

    def _keep_up(self) -> None:
        """Copies files, and notes the moment, if all that was written until it is in the archive."""
        at = time.time()
        self.mirror.copy()
        with self._server() as server:
            row = server.execute(
                "SELECT r.flush_lsn >= pg_current_wal_flush_lsn() FROM pg_replication_slots s JOIN "
                "pg_stat_replication r"
                " ON r.pid = s.active_pid WHERE s.slot_name = %s",
                [SLOT],
            ).fetchone()
        if row and row[0] and self.line:
            (self.line / "alive").touch()
            os.utime(self.line / "alive", (at, at))

    def _server(self) -> psycopg.Connection:
        return psycopg.connect(**postgres.parameters(self.home), autocommit=True, application_name="caunoi archive")

    def _line(self) -> Path:
        """The folder of this database's life; a new one where the thread of the old is broken."""
        note = self.home / "line.json"
        with self._server() as server:
            identity = _row(
                server,
                "SELECT system_identifier::text || '-' || timeline_id FROM pg_control_system(), "
                "pg_control_checkpoint()",
            )
            slot = server.execute(
                "SELECT wal_status, active_pid FROM pg_replication_slots WHERE slot_name = %s", [SLOT]
            ).fetchone()
            with suppress(OSError, ValueError, KeyError):
                entry = json.loads(note.read_text())
                line = self.archive / str(entry["line"])
                if entry["database"] == identity and slot and slot[0] != "lost" and (line / "wal").is_dir():
                    return line
            if slot:
                log.warning("archive: the log was not kept without a gap; a new line begins with a new base backup")
                if slot[1]:
                    server.execute("SELECT pg_terminate_backend(%s, 5000)", [slot[1]])
                server.execute("SELECT pg_drop_replication_slot(%s)", [SLOT])
            server.execute("SELECT pg_create_physical_replication_slot(%s, true)", [SLOT])
        line = self.archive / f"line-{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S}-{os.urandom(2).hex()}"
        prepare(prepare(line) / "wal")
        note.touch(0o600)
        note.write_text(json.dumps({"line": line.name, "database": identity}))
        return line

    def _receive(self, line: Path) -> subprocess.Popen[bytes]:
        program = clients.embedded(self.home) / "pg_receivewal"
        words = ["--directory", str(line / "wal"), "--slot", SLOT, "--synchronous", "--no-loop", "--status-interval=1"]
        return subprocess.Popen(
            [str(program), *words],
            env=clients.environ_of(program, postgres.parameters(self.home)),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            preexec_fn=tie(),
        )

    def _leave(self) -> None:
        """Ends last, so that what the others still write is archived too."""
        end = time.monotonic() + FAREWELL
        with suppress(psycopg.Error), self._server() as server:
            others = (
                "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> "
                "pg_backend_pid()"
            )
            while time.monotonic() < end and _row(server, others):
                time.sleep(0.05)
        with suppress(*backup.TROUBLE):
            self._keep_up()
        self._end_receiver()
        self.tidying.join(FAREWELL)

    def _end_receiver(self) -> None:
        """Passes on its complaints, if it ended by itself."""
        receiver, self.receiver = self.receiver, None
        if receiver is None:
            return
        ended = receiver.poll() is not None
        receiver.terminate()
        output = receiver.communicate(timeout=5)[1].decode("utf-8", "replace")
        if ended and output.strip():
            log.warning("archive: %s", " ".join(output.split())[-500:])

    def _tidying(self) -> None:
        pause = 0.5
        while not self.ending.wait(pause):
            pause = TIDY
            if self.line is None or self.receiver is None:
                pause = 0.2
                continue
            try:
                self._tidy(self.line)
            except (*backup.TROUBLE, EOFError) as error:
                log.error("archive: %s", " ".join(str(error).split()))

    def _tidy(self, line: Path) -> None:
        squeeze(line / "wal")
        newest = [base for path, base in bases(self.archive) if path.parent == line][-1:]
        if not newest or dt.datetime.now(dt.UTC) - newest[0].end > BASE_EVERY:
            made = self.base(line)
            log.info("archive: base backup of %s, %.1f MB", made.ended, made.size / 1e6)
            self.mirror.sweep()
            prune(self.archive, dt.datetime.now(dt.UTC) - dt.timedelta(days=self.days), living=line)

    def base(self, line: Path) -> Base:
        """Makes a base backup. One of backup.TROUBLE."""
        program = clients.embedded(self.home) / "pg_basebackup"
        began = dt.datetime.now(dt.UTC)
        for broken in line.glob("base-*/"):
            if not (broken / "base.json").exists():
                shutil.rmtree(broken)
        target = prepare(line / f"base-{began:%Y%m%dT%H%M%S}")
        connection = postgres.parameters(self.home)
        with self._server() as server:
            first = _row(server, "SELECT pg_walfile_name(pg_current_wal_lsn())")
            version = (server.info.parameter_status("server_version") or "").split(" ")[0]
            words = ("--pgdata=-", "--format=tar", "--wal-method=none", "--checkpoint=fast", "--no-manifest")
            with (
                clients.flow(program, *words, connection=connection) as source,
                _whole(target / "base.tar.gz") as out,
                gzip.GzipFile(fileobj=out, mode="wb", compresslevel=1) as packed,
            ):
                shutil.copyfileobj(source, packed, 1 << 20)
            last = _row(server, "SELECT pg_current_wal_flush_lsn()")
            arrived = (
                "SELECT bool_or(flush_lsn >= %s::pg_lsn) FROM pg_stat_replication WHERE application_name = "
                "'pg_receivewal'"
            )
            while not self.ending.is_set() and not _row(server, arrived, last):
                time.sleep(0.05)
        made = Base(
            began=began.isoformat(),
            ended=dt.datetime.now(dt.UTC).isoformat(),
            wal=first,
            postgres=version,
            version=__version__,
            size=(target / "base.tar.gz").stat().st_size,
        )
        with _whole(target / "base.json") as out:
            out.write(json.dumps(asdict(made)).encode())
        return made


class Mirror:
    """Copies of the home's files and keys; after the first time only folders that changed are looked into."""

    def __init__(self, home: Path, archive: Path) -> None:
        self.home, self.archive = home, archive
        self.seen: dict[Path, int] = {}  # folder → its time of change when nothing in it was young

    def copy(self) -> None:
        """OSError where a copy cannot be written."""
        for name in (name for name in KEYS if name != MASTER):
            _copy_key(self.home / name, prepare(self.archive / "keys"))
        self._folder(self.home / "files", self.archive / "files")

    def _folder(self, source: Path, target: Path) -> None:
        try:
            changed = source.stat().st_mtime_ns
        except FileNotFoundError:
            return
        if self.seen.get(source) == changed:
            below = [path for path in self.seen if path.parent == source]
        else:
            below, young = [], False
            prepare(target)
            with os.scandir(source) as entries:
                children = list(entries)
            for entry in children:
                if entry.is_dir(follow_symlinks=False):
                    below.append(Path(entry.path))
                    self.seen.setdefault(Path(entry.path), -1)
                elif entry.is_file(follow_symlinks=False):
                    with suppress(FileNotFoundError):
                        status = entry.stat()
                        young |= time.time() - status.st_mtime < YOUNG
                        _copy_file(Path(entry.path), target / entry.name, status)
            if not young:
                self.seen[source] = changed
        for path in below:
            self._folder(path, target / path.name)

    def sweep(self) -> None:
        """Sets aside the copies of files that the product has removed."""
        today = self.archive / "erased" / f"{dt.datetime.now(dt.UTC):%Y-%m-%d}"
        for root, _folders, names in os.walk(self.archive / "files"):
            place = Path(root).relative_to(self.archive / "files")
            for name in names:
                if not (self.home / "files" / place / name).exists():
                    prepare(today / place)
                    (Path(root) / name).rename(today / place / name)


def squeeze(wal: Path) -> None:
    """Compresses the segments that are complete."""
    for segment in sorted(wal.glob("[0-9A-F]" * 24)):
        with (
            segment.open("rb") as source,
            _whole(segment.with_name(f"{segment.name}.gz"), segment.stat()) as out,
            gzip.GzipFile(fileobj=out, mode="wb", compresslevel=1, mtime=0) as packed,
        ):
            shutil.copyfileobj(source, packed, 1 << 20)
        segment.unlink()


def prune(archive: Path, oldest: dt.datetime, living: Path) -> None:
    """Removes what no moment since `oldest` needs."""
    backups = bases(archive)
    for (path, _base), (_path, after) in pairwise(backups):
        if after.end <= oldest:
            shutil.rmtree(path)
    remaining = bases(archive)
    for line in archive.glob("line-*"):
        first = min((base.wal for path, base in remaining if path.parent == line), default="")
        if not first and line != living:
            shutil.rmtree(line)
        for segment in (line / "wal").glob("[0-9A-F]" * 24 + "*") if first else ():
            if segment.name[:24] < first and "history" not in segment.name:
                segment.unlink()
    for day in (archive / "erased").glob("*/"):
        if day.name < f"{oldest:%Y-%m-%d}":
            shutil.rmtree(day)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What a restore uses. `to`: None = all that there is; `until`: how far the archive reaches."""

    path: Path
    base: Base
    to: dt.datetime | None
    until: dt.datetime


def choose(archive: Path, to: dt.datetime | None) -> Choice:
    """NotArchivedError where the archive does not reach it."""
    backups = bases(archive)
    if not backups:
        raise NotArchivedError(_("%(folder)s is no archive of moments, or holds no whole base backup", folder=archive))
    usable = [one for one in backups if to is None or one[1].end <= to]
    if not usable:
        raise NotArchivedError(_("the archive begins at %(at)s", at=written(backups[0][1].end)))
    path, base = usable[-1]
    until = reaches(path.parent) or base.end
    if to and to > until:
        raise NotArchivedError(
            _(
                "the archive is whole until %(at)s; give that moment or an earlier one, or --to latest",
                at=written(until),
            )
        )
    return Choice(path=path, base=base, to=to, until=until)


def restore(
    home: Path,
    archive: Path,
    to: dt.datetime | None,
    *,
    force: bool = False,
    say: Callable[[str], None] = lambda line: None,
) -> tuple[dt.datetime, dt.datetime, Path | None]:
    """Brings the embedded database, files and keys to what they were at a moment, None = the last that is archived.

    Returns what the database was brought to (for None: its last transaction), until when the files are whole, and where
    the former state was moved. One of backup.TROUBLE, or NotArchivedError; until then nothing is changed."""
    choice = choose(archive, to)
    if backup.numbers(choice.base.version) > backup.numbers(__version__):
        raise backup.BackupError(
            _(
                "the archive was written by version %(made)s of the product: install that one",
                made=choice.base.version,
            )
        )
    with backup.stopped(home):
        aside = backup.cleared(home, force=force)
        try:
            reached = _recover(home, choice, say)
            _bring_files(home, archive, choice.to)
        except (*backup.TROUBLE, tarfile.TarError, EOFError) as error:
            raise backup.BackupError(backup.with_aside(error, aside)) from error
    return reached, min(reached, choice.until), aside


def _recover(home: Path, choice: Choice, say: Callable[[str], None]) -> dt.datetime:
    data = postgres.data(home)
    _lay_out(data, choice)
    say(f"base backup of {written(choice.base.end)} laid out; the log is played")
    settings = {
        "restore_command": "cp restored_wal/%f %p",
        "recovery_target_timeline": "current",
        "recovery_target_action": "promote",
        "hot_standby": "off",
    }
    target = {"recovery_target_time": choice.to.isoformat()} if choice.to else {}
    server = postgres.Server(home, settings | target, patience=PATIENCE)
    try:
        server.start()
    except postgres.ServerStartError as error:
        if "before configured recovery target" not in str(error):
            raise
        shutil.rmtree(data)  # nothing was written between the last transaction and the moment: it is the end
        _lay_out(data, choice)
        server = postgres.Server(home, settings, patience=PATIENCE)
        server.start()
    try:
        with psycopg.connect(**postgres.parameters(home), autocommit=True) as connection:
            last = _row(connection, "SELECT pg_last_xact_replay_timestamp()")
            connection.execute("ANALYZE")
    finally:
        server.stop()
    shutil.rmtree(data / "restored_wal")
    return choice.to or last or choice.base.end


def _lay_out(data: Path, choice: Choice) -> None:
    """The base backup, and beside it the log that follows."""
    prepare(data)
    with gzip.open(choice.path / "base.tar.gz") as packed, tarfile.open(fileobj=packed, mode="r|") as tar:
        tar.extractall(data, filter="data")
    (data / ".s.PGSQL.5432.lock").unlink(missing_ok=True)  # of the server that was copied
    wal = prepare(data / "restored_wal")
    source = choice.path.parent / "wal"
    for history in source.glob("*.history"):
        shutil.copyfile(history, wal / history.name)
    later = 0
    for segment in sorted(source.glob("[0-9A-F]" * 24 + "*")):
        name = segment.name[:24]
        if name < choice.base.wal or segment.suffix == ".tmp" or (wal / name).exists():
            continue
        with (
            gzip.open(segment) if segment.suffix == ".gz" else segment.open("rb") as whole,
            (wal / name).open("wb") as out,
        ):
            shutil.copyfileobj(whole, out, 1 << 20)
        if choice.to and segment.stat().st_mtime > choice.to.timestamp() + FRESH:
            later += 1
        if later == 2:
            break
    (data / "recovery.signal").touch()
    postgres.adopt(data)


def _bring_files(home: Path, archive: Path, to: dt.datetime | None) -> None:
    until = to.timestamp() + FRESH if to else float("inf")
    days_ = [
        path for path in (archive / "erased").glob("*/") if to and path.name >= f"{to.astimezone(dt.UTC):%Y-%m-%d}"
    ]
    for tree in (archive / "files", *days_):
        for path, name in backup.tree(tree):
            place = home / "files" / Path(name).relative_to(tree.name)
            if path.stat().st_mtime <= until and not name.endswith(".tmp"):
                prepare(place.parent)
                shutil.copy2(path, place)
    for name in (name for name in KEYS if name != MASTER):
        older = sorted(
            (float(path.name.rpartition("-")[2]), path) for path in (archive / "keys").glob(f"{name}.until-*")
        )
        usable = [path for at, path in older if to and at > to.timestamp()] or [archive / "keys" / name]
        if usable[0].is_file():
            shutil.copy2(usable[0], home / name)


def _copy_key(source: Path, keys: Path) -> None:
    """A key, with the one that was there before kept beside it."""
    try:
        text = source.read_bytes()
    except FileNotFoundError:
        return
    target = keys / source.name
    if target.exists():
        if target.read_bytes() == text:
            return
        target.rename(target.with_name(f"{source.name}.until-{time.time():.0f}"))
    with _whole(target) as out:
        out.write(text)


def _copy_file(source: Path, target: Path, status: os.stat_result) -> None:
    with suppress(FileNotFoundError):
        there = target.stat()
        if (there.st_size, there.st_mtime_ns) == (status.st_size, status.st_mtime_ns):
            return
    with source.open("rb") as whole, _whole(target, status) as out:
        shutil.copyfileobj(whole, out, 1 << 20)


@contextmanager
def _whole(target: Path, status: os.stat_result | None = None) -> Iterator[IO[bytes]]:
    """A file for the owner only, that is there whole or not at all; with the times of `status`."""
    part = target.with_name(f"{target.name}.tmp")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        yield out
        out.flush()
        os.fsync(out.fileno())
    if status:
        os.utime(part, ns=(status.st_atime_ns, status.st_mtime_ns))
    part.rename(target)


def _row(server: psycopg.Connection, query: Any, *values: object) -> Any:
    row = server.execute(query, values).fetchone()
    return row[0] if row else None


def written(at: dt.datetime) -> str:
    """A moment as people of the province read it, and as `--to` takes it."""
    return at.astimezone(dt.timezone(dt.timedelta(hours=7))).isoformat(timespec="seconds")
