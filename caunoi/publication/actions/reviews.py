"""What a person must review, and what they decided."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.utils.timezone import now

from caunoi.events import writing
from caunoi.events.actions import record
from caunoi.events.actor import Actor, Kind, Role
from caunoi.events.queries import history
from caunoi.lib.privacy.marking import Marked
from caunoi.lib.vietnamese.writing import nfc
from caunoi.publication import readings
from caunoi.publication.models import Marking, Publication, Review
from caunoi.tickets.lifecycle import MissingDataError, NotAllowedError, NotPossibleError
from caunoi.tickets.models import Note, Ticket

LOOKS = (Role.REVIEWER, Role.SUPERVISOR)


def open_review(
    publication: Publication, why: str, *, words: str = "", requested_by: str = "", at: datetime | None = None
) -> bool:
    """Ask for a review; False when it waits for that already."""
    row = Review(publication=publication, why=why, words=words, asked=requested_by, since=at or now())
    before = any(review.why == why and review.done is None for review in writing.rows_of(publication, Review))
    writing.insert_all([row], of=publication, once=True)
    return not before


def close(publication: Publication, outcome: str, *, by: Actor, why: str = "") -> None:
    """Close all open reviews (or those of one reason); a decision that no review asked for is recorded as one."""
    still = publication.reviews.filter(done=None)
    if why:
        still = still.filter(why=why)
    if not still.update(done=now(), by=by.name, outcome=outcome):
        publication.reviews.create(why=why or Review.Why.TEXT, done=now(), by=by.name, outcome=outcome)


@contextmanager
def upon(publication: Publication, seen: str) -> Iterator[None]:
    """A decision inside rests on what the page showed (`seen`, a `readings.mark_of`; empty = unknown). NotPossibleError
    when somebody has decided or saved something else since."""
    with transaction.atomic():
        Publication.objects.select_for_update().get(pk=publication.pk)
        publication.refresh_from_db()
        if seen and seen != readings.mark_of(publication):
            raise NotPossibleError("changed")
        yield


@transaction.atomic
def mark(publication: Publication, fields: Mapping[str, Marked], *, by: Actor) -> None:
    """Save a reviewer's markings of the raw words, with these as they were then."""
    if not by.has(*LOOKS):
        raise NotAllowedError("mark")
    sources = readings.raw(publication.ticket)
    markings = {name: marked.plain() | {"source": sources[name]} for name, marked in fields.items()}
    Marking.objects.update_or_create(publication=publication, defaults={"fields": markings})


@transaction.atomic
def keep(publication: Publication, *, by: Actor) -> Publication:
    """Keep it from the public for good. NotPossibleError for what the public has seen: that is withdrawn, with a
    note."""
    if not by.has(*LOOKS):
        raise NotAllowedError("keep")
    publication = Publication.objects.select_for_update().get(pk=publication.pk)
    if publication.published is not None:
        raise NotPossibleError("keep")
    publication.state, publication.by = Publication.State.KEPT, by.name
    publication.save(update_fields=["state", "by"])
    close(publication, Review.Outcome.KEEP, by=by)
    record("publication.keep", publication.ticket, by=by)
    return publication


@transaction.atomic
def unkeep(publication: Publication, *, by: Actor) -> Publication:
    """Undo `keep`: it waits again."""
    if not by.has(*LOOKS):
        raise NotAllowedError("keep")
    publication = Publication.objects.select_for_update().get(pk=publication.pk)
    if publication.state != Publication.State.KEPT:
        raise NotPossibleError("unkeep")
    publication.state = Publication.State.DRAFT
    publication.save(update_fields=["state"])
    open_review(publication, Review.Why.TEXT)
    record("publication.reconsider", publication.ticket, by=by)
    return publication


@transaction.atomic
def ask_removal(ticket: Ticket, words: str, *, by: Actor) -> bool:
    """Its citizen, or an operator for somebody whom it concerns, asks that it be taken down; False when that was asked
    already and waits. MissingDataError without a reason; NotPossibleError when it is not public."""
    if by.ticket_id != ticket.pk and not by.has(Role.OPERATOR, *LOOKS):
        raise NotAllowedError("ask_removal")
    if not words.strip():
        raise MissingDataError({"text"})
    publication = Publication.objects.select_for_update().filter(ticket=ticket).first()
    if publication is None or publication.state != Publication.State.PUBLISHED:
        raise NotPossibleError("ask_removal")
    if not open_review(publication, Review.Why.REMOVAL, words=nfc(words).strip(), requested_by=by.name):
        return False
    record("publication.ask_removal", ticket, by=by)
    return True


@transaction.atomic
def decline(publication: Publication, reply: str, *, by: Actor) -> None:
    """It stays public, and the person who asked is notified of the reason."""
    if not by.has(*LOOKS):
        raise NotAllowedError("decline")
    if not reply.strip():
        raise MissingDataError({"reply"})
    request = publication.reviews.select_for_update().filter(done=None, why=Review.Why.REMOVAL).first()
    if request is None:
        raise NotPossibleError("decline")
    close(publication, Review.Outcome.DECLINE, by=by, why=Review.Why.REMOVAL)
    asking = history(publication.ticket).filter(kind="publication.ask_removal").last()
    citizen = asking is not None and asking.actor_kind is Kind.CITIZEN
    event = record("publication.decline", publication.ticket, by=by, citizen=citizen)
    Note.objects.create(
        ticket=publication.ticket, event=event.pk, kind="reason", text=nfc(reply).strip(), internal=not citizen
    )
