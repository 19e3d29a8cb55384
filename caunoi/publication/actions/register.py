from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.timezone import now
from django.utils.translation import gettext as _

from caunoi.answers import queries as answers
from caunoi.events import writing
from caunoi.events.actions import record
from caunoi.events.actor import SYSTEM, Actor, Role
from caunoi.events.models import Event
from caunoi.lib.privacy.discretion import snapped
from caunoi.lib.vietnamese.writing import nfc
from caunoi.publication import readings
from caunoi.publication.actions.blurs import painted
from caunoi.publication.actions.entries import file
from caunoi.publication.actions.log import state
from caunoi.publication.actions.reviews import close, open_review
from caunoi.publication.models import Publication, Review
from caunoi.tickets.lifecycle import MissingDataError, NotAllowedError, NotPossibleError
from caunoi.tickets.models import Ticket
from caunoi.tickets.undoing import hold

LASTING = ("title", "text", "place")  # once public, not changed without a public reason


def _short(words: dict[str, str]) -> dict[str, str]:
    """Texts that a mask made longer than their column, cut at a word."""
    for name, most in (("title", 160), ("place", 200)):
        if len(words.get(name, "")) > most:
            words[name] = words[name][: most - 1].rsplit(" ", 1)[0] + "…"
    return words


def _draft(ticket: Ticket, answer: str) -> dict[str, Any]:
    """The public view of a ticket as the program proposes it: masked, and placed as its category says."""
    exact = not readings.concerns_a_person(ticket)
    words = _short({name: marked.public for name, marked in readings.fresh(ticket, answer).items()})
    return words | {
        "latitude": snapped(ticket.latitude, exact=exact),
        "longitude": snapped(ticket.longitude, exact=exact),
    }


def _barred(ticket: Ticket) -> bool:
    """Whether it must never be public: a denunciation, or of a category that is not published (children)."""
    return ticket.restricted or (ticket.category is not None and ticket.category.publish == "never")


@transaction.atomic
def withhold(ticket: Ticket) -> None:
    """Withdraw at once what turned out to be a denunciation or was moved to a category that is never published, with a
    note that does not say so, and delete its draft; nothing where it may be public."""
    if not _barred(ticket):
        return
    for publication in Publication.objects.select_for_update().filter(ticket=ticket, state=Publication.State.PUBLISHED):
        with translation.override("vi"):
            withdraw(publication, _("The hotline has taken this back."), by=SYSTEM)
    Publication.objects.filter(ticket=ticket, state=Publication.State.DRAFT).delete()


@writing.act
def propose(ticket: Ticket, *, at: datetime | None = None) -> Publication | None:
    """Bring the public draft up to date with the ticket and its answer; publish it where the category says at once and
    no word raises a doubt. What a person published, or must review, waits for a person; a text that a person has edited
    stays. Of the past, what was answered was published."""
    if ticket.pk is not None:
        # whoever makes it a denunciation waits until this is done, and then finds what to withdraw
        ticket = Ticket.objects.select_for_update(of=("self",)).select_related("category").get(pk=ticket.pk)
    if _barred(ticket) or ticket.category is None:
        return None
    final = answers.final(ticket)
    answer = final.text if final else ""
    draft, doubt = _draft(ticket, answer), readings.doubt(ticket, answer)
    at_once = ticket.category.publish == "at_once" or (writing.past(ticket) and bool(answer))
    publication, new = writing.ensure(ticket, Publication, {}, draft | {"doubt": doubt}, hold=True)
    waits = publication.state == Publication.State.DRAFT
    if not new and (waits or (publication.state == Publication.State.PUBLISHED and at_once and not doubt)):
        for key, value in draft.items():
            if key == "answer" or not publication.edited:
                setattr(publication, key, value)
        publication.doubt = doubt
        publication.save()
    elif not new and publication.state == Publication.State.PUBLISHED:
        changed = [key for key in readings.FIELDS if draft[key] != getattr(publication, key)]
        if "answer" in changed and draft["answer"]:
            open_review(publication, Review.Why.ANSWER)
        if not publication.edited and set(LASTING) & set(changed):
            open_review(publication, Review.Why.TEXT)
        return publication
    _enter(publication)
    if waits and at_once and not doubt:
        publish(publication, by=SYSTEM, at=at)
    elif waits:
        open_review(publication, Review.Why.TEXT, at=at)
    if publication.pk is None:  # of the past: its pictures are reviewed with it
        return publication
    if publication.state != Publication.State.KEPT and readings.undecided(publication).exists():
        open_review(publication, Review.Why.PHOTOS)
    return publication


