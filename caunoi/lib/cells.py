"""Cells: each province's installation, and the catalogue in which the control plane lists them. Pure.

    {"format": 1, "number": 7, "issued": "2026-11-30T00:00:00Z",
     "cells": [{"code": "70", "name": "…", "address": "https://…", "key": KEY}]}

KEY: the 32 bytes of an Ed25519 public key (RFC 8032) in base64, by which the cell signs what it says to others. Beside
the document lies its signature by the control plane's key, over its bytes as they are, in base64. Of what this key
signs a catalogue alone has `cells`, so that nothing else passes for one.
"""

import base64
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

FORMAT = 1
MOMENT = "%Y-%m-%dT%H:%M:%SZ"
MOST_CELLS = 200
CATALOGUE = "catalogue.json"
ENDING = ".sig"  # of a document's signature, which lies beside it
_CODE = re.compile("[0-9]{2}")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class CatalogueError(Exception):
    """This is no document of the control plane, or nobody with its key signed it; the message says which."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """An installation: the code of its province, its name, where it is reached, its public key (32 bytes)."""

    code: str
    name: str
    address: str
    key: bytes

    def verifies(self, document: bytes, signature: str) -> bool:
        """Whether the cell signed these bytes."""
        return is_signed(document, signature, self.key)


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """All cells, by code, as they are in the catalogue of this number."""

    number: int
    issued: datetime
    cells: Mapping[str, Cell]


def read_catalogue(document: bytes, signature: str, key: bytes) -> Catalogue:
    """The catalogue that the control plane of this public key signed. CatalogueError."""
    content = read_signed(document, signature, key)
    try:
        rows = [_cell(row) for row in content["cells"]]
        number, issued = read_number(content["number"]), read_moment(content["issued"])
    except (KeyError, TypeError, ValueError):
        raise CatalogueError("this is no catalogue") from None
    cells = {one.code: one for one in rows}
    if len(cells) != len(rows) or len(rows) > MOST_CELLS:
        raise CatalogueError("a province is in it twice" if len(rows) <= MOST_CELLS else "there are too many cells")
    return Catalogue(number=number, issued=issued, cells=cells)


def write_catalogue(number: int, issued: datetime, cells: Iterable[Cell]) -> bytes:
    """The document, to be signed."""
    rows = [
        {"code": one.code, "name": one.name, "address": one.address, "key": key_text(one.key)}
        for one in sorted(cells, key=lambda one: one.code)
    ]
    return write({"number": number, "issued": issued.astimezone(UTC).strftime(MOMENT), "cells": rows})


def _cell(row: Mapping[str, Any]) -> Cell:
    """KeyError, TypeError, ValueError."""
    code, name, address = row["code"], row["name"], row["address"]
    if not all(isinstance(one, str) for one in (code, name, address)) or not _CODE.fullmatch(code):
        raise ValueError("no cell")
    return Cell(code=code, name=clean_name(name), address=clean_address(address), key=public_key(row["key"]))


def clean_name(text: str) -> str:
    """What a cell is called, on one line. ValueError."""
    name = " ".join(text.split())
    if not 0 < len(name) <= 200 or not name.isprintable():
        raise ValueError("no name")
    return name


def clean_address(text: str) -> str:
    """An address by which an installation is reached, without a slash at its end: https, and http on this machine
    alone. ValueError."""
    parts = urlsplit(text.strip())
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise ValueError("an address begins with https://")
    if not parts.hostname or parts.username or parts.password or parts.query or parts.fragment or parts.port == 0:
        raise ValueError("an address has a host, and nothing behind its path")
    return parts.geturl().rstrip("/")


# --- Any document that is signed -------------------------------------------------------------------------------------
def read_signed(document: bytes, signature: str, key: bytes) -> dict[str, Any]:
    """The content of a document of our format that this key signed. CatalogueError."""
    if not is_signed(document, signature, key):
        raise CatalogueError("it is not signed by the key that is named here")
    try:
        content = json.loads(document)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise CatalogueError("it cannot be read")
    if content.get("format") != FORMAT:
        raise CatalogueError(f"it is of another format than {FORMAT}")
    return content


def write(content: Mapping[str, Any]) -> bytes:
    """A document of our format, to be signed."""
    return (json.dumps({"format": FORMAT, **content}, ensure_ascii=False, indent=1) + "\n").encode()


def sign(document: bytes, key: Ed25519PrivateKey) -> str:
    """The signature of a document, in base64."""
    return base64.b64encode(key.sign(document)).decode()


def is_signed(document: bytes, signature: str, key: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(base64.b64decode(signature.strip(), validate=True), document)
    except (InvalidSignature, ValueError):
        return False
    return True


def read_number(value: Any) -> int:
    """Of a catalogue or an edition. ValueError."""
    if type(value) is not int or not 0 < value < 2**31:
        raise ValueError("no number")
    return value


def read_moment(text: str) -> datetime:
    """ValueError, TypeError."""
    return datetime.strptime(text, MOMENT).replace(tzinfo=UTC)


# --- Keys ------------------------------------------------------------------------------------------------------------
def public_key(text: str) -> bytes:
    """The 32 bytes of a public key in base64. ValueError."""
    key = base64.b64decode(text, validate=True)
    Ed25519PublicKey.from_public_bytes(key)
    return key


def key_text(key: bytes) -> str:
    return base64.b64encode(key).decode()


def fingerprint(key: bytes) -> str:
    """By which two people compare a key on the telephone: 100 bits of its SHA-256, in groups of digits."""
    digits = str(int.from_bytes(sha256(key).digest()[:13]) % 10**30).zfill(30)
    return " ".join(digits[n : n + 5] for n in range(0, 30, 5))
