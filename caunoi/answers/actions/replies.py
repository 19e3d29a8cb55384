"""Answers to tickets: written, approved, sent back. What they cite is kept with them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction

from caunoi.answers import queries
from caunoi.answers.actions.citations import cite, cite_many
from caunoi.answers.models import Answer
from caunoi.events.actor import Actor, Kind, NotAllowed, Role, kind_of
from caunoi.lib.vietnamese import nfc
from caunoi.routing import queries as custody
from caunoi.tickets import actions as tickets
from caunoi.tickets.lifecycle import Missing, NotPossible
from caunoi.tickets.models import Photo, Ticket


@transaction.atomic
def answer(ticket: Ticket, text: str, *, by: Actor, cites: Mapping[str, int] | None = None) -> Answer:
    """The centre answers at once. What procedures the text names is cited; `cites` says which version of them was read,
    by code, where it was not the one in force now."""
    event = tickets.move(ticket, "answer", by=by, text=text)
    made = Answer.objects.create(
        ticket=ticket, text=nfc(text).strip(), by=by.name, at=event.at,
        state=Answer.State.APPROVED, approved_by=by.name, approved=event.at,
    )  # fmt: skip
    cite(made, cites or {})
    return made


@transaction.atomic
def submit(
    ticket: Ticket,
    text: str,
    *,
    by: Actor,
    before: Sequence[int] = (),
    after: Sequence[int] = (),
    cites: Mapping[str, int] | None = None,
    without: bool = False,
) -> Answer:
    """The agency has a result: text, and pictures from before and after the work, for its lead to approve. While others
    who were asked to help have not answered, it must say that it does `without` them, else Missing."""
    if not text.strip():
        raise Missing({"text"})
    waited_for = [leg.agency.code for leg in custody.pending(ticket)]
    if waited_for and not without:
        raise Missing({"without"})
    said: dict[str, Any] = {"without": waited_for} if waited_for else {}
    event = tickets.move(ticket, "result", by=by, text=text, **said)
    tickets.add_photos(ticket, before, Photo.Role.BEFORE, by=by)
    tickets.add_photos(ticket, after, Photo.Role.AFTER, by=by)
    text = nfc(text).strip()
    made = Answer.objects.create(ticket=ticket, agency_id=by.agency_id, text=text, by=by.name, at=event.at)
    cite(made, cites or {})
    return made


@transaction.atomic
def approve(ticket: Ticket, *, by: Actor, text: str = "") -> Answer:
    """The agency's lead stands for the answer, perhaps with better words; the citizen gets it. What came by a link, from
    an agency without accounts, the supervisor looks at instead."""
    found = queries.pending(ticket)
    if by.has(Role.SUPERVISOR) and not (found and kind_of(found.by) is Kind.LINK):
        raise NotAllowed("approve")
    event = tickets.move(ticket, "approve", by=by)
    if found is None:
        raise NotPossible("approve")
    found.text = nfc(text).strip() or found.text
    found.state, found.approved_by, found.approved = Answer.State.APPROVED, by.name, event.at
    found.save()
    cite(found, {})
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
    cite_many(rows)
