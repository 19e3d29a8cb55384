"""What a person must look at, and what they made of it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.db import transaction
from django.utils.timezone import now

from caunoi.events.actions import record
from caunoi.events.actor import Actor, Kind, Role, kind_of
from caunoi.lib.marking import Marked
from caunoi.lib.vietnamese import nfc
from caunoi.publication import readings
from caunoi.publication.models import Marking, Publication, Review
from caunoi.tickets.lifecycle import Missing, NotAllowed, NotPossible
from caunoi.tickets.models import Note, Ticket

LOOKS = (Role.REVIEWER, Role.SUPERVISOR)


def open_review(publication: Publication, why: str, *, words: str = "", asked: str = "") -> bool:
    """Let somebody look at it; False when it waits for that already."""
    row = Review(publication=publication, why=why, words=words, asked=asked)
    before = publication.reviews.filter(done=None, why=why).exists()
    Review.objects.bulk_create([row], ignore_conflicts=True)
    return not before


def close(publication: Publication, outcome: str, *, by: Actor, why: str = "") -> None:
    """Everything that waited (or one reason) has been looked at; what nobody asked for is written down too."""
    still = publication.reviews.filter(done=None)
    if why:
        still = still.filter(why=why)
    if not still.update(done=now(), by=by.name, outcome=outcome):
        publication.reviews.create(why=why or Review.Why.TEXT, done=now(), by=by.name, outcome=outcome)


@contextmanager
def upon(publication: Publication, seen: str) -> Iterator[None]:
    """What is decided inside rests on what the page showed (`readings.mark_of`, empty = unknown). NotPossible when
    somebody has decided or saved something else since."""
    with transaction.atomic():
        Publication.objects.select_for_update().get(pk=publication.pk)
        publication.refresh_from_db()
        if seen and seen != readings.mark_of(publication):
            raise NotPossible("changed")
        yield


@transaction.atomic
def mark(publication: Publication, fields: Mapping[str, Marked], *, by: Actor) -> None:
    """Keep what a reviewer made of the raw words, beside what these were then."""
    if not by.has(*LOOKS):
        raise NotAllowed("mark")
    sources = readings.raw(publication.ticket)
    held = {name: marked.plain() | {"source": sources[name]} for name, marked in fields.items()}
    Marking.objects.update_or_create(publication=publication, defaults={"fields": held})


@transaction.atomic
def keep(publication: Publication, *, by: Actor) -> Publication:
    """Keep from the public what never was there. NotPossible for what the public has seen: that is withdrawn, with a
    note."""
    if not by.has(*LOOKS):
        raise NotAllowed("keep")
    publication = Publication.objects.select_for_update().get(pk=publication.pk)
    if publication.published is not None:
        raise NotPossible("keep")
    publication.state, publication.by = Publication.State.KEPT, by.name
    publication.save(update_fields=["state", "by"])
    close(publication, Review.Outcome.KEEP, by=by)
    record("publication.keep", publication.ticket, by=by)
    return publication


@transaction.atomic
def unkeep(publication: Publication, *, by: Actor) -> Publication:
    """Undo `keep`: it waits again."""
    if not by.has(*LOOKS):
        raise NotAllowed("keep")
    publication = Publication.objects.select_for_update().get(pk=publication.pk)
    if publication.state != Publication.State.KEPT:
        raise NotPossible("unkeep")
    publication.state = Publication.State.DRAFT
    publication.save(update_fields=["state"])
    open_review(publication, Review.Why.TEXT)
    record("publication.reconsider", publication.ticket, by=by)
    return publication


@transaction.atomic
def ask_removal(ticket: Ticket, words: str, *, by: Actor) -> bool:
    """Its citizen, or an operator for somebody whom it concerns, asks that it be taken down; False when that was asked
    already and waits. Missing without a reason; NotPossible when it is not public."""
    if by.ticket_id != ticket.pk and not by.has(Role.OPERATOR, *LOOKS):
        raise NotAllowed("ask_removal")
    if not words.strip():
        raise Missing({"text"})
    publication = Publication.objects.select_for_update().filter(ticket=ticket).first()
    if publication is None or publication.state != Publication.State.PUBLISHED:
        raise NotPossible("ask_removal")
    if not open_review(publication, Review.Why.REMOVAL, words=nfc(words).strip(), asked=by.name):
        return False
    record("publication.ask_removal", ticket, by=by)
    return True


@transaction.atomic
def decline(publication: Publication, reply: str, *, by: Actor) -> None:
    """It stays public, and whoever asked is told why."""
    if not by.has(*LOOKS):
        raise NotAllowed("decline")
    if not reply.strip():
        raise Missing({"reply"})
    asked = publication.reviews.select_for_update().filter(done=None, why=Review.Why.REMOVAL).first()
    if asked is None:
        raise NotPossible("decline")
    close(publication, Review.Outcome.DECLINE, by=by, why=Review.Why.REMOVAL)
    citizen = kind_of(asked.asked) is Kind.CITIZEN
    event = record("publication.decline", publication.ticket, by=by, citizen=citizen)
    Note.objects.create(
        ticket=publication.ticket, event=event.pk, kind="reason", text=nfc(reply).strip(), internal=not citizen
    )
