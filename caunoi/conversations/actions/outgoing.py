"""What we say to people by their own channel: written down first, sent once, tried again, never silently lost.

A row is claimed before it is handed to the provider. A worker that dies between the two leaves it claimed; unless the
channel drops second sendings itself it is then not sent again but listed for a person to decide, so that no citizen is
told twice.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import httpx
from django.db import transaction
from django.utils.timezone import now

from caunoi.channels.base import NotSent, Outbound, Unsure, Window, WindowClosed
from caunoi.channels.registry import channel
from caunoi.conversations import queries
from caunoi.conversations.actions.callbacks import ask_callback
from caunoi.conversations.actions.inboxes import hand_over, in_trouble, well
from caunoi.conversations.actions.patience import patience, pause
from caunoi.conversations.models import Conversation, Inbox, Message, Outgoing
from caunoi.events.actions import record
from caunoi.events.actor import SYSTEM, Actor

log = logging.getLogger(__name__)

BATCH = 20
LEASE = timedelta(minutes=2)
LIFE = timedelta(days=3)  # older news is worse than none: another way is taken
WHOLE_INBOX = ("network", "limit", "token", "setup")  # NotSent.code: the next message would fare no better
INTERRUPTED = "interrupted while being sent: it may have arrived"
MAYBE = "no answer: it may have arrived"


@transaction.atomic
def say(
    conversation: Conversation,
    text: str,
    *,
    by: Actor,
    once: str,
    title: str = "",
    template: str = "",
    values: Mapping[str, str] | None = None,
    wait: float = 0.0,
) -> Outgoing | None:
    """Say something in a thread: a message in it, and a row in the queue, to be sent after `wait` seconds. None when the
    channel cannot send (web, counter, not set up) or `once` was said before."""
    box = conversation.inbox
    if not queries.sends(box):
        return None
    row, made = Outgoing.objects.get_or_create(
        once=once,
        defaults={
            "inbox": box, "conversation": conversation, "address": conversation.to, "text": text, "title": title,
            "template": template, "values": dict(values or {}), "due": now() + timedelta(seconds=wait),
        },
    )  # fmt: skip
    if not made:
        return None
    row.message = Message.objects.create(
        conversation=conversation, inbound=False, text=text, by=by.name, at=row.at, subject_line=title
    )
    row.save(update_fields=["message"])
    return row


def _claim(limit: int) -> Sequence[Outgoing]:
    with transaction.atomic():
        free = Outgoing.objects.filter(state=Outgoing.State.QUEUED, due__lte=now(), claimed=None, inbox__active=True)
        batch = list(free.order_by("due", "id").select_for_update(skip_locked=True, of=("self",))[:limit])
        Outgoing.objects.filter(pk__in=[row.pk for row in batch]).update(claimed=now())
    chosen = Outgoing.objects.filter(pk__in=[row.pk for row in batch])
    return list(chosen.select_related("inbox", "message", "conversation__contact").order_by("due", "id"))


def recover() -> int:
    """What a worker that died was handing over: tried again where that does no harm, else listed; how many."""
    left = Outgoing.objects.filter(state=Outgoing.State.QUEUED, claimed__lt=now() - LEASE).select_related("inbox")
    for row in left:
        adapter = channel(row.inbox.channel)
        mine = Outgoing.objects.filter(pk=row.pk, state=Outgoing.State.QUEUED, claimed=row.claimed)
        if adapter and adapter.repeatable(queries.account(row.inbox, queries.NO_NETWORK)):
            mine.update(claimed=None)
        else:
            mine.update(claimed=None, state=Outgoing.State.FAILED, trouble=INTERRUPTED)
    return len(left)


def dispatch(http: httpx.Client, *, limit: int = BATCH) -> int:
    """Send what is due; how many rows were looked at. A provider that does not answer is asked once a batch."""
    away: dict[int, tuple[float, str]] = {}
    boxes: dict[int, Inbox] = {}
    batch = _claim(limit)
    for row in batch:
        row.inbox = boxes.setdefault(row.inbox_id, row.inbox)
        if row.inbox_id in away:
            wait, reason = away[row.inbox_id]
            _later(row, wait, reason, counted=False)
            continue
        if not _turn(row):
            continue
        try:
            _deliver(row, http)
        except NotSent as error:
            unsure = isinstance(error, Unsure) and not _repeatable(row)
            wait = error.wait if error.wait is not None else pause(row.attempts)
            if error.code in WHOLE_INBOX:
                if error.code != "limit":
                    in_trouble(row.inbox, str(error))
                wait = error.wait if error.wait is not None else max(pause(0), patience(row.inbox))
                away[row.inbox_id] = (wait, str(error))
            if unsure:
                _end(row, Outgoing.State.FAILED, f"{MAYBE} ({error})")
            else:
                _later(row, wait, str(error))
        except Exception as error:
            log.exception("outgoing %s failed", row.pk)
            _end(row, Outgoing.State.FAILED, f"{type(error).__name__}: {error}")
    return len(batch)


def _turn(row: Outgoing) -> bool:
    """The claim renewed when its turn comes; False when it was taken for a dead worker's meanwhile."""
    claimed = now()
    mine = Outgoing.objects.filter(pk=row.pk, state=Outgoing.State.QUEUED, claimed=row.claimed)
    taken = bool(mine.update(claimed=claimed))
    row.claimed = claimed
    return taken


