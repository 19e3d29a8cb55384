"""Each key of the installation: how old it is, and how it is changed while people work (docs/security/keys.md)."""

import os
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import transaction
from django.utils.timezone import now

from caunoi.events.actions import record
from caunoi.events.actor import Actor
from caunoi.host import database, home, hsm, presence
from caunoi.lib.crypto import envelope, succession, webpush
from caunoi.vault import actions, queries, secret_key, shared_keys
from caunoi.vault.masters import FileKey, masters
from caunoi.vault.models import DataKey

SECRET, MASTER, PUSH, CELL = "secret", "master", "push", "cell"
SECRET_FILE, PUSH_FILE, CELL_FILE = shared_keys.SECRET, shared_keys.PUSH, shared_keys.CELL
NAMES = (SECRET, MASTER, PUSH, CELL, *DataKey.Purpose.values)
FORMER_MASTER = f"{home.MASTER}.until-"  # and the day
FORMER = 4  # secret and push keys before the present one that are still good for what was made under them

type Progress = Callable[[str, int], None]


class NotHereError(Exception):
    """The key lies where we cannot write; the message says what to do there."""


@dataclass(frozen=True, kw_only=True)
class KeyInfo:
    """A key as people tell it from others: never the key itself. `sealed`: rows that only it opens; None where they
    were not counted."""

    name: str
    id: str
    made: datetime | None
    in_use: bool
    sealed: int | None = None

    @property
    def days(self) -> int | None:
        return (now() - self.made).days if self.made else None


def listing(*, counts: bool = False) -> list[KeyInfo]:
    """All keys, those in use first of each name; with `counts` of the rows that they seal, which reads whole tables.
    OSError, ValueError."""
    path, wrapped = home.master_file(), set(DataKey.objects.values_list("master", flat=True))
    changed = _changed(shared_keys.place(SECRET_FILE))
    result = [
        KeyInfo(name=SECRET, id=secret_id(one.key), made=_moment(one.made) or changed, in_use=n == 0)
        for n, one in enumerate(home.secret_keys())
    ]
    for master in masters():
        made = _changed(path) if isinstance(master, FileKey) else None
        result.append(KeyInfo(name=MASTER, id=master.id, made=made, in_use=master.id in wrapped))
    path = shared_keys.place(PUSH_FILE)
    for n, key in enumerate(webpush.read_keys(path.read_text("ascii")) if path.exists() else ()):
        made = _changed(path) if n == 0 else None
        result.append(KeyInfo(name=PUSH, id=push_id(key), made=made, in_use=n == 0))
    path = shared_keys.place(CELL_FILE)
    for n, signer in enumerate(succession.read_keys(path.read_text("ascii"))[0] if path.exists() else ()):
        made = _changed(path) if n == 0 else None
        result.append(KeyInfo(name=CELL, id=cell_id(signer), made=made, in_use=n == 0))
    for row in queries.data_keys():
        fields = actions.fields_of(row.purpose)
        count = sum(actions.sealed_by(field, row.pk) for field in fields) if counts else None
        result.append(
            KeyInfo(name=row.purpose, id=str(row.pk), made=row.created, in_use=row.retired is None, sealed=count)
        )
    return result


def secret_id(key: str) -> str:
    """By which people tell secret keys apart: 12 hex digits."""
    return envelope.fingerprint(key.encode())


def push_id(key: EllipticCurvePrivateKey) -> str:
    """By which people tell push keys apart: 12 hex digits."""
    return envelope.fingerprint(webpush.public(key))


def cell_id(key: Ed25519PrivateKey) -> str:
    """By which people tell the keys of a cell apart: 12 hex digits."""
    return succession.key_id(succession.raw(key.public_key()))[:12]


def rotate(name: str, *, by: Actor, progress: Progress = lambda column, rows: None) -> str:
    """A new key of this name (NAMES) is in use when it returns, everywhere; what the one before signed or sealed goes
    on; its id. NotHereError, ChangedError, MasterKeyError, SealError, OSError."""
    shared_keys.settle()
    if name == SECRET:
        made = _rotate_secret()
    elif name == MASTER:
        made = _rotate_master()
    elif name == PUSH:
        made = _rotate_push()
    elif name == CELL:
        made = _rotate_cell()
    else:
        made = str(actions.rotate(name).pk)
        _wait(queries.FRESH)
        if name == queries.Purpose.INDEX:  # every process looks up by it by now, and then writes by it
            _wait(queries.SPREAD.total_seconds())
        actions.reseal(name, progress)
        actions.drop_retired(name)
    with transaction.atomic():
        record("vault.rotate", DataKey(pk=0), by=by, key=name, id=made)
    return made


