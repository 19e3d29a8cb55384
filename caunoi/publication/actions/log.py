"""The public log: whatever the register shows is written down so that nobody, we included, can rewrite it unseen.

A statement is made in the transaction that changes the register; a worker then gives the waiting ones their numbers,
one worker at a time, and signs the head every minute in which the log grew. Leaf, head and proofs are explained to
citizens and checked by `caunoi/web/handed/verify_log.py`."""

import json
import secrets
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.timezone import now

from caunoi.events import actions as events
from caunoi.events import seals
from caunoi.events.actor import SYSTEM, Actor
from caunoi.events.seals import Verification
from caunoi.jobs import turns
from caunoi.lib import locks
from caunoi.lib.crypto import merkle, succession
from caunoi.lib.crypto.succession import KeyTerm, SuccessionError
from caunoi.publication import queries
from caunoi.publication.actions import log_keys
from caunoi.publication.models import Head, Node, Publication, Recall, Statement

BATCH = 1000
BULK = timedelta(minutes=1)
WORDS = ("title", "text", "answer", "place", "note")


def canonical(value: Any) -> str:
    """JSON that is the same for the same content: sorted keys, no spaces, letters as they are."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def public_view(publication: Publication) -> dict[str, Any]:
    """What the public reads of a ticket now; of a withdrawn one, only why."""
    if publication.state == Publication.State.WITHDRAWN:
        return {"note": publication.note}
    words = {name: value for name in WORDS if (value := getattr(publication, name))}
    photos = sorted(attachment.digest for attachment in publication.photos.all())
    return {**words, "photos": photos} if photos else words


def _statement(publication: Publication, kind: str, at: datetime) -> Statement:
    words, salt = public_view(publication), secrets.token_bytes(32)
    digest = sha256(salt + canonical(words).encode()).hexdigest()
    code = publication.ticket.code
    leaf = canonical({"at": moment(at), "code": code, "digest": digest, "kind": kind})
    return Statement(publication=publication, code=code, kind=kind, at=at, leaf=leaf, said=words, salt=salt.hex())


def state(publication: Publication) -> Statement | None:
    """Log what the register shows of a ticket from now on, in the caller's transaction; None when that is in the log
    already, or nothing is shown."""
    last = queries.last_statement(publication)
    if publication.state == Publication.State.DRAFT or (last and last.said == public_view(publication)):
        return None
    kind = Statement.Kind.CORRECT if last and last.kind != Statement.Kind.WITHDRAW else Statement.Kind.PUBLISH
    if publication.state == Publication.State.WITHDRAWN:
        kind = Statement.Kind.WITHDRAW
    row = _statement(publication, kind, now())
    row.save(force_insert=True)
    if taken_back(last, publication):
        recall()
    return row


@transaction.atomic
def state_seal() -> Statement | None:
    """Log the newest seal of the event log, which fixes all before it too; None when it is in the log already, or
    somebody else seals just now."""
    if not turns.alone(locks.SEALS):
        return None
    row = seals.newest()
    if row is None:
        return None
    content = {"at": seals.moment(row.at), "count": row.count, "digest": row.digest, "kind": "seal"}
    leaf = canonical(content | {"number": row.number})
    last = queries.seal_statements().last()
    if last and last.leaf == leaf:
        return None
    return Statement.objects.create(kind=Statement.Kind.SEAL, at=row.at, leaf=leaf)


def taken_back(last: Statement | None, publication: Publication) -> bool:
    """Whether words that were public no longer are; an addition takes nothing back."""
    if publication.state == Publication.State.WITHDRAWN:
        return True
    if last is None:  # published in bulk, and not in the log yet
        return publication.published is not None and publication.published < now() - BULK
    if last.kind == Statement.Kind.WITHDRAW:
        return False
    words = public_view(publication)
    return last.said is None or any(words.get(key) != last.said[key] for key in WORDS if key in last.said)


def recall() -> None:
    """All copies of the register must be made again."""
    Recall.objects.get_or_create(pk=1)
    Recall.objects.filter(pk=1).update(number=F("number") + 1)


def state_missing() -> int:
    """Log what was published in bulk or before there was a log, at most BATCH; how many."""
    rows = [_statement(p, Statement.Kind.PUBLISH, p.published or now()) for p in queries.unstated(BATCH)]
    Statement.objects.bulk_create(rows)
    return len(rows)


@transaction.atomic
def sequence(limit: int = BATCH) -> int:
    """Number waiting statements, in the order in which they were made; how many. Does nothing while another worker does
    it."""
    if not turns.alone(locks.LOGS):
        return 0
    waiting = list(Statement.objects.filter(number=None).order_by("id")[:limit])
    size = queries.log_size()
    fresh: dict[tuple[int, int], bytes] = {}

    def node(level: int, index: int) -> bytes:
        return fresh.get((level, index)) or queries.log_node(level, index)

    for number, row in enumerate(waiting, size):
        row.number = number
        for level, index, root in merkle.added(number, merkle.leaf_hash(row.leaf.encode()), node):
            fresh[level, index] = root
    Node.objects.bulk_create([Node(level=at[0], index=at[1], hash=root) for at, root in fresh.items()])
    Statement.objects.bulk_update(waiting, ["number"], batch_size=500)
    return len(waiting)


def words(size: int, root: str, at: str) -> bytes:
    """The bytes of a head that are signed."""
    return f"caunoi log\n{size}\n{root}\n{at}\n".encode()


def sign() -> Head | None:
    """Sign the log as it stands, and before it the last head of a key that another followed; None when nothing was
    added since. LogKeyError where the key that the log names is not here."""
    size = queries.log_size()
    if size == 0:
        return None
    for term in log_keys.terms():
        if term.last and term.last <= size and log_keys.key_file().find(term.key):
            _sign(term.last)
    return _sign(size)


def _sign(size: int) -> Head | None:
    if Head.objects.filter(size=size).exists():
        return None
    private = log_keys.signer(size)
    root, at = merkle.root(size, queries.log_node).hex(), now().replace(microsecond=0)
    head, _ = Head.objects.get_or_create(
        size=size,
        defaults={
            "root": root,
            "at": at,
            "key": succession.key_id(succession.raw(private.public_key())),
            "signature": private.sign(words(size, root, moment(at))).hex(),
        },
    )
    return head


def _begun(terms: Sequence[KeyTerm]) -> int:
    """The size of the first head that the first of the log's keys signed; 0 where it signed none."""
    sizes = Head.objects.filter(key=terms[0].id).order_by("size").values_list("size", flat=True)
    return sizes.first() or 0


