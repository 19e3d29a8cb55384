"""Everything that comes in, stored once and durably before it is acknowledged.

It lies sealed. Threads without Django store it unsealed, and whoever reads it seals it (`mark`)."""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.timezone import now

from caunoi.channels.base import Parcel
from caunoi.conversations import queries
from caunoi.conversations.models import Contact, Conversation, Inbox, Receipt, short_id
from caunoi.events.actor import Actor
from caunoi.vault.fields import inserted, sealed_field
from caunoi.vault.queries import Purpose, settled

ARRIVED = "caunoi_receipts"  # the channel of PostgreSQL on which a worker is called
RAW, BLOB_KEY = sealed_field(Receipt, "raw"), sealed_field(Receipt, "blob_key")
_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


def plain(raw: Any) -> str:
    """What came in as JSON that PostgreSQL can store: no NUL, no half of a letter, no NaN."""
    try:
        text = json.dumps(raw, ensure_ascii=False, allow_nan=False)
    except ValueError:
        text = json.dumps({"text": json.dumps(raw)})
    return _NUL.sub("\\1\ufffd", text.encode("utf-8", "replace").decode())


@dataclass(frozen=True, kw_only=True, order=True)
class Row:
    """A receipt to be inserted, from any thread and without Django; made by `row`. `raw` is "" where it is `sealed`."""

    inbox: int
    external_id: str
    at: datetime
    raw: str
    state: str
    blob: str
    sealed: bytes = b""
    blob_key: bytes = b""


COLUMNS = tuple(field.name for field in fields(Row))


def row(
    inbox: int, external_id: str, raw: Any, *, at: datetime | None = None, state: str = "waiting", blob: str = ""
) -> Row:
    """What came in, as PostgreSQL can store it. `blob`: the name of its file in the store."""
    once = short_id(external_id)
    return Row(inbox=inbox, external_id=once, at=at or now(), raw=plain(raw), state=state, blob=blob)


def rows(inbox: int, parcels: Iterable[Parcel]) -> list[Row]:
    """What came in with one call."""
    return [row(inbox, parcel.external_id, parcel.raw) for parcel in parcels]


KEEP = """
INSERT INTO conversations_receipt (inbox_id, external_id, at, raw, state, trouble, blob, raw_sealed, blob_key)
SELECT inbox, external_id, at, nullif(raw, '')::jsonb, state, '', blob, nullif(sealed, ''), nullif(blob_key, '')
FROM unnest(%(inbox)s::bigint[], %(external_id)s::text[], %(at)s::timestamptz[], %(raw)s::text[], %(state)s::text[],
            %(blob)s::text[], %(sealed)s::bytea[], %(blob_key)s::bytea[])
    AS rows (inbox, external_id, at, raw, state, blob, sealed, blob_key)
ON CONFLICT (inbox_id, external_id) DO NOTHING RETURNING id
"""
MARK = """
UPDATE conversations_receipt AS receipt SET state = %(state)s, trouble = %(trouble)s,
    raw = CASE WHEN %(settled)s THEN NULL ELSE raw END, raw_sealed = coalesce(rows.sealed, receipt.raw_sealed)
FROM unnest(%(ids)s::bigint[], %(sealed)s::bytea[]) AS rows (id, sealed) WHERE receipt.id = rows.id
"""
COUNT_FORGERIES = """
INSERT INTO conversations_forgery (inbox_id, hour, count) VALUES (%s, date_trunc('hour', now()), %s)
ON CONFLICT (inbox_id, hour) DO UPDATE SET count = conversations_forgery.count + EXCLUDED.count
"""


def columns(batch: Iterable[Row]) -> dict[str, list[Any]]:
    """The arguments of KEEP; always in the same order, so that two writers of the same rows cannot deadlock."""
    ordered = sorted(batch)
    return {name: [getattr(one, name) for one in ordered] for name in COLUMNS}


