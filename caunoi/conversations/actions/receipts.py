"""What comes in, kept once and durably before anything is said about it."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import connection
from django.utils.timezone import now

from caunoi.channels.base import Parcel
from caunoi.conversations.models import Contact, Conversation, Inbox, Receipt
from caunoi.events.actor import Actor

ARRIVED = "caunoi_receipts"  # the channel of PostgreSQL on which a worker is called
ID_LENGTH = 200
_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


def plain(raw: Any) -> str:
    """What came in as JSON that PostgreSQL can hold: no NUL, no half of a letter, no NaN."""
    try:
        text = json.dumps(raw, ensure_ascii=False, allow_nan=False)
    except ValueError:
        text = json.dumps({"text": json.dumps(raw)})
    return _NUL.sub("\\1\ufffd", text.encode("utf-8", "replace").decode())


def short_id(external_id: str) -> str:
    """The provider's id as the column holds it: one that is too long or odd by its digest."""
    if len(external_id) <= ID_LENGTH and external_id.isprintable():
        return external_id
    return f"sha256:{sha256(external_id.encode('utf-8', 'replace')).hexdigest()}"


@dataclass(frozen=True, kw_only=True, order=True)
class Row:
    """A receipt to be written, from any thread and without Django."""

    inbox: int
    external_id: str
    at: datetime
    raw: str


KEEP_ALL = """
INSERT INTO conversations_receipt (inbox_id, external_id, at, raw, state, trouble)
SELECT inbox, external_id, at, raw::jsonb, 'waiting', ''
FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::text[]) AS rows (inbox, external_id, at, raw)
ON CONFLICT (inbox_id, external_id) DO NOTHING
"""


def rows(box: int, parcels: Iterable[Parcel]) -> Sequence[Row]:
    """What came in at one call, to be written by KEEP_ALL."""
    at = now()
    return [Row(inbox=box, external_id=short_id(p.external_id), at=at, raw=plain(p.raw)) for p in parcels]


def columns(batch: Iterable[Row]) -> list[list[Any]]:
    """The arguments of KEEP_ALL; in one order, so that two who write the same do not wait for each other for ever."""
    ordered = sorted(batch)
    return [[getattr(row, name) for row in ordered] for name in ("inbox", "external_id", "at", "raw")]


def keep_all(batch: Iterable[Row]) -> None:
    """Write down all of it by one statement; what was here before stays as it was."""
    with connection.cursor() as cursor:
        cursor.execute(KEEP_ALL, columns(batch))


KEEP = """
INSERT INTO conversations_receipt (inbox_id, external_id, at, raw, state, trouble) VALUES (%s, %s, %s, %s, %s, '')
ON CONFLICT (inbox_id, external_id) DO NOTHING RETURNING id
"""


def keep(
    box: Inbox, external_id: str, raw: Any, *, at: datetime | None = None, state: str = "waiting"
) -> tuple[Receipt, bool]:
    """Write down what came in, once; False when it was here before. Waits for a parallel sender of the same.
    One statement, so that a storm of reports costs little and a webhook may answer at once."""
    at = at or now()
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [box.pk, external_id, at, plain(raw), state])
        row = cursor.fetchone()
    if row is None:
        return Receipt.objects.get(inbox=box, external_id=external_id), False
    return Receipt(id=row[0], inbox=box, external_id=external_id, at=at, raw=raw, state=state), True


BEGIN = """
WITH receipt AS (
    INSERT INTO conversations_receipt (inbox_id, external_id, at, raw, state, trouble)
    VALUES (%(inbox)s, %(once)s, %(at)s, %(raw)s, 'read', '')
    ON CONFLICT (inbox_id, external_id) DO NOTHING RETURNING id
), contact AS (
    INSERT INTO conversations_contact (name, phone, email, address, consent)
    SELECT %(name)s, %(phone)s, %(email)s, %(address)s, %(consent)s FROM receipt RETURNING id
), conversation AS (
    INSERT INTO conversations_conversation (inbox_id, contact_id, address)
    SELECT %(inbox)s, contact.id, %(once)s FROM contact RETURNING id, contact_id
), message AS (
    INSERT INTO conversations_message (conversation_id, receipt_id, inbound, text, at, "by")
    SELECT conversation.id, receipt.id, true, %(text)s, %(at)s, %(by)s FROM conversation, receipt
)
SELECT id, contact_id FROM conversation
"""


def begin(
    box: Inbox, once: str, raw: Any, text: str, contact: Mapping[str, Any], *, by: Actor, at: datetime
) -> Conversation | None:
    """Somebody's first word, already understood: its receipt, contact (all columns given), conversation and message in
    one statement; None when it was here before. Waits for a parallel sender of the same."""
    values = {**contact, "inbox": box.pk, "once": once, "at": at, "raw": plain(raw), "text": text, "by": by.name}
    with connection.cursor() as cursor:
        cursor.execute(BEGIN, values)
        row = cursor.fetchone()
    if row is None:
        return None
    return Conversation(id=row[0], inbox=box, address=once, contact=Contact(id=row[1], **contact))
