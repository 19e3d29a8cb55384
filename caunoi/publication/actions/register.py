from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.timezone import now

from caunoi.answers import queries as answers
from caunoi.events.actions import record
from caunoi.events.actor import SYSTEM, Actor, Role
from caunoi.lib.redact import public
from caunoi.lib.vietnamese import nfc
from caunoi.publication.actions.entries import file
from caunoi.publication.actions.log import state
from caunoi.publication.models import Publication
from caunoi.tickets.lifecycle import Missing, NotAllowed
from caunoi.tickets.models import Ticket

TITLE = 100


def title(text: str) -> str:
    """The first sentence, cut at a word."""
    line = " ".join(text.split()).split(". ")[0]
    return line if len(line) <= TITLE else line[:TITLE].rsplit(" ", 1)[0] + "…"


def _draft(ticket: Ticket, answer: str) -> dict[str, Any]:
    """The public side of a ticket as it would be shown without a person's hand: masked, and placed only roughly."""
    text = public(ticket.summary or ticket.text)
    rough = None if ticket.latitude is None else round(ticket.latitude, 3)
    across = None if ticket.longitude is None else round(ticket.longitude, 3)
    return {
        "title": title(public(ticket.summary) or text),
        "text": public(ticket.text),
        "answer": public(answer),
        "place": public(ticket.address),
        "latitude": rough,
        "longitude": across,
    }


@transaction.atomic
def propose(ticket: Ticket) -> Publication | None:
    """Bring the public draft up to date with the ticket and its answer; publish it where the category says at once.
    A text that a person has edited is theirs: only the answer is added."""
    if ticket.category is None or ticket.category.publish == "never" or ticket.restricted:
        return None
    answer = answers.final(ticket)
    draft = _draft(ticket, answer.text if answer else "")
    publication, new = Publication.objects.get_or_create(ticket=ticket, defaults=draft)
    if not new:
        for key, value in draft.items():
            if key == "answer" or not publication.edited:
                setattr(publication, key, value)
        publication.save()
    file([publication])
    state(publication)
    if publication.state == Publication.State.DRAFT and ticket.category.publish == "at_once":
        publish(publication, by=SYSTEM)
    return publication


@transaction.atomic
def publish(publication: Publication, *, by: Actor, **edits: Any) -> Publication:
    """Show it to everybody, with a person's edits (title, text, answer, place) and the photos they looked at."""
    if not by.has(Role.REVIEWER, Role.SUPERVISOR, Role.SYSTEM):
        raise NotAllowed("publish")
    if publication.ticket.restricted:
        raise NotAllowed("publish")
    photos = edits.pop("photos", None)
    for key, value in edits.items():
        setattr(publication, key, nfc(value).strip())
    if lacking := {key for key in ("title", "text") if not getattr(publication, key)}:
        raise Missing(lacking)
    publication.edited = publication.edited or bool(edits)
    publication.state, publication.by = Publication.State.PUBLISHED, by.name
    publication.published, publication.note = publication.published or now(), ""
    publication.save()
    if photos is not None:
        publication.photos.set(photos)
    file([publication])
    state(publication)
    record("publication.publish", publication.ticket, by=by)
    return publication


@transaction.atomic
def withdraw(publication: Publication, note: str, *, by: Actor) -> Publication:
    """Take it back, and say publicly why."""
    if not by.has(Role.REVIEWER, Role.SUPERVISOR):
        raise NotAllowed("withdraw")
    if not note.strip():
        raise Missing({"note"})
    publication.state, publication.note, publication.by = Publication.State.WITHDRAWN, nfc(note).strip(), by.name
    publication.save()
    file([publication])
    state(publication)
    record("publication.withdraw", publication.ticket, by=by)
    return publication


def replay(tickets: Iterable[tuple[Ticket, str]]) -> None:
    """Publications of histories written in bulk: (ticket, answer), published as of when they were last touched."""
    rows = []
    for ticket, answer in tickets:
        if ticket.category is None or ticket.category.publish == "never" or ticket.restricted:
            continue
        shown = ticket.category.publish == "at_once" or bool(answer)
        state = Publication.State.PUBLISHED if shown else Publication.State.DRAFT
        at = ticket.touched if shown else None
        rows.append(Publication(ticket=ticket, state=state, published=at, by="system", **_draft(ticket, answer)))
    file(Publication.objects.bulk_create(rows, batch_size=1000))
