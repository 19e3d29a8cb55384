"""Answers to tickets: written, approved, sent back; with what they cite."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from caunoi.answers import assist, queries
from caunoi.answers.actions.citations import Cites, cite
from caunoi.answers.models import Answer, MachineDraft
from caunoi.directory.models import Category
from caunoi.events import writing
from caunoi.events.actor import Actor, NotAllowedError
from caunoi.events.models import Event
from caunoi.lib.vietnamese.writing import nfc
from caunoi.routing import queries as custody
from caunoi.tickets import actions as tickets
from caunoi.tickets.lifecycle import MissingDataError, NotPossibleError
from caunoi.tickets.models import Photo, Ticket


@writing.act
def answer(
    ticket: Ticket,
    text: str,
    *,
    by: Actor,
    category: Category | None = None,
    cites: Mapping[str, int] | None = None,
    at: datetime | None = None,
) -> Answer:
    """The centre answers at once. The procedures in the text are cited; `cites` gives, by code, the version the author
    read, where it was not the one in force now."""
    if category is not None:
        tickets.edit(ticket, by=by, at=at, category=category)
    event = tickets.move(ticket, "answer", by=by, at=at, text=text)
    made = Answer(
        ticket=ticket,
        text=nfc(text).strip(),
        by=by.name,
        by_user=by.user_id,
        at=event.at,
        state=Answer.State.APPROVED,
        approved_by=by.name,
        approved=event.at,
    )
    return _insert(made, cites)


def _insert(answer: Answer, cites: Mapping[str, int] | None) -> Answer:
    writing.insert(answer, of=answer.ticket)
    writing.after(cite, Cites(answer, cites or {}), of=answer)
    writing.after(assist.weigh, answer, of=answer)
    return answer


def take_back(ticket: Ticket, event: Event) -> None:
    """Withdraw the centre's answer after its move was undone."""
    Answer.objects.filter(ticket=ticket, at=event.at, agency=None).delete()
    MachineDraft.objects.filter(ticket=ticket).update(fate=MachineDraft.Fate.LEFT)


@writing.act
def submit(
    ticket: Ticket,
    text: str,
    *,
    by: Actor,
    before: Sequence[int] = (),
    after: Sequence[int] = (),
    cites: Mapping[str, int] | None = None,
    without: bool = False,
    at: datetime | None = None,
) -> Answer:
    """The agency has a result: text, and pictures from before and after the work, for its lead to approve. While
    agencies that help have not answered, it must say that it does `without` them, else MissingDataError."""
    if not text.strip():
        raise MissingDataError({"text"})
    waited_for = [leg.agency.code for leg in custody.pending(ticket)]
    if waited_for and not without:
        raise MissingDataError({"without"})
    data: dict[str, Any] = {"without": waited_for} if waited_for else {}
    event = tickets.move(ticket, "result", by=by, at=at, text=text, **data)
    tickets.add_photos(ticket, before, Photo.Role.BEFORE, by=by, at=at)
    tickets.add_photos(ticket, after, Photo.Role.AFTER, by=by, at=at)
    text = nfc(text).strip()
    made = Answer(ticket=ticket, agency_id=by.agency_id, text=text, by=by.name, by_user=by.user_id, at=event.at)
    return _insert(made, cites)


@writing.act
def approve(ticket: Ticket, *, by: Actor, text: str = "", at: datetime | None = None) -> Answer:
    """The agency's lead approves the answer, perhaps with better words, and the citizen gets it. The supervisor
    approves what came by a link, from an agency without accounts, and what only its author, a deputy of the lead,
    could approve (`queries.may_approve`)."""
    if not queries.may_approve(ticket, by):
        raise NotAllowedError("approve")
    row = queries.pending(ticket)
    event = tickets.move(ticket, "approve", by=by, at=at)
    if row is None:
        raise NotPossibleError("approve")
    row.text = nfc(text).strip() or row.text
    row.state, row.approved_by, row.approved = Answer.State.APPROVED, by.name, event.at
    writing.save(row)
    writing.after(cite, Cites(row, {}), of=row)
    writing.after(assist.weigh, row, of=row)
    return row


@writing.act
def revise(ticket: Ticket, reason: str, *, by: Actor, at: datetime | None = None) -> None:
    """Send the answer back to be written better."""
    tickets.move(ticket, "revise", by=by, at=at, reason=reason)
    writing.update(ticket, Answer, {"state": Answer.State.SUBMITTED}, state=Answer.State.REVISED)
