"""Threads that belong to no ticket, or not yet."""

from collections.abc import Iterable

from django.db import transaction
from django.utils.timezone import localdate

from caunoi.conversations.actions.saying import Saying, say_all, unsay
from caunoi.conversations.models import Conversation
from caunoi.directory.queries import text
from caunoi.events.actions import record
from caunoi.events.actor import CENTRE, SYSTEM, Actor, NotAllowedError

ASK = "ask_what"  # the text, and what such an Outgoing.once begins with
ASK_WAIT = 3.0  # seconds: who greets says in the next breath what it is about
ASKING = (
    "Tổng đài 1022 xin chào anh/chị. Anh/chị cho biết việc gì, ở đâu để chúng tôi ghi nhận và chuyển đúng đơn vị ạ? "
    "Anh/chị có thể gửi kèm ảnh hoặc vị trí."
)


def hold(conversations: Iterable[int], *, loose: bool = True) -> None:
    """The last messages in these threads belong to no ticket: they appear in the desk's list (or no longer do)."""
    Conversation.objects.filter(pk__in=list(conversations)).exclude(loose=loose).update(loose=loose)


def ask_what(conversations: Iterable[Conversation]) -> None:
    """Ask somebody who only greeted, politely and once a day, what it is about; never in public threads."""
    row = text(ASK)
    words = row.body if row else ASKING
    sayings = [
        Saying(conversation=c, text=words, once=f"{ASK}:{c.pk}:{localdate():%Y%m%d}", wait=ASK_WAIT)
        for c in conversations
        if not c.public
    ]
    say_all(sayings, by=SYSTEM)


def unask(conversations: Iterable[int]) -> None:
    """Withdraw that question, because they wrote what it is about before it went out."""
    unsay(f"{ASK}:", conversations)


def look(conversation: Conversation) -> None:
    """Somebody on the staff has read it."""
    Conversation.objects.filter(pk=conversation.pk, unread=True).update(unread=False)


@transaction.atomic
def dismiss(conversation: Conversation, *, by: Actor) -> bool:
    """It needs no ticket; False when it is no longer in the list."""
    if not by.has(*CENTRE):
        raise NotAllowedError("centre_only")
    if not Conversation.objects.filter(pk=conversation.pk, loose=True).update(loose=False, unread=False):
        return False
    record("conversation.dismiss", conversation, by=by)
    return True


@transaction.atomic
def restore(conversation: Conversation, *, by: Actor) -> bool:
    """Undo `dismiss`: the conversation is open again; False when it is already."""
    if not by.has(*CENTRE):
        raise NotAllowedError("centre_only")
    if not Conversation.objects.filter(pk=conversation.pk, loose=False).update(loose=True):
        return False
    record("conversation.restore", conversation, by=by)
    return True
