import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.timezone import now

from caunoi.conversations.models import Contact, Conversation, Draft, Inbox, Message, Receipt
from caunoi.conversations.queries import inbox
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


@transaction.atomic(savepoint=False)
def open_conversation(box: Inbox, address: str, contact: Mapping[str, Any]) -> Conversation:
    """The thread with an address on an inbox, begun with a new contact (its columns) where there is none."""
    found = Conversation.objects.select_related("contact").filter(inbox=box, address=address).first()
    return found or Conversation.objects.create(inbox=box, address=address, contact=Contact.objects.create(**contact))


def hear(
    conversation: Conversation, text: str, *, by: Actor, receipt: Receipt | None = None, at: datetime | None = None
) -> Message:
    """Add what the citizen said."""
    return Message.objects.create(
        conversation=conversation, receipt=receipt, inbound=True, text=text, at=at or now(), by=by.name
    )


def say(conversation: Conversation, text: str, *, by: Actor, at: datetime | None = None) -> Message:
    """Add what the hotline said; web and app citizens read it on the page they follow."""
    return Message.objects.create(conversation=conversation, inbound=False, text=text, at=at or now(), by=by.name)


def make_inbox(name: str, channel: str, *, label: str = "", **config: Any) -> Inbox:
    """An inbox by its name, made or brought up to date."""
    row, _ = Inbox.objects.update_or_create(name=name, defaults={"channel": channel, "label": label, "config": config})
    inbox.cache_clear()
    return row


DRAFT_DAYS = 7


def save_draft(token: str, data: Mapping[str, Any]) -> Draft:
    """Write down a report as far as it has come; without a token a new draft is begun."""
    draft, _ = Draft.objects.get_or_create(token=token or secrets.token_urlsafe(18))
    if not draft.sent:
        draft.data, draft.touched = {**draft.data, **data}, now()
        draft.save()
    return draft


def end_draft(draft: Draft) -> None:
    """The draft has become a ticket: forget what it said."""
    Draft.objects.filter(pk=draft.pk).update(sent=True, data={}, touched=now())


def forget_drafts() -> int:
    """Drafts that nobody finished are deleted."""
    return Draft.objects.filter(touched__lt=now() - timedelta(days=DRAFT_DAYS)).delete()[0]
