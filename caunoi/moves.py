"""A move by its name, taken to the stage that owns it: the one place where forms and API meet the actions."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from django.db import transaction

from caunoi.answers import actions as answers
from caunoi.answers.queries import awaits_centre
from caunoi.events.actions import record
from caunoi.events.actor import Actor, Role
from caunoi.notifications.actions import untell
from caunoi.publication import actions as publication
from caunoi.publication import queries as public
from caunoi.ratings import actions as ratings
from caunoi.routing import actions as routing
from caunoi.routing import links
from caunoi.routing import queries as custody
from caunoi.routing.recall import recall
from caunoi.sla.actions import refresh
from caunoi.tickets import actions as tickets
from caunoi.tickets import lifecycle, queries, undoing
from caunoi.tickets.lifecycle import Move, NotPossible, State
from caunoi.tickets.models import Ticket

OWNERS: dict[str, Callable[..., Any]] = {
    "route": routing.route,
    "start": routing.start,
    "result": answers.submit,
    "approve": answers.approve,
    "revise": answers.revise,
    "answer": answers.answer,
    "leg_accept": routing.accept,
    "leg_return": routing.give_back,
    "leg_pass_on": routing.pass_on,
    "leg_ask_extension": routing.ask_extension,
    "leg_grant_extension": routing.grant_extension,
    "leg_refuse_extension": routing.refuse_extension,
    "leg_answer": routing.contribute,
}


def possible(ticket: Ticket, by: Actor) -> list[Move]:
    """The moves this actor may make now, those of hand-overs included."""
    found = queries.moves(ticket, by)
    if ticket.state == State.RESULTED and by.has(Role.SUPERVISOR) and not awaits_centre(ticket):
        found = [m for m in found if m.name != "approve"]
    return [*found, *custody.leg_moves(ticket, by)]


@transaction.atomic
def reply(
    word: str, *, text: str = "", reason: str = "", before: Sequence[int] = (), after: Sequence[int] = ()
) -> Ticket:
    """The one answer of a link: the agency's result (for the supervisor to approve), its part when it only helps, or the
    reason why it is not theirs. LinkClosed, or as the stage says; then the link is not used up."""
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


def check(ticket: Ticket, name: str, given: Collection[str], *, by: Actor) -> None:
    """Whether the lifecycle lets this actor make a move, before anything is looked up for it; raises as `make` does."""
    have = {*given, "category"} if ticket.category_id else set(given)
    lifecycle.check(name, State(ticket.state), by, have, ticket_id=ticket.pk, agency_id=ticket.agency_id)


@transaction.atomic
def edit(ticket: Ticket, *, by: Actor, **changes: Any) -> Ticket:
    """Correct what is written about a ticket; what must not be public any more is not, with the same commit."""
    ticket = tickets.edit(ticket, by=by, **changes)
    publication.withhold(ticket)
    return ticket


@transaction.atomic
def make(ticket: Ticket, name: str, *, by: Actor, **given: Any) -> Ticket:
    """Make a move with what it needs; what must not be public any more is not, with the same commit. KeyError for an
    unknown name; NotPossible, NotAllowed, Missing as the stage says."""
    given = {k: v for k, v in given.items() if v not in (None, "", [])}
    check(ticket, name, given, by=by)
    if name == "answer" and (category := given.pop("category", None)):
        tickets.edit(ticket, by=by, category=category)
    if name == "merge" and (given["into"].pk == ticket.pk or given["into"].state == State.MERGED):
        raise NotPossible("merge")
    owner = OWNERS.get(name)
    if owner is None:
        tickets.move(ticket, name, by=by, **given)
    else:
        owner(ticket, by=by, **given)
    ticket.refresh_from_db()
    publication.withhold(ticket)
    refresh(ticket)  # the page that comes next shows the clocks that run now
    return ticket


@transaction.atomic
def undo(ticket: Ticket, *, by: Actor) -> bool:
    """Take back the last move of this person on a ticket with all that it did; False when the citizen had been written to
    before. NotPossible when somebody has acted upon it, or it is public."""
    row = public.of(ticket)
    event, unsent = undoing.undo(ticket, by=by)
    if event.kind == "ticket.answer":
        if row and row.state == row.State.PUBLISHED:
            raise NotPossible("undo")
        answers.take_back(ticket, event.at)
        ratings.uninvite(ticket)
    else:
        recall(ticket, event)
    untell(event)
    ticket.refresh_from_db()
    refresh(ticket)
    return unsent
