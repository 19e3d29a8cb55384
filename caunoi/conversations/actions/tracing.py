"""Edits, removals and reports about an earlier message, theirs or ours."""

from dataclasses import replace

from caunoi.channels.base import Does
from caunoi.conversations.actions.hearing import CITIZEN, ReceivedMessage, by_external_id, conversations, external, hear
from caunoi.conversations.actions.outgoing import bounce
from caunoi.conversations.models import Conversation, Message, Outgoing, Wording
from caunoi.events.actions import record
from caunoi.vault import blind

AFTER = {
    Does.DELIVERED: (Outgoing.State.SENT,),
    Does.READ: (Outgoing.State.SENT, Outgoing.State.DELIVERED),
}
STATE = {Does.DELIVERED: Outgoing.State.DELIVERED, Does.READ: Outgoing.State.READ}


def trace(one: ReceivedMessage) -> None:
    """Change the message it refers to."""
    match one.inbound.does:
        case Does.EDIT:
            _edit(one)
        case Does.REMOVE:
            _remove(one)
        case Does.INTRODUCE:
            conversations([one])
        case Does.DELIVERED | Does.READ | Does.BOUNCED:
            _sent(one)
        case Does.FORGET:
            _forget(one)


def _edit(one: ReceivedMessage) -> None:
    """The message has a new text; the old one is stored. An edit that arrives before its message is that message."""
    row = by_external_id(one.receipt.inbox_id, [one.inbound.refers]).get(external(one.inbound.refers))
    if row is None:
        original = replace(one.inbound, does=Does.SAY, external_id=one.inbound.refers, refers="")
        for row in hear([ReceivedMessage(receipt=one.receipt, inbound=original)]):
            Message.objects.filter(pk=row.pk).update(edited=one.at)
        return
    text = one.inbound.text.strip()
    if row.text == text:
        return
    Wording.objects.create(message=row, text=row.text, until=one.at)
    row.text, row.edited = text, one.at
    row.save(update_fields=["text", "edited"])
    record("message.edit", row, by=CITIZEN)


def _remove(one: ReceivedMessage) -> None:
    """They removed it: the staff can still read it, marked as removed."""
    row = by_external_id(one.receipt.inbox_id, [one.inbound.refers]).get(external(one.inbound.refers))
    if row is not None and row.removed is None:
        row.removed = one.at
        row.save(update_fields=["removed"])
        record("message.remove", row, by=CITIZEN)


def _forget(one: ReceivedMessage) -> None:
    """They ask, through the provider, to be erased. Of somebody who is not known here, a provider that promised them an
    answer (`code`) gets one from a person."""
    code = str(one.inbound.extra.get("code") or "")
    data = {"code": code} if code else {}
    thread = _thread(one)
    if thread is not None:
        record("contact.ask_erase", thread.contact, by=CITIZEN, at=one.at, **data)
    elif code:
        record("receipt.ask_erase", one.receipt, by=CITIZEN, at=one.at, **data)


def _thread(one: ReceivedMessage) -> Conversation | None:
    rows = Conversation.objects.filter(blind.equal(Conversation, "address", one.address), inbox=one.receipt.inbox_id)
    return rows.select_related("contact").first()


def _sent(one: ReceivedMessage) -> None:
    """The fate of something we sent; without `refers`, of everything sent to them until then."""
    rows = Outgoing.objects.filter(inbox_id=one.receipt.inbox_id).select_related("inbox", "conversation__contact")
    if one.inbound.refers:
        rows = rows.filter(external_id=one.inbound.refers)
    elif thread := _thread(one):
        rows = rows.filter(conversation=thread, sent__lte=one.at)
    else:
        return
    does = one.inbound.does
    if does is Does.BOUNCED:
        for row in rows if one.inbound.refers else []:
            bounce(row, one.inbound.text.strip() or "returned by the provider")
        return
    for row in rows.filter(state__in=AFTER[does]):
        row.state = STATE[does]
        row.save(update_fields=["state"])
        record(f"outgoing.{row.state}", row, by=CITIZEN, at=one.at)
