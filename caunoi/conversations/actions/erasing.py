"""A person erased from what they wrote and what was written to them. The rows stay, so that counts do and nothing that
a provider sends again comes in a second time."""

from collections.abc import Collection, Mapping
from functools import partial

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.timezone import now

from caunoi.conversations.models import (
    Callback,
    Contact,
    ContactNote,
    Conversation,
    Draft,
    Enclosure,
    Message,
    Outgoing,
    Receipt,
    Wording,
)
from caunoi.conversations.queries import raw
from caunoi.events.erasing import mentioning, strike
from caunoi.files import actions as files
from caunoi.lib.privacy.identity import ERASED, Identity
from caunoi.vault import blind

NOBODY = Identity()
ERASED_START = "erased:"  # what the name of an erased receipt begins with, and the address of a thread of before
SLICE = 500
NOWHERE = dict.fromkeys(("address", "address_plain", "address_index"))


def identity_of(
    contacts: Collection[int], phones: Collection[str] = (), names: Collection[str] = (), words: Collection[str] = ()
) -> Identity:
    """What these contacts are called and reached by. `phones` (E.164), `names` and `words` are added to that."""
    people = Contact.objects.filter(pk__in=contacts)
    threads = Conversation.objects.filter(contact__in=contacts)
    return Identity(
        names=frozenset(name for name in (*(person.name for person in people), *names) if name),
        phones=frozenset({person.phone for person in people if person.phone} | set(phones)),
        emails=frozenset(person.email for person in people if person.email),
        addresses=frozenset(person.address for person in people if person.address),
        others=frozenset(to for to in (thread.to for thread in threads) if to and not to.startswith(ERASED_START)),
        words=frozenset(word for word in words if word.strip()),
    )


@transaction.atomic
def erase_person(contacts: Collection[int], identity: Identity, *, proved: Collection[str] = ()) -> Mapping[str, int]:
    """Erase contacts with their threads, receipts, call-backs and drafts; `proved` are the numbers whose call-backs are
    theirs whoever asked for them. Returns how many rows of each table. Reads every receipt and draft."""
    threads = list(Conversation.objects.filter(contact__in=contacts).values_list("pk", flat=True))
    messages = Message.objects.filter(conversation__in=threads)
    counts = {
        "conversations.receipt": _receipts(messages, identity),
        "conversations.wording": Wording.objects.filter(message__in=messages).delete()[0],
        "conversations.enclosure": _enclosures(messages),
        "conversations.outgoing": _outgoing(threads, messages, identity),
        "conversations.callback": _callbacks(contacts, proved),
        "conversations.draft": _drafts(identity),
    }
    counts["conversations.message"] = messages.update(
        text=ERASED, quoted="", subject_line="", latitude=None, longitude=None, refers=[], external_id=""
    )
    return counts | _people(contacts, threads)


@transaction.atomic
def forget_people(contacts: Collection[int], identity: Identity) -> Mapping[str, int]:
    """Forget who these contacts are, and strike them out of their threads; what was said stays. Returns how many rows
    of each table."""
    threads = list(Conversation.objects.filter(contact__in=contacts).values_list("pk", flat=True))
    messages = Message.objects.filter(conversation__in=threads)
    sent = Outgoing.objects.filter(Q(conversation__in=threads) | Q(message__in=messages))
    counts = {
        "conversations.message": strike(messages, ["text", "quoted", "subject_line"], identity),
        "conversations.outgoing": strike(sent, ["text"], identity),
        "conversations.callback": _callbacks(contacts, ()),
    }
    sent.update(**NOWHERE, values=None, values_plain=None)
    receipts = messages.filter(receipt__isnull=False).values_list("receipt", flat=True)
    counts["conversations.receipt"] = blank_receipts(list(receipts), identity)
    return counts | _people(contacts, threads)


