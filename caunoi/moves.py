"""A move by its name, taken to the stage that owns it: the one place where forms and API meet the actions."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.module_loading import import_string

from caunoi.answers import actions as answers
from caunoi.events import writing
from caunoi.events.actions import record
from caunoi.events.actor import Actor
from caunoi.events.models import Event
from caunoi.notifications.actions import untell
from caunoi.publication import actions as publication
from caunoi.routing import actions as routing
from caunoi.routing import links, recall
from caunoi.routing import queries as custody
from caunoi.sla.actions import refresh, refresh_all
from caunoi.tickets import actions as tickets
from caunoi.tickets import assigning, lifecycle, queries, undoing
from caunoi.tickets.lifecycle import Move, NotAllowedError, NotPossibleError, State
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import History
from caunoi.transfers import queries as transfers

CLAIMS = frozenset({"accept", "ask"})
"""By which a ticket that is nobody's becomes that of whoever makes the move."""
AWAY = frozenset({"transfer_recall"})
"""What can be done while a ticket waits for the receipt of another province."""


def possible(ticket: Ticket, by: Actor) -> list[Move]:
    """The moves this actor may make now, those of hand-overs included, in the order of the table."""
    mine = {m.name for m in (*queries.moves(ticket, by), *custody.leg_moves(ticket, by))}
    if mine - AWAY and transfers.waiting(ticket):
        mine &= AWAY
    return [m for m in lifecycle.MOVES.values() if m.name in mine and _holds(m, ticket, by)]


def _holds(row: Move, ticket: Ticket, by: Actor) -> bool:
    return not row.condition or bool(import_string(row.condition)(ticket, by))


@transaction.atomic
def reply(
    word: str, *, text: str = "", reason: str = "", before: Sequence[int] = (), after: Sequence[int] = ()
) -> Ticket:
    """The one answer of a link: the agency's result (for the supervisor to approve), its part when it only helps, or
    the reason why it is not theirs. LinkClosedError, or as the stage says; then the link is not used up."""
    link = links.use(word)
    ticket, by = link.leg.ticket, custody.by_link(link.leg, link.pk)
    if reason:
        routing.give_back(ticket, reason, by=by)
    elif link.leg.role == "coordinate":
        routing.contribute(ticket, text, by=by, before=before, after=after)
    else:
        if ticket.state == State.ROUTED:
            routing.start(ticket, by=by)
        answers.submit(ticket, text, by=by, before=before, after=after, without=True)
    record("handover.reply", ticket, by=by, agency=link.leg.agency.code, link=link.pk)
    return ticket


def check(ticket: Ticket, name: str, brought: Collection[str], *, by: Actor) -> Move:
    """The row of a move that this actor may make, before anything is looked up for it; raises as `perform` does."""
    have = {*brought, "category"} if ticket.category_id else set(brought)
    row = lifecycle.check(name, State(ticket.state), by, have, ticket_id=ticket.pk, agency_id=ticket.agency_id)
    if name not in AWAY and transfers.waiting(ticket):
        raise NotPossibleError(name)
    if not _holds(row, ticket, by):
        raise NotAllowedError(name)
    return row


@transaction.atomic
def edit(ticket: Ticket, *, by: Actor, **changes: Any) -> Ticket:
    """Correct what is written about a ticket; what must not be public any more is not, with the same commit."""
    ticket = tickets.edit(ticket, by=by, **changes)
    publication.withhold(ticket)
    return ticket


def _make(ticket: Ticket, name: str, *, by: Actor, at: datetime | None, move_input: Mapping[str, Any]) -> Move:
    """One act on one ticket, wherever it is written: its owner, or the lifecycle alone."""
    values = {k: v for k, v in move_input.items() if v not in (None, "", [])}
    row = check(ticket, name, values, by=by)
    if row.owner:
        import_string(row.owner)(ticket, by=by, at=at, **values)
    else:
        tickets.move(ticket, name, by=by, at=at, **values)
    return row


@transaction.atomic
def perform(
    name: str, batch: Sequence[Ticket], *, by: Actor, move_input: Mapping[str, Any] = MappingProxyType({})
) -> None:
    """The one door: make a move on each of these tickets, all or none, with what it needs as rows and values by name.
    The tickets are brought up to date. What must not be public any more is not, with the same commit. KeyError for an
    unknown name; NotPossibleError, NotAllowedError, MissingDataError as the stage says."""
    for ticket in batch:
        _make(ticket, name, by=by, at=None, move_input=move_input)
        if name in CLAIMS:
            assigning.claim(ticket, by=by)
        ticket.refresh_from_db()
        publication.withhold(ticket)
    refresh_all(batch)  # the page that comes next shows the clocks that run now


class Written(NamedTuple):
    """What a history became, with the last that happened to it."""

    ticket: Ticket
    last: Event


@transaction.atomic
def write(
    histories: Sequence[History], *, at: datetime | None = None, quiet: bool = False, publish: bool = False
) -> list[Written]:
    """Whole histories at once, by the very acts that `perform` makes; nothing reacts to them. `quiet`: nobody is told
    now of what should have been told then. `publish`: what may be public is, since it was last touched. As `perform`
    raises; then nothing was written."""
    with writing.together(past=True) as batch:
        rows = tickets.take_past(histories)
        became = {id(history): ticket for history, ticket in zip(histories, rows, strict=True)}
        for history, ticket in zip(histories, rows, strict=True):
            for act in history.acts:
                values = {k: became[id(v)] if isinstance(v, History) else v for k, v in act.move_input.items()}
                routing.receive(ticket, by=act.by, at=act.at)
                row = _make(ticket, act.name, by=act.by, at=act.at, move_input=values)
                if "finish" in row.reactions:
                    routing.finish(ticket, at=act.at)
            if publish and ticket.state not in lifecycle.OUTSIDE:
                publication.propose(ticket, at=ticket.touched)
    tickets.index(rows)
    refresh_all(rows, at=at, past=True, quiet=quiet)
    return [Written(ticket, batch.rows(ticket, Event)[-1]) for ticket in rows]


@transaction.atomic
def undo(ticket: Ticket, *, by: Actor) -> bool:
    """Take back the last move of this person on a ticket with all that it did; False when the citizen had been written
    to before. NotPossibleError when somebody has acted upon it, or it is public."""
    recall.lock(ticket)
    event, unsent = undoing.undo(ticket, by=by)
    for path in lifecycle.MOVES[event.kind.removeprefix("ticket.")].undo:
        import_string(path)(ticket, event)
    untell(event)
    ticket.refresh_from_db()
    refresh(ticket)
    return unsent
