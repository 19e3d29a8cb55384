"""A backup is a folder: `database.dump` (pg_dump), `files/`, `secret_key`, and `manifest.json`, which is written last.

The database is dumped before the files are copied: files are only ever added, so each that the dump names is there.
A restore never deletes: what it replaces is moved into the home's `before-restore-…`.
"""

import datetime as dt
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from caunoi.host import binaries, postgres
from caunoi.host.home import prepare

STATE = ("postgres", "files", "secret_key")  # what a home without these is empty of
VARIABLES = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE",
             "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY"}  # fmt: skip


class Refused(Exception):
    """A backup or restore that would do harm or cannot work; the message says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a backup holds. `files`: name below the folder → SHA-256."""

    made: str  # RFC 3339
    postgres: str  # the server's version, "18.6"
    files: Mapping[str, str]


def make(home: Path, folder: Path, environ: Mapping[str, str] = os.environ) -> Manifest:
    """Writes a backup of the home into a folder that is new or empty. Refused, or OSError where it cannot be written."""
    if folder.exists() and any(folder.iterdir()):
        raise Refused(f"{folder} is not empty; give a new folder for each backup")
    prepare(folder)
    with _database(home, environ) as (connection, tools):
        dump = folder / "database.dump"
        _run(tools / "pg_dump", "--format=custom", "--no-owner", f"--file={dump}", connection=connection)
        _run(tools / "pg_restore", "--list", str(dump), connection=connection)  # it can be read again
        with psycopg.connect(**connection) as server:
            version = server.info.parameter_status("server_version") or ""
    if (home / "files").is_dir():
        shutil.copytree(home / "files", folder / "files")
    if (home / "secret_key").is_file():
        shutil.copy2(home / "secret_key", folder / "secret_key")
    manifest = Manifest(made=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"), postgres=version.split(" ")[0],
                        files={str(path.relative_to(folder)): _digest(path) for path in _files(folder)})  # fmt: skip
    part = folder / "manifest.json.part"
    part.write_text(json.dumps(vars(manifest), indent=1, ensure_ascii=False), "utf-8")
    os.sync()
    part.rename(folder / "manifest.json")
    return manifest


def read(folder: Path) -> Manifest:
    """A backup's manifest, after every file has been compared with it. Refused where the backup is not whole."""
    try:
        manifest = Manifest(**json.loads((folder / "manifest.json").read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        raise Refused(f"{folder} is no backup, or it was broken off: manifest.json is missing or unreadable") from None
    for name, digest in manifest.files.items():
        path = folder / name
        if not path.is_file() or _digest(path) != digest:
            raise Refused(f"{path} is missing or is not what was backed up")
    return manifest


def restore(home: Path, folder: Path, *, force: bool = False, environ: Mapping[str, str] = os.environ) -> Path | None:
    """Brings a backup into a home that is empty, or with `force` in place of what is there.

    Returns where the former state was moved, if there was any. With DATABASE_URL that database's tables are replaced.
    """
    read(folder)
    if postgres.postmaster(home) is not None:
        raise Refused("the product is running in this home; stop it first")
    kept = [home / name for name in STATE if (home / name).exists()]
    if kept and not force:
        raise Refused(f"{home} already holds {', '.join(path.name for path in kept)}; --force moves it aside first")
    aside = None
    if kept:
        aside = prepare(home / f"before-restore-{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S}")
        for path in kept:
            path.rename(aside / path.name)
    prepare(home)
    (home / "prepared").unlink(missing_ok=True)
    try:
        _fill(home, folder, force=force, environ=environ)
    except (Refused, postgres.Failed, OSError) as error:
        raise Refused(f"{error}" + (f"; what was there is in {aside}" if aside else "")) from error
    return aside


def _fill(home: Path, folder: Path, *, force: bool, environ: Mapping[str, str]) -> None:
    external = bool(environ.get("DATABASE_URL"))
    with _database(home, environ) as (connection, tools):
        with psycopg.connect(**connection) as server:
            query = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
            found = server.execute(query).fetchone()
        if external and found and found[0] and not force:
            raise Refused("the database of DATABASE_URL has tables; --force replaces them")
        replace = ["--clean", "--if-exists"] if external else []
        words = ["--no-owner", "--exit-on-error", "--single-transaction", *replace, f"--dbname={connection['dbname']}"]
        _run(tools / "pg_restore", *words, str(folder / "database.dump"), connection=connection)
        with psycopg.connect(**connection, autocommit=True) as server:
            server.execute("ANALYZE")
    if (folder / "files").is_dir():
        shutil.copytree(folder / "files", home / "files")
    if (folder / "secret_key").is_file():
        shutil.copy2(folder / "secret_key", home / "secret_key")


@contextmanager
def _database(home: Path, environ: Mapping[str, str]) -> Iterator[tuple[dict[str, Any], Path]]:
    """How to connect to the database, which runs for the length of the block, and the folder of its tools."""
    if url := environ.get("DATABASE_URL"):
        found = shutil.which("pg_dump")
        tools = Path(found).parent if found else binaries.find(environ=environ).folder
        yield dict(conninfo_to_dict(url)), tools
        return
    with postgres.serving(home):
        major = int((postgres.data(home) / "PG_VERSION").read_text())
        yield {**postgres.parameters(home)}, binaries.find(major, environ).folder


def _run(program: Path, *words: str, connection: Mapping[str, Any]) -> None:
    if not program.exists():
        raise Refused(f"{program} is missing; install PostgreSQL's client programs or name them by CAUNOI_PG_BIN")
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    env = clean | {VARIABLES[key]: str(value) for key, value in connection.items() if key in VARIABLES}
    done = subprocess.run([str(program), *words], env=env, capture_output=True, text=True)
    if done.returncode:
        raise Refused(f"{program.name} failed: {done.stderr.strip()[-1000:]}")


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("manifest.json"))


def _digest(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
