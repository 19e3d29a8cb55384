"""Cells: each province's installation; the catalogue in which the control plane lists them, and the editions of common
data that it makes for all. Pure.

    {"format": 1, "number": 7, "issued": "2026-11-30T00:00:00Z",
     "cells": [{"code": "70", "name": "…", "address": "https://…", "key": KEY}], "editions": {"holidays": 3}}

    {"format": 1, "subject": "holidays", "number": 3, "issued": "2026-11-30T00:00:00Z", "note": "…",
     "effective_from": "2027-01-01", "keep": false, "files": [{"name": "holidays.csv", "bytes": 90, "sha256": "…"}]}

KEY: the 32 bytes of an Ed25519 public key (RFC 8032) in base64, by which the cell signs what it says to others. Beside
the document lies its signature by the control plane's key, over its bytes as they are, in base64. Of what this key
signs a catalogue alone has `cells`, an edition alone a `subject`: none passes for the other. Numbers only go up; the
catalogue says which edition of each subject is the newest. An edition lies in `SUBJECT/NUMBER/`: `edition.json`, its
signature, and its file; of areas one for each province, called by its code (`70.geojson`).
"""

import base64
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

FORMAT = 1
MOMENT = "%Y-%m-%dT%H:%M:%SZ"
MOST_CELLS = 200
CATALOGUE = "catalogue.json"
EDITION = "edition.json"
ENDING = ".sig"  # of a document's signature, which lies beside it
SUBJECTS = ("procedures", "areas", "holidays")
MOST_FILES, MOST_BYTES = 100, 64 << 20  # of an edition; bytes of a file
_CODE = re.compile("[0-9]{2}")
_FILE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,79}")
_DIGEST = re.compile("[0-9a-f]{64}")
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
    """All cells, by code, as they are in the catalogue of this number; and the newest edition of each subject."""

    number: int
    issued: datetime
    cells: Mapping[str, Cell]
    editions: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class EditionFile:
    """A file of an edition by its name, with what it must be."""

    name: str
    size: int
    digest: str

    def is_whole(self, content: bytes) -> bool:
        return len(content) == self.size and sha256(content).hexdigest() == self.digest


@dataclass(frozen=True, kw_only=True)
class Edition:
    """Common data of a subject. Of procedures: in force from a day (None: when it comes in), and whether those that a
    whole list does not name are kept."""

    subject: str
    number: int
    issued: datetime
    note: str
    effective_from: date | None
    keep: bool
    files: tuple[EditionFile, ...]

    @property
    def folder(self) -> str:
        return edition_folder(self.subject, self.number)


def read_catalogue(document: bytes, signature: str, key: bytes) -> Catalogue:
    """The catalogue that the control plane of this public key signed. CatalogueError."""
    content = read_signed(document, signature, key)
    try:
        rows = [_cell(row) for row in content["cells"]]
        number, issued = read_number(content["number"]), read_moment(content["issued"])
        editions = {str(name): read_number(value) for name, value in content.get("editions", {}).items()}
    except (KeyError, TypeError, ValueError, AttributeError):
        raise CatalogueError("this is no catalogue") from None
    cells = {one.code: one for one in rows}
    if len(cells) != len(rows) or len(rows) > MOST_CELLS:
        raise CatalogueError("a province is in it twice" if len(rows) <= MOST_CELLS else "there are too many cells")
    return Catalogue(number=number, issued=issued, cells=cells, editions=editions)


def write_catalogue(
    number: int, issued: datetime, cells: Iterable[Cell], editions: Mapping[str, int] | None = None
) -> bytes:
    """The document, to be signed."""
    rows = [
        {"code": one.code, "name": one.name, "address": one.address, "key": key_text(one.key)}
        for one in sorted(cells, key=lambda one: one.code)
    ]
    return write({"number": number, "issued": moment(issued), "cells": rows, "editions": dict(editions or {})})


def edition_folder(subject: str, number: int) -> str:
    return f"{subject}/{number}"


def read_edition(document: bytes, signature: str, key: bytes, subject: str, number: int) -> Edition:
    """The edition of this subject and number that the control plane of this public key signed. CatalogueError."""
    content = read_signed(document, signature, key)
    try:
        day = content.get("effective_from")
        edition = Edition(
            subject=str(content["subject"]),
            number=read_number(content["number"]),
            issued=read_moment(content["issued"]),
            note=clean_name(content["note"]) if content.get("note") else "",
            effective_from=date.fromisoformat(day) if day is not None else None,
            keep=content.get("keep") is True,
            files=tuple(_file(row) for row in content["files"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise CatalogueError("this is no edition") from None
    if (edition.subject, edition.number) != (subject, number):
        raise CatalogueError(
            f"this is edition {edition.number} of {edition.subject}, and not the one that was asked for"
        )
    if not 0 < len({one.name for one in edition.files}) == len(edition.files) <= MOST_FILES:
        raise CatalogueError("it has no files, too many, or one twice")
    if subject != "areas" and len(edition.files) > 1:
        raise CatalogueError("of areas alone an edition has several files, one a province")
    return edition


def write_edition(edition: Edition) -> bytes:
    """The document, to be signed."""
    day = edition.effective_from
    return write(
        {
            "subject": edition.subject,
            "number": edition.number,
            "issued": moment(edition.issued),
            "note": edition.note,
            "effective_from": day.isoformat() if day else None,
            "keep": edition.keep,
            "files": [{"name": one.name, "bytes": one.size, "sha256": one.digest} for one in edition.files],
        }
    )


def edition_file(name: str, content: bytes) -> EditionFile:
    """ValueError for a name or a size that no edition has."""
    return _file({"name": name, "bytes": len(content), "sha256": sha256(content).hexdigest()})


def _file(row: Mapping[str, Any]) -> EditionFile:
    """KeyError, TypeError, ValueError."""
    name, size, digest = row["name"], row["bytes"], row["sha256"]
    if not _FILE.fullmatch(name) or name.startswith(EDITION) or not _DIGEST.fullmatch(digest):
        raise ValueError("a file of an edition has a name of ASCII letters, digits, points, hyphens")
    if type(size) is not int or not 0 < size <= MOST_BYTES:
        raise ValueError(f"a file of an edition has at most {MOST_BYTES >> 20} MB, and is not empty")
    return EditionFile(name=name, size=size, digest=digest)


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


def moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime(MOMENT)


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
