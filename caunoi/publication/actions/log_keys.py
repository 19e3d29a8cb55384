"""Which key signs the public log: what `log_key.pem` holds, and what the log itself says of it.

The file holds the key that signs first, as a private key, and below it the public ones before it. While a key is
changed (actions/log_rotation.py) two private ones lie there, and each signs the heads that are its own."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from caunoi.host import home
from caunoi.lib.crypto import merkle, succession
from caunoi.lib.crypto.succession import Announcement, KeyTerm, SuccessionError
from caunoi.publication import queries
from caunoi.publication.models import Head

_BLOCK = re.compile(r"-----BEGIN (PRIVATE|PUBLIC) KEY-----.+?-----END \1 KEY-----", re.DOTALL)


class LogKeyError(Exception):
    """The key that the log names is not here; the message says which, and what to do."""


@dataclass(frozen=True, kw_only=True)
class KeyFile:
    """`log_key.pem`: the private keys, the one in use first, and the public ones of before, the newest first."""

    private: list[Ed25519PrivateKey]
    public: list[Ed25519PublicKey]

    @property
    def keys(self) -> list[bytes]:
        """The public part of each."""
        return [*(succession.raw(one.public_key()) for one in self.private), *map(succession.raw, self.public)]

    def find(self, key: bytes) -> Ed25519PrivateKey | None:
        return next((one for one in self.private if succession.raw(one.public_key()) == key), None)


def new_key() -> str:
    """A new private key, as PEM."""
    return private_pem(Ed25519PrivateKey.generate())


def private_pem(key: Ed25519PrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def key_file() -> KeyFile:
    """The file as it is now; made where it is not there yet. OSError; ValueError where it holds no Ed25519 key."""
    private, public = list[Ed25519PrivateKey](), list[Ed25519PublicKey]()
    for block in _BLOCK.finditer(home.log_key(new_key)):
        if block[1] == "PRIVATE":
            one = load_pem_private_key(block[0].encode(), None)
            if not isinstance(one, Ed25519PrivateKey):
                raise ValueError("the log's key must be an Ed25519 key")
            private.append(one)
        else:
            other = load_pem_public_key(block[0].encode())
            if not isinstance(other, Ed25519PublicKey):
                raise ValueError("the log's key must be an Ed25519 key")
            public.append(other)
    if not private:
        raise ValueError("the log's key must be an Ed25519 key")
    return KeyFile(private=private, public=public)


def announcements() -> Iterator[Announcement]:
    """What the log says of its keys; what is no announcement, or is not signed, is left out (`verify` tells it)."""
    for number, leaf in queries.key_statements():
        try:
            yield succession.read(number, leaf)
        except SuccessionError:
            continue


def terms(file: KeyFile | None = None) -> list[KeyTerm]:
    """The keys of the log with the sizes of the heads that each may sign, the first of all first. Found from a key of
    the file, so that nobody who has the database alone puts in another. OSError, ValueError."""
    keys, rows, newest = (file or key_file()).keys, [*announcements()], queries.heads().first()
    chains = (succession.terms(key, rows) for key in keys)
    by_newest = (chain for chain in chains if newest is None or any(one.id == newest.key for one in chain))
    return next(by_newest, succession.terms(keys[0], rows))


def term_of(size: int) -> KeyTerm:
    """Whose head one of this size is."""
    return next(one for one in reversed(terms()) if one.signs(size))


def signer(size: int) -> Ed25519PrivateKey:
    """The key that may sign a head of this size. LogKeyError where it is not here."""
    file = key_file()
    term = next(one for one in reversed(terms(file)) if one.signs(size))
    if private := file.find(term.key):
        return private
    raise LogKeyError(
        f"the log goes on under the key {term.id[:16]}, which {home.log_file()} does not hold: copy the file from the"
        " host where the key was changed, or bring it back from a backup"
    )


def current() -> Ed25519PrivateKey:
    """The key that the log named last: it signs from now on, and for others too. LogKeyError."""
    return signer(queries.log_size() + 2)  # whatever is announced has its end below that


def public_key(key: str = "") -> str:
    """What others check the heads with, as PEM: the key in use, or that of the id (SHA-256, hex) if the log had it."""
    rows = terms()
    return next((one.pem for one in rows if one.id == key), rows[-1].pem)


def made() -> dict[str, datetime]:
    """When each key that was announced was, by its id."""
    return {succession.key_id(one.key): datetime.fromisoformat(one.at) for one in announcements()}


def changes(head: Head) -> list[dict[str, Any]]:
    """The announcements of keys in the log of this head, the first one first, each with the proof that it is there."""
    numbers = {one.first - 2 for one in terms()[1:]}  # not those of what was announced once more
    return [
        {
            "leaf": leaf,
            "number": number,
            "path": [step.hex() for step in merkle.inclusion(number, head.size, queries.log_node)],
        }
        for number, leaf in queries.key_statements()
        if number < head.size and number in numbers
    ]


def is_signed(key: bytes, signature: str, words: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(bytes.fromhex(signature), words)
    except (InvalidSignature, ValueError):
        return False
    return True
