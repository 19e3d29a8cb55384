"""What comes in, kept once and durably before anything is said about it."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.timezone import now

from caunoi.conversations.models import Contact, Conversation, Inbox, Receipt
from caunoi.events.actor import Actor

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
        cursor.execute(KEEP, [box.pk, external_id, at, json.dumps(raw), state])
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
    values = {**contact, "inbox": box.pk, "once": once, "at": at, "raw": json.dumps(raw), "text": text, "by": by.name}
    with connection.cursor() as cursor:
        cursor.execute(BEGIN, values)
        row = cursor.fetchone()
    if row is None:
        return None
    return Conversation(id=row[0], inbox=box, address=once, contact=Contact(id=row[1], **contact))
