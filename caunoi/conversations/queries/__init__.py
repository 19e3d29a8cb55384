"""What may be asked about inboxes, receipts, threads, people, and what goes out."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from functools import cache

import httpx
from django.db.models import Count, Max, Q, QuerySet
from django.utils.timezone import now

from caunoi.channels.base import Account
from caunoi.channels.registry import channel
from caunoi.conversations.models import Callback, Contact, Conversation, Draft, Inbox, Message, Outgoing, Receipt
from caunoi.conversations.queries.health import DEAD as DEAD
from caunoi.conversations.queries.health import backlog as backlog
from caunoi.conversations.queries.health import forged_lately as forged_lately
from caunoi.conversations.queries.health import forgeries as forgeries
from caunoi.conversations.queries.health import health as health
from caunoi.conversations.queries.health import troubles as troubles
from caunoi.conversations.queries.health import undelivered as undelivered
from caunoi.conversations.queries.health import waiting_to_go as waiting_to_go
from caunoi.conversations.queries.people import candidates as candidates
from caunoi.conversations.queries.people import contact as contact
from caunoi.conversations.queries.people import joining as joining
from caunoi.conversations.queries.people import joinings as joinings
from caunoi.conversations.queries.people import one_person as one_person
from caunoi.conversations.queries.people import person as person
from caunoi.conversations.queries.threads import THREAD as THREAD
from caunoi.conversations.queries.threads import Place as Place
from caunoi.conversations.queries.threads import conversation as conversation
from caunoi.conversations.queries.threads import enclosed as enclosed
from caunoi.conversations.queries.threads import latest_threads as latest_threads
from caunoi.conversations.queries.threads import loose as loose
from caunoi.conversations.queries.threads import loose_messages as loose_messages
from caunoi.conversations.queries.threads import message as message
from caunoi.conversations.queries.threads import message_of as message_of
from caunoi.conversations.queries.threads import thread as thread
from caunoi.events.actor import Actor
from caunoi.events.visibility import visible

NO_NETWORK = httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(503)))


@cache
def inbox(name: str) -> Inbox:
    """An inbox by its name. Inbox.DoesNotExist when there is none."""
    return Inbox.objects.get(name=name)


def has_inbox(name: str) -> bool:
    """Whether there is an inbox of this name."""
    try:
        inbox(name)
    except Inbox.DoesNotExist:
        return False
    return True


def inbox_row(pk: int) -> Inbox | None:
    return Inbox.objects.filter(pk=pk).first()


def boxes() -> dict[str, Inbox]:
    """Every inbox by its name, as it is now."""
    return {box.name: box for box in Inbox.objects.order_by("id")}


def receipt(box: Inbox, external_id: str) -> Receipt:
    """One receipt. Receipt.DoesNotExist when it never came."""
    return Receipt.objects.get(inbox=box, external_id=external_id)


def receipts(name: str) -> QuerySet[Receipt]:
    """What came in by an inbox, newest first."""
    return Receipt.objects.filter(inbox__name=name).order_by("-id")


def draft(token: str) -> Draft | None:
    return Draft.objects.filter(token=token).first()


def inboxes() -> QuerySet[Inbox]:
    """Every inbox with `received` (how many receipts), `last` (when) and `unreadable` (how many)."""
    unreadable = Count("receipt", filter=Q(receipt__state="unreadable"))
    return Inbox.objects.annotate(received=Count("receipt"), last=Max("receipt__at"), unreadable=unreadable).order_by(
        "id"
    )


def unread(name: str) -> QuerySet[Receipt]:
    """What an inbox holds that nobody could read, newest first."""
    return receipts(name).filter(state="unreadable")


def agreed() -> dict[int, int]:
    """Version of the consent text → how many contacts agreed to it."""
    rows = Contact.objects.exclude(consent=None).values_list("consent").annotate(Count("id"))
    return dict(rows.order_by())


def account(box: Inbox, http: httpx.Client) -> Account:
    """An inbox as its adapter sees it."""
    return Account(name=box.name, config=box.config, secrets=box.secrets, http=http)


def sends(box: Inbox) -> bool:
    """Whether we can write to people by this inbox."""
    adapter = channel(box.channel)
    if adapter is None or not adapter.sends or not box.active:
        return False
    return adapter.ready(account(box, NO_NETWORK))


RENEW_BEFORE = timedelta(hours=1)


def to_renew() -> Sequence[Inbox]:
    """Inboxes whose token runs out within an hour, or nobody knows when."""
    soon = Inbox.objects.filter(Q(until=None) | Q(until__lte=now() + RENEW_BEFORE), active=True).order_by("id")
    adapters = ((box, channel(box.channel)) for box in soon)
    return [box for box, adapter in adapters if adapter and adapter.renewable(account(box, NO_NETWORK))]


def to_poll() -> Sequence[Inbox]:
    """The active inboxes whose channel does not come to us."""
    adapters = ((box, channel(box.channel)) for box in Inbox.objects.filter(active=True).order_by("id"))
    return [box for box, adapter in adapters if adapter and adapter.polls and box.config]


def last_heard(conversations: Iterable[int]) -> dict[int, Message]:
    """The latest thing the other side said in each thread."""
    rows = Message.objects.filter(conversation__in=list(conversations), inbound=True)
    rows = rows.order_by("conversation", "-id").distinct("conversation")
    return {row.conversation_id: row for row in rows}


def said_since(heard: Mapping[int, Message]) -> Counter[int]:
    """How many messages were sent to them after it, by thread."""
    sent = Outgoing.objects.filter(conversation__in=heard, sent__isnull=False).values_list("conversation_id", "sent")
    return Counter(thread for thread, at in sent if thread and at and at > heard[thread].at)


MENTIONED = 20


def mentions(conversation: Conversation) -> Sequence[str]:
    """The provider's ids of the last messages of both sides, oldest first (a mail's References)."""
    heard = conversation.messages.exclude(external_id="").order_by("-id").values_list("at", "external_id")[:MENTIONED]
    sent = conversation.outgoing.exclude(external_id="").order_by("-id").values_list("sent", "external_id")[:MENTIONED]
    return [name for _, name in sorted([*heard, *sent])][-MENTIONED:]


def fallback(box: Inbox) -> Inbox | None:
    """The inbox that sends what this one's channel does not take: an active one for SMS."""
    boxes = Inbox.objects.filter(channel="sms", active=True).exclude(pk=box.pk).order_by("id")
    return next((other for other in boxes if sends(other)), None)


def mailer() -> Inbox | None:
    """The mailbox that staff are written from: the first active one that sends."""
    boxes = Inbox.objects.filter(channel="email", active=True).order_by("id")
    return next((box for box in boxes if sends(box)), None)


def callbacks(by: Actor) -> QuerySet[Callback]:
    """Who waits to be called, those who wait longest first."""
    waiting = [Callback.State.OPEN, Callback.State.CLAIMED]
    return visible(Callback.objects.filter(state__in=waiting), by).select_related("contact").order_by("asked")


def callbacks_done(by: Actor) -> QuerySet[Callback]:
    """Who was called back or given up, the latest first."""
    ended = [Callback.State.DONE, Callback.State.GIVEN_UP]
    return visible(Callback.objects.filter(state__in=ended), by).order_by("-ended", "-id")


def callback(pk: int | None, by: Actor) -> Callback | None:
    """A call-back, or the one that something refers to, if it does."""
    return visible(Callback.objects.filter(pk=pk), by).select_related("contact").first() if pk else None


def callback_waiting(phone: str, by: Actor) -> Callback | None:
    """The call-back that waits for a number (E.164), the oldest."""
    return callbacks(by).filter(phone=phone).first()
