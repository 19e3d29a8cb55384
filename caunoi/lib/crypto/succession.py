"""A log's signing key follows another: the announcement of it, a leaf of the log itself, and who may sign which head.

    {"at":"2026-11-29T06:00:00Z","before":KEY,"consent":SIGNATURE,"key":KEY,"kind":"key","signature":SIGNATURE}

KEY: the 32 bytes of an Ed25519 public key (RFC 8032) in hex. `signature` is the one of the key before over `words`,
`consent` that of the new one over the same, so that nobody passes a log on to a key that is not theirs. Stands the
announcement as leaf n (from 0), the key before signs heads of up to n + 1 leaves, which hold it, the new one all larger
ones: that a head is signed by the wrong key is seen from its size alone. Pure."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

KIND = "key"
_BLOCK = re.compile(r"-----BEGIN (PRIVATE|PUBLIC) KEY-----.+?-----END \1 KEY-----", re.DOTALL)


class SuccessionError(Exception):
    """This announces no key, or a signature of it is false; the message says which."""


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """That the key `key` follows the key `before` (32 bytes each), said at `at`, in the leaf `number` of the log."""

    number: int
    before: bytes
    key: bytes
    at: str


@dataclass(frozen=True, kw_only=True)
class KeyTerm:
    """A key (32 bytes) with the smallest and the largest size of a head that it may sign; None: it is in use."""

    key: bytes
    first: int = 1
    last: int | None = None

    @property
    def id(self) -> str:
        return key_id(self.key)

    @property
    def pem(self) -> str:
        return pem(self.key)

    def signs(self, size: int) -> bool:
        return self.first <= size and (self.last is None or size <= self.last)


def new_key() -> str:
    """A new private key, as PEM."""
    return private_pem(Ed25519PrivateKey.generate())


def private_pem(key: Ed25519PrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def read_keys(text: str) -> tuple[list[Ed25519PrivateKey], list[Ed25519PublicKey]]:
    """The private and the public keys of a file, in its order. ValueError where one is no Ed25519 key, or none is
    private."""
    private, public = list[Ed25519PrivateKey](), list[Ed25519PublicKey]()
    for block in _BLOCK.finditer(text):
        if block[1] == "PRIVATE":
            one = load_pem_private_key(block[0].encode(), None)
            if not isinstance(one, Ed25519PrivateKey):
                raise ValueError("the key must be an Ed25519 key")
            private.append(one)
        else:
            other = load_pem_public_key(block[0].encode())
            if not isinstance(other, Ed25519PublicKey):
                raise ValueError("the key must be an Ed25519 key")
            public.append(other)
    if not private:
        raise ValueError("the key must be an Ed25519 key")
    return private, public


def key_id(key: bytes) -> str:
    """As heads name the key they are signed by: SHA-256, hex."""
    return sha256(key).hexdigest()


def raw(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def pem(key: bytes) -> str:
    public = Ed25519PublicKey.from_public_bytes(key)
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def public(text: str) -> bytes:
    """The 32 bytes of a PEM. ValueError for anything but an Ed25519 public key."""
    key = load_pem_public_key(text.encode())
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("this is not an Ed25519 public key")
    return raw(key)


def words(before: str, key: str, at: str) -> bytes:
    """The bytes of an announcement that both keys sign; the keys in hex."""
    return f"caunoi log key\n{before}\n{key}\n{at}\n".encode()


def announce(before: Ed25519PrivateKey, key: Ed25519PrivateKey, at: str) -> dict[str, str]:
    """What a leaf says that announces `key`."""
    one, other = raw(before.public_key()).hex(), raw(key.public_key()).hex()
    statement = words(one, other, at)
    return {
        "at": at,
        "before": one,
        "consent": key.sign(statement).hex(),
        "key": other,
        "kind": KIND,
        "signature": before.sign(statement).hex(),
    }


def read(number: int, leaf: str) -> Announcement:
    """What a leaf announces, both signatures verified. SuccessionError."""
    try:
        content = json.loads(leaf)
        if content["kind"] != KIND:
            raise ValueError("another kind")
        before, key, at = content["before"], content["key"], content["at"]
        one, other = bytes.fromhex(before), bytes.fromhex(key)
        signature, consent = bytes.fromhex(content["signature"]), bytes.fromhex(content["consent"])
        signed = words(before, key, at)
        signers = Ed25519PublicKey.from_public_bytes(one), Ed25519PublicKey.from_public_bytes(other)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise SuccessionError("it announces no key") from None
    try:
        signers[0].verify(signature, signed)
    except InvalidSignature:
        raise SuccessionError("it is not signed by the key before it") from None
    try:
        signers[1].verify(consent, signed)
    except InvalidSignature:
        raise SuccessionError("it is not signed by the key that it announces") from None
    return Announcement(number=number, before=one, key=other, at=str(at))


def terms(anchor: bytes, announcements: Iterable[Announcement]) -> list[KeyTerm]:
    """All keys of the log in which `anchor` is one, the first of all first: those before it, which announced it, and
    those that followed. What does not continue them is left out; in the order of the leaves."""
    rows = sorted(announcements, key=lambda one: one.number)
    used = _leading_to(anchor, rows)
    current, number = (used[-1].key, used[-1].number) if used else (anchor, -1)
    for one in rows:
        if one.number > number and one.before == current and one.key not in {anchor, *(row.before for row in used)}:
            used.append(one)
            current, number = one.key, one.number
    return _terms(used[0].before if used else anchor, used)


def _leading_to(anchor: bytes, rows: Sequence[Announcement]) -> list[Announcement]:
    used: list[Announcement] = []
    current, number = anchor, rows[-1].number + 1 if rows else 0
    for one in reversed(rows):
        if one.key == current and one.number < number and not _is_late(one, rows):
            used.insert(0, one)
            current, number = one.before, one.number
    return used


def _is_late(one: Announcement, rows: Sequence[Announcement]) -> bool:
    """Whether its key had announced another before."""
    return any(row.before == one.before and row.number < one.number for row in rows)


def _terms(first: bytes, used: Sequence[Announcement]) -> list[KeyTerm]:
    result, start = list[KeyTerm](), 1
    for key, following in zip([first, *(one.key for one in used)], [*used, None]):
        last = following.number + 1 if following else None
        result.append(KeyTerm(key=key, first=start, last=last))
        start = following.number + 2 if following else start
    return result
