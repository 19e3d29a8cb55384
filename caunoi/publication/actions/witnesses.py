"""Witnesses of the public log: others who keep its heads, and for whom we keep theirs.

A head goes to every witness each hour in which the log grew. Another installation checks that it continues the one
before (RFC 9162, 2.1.4) and signs it; a time-stamping authority (RFC 3161) stamps its digest. What came back is kept,
compared with the log by `verify`, and, where the witness can be asked, with what it holds."""

import json
import re
import secrets
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import httpx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from django.db import transaction
from django.utils.timezone import now

from caunoi.events.actions import record
from caunoi.events.actor import Actor, administrators_only
from caunoi.events.seals import Verification
from caunoi.lib.crypto import merkle, timestamps
from caunoi.lib.crypto.timestamps import StampError
from caunoi.publication import queries
from caunoi.publication.actions import log
from caunoi.publication.models import ForeignHead, Head, Testimony, Witness

LONGEST, MOST = 10.0, 200_000  # seconds for a request, bytes of an answer
_ROOT = re.compile("[0-9a-f]{64}")
AUTHORITY, INSTALLATION = Witness.Kind.AUTHORITY, Witness.Kind.INSTALLATION


class WitnessError(Exception):
    """A witness did not take a head, or a head was not taken; the message says why."""


# --- Naming them ------------------------------------------------------------------------------------------------------
def add(name: str, kind: str, *, address: str, key: str, by: Actor) -> Witness:
    """Name a witness. WitnessError where `key` is not what it signs by (PEM: a public key, or certificates); without
    one an installation is asked for it."""
    administrators_only(by)
    key = key.strip() or (_fetch_key(address) if kind == INSTALLATION and address else "")
    _check_key(kind, key)
    with transaction.atomic():
        row = Witness.objects.create(name=name.strip(), kind=kind, address=address.rstrip("/"), key=key)
        record("witness.add", row, by=by, name=row.name, kind=kind, address=row.address, key=fingerprint(key))
    return row


@transaction.atomic
def switch(row: Witness, *, active: bool, by: Actor) -> None:
    """Send no more heads to a witness and take none of its own, or do so again. What it testified stays."""
    administrators_only(by)
    if Witness.objects.filter(pk=row.pk, active=not active).update(active=active, trouble=""):
        record("witness.resume" if active else "witness.stop", row, by=by, name=row.name)


