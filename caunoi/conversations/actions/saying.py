"""Many things said at once, and what need not be said after all."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction
from django.utils.timezone import now

from caunoi.conversations import queries
from caunoi.conversations.models import Conversation, Message, Outgoing
from caunoi.events.actor import Actor


@dataclass(frozen=True, kw_only=True)
class Saying:
    """One thing to be said in one thread."""

    conversation: Conversation
    text: str
    once: str
    title: str = ""
    template: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    wait: float = 0.0  # seconds


@transaction.atomic
def say_all(sayings: Sequence[Saying], *, by: Actor) -> list[Outgoing]:
    """`say` for many at the cost of one; what was said before, or cannot be sent, is left out."""
    able = {
        pk: queries.sends(box) for pk, box in {s.conversation.inbox_id: s.conversation.inbox for s in sayings}.items()
    }
    fresh = {s.once: s for s in sayings if able[s.conversation.inbox_id]}
    for once in Outgoing.objects.filter(once__in=fresh).values_list("once", flat=True):
        del fresh[once]
    at = now()
    messages = Message.objects.bulk_create(
        Message(conversation=s.conversation, inbound=False, text=s.text, by=by.name, at=at, subject_line=s.title)
        for s in fresh.values()
    )
    return Outgoing.objects.bulk_create(
        Outgoing(
            once=s.once, inbox=s.conversation.inbox, conversation=s.conversation, message=message,
            address=s.conversation.to, text=s.text, title=s.title, at=at, due=at + timedelta(seconds=s.wait),
            template=s.template, values=dict(s.values),
        )
        for s, message in zip(fresh.values(), messages, strict=True)
    )  # fmt: skip


def unsay(conversations: Iterable[int], start: str) -> bool:
    """What need no longer be said (its `once` begins so) and has not been handed over yet is taken back; False when some
    of it was."""
    rows = Outgoing.objects.filter(conversation__in=list(conversations), once__startswith=start)
    waiting = rows.filter(state=Outgoing.State.QUEUED, claimed=None, attempts=0)
    messages = list(waiting.select_for_update(skip_locked=True, of=("self",)).values_list("message_id", flat=True))
    if messages:
        Outgoing.objects.filter(message__in=messages).delete()
        Message.objects.filter(pk__in=messages).delete()
    return not rows.exists()
