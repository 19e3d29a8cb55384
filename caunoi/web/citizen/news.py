"""How the reporter is notified, as the citizens' pages say it: only what is really sent."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from caunoi.conversations.queries import Way, senders, ways
from caunoi.conversations.queries.channels import channel_name
from caunoi.tickets.models import Ticket


@dataclass(frozen=True, kw_only=True)
class Promise:
    """What the form may promise for a number and an address."""

    phone: str
    email: str


def promise() -> Promise:
    """What is done with a phone number and an e-mail address, for who has not given them yet."""
    able = senders()
    return Promise(
        phone=_(
            "We send you a text message when there is news, and you look up your ticket with it. Never shown to the "
            "public."
        )
        if able.sms
        else _("To look up your ticket, and so that we can call you back. Never shown to the public."),
        email=_("We write to you when there is news. Never shown to the public.")
        if able.mail
        else _("We cannot send e-mails at present; your report's page shows its progress."),
    )


def how_notified(ticket: Ticket) -> str:
    """How its reporter is notified, as part of a sentence; empty when they are not."""
    return how_reached(ways(ticket.conversation, senders()))


def how_reached(options: Iterable[Way]) -> str:
    """These ways as part of a sentence, so that only who knows them knows them again."""
    parts = []
    for way in options:
        name = channel_name(way.inbox.channel)
        if way.thread:
            parts.append(_("in your chat with us (%(channel)s)") % {"channel": name})
        elif way.sms:
            parts.append(_("by SMS to the number that ends in %(end)s") % {"end": way.address[-3:]})
        else:
            parts.append(_("by e-mail to %(address)s") % {"address": _covered(way.address)})
    return _(" and ").join(parts)


def _covered(address: str) -> str:
    """An address that its owner knows again and nobody else can use."""
    name, _at, host = address.partition("@")
    return f"{name[:2]}…@{host}"
