"""What two cells say to each other about a report that is the other's (docs/cells-handover.md). Pure.

A missive is a document of `cells.write`, signed by the cell that says it. It names both cells, the hand-over by an id
of its own and the moment, so that it is good for these two, once, and for FRESH only. Whoever sends it again writes it
again: what it says is compared by its digest.
"""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from caunoi.lib import cells
from caunoi.lib.cells import Catalogue, CatalogueError, Cell

FRESH = timedelta(minutes=10)
MOST_BYTES = 256 * 1024  # of a document
LONGEST = {"text": 100_000, "why": 10_000, "summary": 300, "address": 300, "category": 200, "number": 40}
MOST_FILES = 50
NAME, CONTACT = 120, 254
_ID, _DIGEST = re.compile("[0-9a-f]{32}"), re.compile("[0-9a-f]{64}")


class Kind(StrEnum):
    TRANSFER = "transfer"  # a report that is yours
    WITHDRAWAL = "withdrawal"  # … and is not to be taken after all
    RETURN = "return"  # it is not ours
    ERASURE = "erasure"  # its citizen has asked us to erase them, and may ask the same of you
    RECEIPT = "receipt"  # it is ours now, under this number
    VOID = "void"  # it was not here, and will not be taken
    NOTED = "noted"  # that it came back, or what its citizen asked


class MissiveError(Exception):
    """It is not taken; `code` says why: sender, recipient, signature, stale, unreadable, changed, files or answer."""

    def __init__(self, code: str, sender: str = "") -> None:
        self.code, self.sender = code, sender
        super().__init__(code)


@dataclass(frozen=True, kw_only=True)
class Missive:
    """One that its sender has signed; `id` names the hand-over that it is about."""

    kind: Kind
    id: str
    sender: Cell
    at: datetime
    content: Mapping[str, Any]

    def text(self, name: str, most: int) -> str:
        """A text of its content. MissiveError."""
        return _text(self.content, name, most, self.sender.code)


@dataclass(frozen=True, kw_only=True)
class Signed:
    """As it goes over the wire."""

    document: str
    signature: str


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who reported, where they agreed that the other province may know it."""

    name: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, kw_only=True)
class Parting:
    """A report as it leaves: `number` is its own at the cell that hands it over, `why` the reason, for the staff there;
    `files` are the digests of its pictures."""

    number: str
    why: str
    text: str
    summary: str
    address: str
    kind: str
    urgency: str
    category: str
    received: str
    occurred: str = ""
    latitude: float | None = None
    longitude: float | None = None
    person: Person | None = None
    files: tuple[str, ...] = ()


def write(
    kind: Kind,
    content: Mapping[str, Any],
    *,
    id: str,
    sender: str,
    recipient: str,
    at: datetime,
    key: Ed25519PrivateKey,
) -> Signed:
    moment = at.astimezone(UTC).strftime(cells.MOMENT)
    head = {"kind": kind, "id": id, "from": sender, "to": recipient, "at": moment}
    document = cells.write({**head, **content})
    return Signed(document=document.decode(), signature=cells.sign(document, key))


def read(signed: Signed, kinds: Collection[Kind], *, recipient: str, catalogue: Catalogue, at: datetime) -> Missive:
    """What a cell of the catalogue says to this one now. MissiveError."""
    document = signed.document.encode()
    if len(document) > MOST_BYTES:
        raise MissiveError("unreadable")
    try:
        content = json.loads(document)
        sender = catalogue.cells.get(content["from"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise MissiveError("unreadable") from None
    if sender is None:
        raise MissiveError("sender")
    try:
        content = cells.read_signed(document, signed.signature, sender.key)
    except CatalogueError:
        raise MissiveError("signature", sender.code) from None
    try:
        kind, one, moment = Kind(content["kind"]), content["id"], cells.read_moment(content["at"])
        if kind not in kinds or not _ID.fullmatch(one):
            raise ValueError("no missive")
    except (ValueError, KeyError, TypeError):
        raise MissiveError("unreadable", sender.code) from None
    if content.get("to") != recipient:
        raise MissiveError("recipient", sender.code)
    if abs(at - moment) > FRESH:
        raise MissiveError("stale", sender.code)
    return Missive(kind=kind, id=one, sender=sender, at=moment, content=content)


def digest(report: Mapping[str, Any]) -> str:
    """By which both sides know that they speak of the same words."""
    return sha256(json.dumps(report, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def as_json(parting: Parting) -> dict[str, Any]:
    """A report as a missive holds it; without what there is not."""
    row = {name: value for name, value in vars(parting).items() if value not in (None, "", ())}
    if parting.person:
        row["person"] = {name: value for name, value in vars(parting.person).items() if value}
    if parting.files:
        row["files"] = [*parting.files]
    return row


def read_report(missive: Missive) -> tuple[Parting, str]:
    """The report in a missive, with its digest. MissiveError."""
    row, sender = missive.content.get("report"), missive.sender.code
    if not isinstance(row, dict):
        raise MissiveError("unreadable", sender)
    texts = {name: _text(row, name, LONGEST.get(name, 40), sender) for name in _TEXTS}
    if not texts["text"].strip() or not texts["number"]:
        raise MissiveError("unreadable", sender)
    more: dict[str, Any] = {**texts, "person": _person(row, sender), "files": _files(row, sender)}
    more |= {name: _degrees(row, name, most, sender) for name, most in (("latitude", 90), ("longitude", 180))}
    parting = Parting(**more)
    return parting, digest(row)


_TEXTS = ("number", "why", "text", "summary", "address", "kind", "urgency", "category", "received", "occurred")


def _text(row: Mapping[str, Any], name: str, most: int, sender: str) -> str:
    value = row.get(name, "")
    if not isinstance(value, str) or len(value) > most or "\0" in value:
        raise MissiveError("unreadable", sender)
    return value


def _degrees(row: Mapping[str, Any], name: str, most: int, sender: str) -> float | None:
    value = row.get(name)
    if value is None:
        return None
    if type(value) not in (int, float) or not -most <= value <= most:
        raise MissiveError("unreadable", sender)
    return float(value)


def _person(row: Mapping[str, Any], sender: str) -> Person | None:
    person = row.get("person")
    if person is None:
        return None
    if not isinstance(person, dict):
        raise MissiveError("unreadable", sender)
    name, phone, email = (
        _text(person, field, most, sender) for field, most in (("name", NAME), ("phone", 40), ("email", CONTACT))
    )
    return Person(name=name, phone=phone, email=email)


def _files(row: Mapping[str, Any], sender: str) -> tuple[str, ...]:
    files = row.get("files", [])
    whole = isinstance(files, list) and len(files) <= MOST_FILES
    if not whole or not all(isinstance(one, str) and _DIGEST.fullmatch(one) for one in files):
        raise MissiveError("unreadable", sender)
    return tuple(files)
