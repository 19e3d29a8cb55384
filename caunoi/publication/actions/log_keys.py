"""Which key signs the public log: what `log_key.pem` holds, and what the log itself says of it.

The file holds the key that signs first, as a private key, and below it the public ones before it. While a key is
changed (actions/log_rotation.py) two private ones lie there, and each signs the heads that are its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from caunoi.lib.crypto import merkle, succession
from caunoi.lib.crypto.succession import Announcement, KeyTerm, SuccessionError
from caunoi.publication import queries
from caunoi.publication.models import Head
from caunoi.vault import shared_keys


class LogKeyError(Exception):
    """The key that the log names is not here; the message says which, and what to do."""


@dataclass(frozen=True, kw_only=True)
class KeyFile:
    """`log_key.pem`: the private keys, the one in use first, and the public ones of before, the newest first; and the
    text that they stand in."""

    text: str
    private: list[Ed25519PrivateKey]
    public: list[Ed25519PublicKey]

    @property
    def keys(self) -> list[bytes]:
        """The public part of each."""
        return [*(succession.raw(one.public_key()) for one in self.private), *map(succession.raw, self.public)]

    def find(self, key: bytes) -> Ed25519PrivateKey | None:
        return next((one for one in self.private if succession.raw(one.public_key()) == key), None)


def path() -> Path:
    """Where the file lies, or would."""
    return shared_keys.place(shared_keys.LOG)


def key_file() -> KeyFile:
    """The file as it is now; made where it is not there yet. OSError; ValueError where it holds no Ed25519 key."""
    text = shared_keys.read(shared_keys.LOG)
    private, public = succession.read_keys(text)
    return KeyFile(text=text, private=private, public=public)


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
        f"the log goes on under the key {term.id[:16]}, which {path()} does not hold: bring the file back from a"
        " backup, by `caunoi keys adopt log FILE`"
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
