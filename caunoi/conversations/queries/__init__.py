"""Queries about inboxes, receipts, threads, people, and what goes out."""

import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from functools import cache

from django.db.models import Count, Max, Q, QuerySet
from django.utils.timezone import now

from caunoi.channels.registry import channel
from caunoi.conversations.models import Contact, Conversation, Draft, Inbox, Message, Outgoing, Receipt, short_id
from caunoi.conversations.queries.callbacks import about_ticket as about_ticket
from caunoi.conversations.queries.callbacks import attempts as attempts
from caunoi.conversations.queries.callbacks import callback as callback
from caunoi.conversations.queries.callbacks import callback_counts as callback_counts
from caunoi.conversations.queries.callbacks import callback_waiting as callback_waiting
from caunoi.conversations.queries.callbacks import callbacks as callbacks
from caunoi.conversations.queries.callbacks import callbacks_by_state as callbacks_by_state
from caunoi.conversations.queries.callbacks import callbacks_claimed_by as callbacks_claimed_by
from caunoi.conversations.queries.callbacks import callbacks_done as callbacks_done
from caunoi.conversations.queries.health import DEAD as DEAD
from caunoi.conversations.queries.health import backlog as backlog
from caunoi.conversations.queries.health import forged_lately as forged_lately
from caunoi.conversations.queries.health import forgeries as forgeries
from caunoi.conversations.queries.health import health as health
from caunoi.conversations.queries.health import troubles as troubles
from caunoi.conversations.queries.health import undelivered as undelivered
from caunoi.conversations.queries.health import waiting_to_go as waiting_to_go
from caunoi.conversations.queries.health import writes_to_people as writes_to_people
from caunoi.conversations.queries.people import candidates as candidates
from caunoi.conversations.queries.people import contact as contact
from caunoi.conversations.queries.people import joining as joining
from caunoi.conversations.queries.people import joinings as joinings
from caunoi.conversations.queries.people import note as note
from caunoi.conversations.queries.people import notes as notes
from caunoi.conversations.queries.people import one_person as one_person
from caunoi.conversations.queries.people import person as person
from caunoi.conversations.queries.people import served_earlier as served_earlier
from caunoi.conversations.queries.people import threads_of as threads_of
from caunoi.conversations.queries.threads import THREAD as THREAD
from caunoi.conversations.queries.threads import Place as Place
from caunoi.conversations.queries.threads import conversation as conversation
from caunoi.conversations.queries.threads import enclosed as enclosed
from caunoi.conversations.queries.threads import loose as loose
from caunoi.conversations.queries.threads import loose_messages as loose_messages
from caunoi.conversations.queries.threads import message as message
from caunoi.conversations.queries.threads import message_of as message_of
from caunoi.conversations.queries.threads import thread as thread
from caunoi.conversations.queries.ways import NO_NETWORK as NO_NETWORK
from caunoi.conversations.queries.ways import NOTHING_KNOWN as NOTHING_KNOWN
from caunoi.conversations.queries.ways import Senders as Senders
from caunoi.conversations.queries.ways import Way as Way
from caunoi.conversations.queries.ways import account as account
from caunoi.conversations.queries.ways import barred as barred
from caunoi.conversations.queries.ways import fallback as fallback
from caunoi.conversations.queries.ways import mailer as mailer
from caunoi.conversations.queries.ways import senders as senders
from caunoi.conversations.queries.ways import sends as sends
from caunoi.conversations.queries.ways import straight as straight
from caunoi.conversations.queries.ways import straight_ways as straight_ways
from caunoi.conversations.queries.ways import takes_sms as takes_sms
from caunoi.conversations.queries.ways import ways as ways
from caunoi.lib.crypto.envelope import SealError
from caunoi.vault.queries import MasterKeyError

log = logging.getLogger(__name__)


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


def inbox_of(channel: str) -> Inbox:
    """The inbox of what is written down as having come by a channel: that of its name, else its oldest.
    Inbox.DoesNotExist when it has none."""
    try:
        return inbox(channel)
    except Inbox.DoesNotExist:
        return Inbox.objects.filter(channel=channel).order_by("id")[:1].get()


def channels_in_use() -> set[str]:
    """The channels that have an inbox."""
    return set(Inbox.objects.values_list("channel", flat=True))


def inbox_row(pk: int) -> Inbox | None:
    return Inbox.objects.filter(pk=pk).first()


def boxes() -> dict[str, Inbox]:
    """Every inbox by its name, as it is now, its secrets opened: whoever calls our webhooks is answered without the
    database."""
    return {box.name: box for box in opened(Inbox.objects.order_by("id"))}


def opened(rows: Iterable[Inbox]) -> list[Inbox]:
    """Inboxes with their secrets at hand; one whose secrets do not open has none."""
    result = list(rows)
    for box in result:
        try:
            _ = box.secrets
        except (SealError, MasterKeyError) as error:
            log.error("inbox %s: %s", box.name, error)
            box.secrets, box.secrets_plain = {}, None
    return result


def receipt(box: Inbox, external_id: str) -> Receipt:
    """One receipt. Receipt.DoesNotExist when it never came."""
    return Receipt.objects.get(inbox=box, external_id=short_id(external_id))


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
    """The unreadable receipts of an inbox, newest first."""
    return receipts(name).filter(state="unreadable")


def agreed() -> dict[int, int]:
    """Version of the consent text → how many contacts agreed to it."""
    rows = Contact.objects.exclude(consent=None).values_list("consent").annotate(Count("id"))
    return dict(rows.order_by())


RENEW_BEFORE = timedelta(hours=1)


def to_renew() -> Sequence[Inbox]:
    """Inboxes whose token expires within an hour, or nobody knows when."""
    soon = Inbox.objects.filter(Q(until=None) | Q(until__lte=now() + RENEW_BEFORE), active=True).order_by("id")
    adapters = ((box, channel(box.channel)) for box in soon)
    return [box for box, adapter in adapters if adapter and adapter.renewable(account(box, NO_NETWORK))]


def to_poll() -> Sequence[Inbox]:
    """The active inboxes that must be polled."""
    adapters = ((box, channel(box.channel)) for box in Inbox.objects.filter(active=True).order_by("id"))
    return [box for box, adapter in adapters if adapter and adapter.polls and box.config]


def last_heard(conversations: Iterable[int]) -> dict[int, Message]:
    """The latest thing the other side said in each thread."""
    rows = Message.objects.filter(conversation__in=list(conversations), inbound=True)
    rows = rows.order_by("conversation", "-id").distinct("conversation")
    return {row.conversation_id: row for row in rows}


def sent_since(last_messages: Mapping[int, Message]) -> Counter[int]:
    """How many messages were sent to them after it, by thread."""
    sent = Outgoing.objects.filter(conversation__in=last_messages, sent__isnull=False).values_list(
        "conversation_id", "sent"
    )
    return Counter(thread for thread, at in sent if thread and at and at > last_messages[thread].at)


MENTIONED = 20


def mentions(conversation: Conversation) -> Sequence[str]:
    """The provider's ids of the last messages of both sides, oldest first (a mail's References)."""
    received = (
        conversation.messages.exclude(external_id="").order_by("-id").values_list("at", "external_id")[:MENTIONED]
    )
    sent = conversation.outgoing.exclude(external_id="").order_by("-id").values_list("sent", "external_id")[:MENTIONED]
    return [name for _, name in sorted([*received, *sent])][-MENTIONED:]
