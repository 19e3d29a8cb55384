"""Reading threads, with a ticket or without one."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Prefetch, Q, Subquery

from caunoi.conversations.models import (
    Contact,
    Conversation,
    Enclosure,
    Message,
    Outgoing,
    Wording,
)
from caunoi.events.actor import Actor
from caunoi.events.visibility import visible
from caunoi.lib.numbers import phone
from caunoi.vault import blind

THREAD = 40


def thread(conversation: Conversation, by: Actor) -> list[Message]:
    """The last messages of both sides that `by` may see, oldest first, with what was sent along, earlier wordings, and
    what became of ours."""
    seen = visible(Message.objects.filter(conversation=conversation), by)
    rows = seen.select_related("exchange__ticket").prefetch_related(
        Prefetch("enclosures", Enclosure.objects.select_related("attachment").order_by("number")),
        Prefetch("wordings", Wording.objects.order_by("until")),
        Prefetch("outgoing", Outgoing.objects.select_related("inbox").order_by("id")),
    )
    return list(rows.order_by("-at", "-id")[:THREAD])[::-1]


def conversation(pk: int, by: Actor) -> Conversation | None:
    return visible(Conversation.objects.filter(pk=pk), by).select_related("inbox", "contact").first()


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a page of the list of threads ended."""

    unread: bool
    latest: datetime
    id: int


def loose(by: Actor, text: str = "", *, after: Place | None = None, size: int = 25) -> list[Conversation]:
    """Threads whose last messages belong to no ticket, unread ones first, then the newest; `text` is words of a name or
    mail address, a number, an address on a channel as it stands, or part of a message. One more than `size` when there
    are more."""
    rows = visible(Conversation.objects.filter(loose=True), by).select_related("inbox", "contact")
    if text:
        words = Message.objects.filter(conversation=OuterRef("pk"), inbound=True, text__icontains=text)
        number = phone.parse(text)
        e164 = number.e164 if number is not None and number.e164 else ""
        who = blind.worded(Contact, "words", text, "contact") | blind.equal(Contact, "phone", e164, "contact")
        rows = rows.filter(who | blind.starting(Conversation, "address", {text, e164}) | Exists(words))
    if after:
        earlier = Q(latest__lt=after.latest) | Q(latest=after.latest, id__lt=after.id)
        same = Q(unread=after.unread) & earlier
        rows = rows.filter(same | Q(unread=False) if after.unread else same)
    last = Message.objects.filter(conversation=OuterRef("pk"), inbound=True).order_by("-at", "-id")
    rows = rows.annotate(words=Subquery(last.values("text")[:1]))
    return list(rows.order_by("-unread", "-latest", "-id")[: size + 1])


def loose_messages(conversation: Conversation) -> list[Message]:
    """Their messages in a thread that belongs to no ticket, oldest first."""
    rows = conversation.messages.filter(inbound=True, exchange=None, removed=None).order_by("-at", "-id")
    return list(rows[:THREAD])[::-1]


def enclosed(attachment_id: int, by: Actor) -> bool:
    """Whether a picture came with a message that `by` may see."""
    return visible(Enclosure.objects.filter(attachment=attachment_id), by).exists()


def message(pk: int, by: Actor) -> Message | None:
    """One message that `by` may see, with its thread and the ticket it belongs to."""
    return visible(Message.objects.filter(pk=pk), by).select_related("conversation", "exchange").first()


def message_of(conversation_id: int, pk: int, by: Actor) -> Message | None:
    """A message of a thread."""
    rows = visible(Message.objects.all(), by)
    rows = rows.select_related("conversation__inbox", "conversation__contact")
    return rows.filter(conversation=conversation_id, pk=pk).first()