def _sealed(record: Row, blob_key: bytes = b"") -> Row:
    """As it lies in the database: while older processes are at work, which know of nothing sealed, as it is."""
    if not settled(Purpose.IDENTITIES):
        return record
    place = Receipt(external_id=record.external_id)
    sealed, sealed_key = RAW.sealed(json.loads(record.raw), place), BLOB_KEY.sealed(blob_key, place)
    return replace(record, raw="", sealed=bytes(sealed or b""), blob_key=bytes(sealed_key or b""))


def mark(receipts: Collection[Receipt], state: str, trouble: str = "") -> None:
    """They were read, or nobody can: whoever says so holds their rows. What lay unsealed is sealed."""
    alone = settled(Purpose.IDENTITIES)
    sealed = [RAW.sealed(one.raw, one) if alone and one.raw_plain is not None else None for one in receipts]
    values: dict[str, Any] = {"ids": [one.pk for one in receipts], "sealed": sealed, "settled": alone}
    with connection.cursor() as cursor:
        cursor.execute(MARK, {**values, "state": state, "trouble": trouble[:300]})


def keep(box: Inbox, external_id: str, raw: Any, *, blob_key: bytes = b"", **more: Any) -> tuple[Receipt, bool]:
    """Store what came in (`row`), once; False for a duplicate. Waits for a parallel sender of the same. One statement,
    so that a storm of reports costs little. `blob_key` seals its file."""
    record = _sealed(row(box.pk, external_id, raw, **more), blob_key)
    with connection.cursor() as cursor:
        cursor.execute(KEEP, columns([record]))
        new = cursor.fetchone()
    if new is None:
        return queries.receipt(box, external_id), False
    values = {"id": new[0], "inbox": box, "raw": raw, "blob_key": blob_key if record.blob_key else b""}
    return Receipt(external_id=record.external_id, at=record.at, state=record.state, blob=record.blob, **values), True


CONTACT = {str(one.column): one.db_type(connection) for one in Contact._meta.concrete_fields if not one.primary_key}
ADDRESS = {
    str(one.column): one.db_type(connection)
    for one in Conversation._meta.concrete_fields
    if one.name == "address" or getattr(one, "source", "") == "address"
}
BEGIN = f"""
WITH receipt AS ({KEEP}), contact AS (
    INSERT INTO conversations_contact ({", ".join(f'"{name}"' for name in CONTACT)})
    SELECT {", ".join(f"%(contact_{name})s::{kind}" for name, kind in CONTACT.items())} FROM receipt RETURNING id
), conversation AS (
    INSERT INTO conversations_conversation (inbox_id, contact_id, {", ".join(f'"{name}"' for name in ADDRESS)})
    SELECT %(box)s, contact.id, {", ".join(f"%(thread_{name})s::{kind}" for name, kind in ADDRESS.items())}
    FROM contact RETURNING id, contact_id
), message AS (
    INSERT INTO conversations_message (conversation_id, receipt_id, inbound, text, at, "by")
    SELECT conversation.id, receipt.id, true, %(text)s, %(said)s, %(by)s FROM conversation, receipt
)
SELECT id, contact_id FROM conversation
"""  # noqa: S608  our own words


def begin(
    box: Inbox, once: str, raw: Any, text: str, contact: Mapping[str, Any], *, by: Actor, at: datetime
) -> Conversation | None:
    """A first message that is already understood: its receipt, contact (all columns), conversation and message in one
    statement; None for a duplicate. Waits for a parallel sender of the same."""
    record = _sealed(row(box.pk, once, raw, at=at, state="read"))
    who = Contact(**contact)
    thread = Conversation(inbox=box, address=record.external_id, contact=who)  # … of no other receipt
    words: dict[str, Any] = {"box": box.pk, "text": text, "said": at, "by": by.name}
    with connection.cursor() as cursor:
        person = {f"contact_{name}": value for name, value in inserted(who).items()}
        place = {f"thread_{name}": value for name, value in inserted(thread, ADDRESS).items()}
        cursor.execute(BEGIN, {**person, **place, **columns([record]), **words})
        new = cursor.fetchone()
    if new is None:
        return None
    thread.pk, who.pk = new
    thread.contact = who
    return thread
