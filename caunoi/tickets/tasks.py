from collections.abc import Sequence

from django.utils.timezone import localdate, localtime

from caunoi.calls import queries as calls
from caunoi.conversations.meaning import Meaning, with_meaning
from caunoi.conversations.models import Enclosure, Message
from caunoi.directory import queries as directory
from caunoi.directory.geography import resolve
from caunoi.events.actor import SYSTEM
from caunoi.events.models import Event
from caunoi.events.outbox import Together
from caunoi.jobs import queue
from caunoi.tickets import actions, correspondence, proofs, showings, tally, traces
from caunoi.tickets.models import Ticket


@Together
def index(events: Sequence[Event]) -> None:
    """Make new tickets findable by their words."""
    actions.index(Ticket.objects.filter(pk__in=[e.subject_id for e in events]))


@Together
def locate(events: Sequence[Event]) -> None:
    """Work out the commune of new tickets from their pin, else their address; when in doubt leave it to the
    operator."""
    for ticket in Ticket.objects.filter(pk__in=[e.subject_id for e in events], area=None).order_by("pk"):
        if ticket.address or ticket.latitude is not None:
            _locate(ticket)


def _locate(ticket: Ticket) -> None:
    area = None
    if ticket.latitude is not None and ticket.longitude is not None:
        area = directory.area_at(ticket.latitude, ticket.longitude)
    if area is None and ticket.address:
        area = directory.commune(resolve(ticket.address, localdate(localtime(ticket.received))))
    if area:
        actions.edit(ticket, by=SYSTEM, area=area)


def link(event: Event) -> None:
    """A call that was dialled from a ticket is about it."""
    call = calls.call(event.subject_id)
    dial = calls.dial_of(call) if call else None
    ticket = Ticket.objects.filter(pk=dial.subject_id or 0).first() if dial and dial.subject == "ticket" else None
    if call and dial and ticket:
        actions.link_call(ticket, call, by=dial.user.as_actor())


@Together
def hear(events: Sequence[Event]) -> None:
    """Decide which tickets messages belong to, and act on it."""
    correspondence.hear(with_meaning(events, Meaning.WORDS, Meaning.GRADE))


def reword(event: Event) -> None:
    """Tell the ticket of a message that was changed."""
    if message := Message.objects.filter(pk=event.subject_id).first():
        correspondence.reword(message)


def attach(event: Event) -> None:
    """Put a picture that has been fetched to its message's ticket."""
    if row := Enclosure.objects.filter(pk=event.subject_id).select_related("message").first():
        correspondence.attach(row)


@queue.every("* * * * *")
def tidy(timestamp: int) -> None:
    """Keep the counters short; their sums stay."""
    tally.fold()


@queue.every("* * * * *")
def watch_showings(timestamp: int) -> None:
    """Notify of those who look at very many reporters."""
    showings.notice_volume()


@queue.every("50 20 * * *")  # 03:50 in Vietnam
def forget_traces(timestamp: int) -> None:
    """Every night, forget old marks of addresses and numbers, and codes that are over."""
    traces.forget()
    proofs.forget()
