"""Witnesses of the public log: others who keep its heads, and for whom we keep theirs.

A head goes to every witness each hour in which the log grew. Another installation checks that it continues the one
before (RFC 9162, 2.1.4) and signs it; a time-stamping authority (RFC 3161) stamps its digest. What came back is kept,
compared with the log by `verify`, and, where the witness can be asked, with what it holds."""

import json
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import httpx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from django.db import transaction
from django.utils.timezone import now

from caunoi.events.actions import record
from caunoi.events.actor import SYSTEM, Actor, administrators_only
from caunoi.events.seals import Verification
from caunoi.lib.crypto import merkle, succession, timestamps
from caunoi.lib.crypto.succession import Announcement, KeyTerm, SuccessionError, key_id
from caunoi.lib.crypto.timestamps import StampError
from caunoi.publication import queries
from caunoi.publication.actions import log, log_keys
from caunoi.publication.models import ForeignHead, Head, Successor, Testimony, Witness

LONGEST, MOST = 10.0, 200_000  # seconds for a request, bytes of an answer
MOST_CHANGES = 100  # of a key
GRACE = timedelta(minutes=10)  # while a key is changed
MOMENT = "%Y-%m-%dT%H:%M:%SZ"
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
        steps = [step.hex() for step in path]
        body: dict[str, Any] = {"key": log_keys.public_key(head.key), "head": as_json(head), "path": steps}
        if changes := log_keys.changes(head):
            body["keys"] = changes
        proof = _call(http, "POST", f"{row.address}/log/witness", json=body)
        _learn_keys(row, proof, http)
        at = _check_countersignature(row, head.key, head.size, head.root, proof)
    Testimony.objects.get_or_create(witness=row, size=head.size, defaults={"root": head.root, "at": at, "proof": proof})


def _learn_keys(row: Witness, proof: bytes, http: httpx.Client) -> None:
    """An installation that signs by a key that we do not know has changed it: its log says so, and proves it."""
    key = _object(proof).get("key")
    if key is None or any(one.id == key for one in _terms_of(row)):
        return
    content = _object(_call(http, "GET", f"{row.address}/log/keys.json"))
    try:
        head = content["head"]
        (size, root), signature, at = _size_and_root(head), str(head["signature"]), str(head["at"])
        term, fresh = _follow(row, content["changes"], size, root, str(head["key"]))
    except (KeyError, TypeError, ValueError):
        raise WitnessError("its answer cannot be read") from None
    if not log_keys.is_signed(term.key, signature, log.words(size, root, at)):
        raise WitnessError("the head that proves its new key is not signed")
    with transaction.atomic():
        _keep_successors(row, fresh)


def as_json(head: Head | ForeignHead) -> dict[str, Any]:
    """A signed head as the log shows it."""
    at = log.moment(head.at)
    return {"size": head.size, "root": head.root, "at": at, "signature": head.signature, "key": head.key}


def _digest(head: Head) -> bytes:
    """What an authority stamps: SHA-256 over the words of a head that are signed."""
    return sha256(log.words(head.size, head.root, log.moment(head.at))).digest()


def _heads_of(row: Witness, http: httpx.Client) -> dict[int, str]:
    """The heads of ours that an installation holds: size → root."""
    result = dict[int, str]()
    for term in log_keys.terms():
        answer = _object(_call(http, "GET", f"{row.address}/log/witness", params={"key": term.id}))
        heads = answer.get("heads")
        if not isinstance(heads, list):
            raise WitnessError("its answer cannot be read")
        try:
            result |= dict(map(_size_and_root, heads))
        except (KeyError, TypeError, ValueError):
            raise WitnessError("its answer cannot be read") from None
    return result


def _size_and_root(head: Mapping[str, Any]) -> tuple[int, str]:
    """Of a head from elsewhere. KeyError, TypeError or ValueError where it is none."""
    size, root = head["size"], head["root"]
    if type(size) is not int or not 0 < size < 2**63 or not _ROOT.fullmatch(root):
        raise ValueError("no head")
    return size, root


def _countersigned(origin: str, size: int, root: str, at: str) -> bytes:
    return f"caunoi witness\n{origin}\n{size}\n{root}\n{at}\n".encode()


