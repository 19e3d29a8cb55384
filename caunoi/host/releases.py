"""Which releases may serve the database as it is. Asked with SQL alone: by code that may not know its tables.

`caunoi migrate` writes a row of `jobs_release` for the release that it brings in: its version, and the oldest one whose
code may still serve what is there (`serves_from`). Where the release before may, the row is written before anything is
changed: it serves meanwhile. A release whose tables older code can work with names that older release in SERVES_FROM;
it raises the row later, by `raise_to`, when it first writes what only itself understands.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import psycopg

from caunoi import __version__
from caunoi.host.finding import Text, _
from caunoi.host.home import CHECKOUT

SERVES_FROM = "0.2.0"
"""The oldest release whose code may serve the tables of this one (CONTRIBUTING.md, Releases and the database)."""

RELEASES = "SELECT version, serves_from, at FROM jobs_release"
APPLIED = "SELECT app, name FROM django_migrations"
WRITE = """
INSERT INTO jobs_release (version, serves_from, at) VALUES (%s, %s, now())
ON CONFLICT (version) DO UPDATE SET serves_from = excluded.serves_from
"""


@dataclass(frozen=True, kw_only=True)
class Newer:
    """What newer code did to the database: the release, empty where it left no name; when; the oldest that may serve;
    the migrations that this code does not know."""

    version: str
    at: datetime | None
    serves_from: str
    unknown: Collection[str]

    @property
    def why(self) -> Text:
        """What is so, and what to do, in a line."""
        if self.version:
            day = f"{self.at:%Y-%m-%d}" if self.at else "?"
            return _(
                "the database was upgraded by release %(version)s on %(day)s and is served by %(serves_from)s"
                " or newer; this is %(version2)s: install %(version)s, or restore the backup made before the "
                "upgrade",
                version=self.version,
                day=day,
                serves_from=self.serves_from,
                version2=__version__,
            )
        some = ", ".join(sorted(self.unknown)[:3])
        return _(
            "the database has %(value)s migrations that this code (%(version)s) does not know (%(some)s):"
            " install the code that upgraded it, or restore the backup made before the upgrade",
            value=len(self.unknown),
            version=__version__,
            some=some,
        )


def newer(server: psycopg.Connection[Any]) -> Newer | None:
    """What forbids this code to serve the database; None where it may. psycopg.Error."""
    applied, available = _rows(server, APPLIED), migrations()
    ours = {app for app, _name in available}
    unknown = [f"{app}.{name}" for app, name in applied if app in ours and (app, name) not in available]
    later = [row for row in _rows(server, RELEASES) if number(row[0]) > number(__version__)]
    if later:
        version, serves_from, at = max(later, key=lambda row: number(row[0]))
        if number(serves_from) <= number(__version__):
            return None
        return Newer(version=version, at=at, serves_from=serves_from, unknown=unknown)
    return Newer(version="", at=None, serves_from="", unknown=unknown) if unknown else None


def latest(server: psycopg.Connection[Any]) -> str:
    """The newest release that brought the tables up to date; empty where none left its name."""
    return max((row[0] for row in _rows(server, RELEASES)), key=number, default="")


def announce(server: psycopg.Connection[Any]) -> None:
    """This release begins to bring the tables up to date: `record` at once where the one before may serve what is half
    done, or no host were ready meanwhile."""
    before = latest(server)
    if before and number(SERVES_FROM) <= number(before):
        record(server)


def record(server: psycopg.Connection[Any]) -> None:
    """This release has brought the tables up to date. What a newer one wrote stays; so does what was raised."""
    rows = {version: serves_from for version, serves_from, _at in _rows(server, RELEASES)}
    least = max(SERVES_FROM, rows.get(__version__, SERVES_FROM), key=number)
    server.execute(WRITE, [__version__, least])


def raise_to(server: psycopg.Connection[Any], version: str) -> None:
    """From now on only this release or a newer one may serve: said in the transaction that first writes what older ones
    do not understand."""
    server.execute("UPDATE jobs_release SET serves_from = %s WHERE version = %s", [version, __version__])


@cache
def migrations() -> set[tuple[str, str]]:
    """Every migration that this code has, as (app, name)."""
    files = (CHECKOUT / "caunoi").glob("*/migrations/[0-9]*.py")
    return {(path.parent.parent.name, path.stem) for path in files}


def number(version: str) -> tuple[int, ...]:
    """A version to be compared: "0.10.1" → (0, 10, 1); what follows the figures ("rc1") is not weighed."""
    return tuple(int(part) for part in version.split(".") if part.isdecimal())


def _rows(server: psycopg.Connection[Any], query: str) -> list[tuple[Any, ...]]:
    """Nothing where the table is not there yet."""
    try:
        with server.transaction():
            return server.execute(query.encode()).fetchall()
    except psycopg.errors.UndefinedTable:
        return []
