"""The ways to write to somebody now: the thread they wrote in, else an SMS to their number and a mail to their address.
Preferences and an order of ways will go here."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import httpx
from django.db.models import QuerySet
from django.utils.timezone import now

from caunoi.channels.base import Account, Reach
from caunoi.channels.registry import channel, channels, reach
from caunoi.conversations.models import Contact, Conversation, Inbox, Outgoing
from caunoi.lib.numbers import phone
from caunoi.vault import blind

NO_NETWORK = httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(503)))
STRAIGHT = {Reach.SMS, Reach.MAIL}  # by which people are written to who have not written by them
RECENT = timedelta(days=90)

NOT_SET_UP = "this inbox is not set up to send, or is switched off"
NO_GATEWAY = "there is a phone number, but no SMS gateway is set up"
NO_MOBILE = "this number takes no SMS"
NO_MAILBOX = "there is an e-mail address, but no mailbox is set up to send"
NOTHING_KNOWN = "they left neither phone number nor e-mail address"


@dataclass(frozen=True, kw_only=True)
class Way:
    """An inbox, and somebody's address there. `thread`: it is where they wrote themselves. `trouble`: why nothing can
    be sent by it now."""

    inbox: Inbox
    address: str
    thread: bool = False
    trouble: str = ""

    @property
    def sms(self) -> bool:
        """Whether it goes as text messages, which are short."""
        return reach(self.inbox.channel) is Reach.SMS


@dataclass(frozen=True, kw_only=True)
class Senders:
    """The inboxes that texts and mails go out by, if there are any."""

    sms: Inbox | None = None
    mail: Inbox | None = None


def account(box: Inbox, http: httpx.Client) -> Account:
    """An inbox as its adapter sees it."""
    return Account(name=box.name, config=box.config, secrets=box.secrets, http=http)


def sends(box: Inbox) -> bool:
    """Whether we can write to people by this inbox."""
    adapter = channel(box.channel)
    if adapter is None or not adapter.sends or not box.active:
        return False
    return adapter.ready(account(box, NO_NETWORK))


def _reaching(way: Reach) -> QuerySet[Inbox]:
    """The inboxes of the channels that reach people so."""
    return Inbox.objects.filter(channel__in=[key for key, one in channels().items() if one.reach is way])


def _first(way: Reach, without: int | None = None) -> Inbox | None:
    """The first active inbox that sends and reaches people so."""
    boxes = _reaching(way).filter(active=True).exclude(pk__in=[without] if without else []).order_by("id")
    return next((box for box in boxes if sends(box)), None)


def fallback(box: Inbox) -> Inbox | None:
    """The inbox that sends what this one's channel does not take: an active one for SMS."""
    return _first(Reach.SMS, without=box.pk)


def mailer() -> Inbox | None:
    """The mailbox that people are written from who are in no thread: the first active one that sends."""
    return _first(Reach.MAIL)


def senders() -> Senders:
    return Senders(sms=_first(Reach.SMS), mail=mailer())


def takes_sms(number: str) -> bool:
    """Whether a number (E.164) is a mobile one."""
    parsed = phone.parse(number) if number else None
    return parsed is not None and parsed.kind == "mobile"


def ways(conversation: Conversation, able: Senders) -> Sequence[Way]:
    """How to write to this person now; empty when nobody can."""
    if conversation.latest is not None and conversation.to and sends(conversation.inbox):
        return [Way(inbox=conversation.inbox, address=conversation.to, thread=True)]
    return straight_ways(conversation.contact, able)


def straight_ways(contact: Contact, able: Senders) -> Sequence[Way]:
    """How to write to this person outside any thread now: by SMS and by mail."""
    options = []
    if able.sms and takes_sms(contact.phone):
        options.append(Way(inbox=able.sms, address=contact.phone))
    if able.mail and contact.email:
        options.append(Way(inbox=able.mail, address=contact.email))
    return options


def barred(conversation: Conversation) -> Way | None:
    """For somebody who cannot be reached, the way that there would be and what is missing; None without any number or
    address."""
    box, contact = conversation.inbox, conversation.contact
    if conversation.latest is not None and conversation.to:
        return Way(inbox=box, address=conversation.to, thread=True, trouble=NOT_SET_UP)
    if contact.phone:
        texts = _reaching(Reach.SMS).order_by("-active", "id").first()
        trouble = NO_GATEWAY if takes_sms(contact.phone) else NO_MOBILE
        return Way(inbox=texts or box, address=contact.phone, trouble=trouble)
    if contact.email:
        mails = _reaching(Reach.MAIL).order_by("-active", "id").first()
        return Way(inbox=mails or box, address=contact.email, trouble=NO_MAILBOX)
    return None


def straight(threads: Iterable[Conversation]) -> dict[int, Collection[int]]:
    """What we wrote lately to the addresses of these threads because their people had come another way: the ids of the
    messages, by thread."""
    thread_of = {(c.inbox_id, c.to): c.pk for c in threads if reach(c.inbox.channel) in STRAIGHT and not c.public}
    if not thread_of:
        return {}
    rows = Outgoing.objects.filter(
        blind.within(Outgoing, "address", {address for _, address in thread_of}),
        conversation=None,
        message__isnull=False,
        at__gte=now() - RECENT,
        inbox__in={box for box, _ in thread_of},
    )
    messages: dict[int, set[int]] = {}
    for row in rows.only("inbox_id", "once", "address", "address_plain", "message_id"):
        if row.message_id and (thread := thread_of.get((row.inbox_id, row.address))):
            messages.setdefault(thread, set()).add(row.message_id)
    return dict(messages)
