"""Incoming messages become rows in threads; many at once cost as many statements as one."""

import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils.timezone import now

from caunoi.channels.base import Inbound, Media
from caunoi.conversations.actions.contacts import vouch
from caunoi.conversations.meaning import meaning
from caunoi.conversations.models import Contact, Conversation, Enclosure, Message, Receipt, Wording
from caunoi.events.actor import citizen
from caunoi.events.models import Event
from caunoi.lib.vietnamese.writing import nfc
from caunoi.vault import blind

AHEAD = timedelta(minutes=5)  # a provider's clock may be so much before ours
CITIZEN = citizen()
enclosed = threading.Event()  # there is something to be fetched, as far as this process knows
NO_FILE = ("sticker",)  # nothing is fetched
OTHER_THREADS = """
SELECT id FROM conversations_conversation WHERE inbox_id = ANY(%s) AND address_index = ANY(%s)
UNION ALL SELECT id FROM conversations_conversation WHERE sender_index = ANY(%s)
UNION ALL SELECT id FROM conversations_conversation WHERE inbox_id = ANY(%s) AND address = ANY(%s)
UNION ALL SELECT found.id FROM unnest(%s::bigint[], %s::text[]) AS wanted (inbox, sender) CROSS JOIN LATERAL (
    SELECT id FROM conversations_conversation WHERE inbox_id = wanted.inbox
    AND address >= wanted.sender || '/' AND address < wanted.sender || '0' ORDER BY address LIMIT 1
) AS found
"""  # those that lie sealed, and older ones, each by an index; "0" comes after "/"
type Key = tuple[int, str]


@dataclass(frozen=True, kw_only=True)
class ReceivedMessage:
    """One thing that came in, and the receipt that holds it."""

    receipt: Receipt
    inbound: Inbound

    @property
    def address(self) -> str:
        """Of the conversation: the sender's, with the thread where the channel has several."""
        thread = nfc(self.inbound.thread)
        return f"{self.sender}/{thread}" if thread else self.sender

    @property
    def sender(self) -> str:
        return nfc(self.inbound.sender).strip()[:200]

    @property
    def key(self) -> Key:
        return self.receipt.inbox_id, self.address

    @property
    def at(self) -> datetime:
        """When it was written; a clock that runs ahead is not believed."""
        return min(self.inbound.at, now() + AHEAD)


def external(name: str) -> str:
    """The provider's id of a message as the column holds it."""
    return nfc(name)[:200]


def by_external_id(inbox: int, names: Iterable[str]) -> dict[str, Message]:
    """Messages of an inbox by the provider's ids."""
    ids = [external(name) for name in names if name]
    rows = Message.objects.filter(external_id__in=ids, conversation__inbox_id=inbox).select_related("conversation")
    return {row.external_id: row for row in rows}


def hear(received: Sequence[ReceivedMessage]) -> list[Message]:
    """Store the messages: contact, conversation, message, enclosures and the event, each once."""
    threads = conversations(received)
    existing = _existing(threads.values(), received)
    rows: list[tuple[ReceivedMessage, Message]] = []
    for one in received:
        thread = threads[one.key]
        same = existing[thread.pk, external(one.inbound.external_id)] if one.inbound.external_id else []
        if any(_again(old, one) for old in same):
            continue
        row = message(one, thread)
        rows.append((one, row))
        same.append(row)
    messages = Message.objects.bulk_create([row for _, row in rows])
    if parts := [part for one, row in rows for part in _enclosures(row, one.inbound.media)]:
        Enclosure.objects.bulk_create(parts)
        transaction.on_commit(enclosed.set)
    _touch(messages)
    Event.objects.bulk_create(
        Event(
            kind="message.receive",
            subject="message",
            subject_id=row.pk,
            data={"means": meaning(row.text, public=row.conversation.public)},
            **CITIZEN.signature,
        )
        for row in messages
    )
    return messages


def _existing(
    threads: Iterable[Conversation], received: Sequence[ReceivedMessage]
) -> defaultdict[tuple[int, str], list[Message]]:
    """Earlier messages with the same ids, by thread and id. An id counts only for its sender: a mail's is chosen by
    whoever sends it, so the same id from somebody else is another mail."""
    names = {external(one.inbound.external_id) for one in received} - {""}
    existing: defaultdict[tuple[int, str], list[Message]] = defaultdict(list)
    for row in Message.objects.filter(external_id__in=names, conversation__in=list(threads), inbound=True):
        existing[row.conversation_id, row.external_id].append(row)
    return existing


def message(one: ReceivedMessage, conversation: Conversation) -> Message:
    """The message as an unsaved row."""
    inbound, place = one.inbound, one.inbound.place
    return Message(
        conversation=conversation,
        receipt=one.receipt,
        inbound=True,
        text=nfc(inbound.text).strip(),
        at=one.at,
        by=CITIZEN.name,
        external_id=external(inbound.external_id),
        subject_line=nfc(inbound.subject).strip()[:300],
        quoted=nfc(inbound.quoted).strip(),
        latitude=place.latitude if place else None,
        longitude=place.longitude if place else None,
        refers=[external(n) for n in (inbound.refers, *inbound.mentions) if n],
    )


