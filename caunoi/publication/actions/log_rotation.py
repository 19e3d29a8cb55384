"""The key that signs the public log is changed while it grows.

First both keys lie in `log_key.pem`, so that whoever signs has them; then the new one is announced in the log, the old
one signs its last head, which holds the announcement, and the new one all after it; then the file holds the new key,
and the public part of those before it. Broken off at any point, the next run goes on there."""

import os
from collections.abc import Iterable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection, transaction
from django.utils.timezone import now

from caunoi.events.actions import record
from caunoi.events.actor import Actor
from caunoi.lib import locks
from caunoi.lib.crypto import succession
from caunoi.publication.actions import log, log_keys
from caunoi.publication.actions.log_keys import LogKeyError
from caunoi.publication.models import Head, Statement
from caunoi.vault import shared_keys
from caunoi.vault.models import DataKey


def rotate(*, by: Actor) -> str:
    """A new key signs the log when it returns; its id. Where the file cannot be written, a second private key must
    stand in it, and both go on standing there. LogKeyError; ChangedError, OSError, ValueError."""
    shared_keys.settle()
    file = log_keys.key_file()
    text, terms = file.text, log_keys.terms(file)
    chain, old = {one.key for one in terms}, log_keys.current()
    prepared = [one for one in file.private if succession.raw(one.public_key()) not in chain]
    former = [one for one in file.private if one.public_key() != old.public_key()]
    fresh = old if len(former) > len(prepared) else next(iter(prepared), None)  # announced, and then broken off
    if fresh is None:
        _check_writable()
        fresh = Ed25519PrivateKey.generate()
        text = _write([old, fresh], file.keys[1:], text)
        shared_keys.spread()
    if fresh is not old:
        _announce(old, fresh, by)
    log.sign()
    key = succession.raw(fresh.public_key())
    end = next((one.last for one in log_keys.terms() if one.key == succession.raw(old.public_key())), None)
    if end and not Head.objects.filter(size=end).exists():
        raise LogKeyError("the last head of the old key is not signed: look whether the worker signs, and run it again")
    if is_writable():
        older = [one.key for one in reversed(log_keys.terms())]
        _write([fresh], [one for one in dict.fromkeys([*older, *file.keys]) if one != key], text)
    return succession.key_id(key)


def is_writable() -> bool:
    """Whether the file of the log's key can be written here."""
    path = log_keys.path()
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def _check_writable() -> None:
    if not is_writable():
        raise LogKeyError(
            f"{log_keys.path()} cannot be written: put a new key below the one there, on every host"
            " (openssl genpkey -algorithm ed25519), and run this again"
        )


def _announce(old: Ed25519PrivateKey, fresh: Ed25519PrivateKey, by: Actor) -> None:
    """The announcement gets its number at once, and nobody else numbers or announces meanwhile."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [locks.LOGS])
        if log_keys.current().public_key() != old.public_key():
            raise LogKeyError("somebody else changed the key just now")
        at = now().replace(microsecond=0)
        leaf = log.canonical(succession.announce(old, fresh, log.moment(at)))
        row = Statement.objects.create(kind=Statement.Kind.KEY, at=at, leaf=leaf)
        while row.number is None:
            log.sequence()
            row.refresh_from_db()
        record(
            "vault.rotate", DataKey(pk=0), by=by, key="log", id=succession.key_id(succession.raw(fresh.public_key()))
        )


def _write(private: Iterable[Ed25519PrivateKey], public: Iterable[bytes], before: str) -> str:
    blocks = [*map(succession.private_pem, private), *map(succession.pem, public)]
    text = "".join(blocks)
    shared_keys.write(shared_keys.LOG, text, before)
    return text