def _enter(publication: Publication) -> None:
    """Into the register's index, and its log; `state_missing` logs the past."""
    writing.after(file, publication, of=publication)
    if publication.pk is not None:
        state(publication)


def unpublished(ticket: Ticket, event: Event) -> None:
    """NotPossibleError: no undo of a move that the public has read about, because the log is not rewritten."""
    is_public = Publication.objects.filter(ticket=ticket, state=Publication.State.PUBLISHED).exists()
    if is_public and not hold(event, ticket):
        raise NotPossibleError("undo")


def _corrects(publication: Publication, edits: dict[str, Any]) -> bool:
    """Whether the edits change what the public has read; an answer that comes later is no correction."""
    if publication.state != Publication.State.PUBLISHED:
        return False
    names = [*LASTING, *(["answer"] if publication.answer else [])]
    return any(name in edits and edits[name] != getattr(publication, name) for name in names)


class OwnAnswerError(NotAllowedError):
    """Somebody else publishes the answer that this one wrote (⚙four_eyes_answers)."""

    code = "own_answer"


@writing.act
def publish(
    publication: Publication,
    *,
    by: Actor,
    photos: Collection[int] | None = None,
    note: str = "",
    sure: bool = False,
    at: datetime | None = None,
    **edits: Any,
) -> Publication:
    """Show it to everybody, with a person's edits (title, text, answer, place) and the photos they approved. A person
    who changes what was public says why, publicly, in a `note`, and is `sure` where there is a doubt; else
    MissingDataError."""
    if not by.has(Role.REVIEWER, Role.SUPERVISOR, Role.SYSTEM) or _barred(publication.ticket):
        raise NotAllowedError("publish")
    person = not by.has(Role.SYSTEM)
    if person and answers.publishes_own(publication.ticket, by):
        raise OwnAnswerError("publish")
    edits = _short({key: nfc(value).strip() for key, value in edits.items()})
    corrects, note = _corrects(publication, edits), nfc(note).strip()
    if person and corrects and not note:
        raise MissingDataError({"note"})
    if publication.doubt and not sure and publication.published is None:
        raise MissingDataError({"sure"})
    for key, value in edits.items():
        setattr(publication, key, value)
    if lacking := {key for key in ("title", "text") if not getattr(publication, key)}:
        raise MissingDataError(lacking)
    was_public = publication.published is not None
    publication.edited = publication.edited or bool(edits)
    if publication.state == Publication.State.WITHDRAWN or corrects:
        publication.note, publication.corrected = note, now() if corrects else publication.corrected
    publication.state, publication.by = Publication.State.PUBLISHED, by.name
    publication.published = publication.published or at or now()
    writing.save(publication)
    if photos is not None:
        publication.photos.set(painted(publication, photos))
    _enter(publication)
    if person:
        close(publication, Review.Outcome.CORRECT if was_public else Review.Outcome.PUBLISH, by=by)
    record("publication.correct" if corrects else "publication.publish", publication.ticket, by=by, at=at)
    return publication


@transaction.atomic
def withdraw(publication: Publication, note: str, *, by: Actor) -> Publication:
    """Take it off the register, and say publicly why."""
    if not by.has(Role.REVIEWER, Role.SUPERVISOR, Role.SYSTEM):
        raise NotAllowedError("withdraw")
    if not note.strip():
        raise MissingDataError({"note"})
    publication.state, publication.note, publication.by = Publication.State.WITHDRAWN, nfc(note).strip(), by.name
    publication.save()
    file([publication])
    state(publication)
    close(publication, Review.Outcome.WITHDRAW, by=by)
    record("publication.withdraw", publication.ticket, by=by)
    return publication
