"""A trial restore, into a throw-away home with a server of its own, beside whatever runs on the machine."""

import datetime as dt
import fcntl
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

from caunoi.host import backup, hsm, postgres
from caunoi.host.home import MASTER, command, master_file, python
from caunoi.host.lifeline import tie

PREFIX = "caunoi-rehearsal-"
MARK = "last-rehearsal"  # in the home; its time is what counts
OURS = ("DATABASE_", "PORT", "CAUNOI_", "PG", "S3_")  # nothing of the installation is touched


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One thing that was looked at. `expected`: as the backup says it, None where it says nothing."""

    check: str
    ok: bool
    found: int | str
    expected: int | str | None = None


def rehearse(bring: Callable[[Path], backup.Manifest | None]) -> Iterator[Comparison]:
    """What `bring(home)` restores, examined: the rows against the manifest that it returns, then the product's own
    migrations, every picture and the public log. Leaves nothing behind. One of backup.TROUBLE."""
    with _room() as home:
        manifest = bring(home)
        expected = manifest.counts if manifest else {}
        yield Comparison(check="restore", ok=True, found="done")
        if manifest:
            yield Comparison(check="sums", ok=True, found=len(manifest.files))  # each was compared before it was taken
        with postgres.serving(home):
            with psycopg.connect(**postgres.parameters(home)) as server:
                counts = backup.count(server)
            for name, number in counts.items():
                count = expected.get(name)
                yield Comparison(check=name, ok=count in (None, number), found=number, expected=count)
            for name in sorted(expected.keys() - counts.keys()):
                yield Comparison(check=name, ok=False, found="missing", expected=expected[name])
            done = _product(home, "migrate", "--quiet")
            yield Comparison(check="migrate", ok=done.returncode == 0, found=_last(done.stderr) or "done")
            if done.returncode:
                return
            done = _product(home, "inventory", "--json")
            lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
            for line in lines:
                if line["what"] not in counts:
                    yield Comparison(check=line["what"], ok=line["ok"], found=line["first_bad"] or line["count"])
            if not lines:
                yield Comparison(check="inventory", ok=False, found=_last(done.stderr))


def remember(home: Path) -> None:
    """A rehearsal went well. A machine without an installation keeps no record of it, nor does whoever may not."""
    with suppress(OSError):
        if not home.is_dir():
            return
        (home / MARK).touch(0o600)
        os.utime(home / MARK)
        if os.geteuid() == 0:
            there = home.stat()
            os.chown(home / MARK, there.st_uid, there.st_gid)


def last(home: Path) -> dt.datetime | None:
    """When a rehearsal last went well."""
    try:
        return dt.datetime.fromtimestamp((home / MARK).stat().st_mtime, dt.UTC)
    except OSError:
        return None


@contextmanager
def _room() -> Iterator[Path]:
    """A home for the length of the block. What a rehearsal that was killed left goes too."""
    place = Path(os.environ.get("TMPDIR") or tempfile.gettempdir())
    for old in place.glob(f"{PREFIX}*"):
        _remove(old)
    room = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
    handle = os.open(room, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH)
        yield room / "home"
    finally:
        os.close(handle)
        _remove(room)


def _remove(room: Path) -> None:
    """Unless another rehearsal is in it, or it is another's."""
    try:
        handle = os.open(room, os.O_RDONLY)
    except OSError:
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        postgres.forget(room / "home")
        shutil.rmtree(room, ignore_errors=True)
    except BlockingIOError:
        pass
    finally:
        os.close(handle)


def own() -> dict[str, str]:
    """The environment without the installation's own: its database, keys and folders."""
    return {name: value for name, value in os.environ.items() if name == "CAUNOI_PG_BIN" or not name.startswith(OURS)}


def _product(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    ours = {"CAUNOI_HOME": str(home), **python()}
    if not (home / MASTER).exists() and master_file().exists():
        ours["CAUNOI_MASTER_KEY_FILE"] = str(master_file())
    ours |= {name: os.environ[name] for name in (hsm.NAME, hsm.PIN) if name in os.environ}
    return subprocess.run(command(*words), env=own() | ours, capture_output=True, text=True, preexec_fn=tie())


def _last(output: str) -> str:
    return output.strip().rpartition("\n")[2][-300:]
