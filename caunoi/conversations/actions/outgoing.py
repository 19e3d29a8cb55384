"""What we say to people by their own channel: stored first, sent once (dispatching.py), never silently lost."""

from collections.abc import Mapping
from datetime import timedelta

from django.db import transaction
from django.utils.timezone import now

from caunoi.accounts.letters import reveal
from caunoi.channels.base import Outbound, Reach, Window
from caunoi.channels.registry import channel, reach
from caunoi.conversations import queries
from caunoi.conversations.actions.callbacks import ask_callback
from caunoi.conversations.actions.posting import enclosed
from caunoi.conversations.models import Contact, Conversation, Message, Outgoing
from caunoi.events.actions import record
from caunoi.events.actor import SYSTEM, Actor
from caunoi.lib.privacy.secret_links import hide_citizens


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
    """Send a message in a thread: a message row, and a row in the queue, sent after `wait` seconds. None when the
    channel cannot send (web, counter, not set up) or `once` was used before."""
    box = conversation.inbox
    if not queries.sends(box):
        return None
    row, made = Outgoing.objects.get_or_create(
        once=once,
        defaults={
            "inbox": box,
            "conversation": conversation,
            "address": conversation.to,
            "text": text,
            "title": title,
            "template": template,
            "values": dict(values or {}),
            "due": now() + timedelta(seconds=wait),
        },
    )
    if not made:
        return None
    row.message = Message.objects.create(
        conversation=conversation,
        inbound=False,
        text=hide_citizens(text),
        by=by.name,
        by_user=by.user_id,
        at=row.at,
        subject_line=title,
    )
    row.save(update_fields=["message"])
    return row


def outbound(row: Outgoing, last_message: Message | None, since: int) -> Outbound:
    """A row as adapters take it. `last_message` is the last thing they said, `since` how many we sent after it."""
    conversation = row.conversation
    thread = (
        conversation and last_message and (last_message.refers or last_message.subject_line)
    )  # only mails name what came before
    return Outbound(
        id=row.once,
        to=row.address,
        text=row.text,
        subject=row.title or (last_message.subject_line if last_message else ""),
        thread=conversation.thread if conversation else "",
        last_received=last_message.at if last_message else None,
        answers=last_message.external_id if last_message else "",
        mentions=queries.mentions(conversation) if conversation and thread else (),
        since=since,
        template=row.template,
        values=row.values,
        files=enclosed(row),
        phone=conversation.contact.phone if conversation else row.address,
        automatic=row.message is None or row.message.by == SYSTEM.name,
    )


def whole(row: Outgoing) -> str | None:
    """The text with its secret, if any; None when that secret has expired."""
    text: str = row.text
    if not row.secret:
        return text
    values = reveal(row.secret)
    if values is None:
        return None
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def end(row: Outgoing, state: str, trouble: str) -> None:
    row.state, row.claimed, row.handed, row.trouble = state, None, None, trouble[:300]
    row.save(update_fields=["state", "claimed", "handed", "trouble"])


@transaction.atomic
def other_way(row: Outgoing, state: str, trouble: str) -> None:
    """The channel refused it: an SMS where there is a number and an inbox for it, else a mail, else somebody calls;
    with neither it stays in the list of what was not delivered."""
    if row.secret:  # an administrator sees the staff's beside the person; a citizen asks for another code
        end(row, state, trouble)
        return
    contact = row.contact
    if also := _also(row):
        row.instead = also
        row.save(update_fields=["instead"])
    elif way := _way_left(row, contact):
        row.instead, _ = Outgoing.objects.get_or_create(
            once=f"{row.once}/{way.inbox.name}"[:200],
            defaults={
                "inbox": way.inbox,
                "conversation": None,
                "message": row.message,
                "address": way.address,
                "text": row.text,
                "title": row.title,
                "template": row.template,
                "values": row.values,
            },
        )
        row.save(update_fields=["instead"])
    elif phone := contact.phone if contact else row.address if reach(row.inbox.channel) is Reach.SMS else "":
        ask_callback(
            phone=phone, reason="not_delivered", by=SYSTEM, contact=contact, about=row, text=hide_citizens(row.text)
        )
    end(row, state, trouble)


def _also(row: Outgoing) -> Outgoing | None:
    """The same notice sent by the other of SMS and mail, waiting or delivered."""
    start, slash, _ = row.once.rpartition("/")
    if row.conversation_id or not slash:
        return None
    others = Outgoing.objects.filter(once__startswith=f"{start}/").exclude(pk=row.pk)
    return others.exclude(state__in=queries.DEAD).order_by("id").first()


def _way_left(row: Outgoing, contact: Contact | None) -> queries.Way | None:
    """The fallback when this way fails: SMS, then mail; each once."""
    if contact is None or row.conversation_id is None:
        return None
    texts = queries.fallback(row.inbox)
    if texts and queries.takes_sms(contact.phone):
        return queries.Way(inbox=texts, address=contact.phone)
    mails = queries.mailer() if reach(row.inbox.channel) is not Reach.MAIL else None
    return queries.Way(inbox=mails, address=contact.email) if mails and contact.email else None


def bounce(row: Outgoing, trouble: str) -> None:
    """The provider accepted it and reports later that it did not arrive."""
    if row.state in (Outgoing.State.SENT, Outgoing.State.QUEUED):
        other_way(row, Outgoing.State.FAILED, trouble)


@transaction.atomic
def send_again(row: Outgoing, *, by: Actor) -> bool:
    """An operator sends again what was not delivered; False when it is no longer so."""
    dead = Outgoing.objects.filter(pk=row.pk, state__in=[Outgoing.State.FAILED, Outgoing.State.EXPIRED])
    if not dead.update(
        state=Outgoing.State.QUEUED, due=now(), at=now(), attempts=0, claimed=None, handed=None, trouble=""
    ):
        return False
    record("outgoing.again", row, by=by)
    return True


@transaction.atomic
def drop(row: Outgoing, *, by: Actor) -> bool:
    """It need not arrive any more; False when it is no longer undelivered."""
    if not queries.undelivered(SYSTEM).filter(pk=row.pk).exists():
        return False
    Outgoing.objects.filter(pk=row.pk).update(dropped=now())
    record("outgoing.drop", row, by=by)
    return True


@transaction.atomic
def call_instead(row: Outgoing, phone: str, *, by: Actor) -> bool:
    """Somebody calls and says it; False when it is no longer undelivered."""
    if not drop(row, by=by):
        return False
    contact = row.contact
    ask_callback(phone=phone, reason="not_delivered", by=by, contact=contact, about=row, text=hide_citizens(row.text))
    return True


def outlook(conversation: Conversation) -> Window:
    """Whether and how the provider would let us write in this thread now."""
    box = conversation.inbox
    adapter = channel(box.channel)
    if adapter is None or not queries.sends(box):
        return Window.CLOSED
    last_messages = queries.last_heard([conversation.pk])
    since = queries.sent_since(last_messages)[conversation.pk]
    row = Outgoing(once="outlook", inbox=box, conversation=conversation, address=conversation.to, text="")
    unsent = outbound(row, last_messages.get(conversation.pk), since)
    return adapter.window(unsent, queries.account(box, queries.NO_NETWORK), now())