def _check_countersignature(row: Witness, key: str, size: int, root: str, proof: bytes) -> datetime:
    """When an installation says that it saw our head, signed by `key`. WitnessError when it did not sign that by the
    key that was its own then."""
    answer = _object(proof)
    try:
        at = datetime.strptime(str(answer["at"]), MOMENT).replace(tzinfo=UTC)
        signed, signature = _countersigned(key, size, root, answer["at"]), str(answer["signature"])
    except (KeyError, ValueError):
        raise WitnessError("its signature is false") from None
    signer = answer.get("key", fingerprint(row.key))
    terms = _terms_of(row)
    number = next((number for number, one in enumerate(terms) if one.id == signer), None)
    if number is None or not log_keys.is_signed(terms[number].key, signature, signed):
        raise WitnessError("its signature is false")
    if number + 1 < len(terms) and at > _announced(terms[number + 1]) + GRACE:
        raise WitnessError("it is signed by a key that was no longer in use")
    return at


def _announced(term: KeyTerm) -> datetime:
    """When the key of a term was announced by the one before it."""
    row = Successor.objects.get(key=term.id)
    at = succession.read(row.number, row.leaf).at
    return datetime.strptime(at, MOMENT).replace(tzinfo=UTC)


# --- Their keys -------------------------------------------------------------------------------------------------------
def key_ids(row: Witness) -> list[str]:
    """The keys of a witness, by their ids: the one that was named, and those of an installation that followed it."""
    return [one.id for one in _terms_of(row)] if row.kind == INSTALLATION else [fingerprint(row.key)]


def _terms_of(row: Witness) -> list[KeyTerm]:
    """The keys of an installation, from the one that was named on, as we have seen them follow each other."""
    anchor = succession.raw(_public(row.key))
    return _since(anchor, [succession.read(one.number, one.leaf) for one in queries.successors(key_id(anchor))])


def _since(anchor: bytes, announcements: Iterable[Announcement]) -> list[KeyTerm]:
    terms = succession.terms(anchor, announcements)
    return terms[next(number for number, one in enumerate(terms) if one.key == anchor) :]


def _follow(row: Witness, changes: Any, size: int, root: str, key: str) -> tuple[KeyTerm, list[tuple[int, str]]]:
    """The term of the key, by which a head of this size is signed, and the changes that we have not seen yet.
    WitnessError where they do not lead to it from what is held here."""
    if not isinstance(changes, list) or len(changes) > MOST_CHANGES:
        raise WitnessError("its keys cannot be read")
    before, announcements, leaves = _terms_of(row), dict[int, Announcement](), dict[int, str]()
    for one in changes:
        announcement = _announcement(one, size, root)
        announcements[announcement.number] = announcement
        leaves[announcement.number] = one["leaf"]
    seen = {(one.number, one.leaf) for one in queries.successors(before[0].id)}
    for number, leaf in seen:
        announcements[number] = succession.read(number, leaf)
        if leaves.get(number, leaf) != leaf:
            raise WitnessError("another change of its key is held here")
    terms = _since(before[0].key, announcements.values())
    if [one.key for one in terms[: len(before)]] != [one.key for one in before]:
        raise WitnessError("another change of its key is held here")
    term = next((one for one in terms if one.id == key), None)
    if term is None:
        raise WitnessError("no announcement leads from the key that is known here to this one")
    if not term.signs(size):
        raise WitnessError("this key may not sign a head of this size")
    starts = {one.first - 2 for one in terms[1:]}
    return term, [(number, leaf) for number, leaf in leaves.items() if number in starts and (number, leaf) not in seen]


def _announcement(change: Any, size: int, root: str) -> Announcement:
    """A change of a key, proved against the head. WitnessError."""
    try:
        number, leaf, path = change["number"], change["leaf"], [bytes.fromhex(step) for step in change["path"]]
        if type(number) is not int or not isinstance(leaf, str):
            raise ValueError("no change")
        there = merkle.included(merkle.leaf_hash(leaf.encode()), number, size, path, bytes.fromhex(root))
    except (KeyError, TypeError, ValueError):
        raise WitnessError("its keys cannot be read") from None
    if not there:
        raise WitnessError("the change of its key is not in its log")
    try:
        return succession.read(number, leaf)
    except SuccessionError as error:
        raise WitnessError(f"the change of its key is false: {error}") from None


