"""Seals over the event log: whoever changes, removes or adds an event afterwards breaks a chain of digests.

Recording an event waits for nothing. Every hour the events since the last seal are read in the order of their ids and
digested; each seal holds the digest of the one before, and the newest goes into the public log (publication/tasks.py),
whose heads others keep. An id can be committed later than a higher one, so a seal reaches only as far as no open
transaction can still write: it waits for whoever holds the table at that moment, as an index that is built beside the
traffic does.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from time import monotonic, sleep

from django.db import connection, transaction
from django.db.models import Max
from django.utils.timezone import now

from caunoi.events.models import Event, Seal
from caunoi.jobs import turns
from caunoi.lib import locks

SIZE = 2000  # events a seal
PATIENCE = 30.0  # seconds for open transactions; then the next hour seals them
BEGINNING = -(2**63)
PRINT = struct.Struct(">q8s")
COLUMNS = ("id", "at", "recorded", "kind", "subject", "subject_id", "by", "by_kind", "by_user", "behalf_user", "data")
_TIMES = ("at", "recorded")
_LINE = ", ".join(
    f"to_char({name} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US')" if name in _TIMES else f'"{name}"'
    for name in COLUMNS
)
ROWS = f"""SELECT id, sha256(convert_to(jsonb_build_array({_LINE})::text, 'UTF8')), kind, subject, subject_id
    FROM events_event WHERE id > %s AND id <= %s ORDER BY id LIMIT %s"""  # noqa: S608  names of our own
WRITERS = """SELECT virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND mode = 'RowExclusiveLock'
    AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND relation = 'events_event'::regclass AND pid IS DISTINCT FROM pg_backend_pid()"""


@dataclass(frozen=True, kw_only=True)
class Verification:
    """What was verified: how many rows, and the first that does not fit; empty when all do."""

    what: str
    count: int
    first_bad: str = ""


@dataclass(frozen=True, kw_only=True)
class _Row:
    """An event with the digest of all that it says."""

    id: int
    digest: bytes
    name: str


def seal(patience: float = PATIENCE) -> int:
    """Seal the events that no seal covers yet; how many. They wait for the next time where a transaction that writes
    events stays open for longer than `patience` seconds, and are left to whoever seals just now."""
    if not decided(top := _newest(), patience):
        return 0
    count = 0
    while done := _seal_next(top):
        count += done
    return count


@transaction.atomic
def _seal_next(top: int) -> int:
    if not turns.alone(locks.SEALS):
        return 0
    before = newest()
    rows = _rows(before.last if before else BEGINNING, top, SIZE)
    return _seal(before, rows).count if rows else 0


def decided(top: int, patience: float) -> bool:
    """Whether no transaction is left, within so many seconds, that could still commit an event with an id up to `top`,
    which was the highest before this was asked."""
    writers, end = _writers(), monotonic() + patience
    while writers:
        if monotonic() > end:
            return False
        sleep(0.05)
        writers &= _writers()
    return True


def _newest() -> int:
    return Event.objects.aggregate(top=Max("id"))["top"] or 0


def _writers() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(WRITERS)
        return {name for (name,) in cursor.fetchall()}


def _rows(after: int, last: int, limit: int | None = None) -> list[_Row]:
    with connection.cursor() as cursor:
        cursor.execute(ROWS, [after, last, limit])
        return [
            _Row(id=pk, digest=bytes(digest), name=f"event {pk} ({kind} of {subject} {subject_id})")
            for pk, digest, kind, subject, subject_id in cursor.fetchall()
        ]


def _seal(before: Seal | None, rows: list[_Row]) -> Seal:
    row = Seal(
        number=before.number + 1 if before else 0,
        after=before.last if before else BEGINNING,
        last=rows[-1].id,
        count=len(rows),
        at=now(),
        previous=before.digest if before else "",
        prints=b"".join(PRINT.pack(one.id, one.digest[:8]) for one in rows),
    )
    row.digest = _digest(row, rows)
    row.save(force_insert=True)
    return row


def _digest(row: Seal, rows: list[_Row]) -> str:
    """SHA-256 over what the seal says, a line each, and then the digests of its events."""
    says = (row.number, row.previous, row.after, row.last, row.count, moment(row.at))
    whole = sha256("".join(f"{one}\n" for one in ("caunoi seal", *says)).encode())
    for one in rows:
        whole.update(one.digest)
    return whole.hexdigest()


def moment(at: datetime) -> str:
    """A time as seals hold it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def newest() -> Seal | None:
    """The last seal."""
    return Seal.objects.order_by("-number").first()


def unsealed() -> int:
    """How many events no seal covers yet."""
    last = newest()
    return Event.objects.filter(id__gt=last.last if last else BEGINNING).count()


def find(number: int) -> Seal | None:
    """The seal of this number."""
    return Seal.objects.filter(number=number).first()


def verify(newest_only: int | None = None) -> Verification:
    """Read the events again and compare them with their seals, all or only those of the newest so many seals."""
    seals = Seal.objects.order_by("number")
    if newest_only is not None and (last := newest()) is not None:
        seals = seals.filter(number__gt=last.number - newest_only)
    count, before = 0, None
    for row in seals.iterator(chunk_size=50):
        if before is None and newest_only is not None:
            before = Seal.objects.filter(number=row.number - 1).first()
        if fault := next(_faults(row, before), ""):
            return Verification(what="events", count=count, first_bad=fault)
        count, before = count + row.count, row
    return Verification(what="events", count=count)


def _faults(row: Seal, before: Seal | None) -> Iterator[str]:
    """What does not fit of a seal, the first event first."""
    chained = (before.number + 1, before.last, before.digest) if before else (0, BEGINNING, "")
    if (row.number, row.after, row.previous) != chained:
        yield f"seal {row.number} (it does not follow the one before)"
        return
    rows = _rows(row.after, row.last)
    if _digest(row, rows) == row.digest:
        return
    prints = dict(PRINT.iter_unpack(bytes(row.prints)))
    by_id = {one.id: one for one in rows}
    for pk in sorted(prints.keys() | by_id.keys()):
        if pk not in by_id:
            yield f"event {pk} (removed after it was sealed)"
        elif pk not in prints:
            yield f"{by_id[pk].name} (added after others were sealed)"
        elif by_id[pk].digest[:8] != prints[pk]:
            yield f"{by_id[pk].name} (changed after it was sealed)"
    yield f"seal {row.number} (it was changed itself)"