def _repeatable(row: Outgoing) -> bool:
    adapter = channel(row.inbox.channel)
    return adapter is not None and adapter.repeatable(queries.account(row.inbox, queries.NO_NETWORK))


def _outbound(row: Outgoing) -> Outbound:
    conversation = row.conversation
    heard = queries.last_heard(conversation) if conversation else None
    return Outbound(
        id=row.once,
        to=row.address,
        text=row.text,
        subject=row.title or (heard.subject_line if heard else ""),
        thread=conversation.thread if conversation else "",
        heard=heard.at if heard else None,
        answers=heard.external_id if heard else "",
        mentions=queries.mentions(conversation)
        if conversation and heard and (heard.refers or heard.subject_line)
        else (),
        since=queries.said_since(conversation, heard) if conversation and heard else 0,
        template=row.template,
        values=row.values,
        phone=conversation.contact.phone if conversation else row.address,
        automatic=row.message is None or row.message.by == SYSTEM.name,
    )


def _deliver(row: Outgoing, http: httpx.Client) -> None:
    """Hand one row over and write down what became of it. NotSent when it is to be tried again."""
    adapter = channel(row.inbox.channel)
    if adapter is None:
        _end(row, Outgoing.State.FAILED, f"no channel {row.inbox.channel}")
        return
    if now() - row.at > LIFE:
        _other_way(row, Outgoing.State.EXPIRED, row.trouble or "too old")
        return
    outbound = _outbound(row)
    window = adapter.window(outbound, queries.account(row.inbox, http), now())
    if window is Window.CLOSED:
        _other_way(row, Outgoing.State.EXPIRED, "the provider's window is closed")
        return
    try:
        try:
            sent = hand_over(adapter, replace(outbound, window=window), row.inbox, http)
        except WindowClosed:
            template = adapter.window(replace(outbound, heard=None), queries.account(row.inbox, http), now())
            if window is Window.TEMPLATE or template is not Window.TEMPLATE:
                raise
            window = template
            sent = hand_over(adapter, replace(outbound, window=window), row.inbox, http)
    except WindowClosed as error:
        _other_way(row, Outgoing.State.EXPIRED, str(error))
        return
    except NotSent as error:
        if error.retry or isinstance(error, Unsure):
            raise
        _other_way(row, Outgoing.State.FAILED, str(error))
        return
    row.state, row.window, row.external_id, row.sent = Outgoing.State.SENT, window, sent.external_id, now()
    row.attempts, row.claimed, row.trouble = row.attempts + 1, None, ""
    row.save(update_fields=["state", "window", "external_id", "sent", "attempts", "claimed", "trouble"])
    if row.inbox.trouble:  # it is back: so is everything that waits for it
        waiting = Outgoing.objects.filter(inbox=row.inbox, state=Outgoing.State.QUEUED, claimed=None, due__gt=now())
        waiting.update(due=now())
    well(row.inbox)


