"""Sending many messages at once, and withdrawing those that are no longer needed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction
from django.utils.timezone import now

from caunoi.conversations import queries
from caunoi.conversations.models import Conversation, Inbox, Message, Outgoing
from caunoi.events.actor import Actor
from caunoi.lib.privacy.secret_links import hide_citizens


@dataclass(frozen=True, kw_only=True)
class Saying:
    """One message to the person of one thread: in it, or another `way`."""

    conversation: Conversation
    text: str
    once: str
    title: str = ""
    template: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    wait: float = 0.0  # seconds
    way: queries.Way | None = None

    @property
    def inbox(self) -> Inbox:
        return self.way.inbox if self.way else self.conversation.inbox


@transaction.atomic
def say_all(sayings: Sequence[Saying], *, by: Actor) -> list[Outgoing]:
    """`say` for many at the cost of one; those sent before, or that cannot be sent, are left out. One whose way is in
    trouble is recorded as not delivered, for a person to decide."""
    able = {pk: queries.sends(box) for pk, box in {s.inbox.pk: s.inbox for s in sayings}.items()}
    fresh = {s.once: s for s in sayings if able[s.inbox.pk] or (s.way and s.way.trouble)}
    for once in Outgoing.objects.filter(once__in=fresh).values_list("once", flat=True):
        del fresh[once]
    at = now()
    messages = Message.objects.bulk_create(
        Message(
            conversation=s.conversation,
            inbound=False,
            text=hide_citizens(s.text),
            by=by.name,
            by_user=by.user_id,
            at=at,
            subject_line=s.title,
        )
        for s in fresh.values()
    )
    return Outgoing.objects.bulk_create(_row(s, message) for s, message in zip(fresh.values(), messages, strict=True))


def _row(saying: Saying, message: Message) -> Outgoing:
    """The queue's row for a message, unsaved."""
    way = saying.way or queries.Way(inbox=saying.inbox, address=saying.conversation.to, thread=True)
    row = Outgoing(
        once=saying.once,
        inbox=way.inbox,
        conversation=saying.conversation if way.thread else None,
        message=message,
        address=way.address,
        text=saying.text,
        title=saying.title,
        at=message.at,
        due=message.at + timedelta(seconds=saying.wait),
        template=saying.template,
        values=dict(saying.values),
    )
    if way.trouble:
        row.state, row.trouble = Outgoing.State.FAILED, way.trouble
    return row


def unsay(start: str, conversations: Iterable[int] | None = None) -> bool:
    """Withdraw messages that are no longer needed (their `once` begins with `start`) and have not been handed over yet,
    whoever they are to, or of these conversations alone; False when some of them were."""
    rows = Outgoing.objects.filter(once__startswith=start)
    if conversations is not None:
        rows = rows.filter(message__conversation__in=list(conversations))
    waiting = rows.filter(state__in=[Outgoing.State.QUEUED, Outgoing.State.FAILED], claimed=None, attempts=0)
    pairs = list(waiting.select_for_update(skip_locked=True, of=("self",)).values_list("pk", "message_id"))
    if pairs:
        Outgoing.objects.filter(pk__in=[pk for pk, _message in pairs]).delete()
        Message.objects.filter(pk__in=[message for _pk, message in pairs if message]).delete()
    return not rows.exists()


def mask_older(most: int = 20_000) -> int:
    """Takes citizens' links out of what we wrote before messages were stored without them; how many messages, at most
    so many at once."""
    rows = Message.objects.filter(inbound=False, text__regex=r"/(f|r|j|invite|recover)/[A-Za-z0-9_:.~-]{8,}")
    older = list(rows.order_by("pk").only("text")[:most])
    for message in older:
        message.text = hide_citizens(message.text)
    return Message.objects.bulk_update(older, ["text"], batch_size=500)