def _again(old: Message, one: ReceivedMessage) -> bool:
    """Whether this message is stored already. An edited one keeps its first wording, and nothing more."""
    text = nfc(one.inbound.text).strip()
    if not (old.edited or old.removed):
        return old.text == text
    if old.pk and old.receipt_id != one.receipt.pk and text:
        Wording.objects.get_or_create(message=old, text=text, defaults={"until": old.at})
    return True


def _enclosures(row: Message, media: Sequence[Media]) -> list[Enclosure]:
    state = Enclosure.State
    return [
        Enclosure(
            message=row,
            kind=part.kind[:10],
            name=nfc(part.name)[:200],
            content_type=part.content_type[:100],
            number=number,
            url=nfc(part.url),
            state=state.KEPT if part.kind in NO_FILE else state.WAITING,
        )
        for number, part in enumerate(media)
    ]


def _touch(messages: Sequence[Message]) -> None:
    """Mark the threads as having something new; those that just began are already."""
    latest: dict[int, Conversation] = {}
    for row in messages:
        thread = row.conversation
        if not thread.unread or thread.latest is None or thread.latest < row.at:
            thread.latest = max(thread.latest or row.at, row.at)
            thread.unread = True
            latest[thread.pk] = thread
    if latest:
        Conversation.objects.bulk_update(latest.values(), ["latest", "unread"])


def conversations(received: Sequence[ReceivedMessage]) -> Mapping[Key, Conversation]:
    """The thread of each, with its contact; new people are added, with what the provider says of them. By one reader
    at a time (reading.py), so that nobody has two threads also while they are indexed by two keys."""
    boxes = {one.receipt.inbox_id for one in received}
    same = blind.within(Conversation, "address", {one.address for one in received})
    rows = Conversation.objects.filter(same, inbox_id__in=boxes)
    threads = {(row.inbox_id, row.address): row for row in rows.select_related("contact", "inbox")}
    first: dict[Key, ReceivedMessage] = {}
    for one in received:
        if one.key not in threads:
            first.setdefault(one.key, one)
    people = _people(list(first.values()), threads.values())
    new = [
        Conversation(
            inbox=one.receipt.inbox,
            address=one.address,
            thread=nfc(one.inbound.thread),
            public=one.inbound.public,
            contact=people[one.receipt.inbox_id, one.sender],
            latest=one.at,
            unread=True,
        )
        for one in first.values()
    ]
    for row in Conversation.objects.bulk_create(new):
        threads[row.inbox_id, row.address] = row
    for one in received:
        learn(threads[one.key].contact, one.inbound)
    return threads


def _people(first: Sequence[ReceivedMessage], threads: Iterable[Conversation]) -> dict[Key, Contact]:
    """Whoever begins a thread: somebody known from another thread of the same inbox, else somebody new."""
    people = {(row.inbox_id, row.to): row.contact for row in threads}
    if strange := sorted({(one.receipt.inbox_id, one.sender) for one in first} - set(people)):
        for row in Conversation.objects.filter(pk__in=_other_threads(strange)).select_related("contact"):
            people.setdefault((row.inbox_id, row.to), row.contact)
    new: dict[Key, Contact] = {}
    for one in first:
        key = one.receipt.inbox_id, one.sender
        if key not in people and key not in new:
            who = one.inbound
            new[key] = Contact(
                name=nfc(who.name).strip()[:120], email=nfc(who.email).strip()[:254], phone=who.claims.strip()[:16]
            )
    Contact.objects.bulk_create(new.values())
    return people | new


def _other_threads(people: Sequence[Key]) -> list[int]:
    """The threads of people. By a statement of its own: within another it was run for each row of a young table."""
    boxes, senders = [inbox for inbox, _ in people], [sender for _, sender in people]
    whole, starts = (blind.indexes(Conversation, f"{name}_index", senders) for name in ("address", "sender"))
    every = list(set(boxes))
    with connection.cursor() as cursor:
        cursor.execute(OTHER_THREADS, [every, whole, starts, every, senders, boxes, senders])
        return [int(pk) for (pk,) in cursor.fetchall()]


def learn(contact: Contact, inbound: Inbound) -> None:
    """Add what a provider says of somebody we know: name, e-mail and the number they claim where we had none; a number
    it vouches for."""
    changed = []
    for field, value, size in (
        ("name", inbound.name, 120),
        ("email", inbound.email, 254),
        ("phone", inbound.claims, 16),
    ):
        value = nfc(value).strip()[:size]
        if value and not getattr(contact, field):
            setattr(contact, field, value)
            changed.append(field)
    if changed:
        contact.save(update_fields=changed)
    if inbound.phone:
        vouch(contact, inbound.phone)