def _head_fault(head: Head, terms: Sequence[KeyTerm], begun: int) -> str:
    """Why a head is not signed by the key that may; empty when it is. Heads of before the first key of the chain are
    fixed by the newer ones over them: keys were once changed by hand."""
    term = next((one for one in terms if one.id == head.key), None)
    if term is None:
        return "" if head.size < begun else "it was signed by another key than log_key.pem"
    if not term.signs(head.size):
        return "it was signed by a key that was not in use"
    if not log_keys.is_signed(term.key, head.signature, words(head.size, head.root, moment(head.at))):
        return "the signature is false"
    return ""


def check() -> tuple[int, str]:
    """How many statements the newest signed head covers, and why it no longer proves them; empty when it does.
    Recalculated from the statements."""
    head = queries.heads().order_by("-size").first()
    if head is None:
        return 0, ""
    leaves = Statement.objects.filter(number__lt=head.size).order_by("number").values_list("leaf", flat=True)
    if merkle.root_of(merkle.leaf_hash(leaf.encode()) for leaf in leaves.iterator()).hex() != head.root:
        return head.size, "the statements are not those that were signed"
    terms = log_keys.terms()
    return head.size, _head_fault(head, terms, _begun(terms))


def verify() -> Iterator[Verification]:
    """The public log read again: its leaves against the tree, each key that it announces against the one before, every
    signed head against the leaves and the keys, and the seals that it holds against the seals of the event log. The
    first leaf, key, head and seal that does not fit."""
    yield _verify_leaves()
    yield verify_keys()
    yield _verify_heads()
    yield _verify_seals()


def _verify_leaves() -> Verification:
    size = max(queries.log_size(), queries.tree_size())  # it grows meanwhile, and the two are read one after the other
    rows = Node.objects.filter(level=0, index__lt=size).order_by("index").values_list("index", "hash")
    statements = Statement.objects.filter(number__lt=size).order_by("number").values_list("number", "leaf", "kind")
    nodes, count = rows.iterator(chunk_size=2000), 0
    for number, leaf, kind in statements.iterator(chunk_size=2000):
        index, digest = next(nodes, (-1, b""))
        if number != count or index != count:
            return Verification(what="log", count=count, first_bad=f"statement {count} (it is not there)")
        if merkle.leaf_hash(leaf.encode()) != bytes(digest):
            return Verification(what="log", count=count, first_bad=f"statement {count} ({kind}, it was changed)")
        count += 1
    fault = f"statement {count} (it is not there)" if next(nodes, None) else ""
    return Verification(what="log", count=count, first_bad=fault)


def verify_keys() -> Verification:
    """Each key that the log announces against the one before it."""
    chain, count = {one.key for one in log_keys.terms()[1:]}, 0
    for number, leaf in queries.key_statements():
        fault = ""
        try:
            if succession.read(number, leaf).key not in chain:
                fault = "it does not follow the key that was in use"
        except SuccessionError as error:
            fault = str(error)
        if fault:
            return Verification(what="keys", count=count, first_bad=f"statement {number} ({fault})")
        count += 1
    return Verification(what="keys", count=count)


def _verify_heads() -> Verification:
    terms = log_keys.terms()
    begun = _begun(terms)
    leaves = Statement.objects.filter(number__isnull=False).order_by("number").values_list("leaf", flat=True)
    rest, tree, count = leaves.iterator(chunk_size=2000), merkle.Growing(), 0
    for head in Head.objects.order_by("size").iterator():
        for leaf in islice(rest, head.size - tree.size):
            tree.add(merkle.leaf_hash(leaf.encode()))
        fault = ""
        if tree.size != head.size or tree.root().hex() != head.root:
            fault = "the statements are not those that were signed"
        else:
            fault = _head_fault(head, terms, begun)
        if fault:
            return Verification(what="heads", count=count, first_bad=f"head of {head.size} ({fault})")
        count += 1
    return Verification(what="heads", count=count)


def _verify_seals() -> Verification:
    count = 0
    for leaf in queries.seal_statements().values_list("leaf", flat=True).iterator():
        stated = json.loads(leaf)
        row = seals.find(stated["number"])
        if row is None or (row.digest, row.count) != (stated["digest"], stated["count"]):
            why = "it is not there" if row is None else "it is not the one in the public log"
            return Verification(what="seals", count=count, first_bad=f"seal {stated['number']} ({why})")
        count += 1
    return Verification(what="seals", count=count)


def erase(publications: Iterable[Publication], *, by: Actor = SYSTEM) -> int:
    """Erase the words of statements (a person's right); the log stays whole. How many statements."""
    rows = Statement.objects.filter(publication__in=list(publications)).filter(said__isnull=False)
    return events.erase("statement", [*rows.values_list("pk", flat=True)], by=by)
