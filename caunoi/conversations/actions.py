from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import now

from caunoi.conversations.models import Contact, Conversation, Inbox, Message, Receipt
from caunoi.conversations.queries import inbox
from caunoi.events.actor import Actor


def keep(
    box: Inbox, external_id: str, raw: Any, *, at: datetime | None = None, state: str = "waiting"
) -> tuple[Receipt, bool]:
    """Write down what came in, once; False when it was here before. Waits for a parallel sender of the same."""
    return Receipt.objects.get_or_create(
        inbox=box, external_id=external_id, defaults={"raw": raw, "at": at or now(), "state": state}
    )


@transaction.atomic
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
