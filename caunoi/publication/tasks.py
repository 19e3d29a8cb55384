from collections.abc import Sequence
from math import ceil

from caunoi.events import seals
from caunoi.events.models import Event
from caunoi.events.outbox import Together
from caunoi.jobs import queue
from caunoi.publication import actions, readings
from caunoi.publication.actions import witnesses
from caunoi.publication.models import Publication, Review
from caunoi.tickets.lifecycle import OUTSIDE
from caunoi.tickets.models import Ticket
from caunoi.tickets.undoing import hold


def propose(event: Event) -> None:
    """Draft, or bring up to date, what the public sees; what was refused or merged is no longer drafted, and what must
    never be public is withdrawn (already done where a person decided it)."""
    ticket = Ticket.objects.select_related("category").get(pk=event.subject_id)
    actions.withhold(ticket)
    if wait := hold(event, ticket):
        propose_after.configure(schedule_in={"seconds": ceil(wait)}).defer(pk=event.pk)
    elif ticket.state in OUTSIDE:
        Publication.objects.filter(ticket=ticket, state=Publication.State.DRAFT).delete()
    else:
        actions.propose(ticket)


@queue.task(retry=6)
def propose_after(pk: int) -> None:
    """The same once the event can no longer be taken back; what was taken back has been drafted as it was."""
    propose(Event.objects.get(pk=pk))


@Together
def refile(events: Sequence[Event]) -> None:
    """The register's lists and map follow the tickets."""
    actions.refile(sorted({e.subject_id for e in events}))


def look_at_photos(event: Event) -> None:
    """New photos await review; the public does not see them before."""
    publication = Publication.objects.select_related("ticket").filter(ticket=event.subject_id).first()
    is_open = publication and publication.state in (Publication.State.DRAFT, Publication.State.PUBLISHED)
    if publication and is_open and readings.undecided(publication).exists():
        actions.open_review(publication, Review.Why.PHOTOS)


def enter(event: Event) -> None:
    """Put what the register shows now into the public log."""
    actions.sequence()


@queue.every("*/5 * * * *")
def enter_waiting(timestamp: int) -> None:
    """Log the statements still outside the log: those of bulk publication, and those another worker left."""
    while actions.state_missing():
        pass
    while actions.sequence():
        pass
    actions.sign()


@queue.every("* * * * *")
def sign(timestamp: int) -> None:
    """Sign the log's head, every minute in which it grew."""
    while actions.sequence():
        pass
    actions.sign()


@queue.every("3 * * * *")
def seal(timestamp: int) -> None:
    """Seal the events of the hour, and put the seal into the log."""
    seals.seal()
    actions.state_seal()
    sign(timestamp)


@queue.every("13 * * * *")
def show_witnesses(timestamp: int) -> None:
    """Show the newest head to those who keep it for us."""
    witnesses.send_all()


class BrokenEvidenceError(Exception):
    """Something does not fit its seal; the message says what."""


@queue.every("30 18 * * 6")
def verify(timestamp: int) -> None:
    """All evidence read again, on Sunday at 1:30. BrokenEvidenceError with the first row that does not fit."""
    for one in (seals.verify(), *actions.verify(), *witnesses.verify()):
        if one.first_bad:
            raise BrokenEvidenceError(f"{one.what}: {one.first_bad}")


@queue.every("*/2 * * * *")
def tidy(timestamp: int) -> None:
    """Keep the counters of the register short; their sums stay."""
    actions.fold()
    actions.sweep()
