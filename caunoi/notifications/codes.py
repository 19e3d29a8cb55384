"""One-time codes and links to a citizen who has lost the link: by the way they used, and by no other. The code or link
is put in only when it is handed over, so that no page shows it."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import override

from caunoi.channels.base import Window
from caunoi.conversations import actions as conversations
from caunoi.conversations.queries import Senders, Way, senders, straight_ways, ways
from caunoi.directory.queries import option
from caunoi.events.actions import record
from caunoi.events.actor import NOBODY
from caunoi.tickets.models import OneTimeCode, Ticket
from caunoi.tickets.proofs import CALL, LINK, PROOF

FREE = (Window.FREE, Window.PAID)


def private_ways(ticket: Ticket, able: Senders | None = None) -> Sequence[Way]:
    """How a secret can be sent to a ticket's citizen: in the thread they wrote in, where nobody else reads along and
    the provider takes a free text now; else by SMS and mail to what they gave. Empty when nothing is set up."""
    able, thread = able or senders(), ticket.conversation
    options = ways(thread, able)
    if options and options[0].thread and (thread.public or conversations.outlook(thread) not in FREE):
        options = straight_ways(thread.contact, able)
    return options[:1]  # one is enough, and fewer eyes


@transaction.atomic
def answer(pk: int, what: str) -> bool:
    """Send what was asked for with a row of proofs.ask; False where nothing is to be sent, or nobody can be."""
    row = OneTimeCode.objects.select_related("ticket__conversation__inbox", "ticket__contact").filter(pk=pk).first()
    if row is None or row.ticket is None:
        return False
    if what == CALL:
        return _call(row.ticket, row.at)
    return _send(row.ticket, what, f"{what}:{row.pk}", row.pk)


def send_link(ticket: Ticket) -> bool:
    """Send the link once more; False where nobody can be written to."""
    return _send(ticket, LINK, f"{LINK}:again:{ticket.pk}:{now():%Y%m%d%H%M%S%f}", ticket.pk)


def _send(ticket: Ticket, what: str, once: str, pk: int) -> bool:
    """Send a code (of the row `pk`) or the link to the citizen of a ticket."""
    options = () if ticket.restricted else private_ways(ticket)  # nothing names or leads to what is in confidence
    if not options:
        return False
    way = options[0]
    secret = f"follow:{ticket.pk}" if what == LINK else f"proof:{pk}"
    with override("vi"):
        title = _("Your report {code}").format(code=ticket.code)
        text = _words(ticket, what)
    row = conversations.post(
        way.inbox,
        way.address,
        text,
        once=once,
        title="" if way.thread or way.sms else title,
        secret=secret,
        thread=ticket.conversation if way.thread else None,
    )
    if row is None:
        return False
    kind = "ticket.send_link" if what == LINK else "ticket.send_code"
    record(kind, ticket, by=NOBODY, way=way.inbox.channel)
    return True


def _words(ticket: Ticket, what: str) -> str:
    values = {"hotline": option("hotline_name"), "ticket": ticket.code, "minutes": option("code_minutes")}
    if what == LINK:
        return _("%(hotline)s: your private page of report %(ticket)s: {link}") % values
    return _("%(hotline)s: {code} opens your report %(ticket)s, for %(minutes)s minutes. Tell nobody.") % values


def _call(ticket: Ticket, at: datetime) -> bool:
    """Somebody rings the number on file and reads out a code."""
    if not ticket.contact.phone:
        return False
    conversations.ask_callback(
        phone=ticket.contact.phone, reason=PROOF, by=NOBODY, contact=ticket.contact, about=ticket, at=max(at, now())
    )
    record("ticket.send_code", ticket, by=NOBODY, way="call")
    return True
