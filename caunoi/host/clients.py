"""PostgreSQL's own programs (pg_dump, pg_restore, psql, pg_basebackup …) and how they reach the installation's
database."""

import os
import re
import subprocess
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import psycopg

from caunoi.host import binaries, database, grants, postgres
from caunoi.host.finding import TranslatedError, _
from caunoi.host.lifeline import tie

VARIABLES = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
    "passfile": "PGPASSFILE",
}
TLS = ("require", "verify-ca", "verify-full")  # modes without which there is no connection
HEAD = 60  # lines
NOT_OURS = {b"SET transaction_timeout = 0;", b"SET lock_timeout = 0;"}  # unknown before 17; we set our own
# An option of columns that some servers keep for themselves (seen: 15.20 as Debian 12 has it), and whose name only
# their own pg_dump knows to leave out.
OWN_TO_SOME = re.compile(rb"(?<=[ (])pg_attver=\d+(, )?|, pg_attver=\d+(?=\);$)")
POLICY = re.compile(rb"CREATE POLICY .+? TO (\w+) USING ")
RIGHT = re.compile(rb"(?:GRANT|REVOKE|ALTER DEFAULT PRIVILEGES) .* (?:TO|FROM) (\"[^\"]+\"|\w+);")
PATIENCE = "30s"  # for the locks of whoever still reads a table that is to be replaced

type Connection = Mapping[str, Any]


class ClientProgramError(TranslatedError):
    """A program of PostgreSQL is missing or failed; the message says which, and contains its output."""


@contextmanager
def reach(home: Path, environ: Mapping[str, str] = os.environ) -> Iterator[tuple[dict[str, Any], Path]]:
    """How the owner reaches the database, which runs for the length of the block, and the folder of its programs."""
    if database.url(environ):
        owner = {**database.owner(home, environ)}
        yield owner, binaries.tools(environ, tls=owner.get("sslmode") in TLS)
        return
    with postgres.serving(home):
        yield {**postgres.parameters(home)}, embedded(home, environ)


def embedded(home: Path, environ: Mapping[str, str] = os.environ) -> Path:
    """The folder of the programs that belong to the home's server. NoServerError."""
    return binaries.find(int((postgres.data(home) / "PG_VERSION").read_text()), environ).folder


def run(program: Path, *words: str, connection: Connection) -> bytes:
    """Runs a program to its end and returns what it wrote. ClientProgramError."""
    command = [str(program), *words]
    done = subprocess.run(command, env=environ_of(program, connection), capture_output=True)
    if done.returncode:
        raise ClientProgramError(_("%(program)s failed: %(why)s", program=program.name, why=_last(done.stderr)))
    return done.stdout


@contextmanager
def flow(program: Path, *words: str, connection: Connection) -> Iterator[IO[bytes]]:
    """A program's output, while it runs. ClientProgramError at the end of the block when it failed."""
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(
            [str(program), *words],
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environ_of(program, connection),
            preexec_fn=tie(),
        ) as process,
    ):
        assert process.stdout
        try:
            yield process.stdout
        except BaseException:
            process.kill()
            raise
        if process.wait():
            errors.seek(0)
            raise ClientProgramError(_("%(program)s failed: %(why)s", program=program.name, why=_last(errors.read())))


def play(script: list[str], psql: Path, connection: Connection) -> None:
    """Runs the output of pg_restore, all of it or nothing. ClientProgramError."""
    words = [str(psql), "-X", "-q", "-o", os.devnull, "-v", "ON_ERROR_STOP=1"]
    env = environ_of(psql, connection)
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(script, stdout=subprocess.PIPE, stderr=errors) as reader,
        subprocess.Popen(words, stdin=subprocess.PIPE, stderr=errors, env=env, bufsize=0) as writer,
    ):
        assert reader.stdout
        assert writer.stdin
        try:
            writer.stdin.write(f"BEGIN;\nSET LOCAL lock_timeout = '{PATIENCE}';\n".encode())
            for line in understood(reader.stdout, _roles(connection)):
                _all(writer.stdin, line)
            if reader.wait() == 0:
                writer.stdin.write(b"COMMIT;\n")
            writer.stdin.close()
        except BrokenPipeError:  # psql has given up; it has said why
            reader.kill()
        if writer.wait() or reader.wait():
            errors.seek(0)
            raise ClientProgramError(
                _("the database was not filled, and is as it was: %(why)s", why=_last(errors.read()))
            )


def _roles(connection: Connection) -> set[bytes]:
    """The roles of a server."""
    with psycopg.connect(**connection) as server:
        return {str(name).encode() for (name,) in server.execute("SELECT rolname FROM pg_roles")}


def understood(script: Iterable[bytes], roles: Collection[bytes] = ()) -> Iterator[bytes]:
    """The lines of a script of pg_restore without those that another server does not understand, and without the
    rights and policies of those who are not among its `roles` (migrations and `caunoi bi` give them); rows stay as they
    are."""
    rows = foreign = False
    for number, line in enumerate(script):
        if foreign or (roles and not rows and _foreign_policy(line, roles)):
            foreign = not line.endswith(b";\n")
            continue
        if rows:
            rows = line != b"\\.\n"
        elif line.startswith(b"COPY "):
            rows = line.endswith(b"FROM stdin;\n")
        elif number <= HEAD and line.strip() in NOT_OURS:
            continue
        elif roles and (right := RIGHT.fullmatch(line.rstrip())):
            if right[1].strip(b'"') not in roles and right[1] != b"PUBLIC":
                continue
        elif line.startswith(b"ALTER TABLE ONLY ") and OWN_TO_SOME.search(line):
            line = OWN_TO_SOME.sub(b"", line)
            if line.endswith(b" SET ();\n"):
                continue
        yield line


def _foreign_policy(line: bytes, roles: Collection[bytes]) -> bool:
    """Whether a policy begins here that is for a role that is not there, or what is said of such a one."""
    if line.startswith(b"COMMENT ON POLICY sight "):
        return grants.READER.encode() not in roles
    policy = POLICY.match(line)
    return policy is not None and policy[1] not in roles


def environ_of(program: Path, connection: Connection) -> dict[str, str]:
    """The environment in which a program of PostgreSQL reaches the database. ClientProgramError where there is no such
    program."""
    if not program.exists():
        raise ClientProgramError(
            _(
                "%(program)s is missing; install PostgreSQL's client programs or name them by CAUNOI_PG_BIN",
                program=program,
            )
        )
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    return clean | {VARIABLES[key]: str(value) for key, value in connection.items() if key in VARIABLES}


def _all(pipe: IO[bytes], line: bytes) -> None:
    view = memoryview(line)
    while view:
        view = view[pipe.write(view) :]


def _last(output: bytes) -> str:
    """What a program complained of, on one line."""
    return " ".join(output.decode("utf-8", "replace").split())[-600:]
