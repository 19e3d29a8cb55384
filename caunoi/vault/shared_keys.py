"""The installation's key files are the same on every host: each lies in the database too, sealed, and a host's file is
a copy of that. A file that is lost comes back, one that a host made for itself gives way. What the environment names,
or we may not write, is in other hands and is left alone.
"""

import logging
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
from django.db import DatabaseError, connection, transaction
from django.utils.timezone import now

from caunoi.events.rowsecurity import apart
from caunoi.host import database, guard, home
from caunoi.lib.crypto import succession, webpush
from caunoi.lib.crypto.envelope import SealError
from caunoi.vault.models import SharedKey
from caunoi.vault.queries import MasterKeyError

SECRET, LOG, PUSH, CELL = "secret_key", "log_key.pem", "push_key.pem", "cell_key.pem"
SPREAD = guard.BEAT + 2.0  # seconds until every host has what was written
TROUBLE = (DatabaseError, MasterKeyError, SealError, OSError)
LOOK = "SELECT name, extract(epoch FROM changed)::bigint FROM vault_sharedkey"

log = logging.getLogger(__name__)
_last_trouble = ""


@dataclass(frozen=True)
class Kind:
    """A key file: how a first one is made, what raises ValueError where a text is none, and the variables that name
    another place."""

    make: Callable[[], str]
    check: Callable[[str], object]
    named_by: tuple[str, ...] = ()

    def is_named(self, environ: Mapping[str, str] = os.environ) -> bool:
        return any(environ.get(name) for name in self.named_by)


def _check_secret(text: str) -> None:
    if len(text.strip()) < 32:
        raise ValueError("a secret key has 32 characters or more")


KINDS = {
    SECRET: Kind(home.new_secret, _check_secret, ("CAUNOI_SECRET_KEY", "CAUNOI_SECRET_KEY_FILE")),
    LOG: Kind(succession.new_key, succession.read_keys, ("CAUNOI_LOG_KEY_FILE",)),
    PUSH: Kind(webpush.new_key, webpush.read_keys),
    CELL: Kind(succession.new_key, succession.read_keys),
}


class ChangedError(Exception):
    """Somebody else changed the key meanwhile; the message says so."""


def place(name: str, environ: Mapping[str, str] = os.environ) -> Path:
    """Where a key's file lies, or would."""
    elsewhere = environ.get(next((one for one in KINDS[name].named_by if one.endswith("_FILE")), ""))
    return Path(elsewhere) if elsewhere else home.home(environ) / name


def is_shared(name: str) -> bool:
    """Whether the file of this host follows the database."""
    path = place(name)
    return not KINDS[name].is_named() and (not path.exists() or os.access(path, os.W_OK))


def read(name: str) -> str:
    """The text of a key's file, which is made once. OSError; ValueError where it is none."""
    with suppress(FileNotFoundError):
        return place(name).read_text("utf-8")
    if is_shared(name):
        with apart():
            settle(make=True)
    return place(name).read_text("utf-8")


def settle(*, make: bool = False) -> list[str]:
    """This host's files become what the database has, and what it has not yet goes there; the names of those that were
    others. A file that gives way stays beside the new one. With `make` there is one of each afterwards. One of
    TROUBLE."""
    rows = {row.name: row for row in SharedKey.objects.all()}
    replaced = []
    for name in filter(is_shared, KINDS):
        path = home.home() / name
        here = path.read_text("utf-8") if path.exists() else ""
        row = rows.get(name)
        if row is None and (here or make):
            first = {"text": here or KINDS[name].make(), "changed": _written(path) or _moment()}
            row, _ours = SharedKey.objects.get_or_create(name=name, defaults=first)
        if row is None:
            continue
        if here not in ("", row.text):
            replaced.append(name)
            log.warning("%s is another than the installation's: it gave way, and lies in %s", path, home.aside(path))
        _copy(row, here)
    return replaced


def write(name: str, text: str, before: str) -> None:
    """A key's file has another text from now on, on this host at once, on others within seconds. ChangedError where it
    was not `before`; one of TROUBLE."""
    if not is_shared(name):
        home.write(place(name), text)
        return
    with transaction.atomic():
        row = SharedKey.objects.select_for_update().get(name=name)
        if row.text != before:
            raise ChangedError(f"somebody else changed {name} just now: look at `caunoi keys`, and run it again")
        row.text, row.changed = text, max(_moment(), row.changed + timedelta(seconds=1))
        row.save(update_fields=["text", "changed"])
    _copy(row, before)


def adopt(name: str, text: str) -> None:
    """A text that was brought back becomes the installation's; this host's file of before stays beside it. ValueError
    where it is no such key; ChangedError; one of TROUBLE."""
    KINDS[name].check(text)
    settle(make=True)
    path = place(name)
    if (before := path.read_text("utf-8")) != text:
        home.aside(path)
        write(name, text, before)


def _copy(row: SharedKey, here: str) -> None:
    """Into the file of this host, in which `here` stands."""
    path = home.prepare(home.home()) / row.name
    if row.text != here:
        home.write(path, row.text)
    os.utime(path, (row.changed.timestamp(),) * 2)


def spread() -> None:
    """Waits until every host has what was written."""
    if database.url():
        time.sleep(SPREAD)


def look(server: psycopg.Connection) -> None:
    """Settles where a file of this host is not what the database has: asked by every process every few seconds on a
    connection that it has open anyway, so it is one statement of three rows."""
    global _last_trouble
    try:
        rows = {str(name): int(changed) for name, changed in server.execute(LOOK)}
    except (psycopg.errors.UndefinedTable, psycopg.errors.InsufficientPrivilege):  # not migrated yet
        return
    if all(rows.get(name, 0) == _seconds(_written(place(name))) for name in filter(is_shared, KINDS)):
        return
    trouble = ""
    try:
        settle()
    except TROUBLE as error:
        trouble = str(error)
        if trouble != _last_trouble:
            log.error("the keys of this host cannot be made the installation's: %s", trouble)
    finally:
        _last_trouble = trouble
        if not connection.in_atomic_block:
            connection.close()


def _moment() -> datetime:
    """Now, as precisely as every file system can say."""
    return now().replace(microsecond=0)


def _written(path: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(path.stat().st_mtime), UTC)
    except OSError:
        return None


def _seconds(moment: datetime | None) -> int:
    return int(moment.timestamp()) if moment else 0