def _people(contacts: Collection[int], threads: Collection[int]) -> dict[str, int]:
    """The contacts without names, their threads without addresses; whoever writes again begins anew."""
    return {
        "conversations.conversation": Conversation.objects.filter(pk__in=threads).update(
            **NOWHERE, sender_index=None, thread="", unread=False, loose=False
        ),
        "conversations.contact": Contact.objects.filter(pk__in=contacts).update(**Contact.nobody()),
        "conversations.contactnote": ContactNote.objects.filter(contact__in=contacts).delete()[0],
    }


def _receipts(messages: QuerySet[Message], identity: Identity) -> int:
    """What came in raw: of these messages, and what became no message (a call, a delivery report) but names them."""
    own = list(messages.filter(receipt__isnull=False).values_list("receipt", flat=True))
    return blank_receipts([*own, *raw.naming(Receipt.objects.filter(message=None), identity)], identity)


def blank_receipts(ids: Collection[int], identity: Identity = NOBODY) -> int:
    """Forget what came in raw; that it came, when and under which id stays. How many."""
    rows = list(Receipt.objects.filter(pk__in=ids).only("external_id", "blob"))
    for row in rows:
        if row.blob:
            transaction.on_commit(partial(default_storage.delete, row.blob))
    blank = Receipt.objects.filter(pk__in=[row.pk for row in rows])
    blank.update(raw=None, raw_plain=None, blob="", blob_key=None, trouble="", state=Receipt.State.READ)
    theirs = [row for row in rows if identity.blot(row.external_id) != row.external_id]
    for row in theirs:
        row.external_id = f"{ERASED_START}{row.pk}"
    Receipt.objects.bulk_update(theirs, ["external_id"], batch_size=SLICE)
    return len(rows)


def _drafts(identity: Identity) -> int:
    """Reports that they began; a report's draft has the address of its thread as its token."""
    naming = mentioning(Draft.objects.all(), "data", identity).values_list("pk", flat=True)
    return Draft.objects.filter(Q(pk__in=list(naming)) | Q(token__in=identity.others)).delete()[0]


def _enclosures(messages: QuerySet[Message]) -> int:
    rows = Enclosure.objects.filter(message__in=messages)
    pictures = [pk for pk in rows.values_list("attachment", flat=True) if pk]
    count = rows.delete()[0]
    files.remove_unused(pictures)
    return count


def _outgoing(threads: Collection[int], messages: QuerySet[Message], identity: Identity) -> int:
    """What we sent, and what still waits to be sent: that is not sent any more."""
    straight = blind.within(Outgoing, "address", [*identity.phones, *identity.emails])
    straight &= Q(conversation=None, message=None)
    rows = Outgoing.objects.filter(Q(conversation__in=threads) | Q(message__in=messages) | straight)
    for sent in rows.exclude(files=[]).values_list("files", flat=True):
        for file in sent:
            transaction.on_commit(partial(default_storage.delete, file["path"]))
    rows.filter(state=Outgoing.State.QUEUED).update(state=Outgoing.State.EXPIRED)
    rows.filter(state__in=[Outgoing.State.FAILED, Outgoing.State.EXPIRED], dropped=None).update(dropped=now())
    blank = dict.fromkeys(("title", "secret", "external_id", "trouble"), "")
    ids = list(rows.values_list("pk", flat=True))  # they are found by their address no more
    return Outgoing.objects.filter(pk__in=ids).update(
        text=None, text_plain=ERASED, values=None, values_plain=None, files=[], **NOWHERE, **blank
    )


def _callbacks(contacts: Collection[int], phones: Collection[str]) -> int:
    rows = Callback.objects.filter(Q(contact__in=contacts) | blind.within(Callback, "phone", phones))
    ids = list(rows.values_list("pk", flat=True))
    rows.filter(state__in=[Callback.State.OPEN, Callback.State.CLAIMED]).update(
        state=Callback.State.GIVEN_UP, ended=now()
    )
    return Callback.objects.filter(pk__in=ids).update(
        **dict.fromkeys(("phone", "phone_plain", "phone_index", "phone_end")), text="", outcome="", contact=None
    )
