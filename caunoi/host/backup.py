"""A backup is a folder: `database.dump` (pg_dump), `files/`, the keys, and `manifest.json`, which is written last.

The database is dumped before the files are copied: files are only ever added, so each that the dump names is there.
A restore never deletes and never works under a running product: what it replaces is moved into the home's
`before-restore-…`, and the database of a DATABASE_URL is first dumped there.
"""

import datetime as dt
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from caunoi.host import binaries, postgres
from caunoi.host.home import KEYS, prepare

STATE = ("postgres", "files", *KEYS)  # what a home without these is empty of
NAMED = {"secret_key": "CAUNOI_SECRET_KEY_FILE", "log_key.pem": "CAUNOI_LOG_KEY_FILE"}  # a key that lies elsewhere
VARIABLES = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE",
             "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY"}  # fmt: skip


HEAD, UNKNOWN_TO_OLDER = 60, {b"SET transaction_timeout = 0;"}  # lines; written by 17 and newer
USERS = """
SELECT application_name, coalesce(host(client_addr), 'this machine') FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


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
    prepare(folder).chmod(0o700)
    with _database(home, environ) as (connection, tools):
        _dump(folder / "database.dump", connection, tools)
        with psycopg.connect(**connection) as server:
            version = server.info.parameter_status("server_version") or ""
    if (home / "files").is_dir():
        shutil.copytree(home / "files", folder / "files")
    for name in KEYS:
        key = Path(environ.get(NAMED.get(name, ""), "") or home / name)
        if key.is_file():
            shutil.copyfile(key, folder / name)
    for path in folder.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    manifest = Manifest(made=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"), postgres=version.split(" ")[0],
                        files={str(path.relative_to(folder)): _digest(path) for path in _files(folder)})  # fmt: skip
    part = folder / "manifest.json.part"
    part.touch(0o600)
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
    dumped = _keep_external(home, force=force, environ=environ) if environ.get("DATABASE_URL") else None
    kept = [home / name for name in STATE if (home / name).exists()]
    if kept and not force:
        raise Refused(f"{home} already holds {', '.join(path.name for path in kept)}; --force moves it aside first")
    aside = dumped
    if kept:
        aside = aside or _aside(home)
        for path in kept:
            path.rename(aside / path.name)
    prepare(home)
    (home / "prepared").unlink(missing_ok=True)
    try:
        _fill(home, folder, environ=environ)
    except (Refused, postgres.Failed, OSError) as error:
        raise Refused(f"{error}" + (f"; what was there is in {aside}" if aside else "")) from error
    return aside


def lacking(folder: Path) -> list[str]:
    """The keys that a backup does not hold: what they signed can no longer be proved after a restore."""
    return [name for name in KEYS if not (folder / name).is_file()]


def _aside(home: Path) -> Path:
    return prepare(home / f"before-restore-{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S}")


def _keep_external(home: Path, *, force: bool, environ: Mapping[str, str]) -> Path | None:
    """Dumps what the database of DATABASE_URL holds into a new folder; None where it is empty. Refused where it is in
    use, by whatever host, or without `force`."""
    with _database(home, environ) as (connection, tools):
        with psycopg.connect(**connection) as server:
            users = server.execute(USERS).fetchall()
            tables = server.execute("SELECT 1 FROM pg_tables WHERE schemaname = 'public' LIMIT 1").fetchall()
        if users:
            who = ", ".join(sorted({f"{name or 'a program'} at {address}" for name, address in users}))
            raise Refused(
                f"the database of DATABASE_URL is in use ({len(users)} connections: {who}); stop the product on every "
                "host first, and a pooler before it"
            )
        if not tables:
            return None
        if not force:
            raise Refused("the database of DATABASE_URL has tables; --force keeps a dump of them and replaces them")
        aside = _aside(home)
        _dump(aside / "database.dump", connection, tools)
        return aside


def _dump(file: Path, connection: Mapping[str, Any], tools: Path) -> None:
    file.touch(0o600)
    _run(tools / "pg_dump", "--format=custom", "--no-owner", f"--file={file}", connection=connection)
    _run(tools / "pg_restore", "--list", str(file), connection=connection)  # it can be read again


def _fill(home: Path, folder: Path, *, environ: Mapping[str, str]) -> None:
    external = bool(environ.get("DATABASE_URL"))
    with _database(home, environ) as (connection, tools):
        replace = ["--clean", "--if-exists"] if external else []
        script = [str(tools / "pg_restore"), "--no-owner", *replace, "--file=-", str(folder / "database.dump")]
        _play(script, tools / "psql", connection)
        with psycopg.connect(**connection, autocommit=True) as server:
            server.execute("ANALYZE")
    if (folder / "files").is_dir():
        shutil.copytree(folder / "files", home / "files")
    for name in KEYS:
        if (folder / name).is_file():
            shutil.copy2(folder / name, home / name)


@contextmanager
def _database(home: Path, environ: Mapping[str, str]) -> Iterator[tuple[dict[str, Any], Path]]:
    """How to connect to the database, which runs for the length of the block, and the folder of its tools."""
    if url := environ.get("DATABASE_URL"):
        yield dict(conninfo_to_dict(url)), binaries.tools(environ)
        return
    with postgres.serving(home):
        major = int((postgres.data(home) / "PG_VERSION").read_text())
        yield {**postgres.parameters(home)}, binaries.find(major, environ).folder


def _play(script: list[str], psql: Path, connection: Mapping[str, Any]) -> None:
    """Runs what pg_restore writes, all of it or nothing. Of its head what an older server does not know is left out."""
    words = [str(psql), "-X", "-q", "-o", os.devnull, "-v", "ON_ERROR_STOP=1"]
    env = _environ(psql, connection)
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(script, stdout=subprocess.PIPE, stderr=said) as reader,
        subprocess.Popen(words, stdin=subprocess.PIPE, stderr=said, env=env, bufsize=0) as writer,
    ):
        assert reader.stdout
        assert writer.stdin
        try:
            writer.stdin.write(b"BEGIN;\n")
            for number, line in enumerate(reader.stdout):
                if number > HEAD or line.strip() not in UNKNOWN_TO_OLDER:
                    _all(writer.stdin, line)
            if reader.wait() == 0:
                writer.stdin.write(b"COMMIT;\n")
            writer.stdin.close()
        except BrokenPipeError:  # psql has given up; it has said why
            reader.kill()
        if writer.wait() or reader.wait():
            said.seek(0)
            raise Refused(f"the backup was not restored: {said.read().decode('utf-8', 'replace').strip()[-1000:]}")


def _all(pipe: IO[bytes], line: bytes) -> None:
    view = memoryview(line)
    while view:
        view = view[pipe.write(view) :]


def _run(program: Path, *words: str, connection: Mapping[str, Any]) -> None:
    done = subprocess.run([str(program), *words], env=_environ(program, connection), capture_output=True, text=True)
    if done.returncode:
        raise Refused(f"{program.name} failed: {done.stderr.strip()[-1000:]}")


def _environ(program: Path, connection: Mapping[str, Any]) -> dict[str, str]:
    """What a program of PostgreSQL is started with, to reach the database. Refused where there is no such program."""
    if not program.exists():
        raise Refused(f"{program} is missing; install PostgreSQL's client programs or name them by CAUNOI_PG_BIN")
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    return clean | {VARIABLES[key]: str(value) for key, value in connection.items() if key in VARIABLES}


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("manifest.json"))


def _digest(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
