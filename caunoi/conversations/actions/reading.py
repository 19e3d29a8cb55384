"""Waiting receipts are understood: who wrote, in which thread, and what it changes. In order of arrival, by one reader
at a time, a batch per transaction, so that a receipt is read once whatever dies in the middle.

What cannot be understood stays as `unreadable`, with the reason, and holds up nobody else.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from caunoi.channels import registry
from caunoi.channels.base import Does, Inbound, UnreadableError
from caunoi.channels.registry import channel
from caunoi.conversations import queries
from caunoi.conversations.actions.hearing import ReceivedMessage, hear
from caunoi.conversations.actions.receipts import mark
from caunoi.conversations.actions.tracing import trace
from caunoi.conversations.meaning import Meaning, meaning
from caunoi.conversations.models import Inbox, Message, Receipt
from caunoi.conversations.queries.raw import content
from caunoi.events import outbox
from caunoi.events.actions import record
from caunoi.events.actor import Actor, administrators_only
from caunoi.jobs import away, turns
from caunoi.jobs.attempts import attempts
from caunoi.lib import locks

log = logging.getLogger(__name__)

BATCH = 100
PATIENCE = 60.0  # seconds in which one mail is taken apart, in a program of its own

type Read = tuple[Receipt, Sequence[Inbound]]


@dataclass(frozen=True)
class Poison:
    """A receipt that nobody can read, and why."""

    receipt: Receipt
    why: str


def read(limit: int = BATCH) -> int:
    """Read a batch of waiting receipts; how many it held. 0 also while another process reads."""
    with transaction.atomic():
        if not turns.alone(locks.READS, patience=PATIENCE):
            return 0
        ours = [key for key, one in registry.channels().items() if one.reads]  # calls are read by their own stage
        waiting = Receipt.objects.filter(state=Receipt.State.WAITING, inbox__channel__in=ours).select_related("inbox")
        batch = list(waiting.order_by("id").select_for_update(of=("self",))[:limit])
        if batch:
            _read(batch)
            transaction.on_commit(outbox.wake)
    return len(batch)


def _read(batch: Sequence[Receipt]) -> None:
    opened = [understood(receipt) for receipt in batch]
    bad = {one.receipt.pk: one.why for one in opened if isinstance(one, Poison)}

    def fail(one: Read, error: Exception) -> None:
        if away.passing(error):
            raise error
        log.error("receipt %s could not be applied", one[0].pk, exc_info=error)
        bad[one[0].pk] = f"{type(error).__name__}: {error}"

    for attempt in attempts([one for one in opened if not isinstance(one, Poison)], fail):
        with attempt as good, transaction.atomic():
            _apply(good)
    mark([receipt for receipt in batch if receipt.pk not in bad], Receipt.State.READ)
    for receipt in batch:
        if receipt.pk in bad:
            mark([receipt], Receipt.State.UNREADABLE, bad[receipt.pk])


def understood(receipt: Receipt) -> Read | Poison:
    """A receipt in our words."""
    box = receipt.inbox
    adapter = channel(box.channel)
    if adapter is None:
        return Poison(receipt, f"there is no channel {box.channel}")
    try:
        blob = content(receipt)
        return receipt, list(adapter.read(receipt.raw, queries.account(box, queries.NO_NETWORK), blob))
    except UnreadableError as error:
        return Poison(receipt, str(error))
    except Exception as error:
        log.exception("receipt %s cannot be read", receipt.pk)
        return Poison(receipt, f"{type(error).__name__}: {error}")


def _apply(good: Sequence[Read]) -> None:
    """Everything of a batch, in order: first the new messages, which are the most, then what changes others."""
    messages: list[ReceivedMessage] = []
    rest: list[ReceivedMessage] = []
    for receipt, inbounds in good:
        for inbound in inbounds:
            (messages if inbound.does is Does.SAY else rest).append(ReceivedMessage(receipt=receipt, inbound=inbound))
    if messages:
        _confide(hear(messages))
    for one in rest:
        trace(one)


def _confide(messages: Sequence[Message]) -> None:
    """What its words keep from the staff is never seen by them: where it belongs is decided before it can be read, and
    with it what came just before it in the same thread. Where that fails the worker does it a moment later."""
    sounds = import_string(settings.CONFIDENCE)
    words = [row for row in messages if meaning(row.text, public=row.conversation.public) is not Meaning.WISH]
    threads = {row.conversation_id for row in words if sounds(f"{row.subject_line}\n{row.text}") is not None}
    if ids := [row.pk for row in words if row.conversation_id in threads]:
        try:
            with transaction.atomic():
                import_string(settings.CONFIDE)(ids)
        except Exception as error:
            log.error("a message could not be given into confidence at once", exc_info=error)


def read_again(box: Inbox, *, by: Actor) -> int:
    """Queue unreadable receipts again after an administrator mended something; how many."""
    administrators_only(by)
    with transaction.atomic():
        unread = Receipt.objects.filter(inbox=box, state=Receipt.State.UNREADABLE)
        count = unread.update(state=Receipt.State.WAITING, trouble="")
        if count:
            record("inbox.read_again", box, by=by, inbox=box.name, count=count)
    return count