def fingerprint(key: str) -> str:
    """SHA-256 of an Ed25519 public key (as heads name theirs), or of the text of anything else; hex."""
    try:
        return sha256(_public(key).public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()
    except WitnessError:
        return sha256(key.encode()).hexdigest()


def _public(key: str) -> Ed25519PublicKey:
    try:
        public = load_pem_public_key(key.encode())
    except ValueError:
        raise WitnessError("its key cannot be read") from None
    if not isinstance(public, Ed25519PublicKey):
        raise WitnessError("its key is not an Ed25519 key")
    return public


def _check_key(kind: str, key: str) -> None:
    if kind == INSTALLATION:
        _public(key)
    elif "BEGIN CERTIFICATE" not in key:
        raise WitnessError("the certificate that the authority signs by is missing")


def _fetch_key(address: str) -> str:
    with httpx.Client(timeout=LONGEST) as http:
        return _call(http, "GET", f"{address.rstrip('/')}/log/key.pem").decode("utf-8", "replace")


def _call(http: httpx.Client, method: str, url: str, **more: Any) -> bytes:
    """The body of an answer 200; WitnessError for anything else."""
    try:
        with http.stream(method, url, follow_redirects=False, **more) as response:
            body = bytearray()
            for piece in response.iter_bytes():
                body += piece
                if len(body) > MOST:
                    raise WitnessError("it answers too much")
            if response.status_code != 200:
                raise WitnessError(f"it answers {response.status_code}")
            return bytes(body)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise WitnessError(f"it cannot be reached ({type(error).__name__})") from None


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise WitnessError("its answer cannot be read")
    return value


# --- Being testified to -----------------------------------------------------------------------------------------------
def send_all(http: httpx.Client | None = None) -> int:
    """Show the newest head to every witness that has not seen it; how many took it."""
    head = queries.heads().first()
    if head is None:
        return 0
    count = 0
    with http or httpx.Client(timeout=LONGEST) as own:
        for row in Witness.objects.filter(active=True).exclude(address="").order_by("pk"):
            if row.testimonies.filter(size=head.size).exists():
                continue
            trouble = ""
            try:
                _send(row, head, own)
                count += 1
            except (WitnessError, StampError) as error:
                trouble = str(error)[:300]
            Witness.objects.filter(pk=row.pk).update(trouble=trouble, tried=now())
    return count


def _send(row: Witness, head: Head, http: httpx.Client) -> None:
    if row.kind == AUTHORITY:
        nonce = secrets.randbits(63)
        headers = {"Content-Type": timestamps.QUERY}
        reply = _call(http, "POST", row.address, content=timestamps.query(_digest(head), nonce), headers=headers)
        proof = timestamps.token(reply)
        at = timestamps.verify(proof, _digest(head), row.key, nonce)
    else:
        foreign = _heads_of(row, http)
        before = max((size for size in foreign if size <= head.size), default=0)
        path = merkle.consistency(before, head.size, queries.log_node) if 0 < before < head.size else []
        body = {"key": log.public_key(), "head": as_json(head), "path": [step.hex() for step in path]}
        proof = _call(http, "POST", f"{row.address}/log/witness", json=body)
        at = _check_countersignature(row, head.size, head.root, proof)
    Testimony.objects.get_or_create(witness=row, size=head.size, defaults={"root": head.root, "at": at, "proof": proof})


def as_json(head: Head | ForeignHead) -> dict[str, Any]:
    """A signed head as the log shows it."""
    at = log.moment(head.at)
    return {"size": head.size, "root": head.root, "at": at, "signature": head.signature, "key": head.key}


def _digest(head: Head) -> bytes:
    """What an authority stamps: SHA-256 over the words of a head that are signed."""
    return sha256(log.words(head.size, head.root, log.moment(head.at))).digest()


def _heads_of(row: Witness, http: httpx.Client) -> dict[int, str]:
    """The heads of ours that an installation holds: size → root."""
    answer = _object(_call(http, "GET", f"{row.address}/log/witness", params={"key": fingerprint(log.public_key())}))
    heads = answer.get("heads")
    if not isinstance(heads, list):
        raise WitnessError("its answer cannot be read")
    try:
        return dict(map(_size_and_root, heads))
    except (KeyError, TypeError, ValueError):
        raise WitnessError("its answer cannot be read") from None


def _size_and_root(head: Mapping[str, Any]) -> tuple[int, str]:
    """Of a head from elsewhere. KeyError, TypeError or ValueError where it is none."""
    size, root = head["size"], head["root"]
    if type(size) is not int or not 0 < size < 2**63 or not _ROOT.fullmatch(root):
        raise ValueError("no head")
    return size, root


def _countersigned(origin: str, size: int, root: str, at: str) -> bytes:
    return f"caunoi witness\n{origin}\n{size}\n{root}\n{at}\n".encode()


def _check_countersignature(row: Witness, size: int, root: str, proof: bytes) -> datetime:
    """When an installation says that it saw our head. WitnessError when it did not sign that."""
    answer = _object(proof)
    own = fingerprint(log.public_key())
    try:
        at = datetime.strptime(str(answer["at"]), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        _public(row.key).verify(bytes.fromhex(str(answer["signature"])), _countersigned(own, size, root, answer["at"]))
    except (KeyError, ValueError, InvalidSignature):
        raise WitnessError("its signature is false") from None
    return at


# --- Testifying for others --------------------------------------------------------------------------------------------
def witness(content: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the head of an installation whose key an administrator has named, and sign that we saw it. WitnessError
    where its signature is false, or it does not continue the newest head of it that we hold."""
    key, head, path = content.get("key"), content.get("head"), content.get("path", [])
    if not isinstance(key, str) or not isinstance(head, dict) or not isinstance(path, list) or len(path) > 64:
        raise WitnessError("key, head and path are needed")
    origin = fingerprint(key)
    accepted = Witness.objects.filter(active=True, kind=INSTALLATION)
    keepers = [row.pk for row in accepted if fingerprint(row.key) == origin]
    if not keepers:
        raise WitnessError("this key is not one whose heads are kept here")
    try:
        (size, root), at, signature = _size_and_root(head), str(head["at"]), str(head["signature"])
        _public(key).verify(bytes.fromhex(signature), log.words(size, root, at))
        steps = [bytes.fromhex(step) for step in path]
        moment = datetime.strptime(at, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except (KeyError, TypeError, ValueError, OverflowError, InvalidSignature):
        raise WitnessError("the signature is false") from None
    with transaction.atomic():
        list(
            accepted.select_for_update(no_key=True).filter(pk__in=keepers).order_by("pk")
        )  # one head of theirs at a time
        _keep(origin, size, root, moment, signature, steps)
    seen = log.moment(now())
    signed = log.key().sign(_countersigned(origin, size, root, seen)).hex()
    return {"size": size, "root": root, "at": seen, "key": fingerprint(log.public_key()), "signature": signed}


def _keep(origin: str, size: int, root: str, at: datetime, signature: str, steps: list[bytes]) -> None:
    mine = ForeignHead.objects.filter(key=origin)
    if same := mine.filter(size=size).first():
        if same.root != root:
            raise WitnessError("another head of this size is held here")
        return
    newest = mine.order_by("-size").first()
    if newest and newest.size > size:
        raise WitnessError("a longer log is held here")
    if newest and not merkle.consistent(newest.size, bytes.fromhex(newest.root), size, bytes.fromhex(root), steps):
        raise WitnessError("it does not continue the head that is held here")
    ForeignHead.objects.create(key=origin, size=size, root=root, at=at, signature=signature)


# --- Verifying --------------------------------------------------------------------------------------------------------
def verify(http: httpx.Client | None = None) -> Iterator[Verification]:
    """What each witness testified, against the log as it is now; and what an installation holds of ours, where it
    answers."""
    with http or httpx.Client(timeout=LONGEST) as own:
        for row in Witness.objects.order_by("pk"):
            if row.address:
                yield _verify(row, own)


def _verify(row: Witness, http: httpx.Client) -> Verification:
    what, count, size = f"witness {row.name}", 0, queries.log_size()
    for one in row.testimonies.order_by("size").iterator():
        if fault := _fault(row, one, size):
            return Verification(what=what, count=count, first_bad=f"head of {one.size} ({fault})")
        count += 1
    if row.kind == INSTALLATION and row.active:
        try:
            foreign = _heads_of(row, http)
        except WitnessError:
            foreign = {}  # what it testified is here; whether it answers is the doctor's to say
        for own, root in sorted(foreign.items()):
            if own > size or merkle.root(own, queries.log_node).hex() != root:
                return Verification(what=what, count=count, first_bad=f"head of {own} (it holds another)")
    return Verification(what=what, count=count)


def _fault(row: Witness, one: Testimony, size: int) -> str:
    if one.size > size:
        return "the log is shorter now"
    if merkle.root(one.size, queries.log_node).hex() != one.root:
        return "the log was another when it was testified to"
    try:
        if row.kind == AUTHORITY:
            head = Head.objects.filter(size=one.size).first()
            if head is None or head.root != one.root:
                return "the head that was stamped is not there"
            timestamps.verify(bytes(one.proof), _digest(head), row.key)
        else:
            _check_countersignature(row, one.size, one.root, bytes(one.proof))
    except (WitnessError, StampError) as error:
        return str(error)
    return ""