def _keep_successors(row: Witness, changes: Iterable[tuple[int, str]]) -> None:
    for number, leaf in sorted(changes):
        one = succession.read(number, leaf)
        values = {"key": key_id(one.key), "number": number, "leaf": leaf}
        if Successor.objects.filter(key=values["key"]).exclude(before=key_id(one.before)).exists():
            raise WitnessError("its new key follows another one here")
        _, made = Successor.objects.get_or_create(before=key_id(one.before), defaults=values)
        if made:
            record("witness.key", row, by=SYSTEM, name=row.name, key=values["key"])


# --- Testifying for others --------------------------------------------------------------------------------------------
def witness(content: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the head of an installation whose key an administrator has named, and sign that we saw it. WitnessError
    where its signature is false, or it does not continue the newest head of it that we hold."""
    key, head, path = content.get("key"), content.get("head"), content.get("path", [])
    if not isinstance(key, str) or not isinstance(head, dict) or not isinstance(path, list) or len(path) > 64:
        raise WitnessError("key, head and path are needed")
    signer = fingerprint(key)
    accepted = Witness.objects.filter(active=True, kind=INSTALLATION)
    changes = content.get("keys", [])
    keepers = [row for row in accepted if signer in _possible(row, changes)]
    if not keepers:
        raise WitnessError("this key is not one whose heads are kept here")
    try:
        (size, root), at, signature = _size_and_root(head), str(head["at"]), str(head["signature"])
        _public(key).verify(bytes.fromhex(signature), log.words(size, root, at))
        steps = [bytes.fromhex(step) for step in path]
        moment = datetime.strptime(at, MOMENT).replace(tzinfo=UTC)
    except (KeyError, TypeError, ValueError, OverflowError, InvalidSignature):
        raise WitnessError("the signature is false") from None
    with transaction.atomic():
        pks = [row.pk for row in keepers]
        rows = list(accepted.select_for_update(no_key=True).filter(pk__in=pks).order_by("pk"))
        for row in rows:  # one head of theirs at a time
            _, fresh = _follow(row, changes, size, root, signer)
            _keep(row, signer, size, root, moment, signature, steps)
            _keep_successors(row, fresh)
    seen, own = log.moment(now()), log_keys.current()
    own_key = key_id(succession.raw(own.public_key()))
    signed = own.sign(_countersigned(signer, size, root, seen)).hex()
    return {"size": size, "root": root, "at": seen, "key": own_key, "signature": signed}


def _possible(row: Witness, changes: Any) -> set[str]:
    """The ids of the keys of an installation, and of those that it says followed them: which is proved later."""
    ids = {one.id for one in _terms_of(row)}
    for one in changes if isinstance(changes, list) else []:
        try:
            leaf = json.loads(one["leaf"])
            before, key = (key_id(bytes.fromhex(leaf[name])) for name in ("before", "key"))
        except (KeyError, TypeError, ValueError, RecursionError):
            continue
        if before in ids:
            ids.add(key)
    return ids


def _keep(row: Witness, key: str, size: int, root: str, at: datetime, signature: str, steps: list[bytes]) -> None:
    mine = ForeignHead.objects.filter(key__in={key, *(one.id for one in _terms_of(row))})
    if same := mine.filter(size=size).first():
        if same.root != root:
            raise WitnessError("another head of this size is held here")
        return
    newest = mine.order_by("-size").first()
    if newest and newest.size > size:
        raise WitnessError("a longer log is held here")
    if newest and not merkle.consistent(newest.size, bytes.fromhex(newest.root), size, bytes.fromhex(root), steps):
        raise WitnessError("it does not continue the head that is held here")
    ForeignHead.objects.create(key=key, size=size, root=root, at=at, signature=signature)


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
            key = Head.objects.filter(size=one.size, root=one.root).values_list("key", flat=True).first()
            _check_countersignature(row, key or log_keys.terms()[0].id, one.size, one.root, bytes(one.proof))
    except (WitnessError, StampError) as error:
        return str(error)
    return ""
