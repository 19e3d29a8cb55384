"""What is sealed: AES-256-GCM under a data key, bound to its place; a data key is itself sealed by the master key.

    version (1 byte, 1) · id of the data key (4 bytes, big-endian) · nonce (12) · ciphertext · tag (16)

The header and the place ("table.column", and the row where it has a name) are authenticated with it, so that what is
copied to another row or column no longer opens (NIST SP 800-38D; nonces are random: at most 2**32 seals under one key).
"""

import hashlib
import hmac
import os
import struct
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY = 32  # bytes
NONCE = 12
TAG = 16
HEADER = 5
LEAST = HEADER + NONCE + TAG  # bytes of a sealed nothing
INDEX = 16  # bytes of a digest
_VERSION = 1


class SealError(Exception):
    """It does not open: another key, another place, or changed bytes. The message never holds what is sealed."""


def seal(plain: bytes, key: bytes, key_id: int, place: str, *, nonce: Callable[[], bytes] | None = None) -> bytes:
    """`plain` sealed by the data key `key` (32 bytes), whose id (0 … 2**32-1) is written before it; `nonce` only in
    tests."""
    start = header(key_id)
    fresh = nonce() if nonce else os.urandom(NONCE)
    return start + fresh + AESGCM(key).encrypt(fresh, plain, start + place.encode())


def header(key_id: int) -> bytes:
    """With what everything begins that this data key sealed."""
    return struct.pack(">BI", _VERSION, key_id)


def key_id(sealed: bytes) -> int:
    """The id of the data key that opens it. SealError for what was never sealed by us."""
    if len(sealed) < LEAST or sealed[0] != _VERSION:
        raise SealError("this was not sealed here, or was cut off")
    number: int = struct.unpack(">I", sealed[1:HEADER])[0]
    return number


def open_(sealed: bytes, key: bytes, place: str) -> bytes:
    """What `seal` sealed for this place. SealError."""
    key_id(sealed)
    start, nonce, rest = sealed[:HEADER], sealed[HEADER : HEADER + NONCE], sealed[HEADER + NONCE :]
    try:
        return AESGCM(key).decrypt(nonce, rest, start + place.encode())
    except InvalidTag:
        raise SealError(f"{place} does not open: another key, another place, or changed bytes") from None


def wrap(key: bytes, master: bytes, key_id: int, purpose: str) -> bytes:
    """A data key sealed by the master key, for the database."""
    return seal(key, master, key_id, f"key:{purpose}")


def unwrap(wrapped: bytes, master: bytes, purpose: str) -> bytes:
    """SealError for another master key."""
    key = open_(wrapped, master, f"key:{purpose}")
    if len(key) != KEY:
        raise SealError("this is not a data key")
    return key


def fingerprint(master: bytes) -> str:
    """By which people tell master keys apart; says nothing about the key: 12 hex digits."""
    return hmac.new(master, b"caunoi master key", hashlib.sha256).hexdigest()[:12]


def digest(secret: str) -> bytes:
    """By which a random secret of at least 80 bits is looked up that is not stored itself (SHA-256, 16 bytes)."""
    return hashlib.sha256(secret.encode()).digest()[:INDEX]


def blind(value: str, key: bytes, key_id: int, place: str) -> bytes:
    """By which a value is looked up that can be guessed: HMAC-SHA256 (RFC 2104) under the data key `key`, 16 bytes,
    behind the header of that key; for this place alone."""
    made = hmac.digest(key, f"{place}\0{value}".encode(), "sha256")
    return header(key_id) + made[:INDEX]