def _later(row: Outgoing, wait: float, trouble: str, *, counted: bool = True) -> None:
    row.due, row.claimed, row.trouble = now() + timedelta(seconds=wait), None, trouble[:300]
    row.attempts += counted
    row.save(update_fields=["due", "claimed", "trouble", "attempts"])


def _end(row: Outgoing, state: str, trouble: str) -> None:
    row.state, row.claimed, row.trouble = state, None, trouble[:300]
    row.save(update_fields=["state", "claimed", "trouble"])


@transaction.atomic
def _other_way(row: Outgoing, state: str, trouble: str) -> None:
    """The channel does not take it: an SMS where there is a number and an inbox for it, else somebody calls; with no
    number it stays in the list of what was not delivered."""
    contact = row.conversation.contact if row.conversation else None
    box = queries.fallback(row.inbox)
    if contact and contact.phone and box:
        row.instead, _ = Outgoing.objects.get_or_create(
            once=f"{row.once}/{box.name}"[:200],
            defaults={
                "inbox": box, "conversation": None, "message": row.message, "address": contact.phone,
                "text": row.text, "template": row.template, "values": row.values,
            },
        )  # fmt: skip
        row.save(update_fields=["instead"])
    elif phone := contact.phone if contact else row.address if row.inbox.channel == "sms" else "":
        ask_callback(phone=phone, reason="not_delivered", by=SYSTEM, contact=contact, about=row, text=row.text)
    _end(row, state, trouble)


def bounce(row: Outgoing, trouble: str) -> None:
    """The provider took it and says later that it did not arrive."""
    if row.state in (Outgoing.State.SENT, Outgoing.State.QUEUED):
        _other_way(row, Outgoing.State.FAILED, trouble)


@transaction.atomic
def send_again(row: Outgoing, *, by: Actor) -> bool:
    """An operator sends again what was not delivered; False when it is no longer so."""
    dead = Outgoing.objects.filter(pk=row.pk, state__in=[Outgoing.State.FAILED, Outgoing.State.EXPIRED])
    if not dead.update(state=Outgoing.State.QUEUED, due=now(), at=now(), attempts=0, claimed=None, trouble=""):
        return False
    record("outgoing.again", row, by=by)
    return True


@transaction.atomic
def drop(row: Outgoing, *, by: Actor) -> bool:
    """It need not arrive any more; False when it is no longer undelivered."""
    if not queries.undelivered().filter(pk=row.pk).exists():
        return False
    Outgoing.objects.filter(pk=row.pk).update(dropped=now())
    record("outgoing.drop", row, by=by)
    return True


@transaction.atomic
def call_instead(row: Outgoing, phone: str, *, by: Actor) -> bool:
    """Somebody calls and says it; False when it is no longer undelivered."""
    if not drop(row, by=by):
        return False
    contact = row.conversation.contact if row.conversation else None
    ask_callback(phone=phone, reason="not_delivered", by=by, contact=contact, about=row, text=row.text)
    return True


def outlook(conversation: Conversation) -> Window:
    """How the provider would let us write in this thread now."""
    box = conversation.inbox
    adapter = channel(box.channel)
    if adapter is None or not queries.sends(box):
        return Window.CLOSED
    row = Outgoing(once="outlook", inbox=box, conversation=conversation, address=conversation.to, text="")
    return adapter.window(_outbound(row), queries.account(box, queries.NO_NETWORK), now())