def _rotate_secret() -> str:
    """First every process accepts the new key, then it signs: in between nothing is refused."""
    if os.environ.get("CAUNOI_SECRET_KEY"):
        raise NotHereError(
            "the key is in CAUNOI_SECRET_KEY: write it into a file with a new one above it, name that by"
            " CAUNOI_SECRET_KEY_FILE, and start again"
        )
    path, before = shared_keys.place(SECRET_FILE), home.secret_keys()
    if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
        raise NotHereError(
            f"{path} cannot be written: add a line with a new key below the others, wait {secret_key.SPREAD:.0f} s, and"
            " then move it to the top"
        )
    fresh = home.SecretKey(secrets.token_urlsafe(48), f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")
    lines = [one for one in before if "\n" not in one.key][:FORMER]
    former = [one if one.made else home.SecretKey(one.key, _written(path)) for one in lines]
    text = path.read_text("utf-8")
    for order in ([*former, fresh], [fresh, *former]):
        text = _write(SECRET_FILE, map(_line, order), text)
        _wait(secret_key.SPREAD)
    secret_key.refresh()
    return secret_id(fresh.key)


def _rotate_master() -> str:
    """In the home: a new line above the others, the data keys wrapped by it, then it alone; the others go on in a file
    apart, as backups of before need them. Elsewhere: whoever keeps the file puts the new line above, and this wraps by
    it."""
    if hsm.place():
        return _rotate_into_module()
    path, before = home.master_file(), home.master_keys()
    if path == home.home() / home.MASTER:
        for row in DataKey.objects.all():
            queries.unwrapped(row)
        home.write_keys(path, [home.new_master(), *(home.master_line(key) for key in before)])
        actions.rewrap()
        newest, *former = map(home.master_line, home.master_keys())
        _keep_apart(former)
        home.write_keys(path, [newest])
    elif not actions.rewrap():
        raise NotHereError(
            f"the master key lies in {path}: put a new line above the one there (head -c 32 /dev/urandom | base64),"
            " run this again, and then move the lower line to where the keys for the backups of before are"
        )
    return masters()[0].id


def _rotate_into_module() -> str:
    """The first key that is named there seals from now on, made in the module where it is not yet; a key in the home
    goes into the file apart, as backups of before need it."""
    newest, *_others = masters(make=True)
    changed, path = actions.rewrap(), home.master_file()
    if path == home.home() / home.MASTER and path.exists():
        _keep_apart(map(home.master_line, home.master_keys()))
        path.unlink()
    elif not changed:
        raise NotHereError(
            f"the master key {newest.id} of the module is in use: put a new label before it in {hsm.NAME}"
            " (label=new,old) on every host, start the product again, and run this again"
        )
    return newest.id


def _keep_apart(former: Iterable[str]) -> None:
    apart = home.home() / f"{FORMER_MASTER}{datetime.now(UTC):%Y-%m-%d}"
    there = apart.read_text("ascii").splitlines() if apart.exists() else []
    home.write_keys(apart, dict.fromkeys([*former, *there]))


def _rotate_push() -> str:
    """Browsers subscribe under the new key from now on; those of before are spoken to by the key of theirs."""
    before = shared_keys.read(PUSH_FILE)
    former = webpush.blocks(before)[:FORMER]
    text = _write(PUSH_FILE, "\n".join([webpush.new_key(), *former]).splitlines(), before)
    return push_id(webpush.read_keys(text)[0])


def _rotate_cell() -> str:
    """The one before it signs on until the catalogue of cells names the new one (cells/queries.py)."""
    before = shared_keys.read(CELL_FILE)
    text = _write(CELL_FILE, "\n".join([succession.new_key(), *webpush.blocks(before)[:1]]).splitlines(), before)
    return cell_id(succession.read_keys(text)[0][0])


def _write(name: str, lines: Iterable[str], before: str) -> str:
    text = "".join(f"{line.rstrip()}\n" for line in lines)
    shared_keys.write(name, text, before)
    return text


def former_masters() -> list[Path]:
    """Files with master keys of before that still lie in the home, the oldest first."""
    return sorted(home.home().glob(f"{FORMER_MASTER}*"))


def _wait(seconds: float) -> None:
    if presence.running(Path(settings.HOME)) or database.url():  # … or on other hosts
        time.sleep(seconds)


def _line(one: home.SecretKey) -> str:
    return f"{one.key}  # made {one.made}" if one.made else one.key


def _written(path: Path) -> str:
    changed = _changed(path)
    return f"{changed:%Y-%m-%dT%H:%M:%SZ}" if changed else ""


def _changed(path: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError:
        return None


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
