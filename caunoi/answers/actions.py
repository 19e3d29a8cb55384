from collections.abc import Iterable, Sequence

from django.db import transaction

from caunoi.answers import queries
from caunoi.answers.models import Answer
from caunoi.events.actor import Actor
from caunoi.lib.vietnamese import nfc
from caunoi.tickets import actions as tickets
from caunoi.tickets.lifecycle import Missing, NotPossible
from caunoi.tickets.models import Photo, Ticket


@transaction.atomic
def answer(ticket: Ticket, text: str, *, by: Actor) -> Answer:
    """The centre answers at once."""
    event = tickets.move(ticket, "answer", by=by, text=text)
    return Answer.objects.create(
        ticket=ticket, text=nfc(text).strip(), by=by.name, at=event.at,
        state=Answer.State.APPROVED, approved_by=by.name, approved=event.at,
    )  # fmt: skip


@transaction.atomic
def submit(ticket: Ticket, text: str, *, by: Actor, before: Sequence[int] = (), after: Sequence[int] = ()) -> Answer:
    """The agency has a result: text, and pictures from before and after the work, for its lead to approve."""
    if not text.strip():
        raise Missing({"text"})
    event = tickets.move(ticket, "result", by=by, text=text)
    tickets.add_photos(ticket, before, Photo.Role.BEFORE, by=by)
    tickets.add_photos(ticket, after, Photo.Role.AFTER, by=by)
    return Answer.objects.create(ticket=ticket, agency_id=by.agency_id, text=nfc(text).strip(), by=by.name, at=event.at)


@transaction.atomic
def approve(ticket: Ticket, *, by: Actor, text: str = "") -> Answer:
    """The agency's lead stands for the answer, perhaps with better words; the citizen gets it."""
    event = tickets.move(ticket, "approve", by=by)
    found = queries.pending(ticket)
    if found is None:
        raise NotPossible("approve")
    found.text = nfc(text).strip() or found.text
    found.state, found.approved_by, found.approved = Answer.State.APPROVED, by.name, event.at
    found.save()
    return found


@transaction.atomic
def revise(ticket: Ticket, reason: str, *, by: Actor) -> None:
    """Send the answer back to be written better."""
    tickets.move(ticket, "revise", by=by, reason=reason)
    queries.answers(ticket).filter(state=Answer.State.SUBMITTED).update(state=Answer.State.REVISED)


def replay(stories: Iterable[tickets.Replayed]) -> None:
    """The answers of histories written in bulk."""
    rows = []
    for story in stories:
        current: Answer | None = None
        for event, made in zip(story.events[1:], story.told.moves, strict=True):
            if made.name in ("answer", "result"):
                current = Answer(
                    ticket=story.ticket,
                    text=made.given["text"],
                    by=made.by.name,
                    at=event.at,
                    agency_id=made.by.agency_id,
                )
                rows.append(current)
            if current is not None and made.name in ("answer", "approve"):
                current.state, current.approved_by, current.approved = Answer.State.APPROVED, made.by.name, event.at
            elif current is not None and made.name == "revise":
                current.state = Answer.State.REVISED
    Answer.objects.bulk_create(rows, batch_size=2000)
