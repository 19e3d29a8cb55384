"""A move by its name, taken to the stage that owns it: the one place where forms and API meet the actions."""

from collections.abc import Callable, Collection
from typing import Any

from caunoi.answers import actions as answers
from caunoi.events.actor import Actor
from caunoi.routing import actions as routing
from caunoi.routing import queries as custody
from caunoi.tickets import actions as tickets
from caunoi.tickets import lifecycle, queries
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
}


def possible(ticket: Ticket, by: Actor) -> list[Move]:
    """The moves this actor may make now, those of hand-overs included."""
    return [*queries.moves(ticket, by), *custody.leg_moves(ticket, by)]


def check(ticket: Ticket, name: str, given: Collection[str], *, by: Actor) -> None:
    """Whether the lifecycle lets this actor make a move, before anything is looked up for it; raises as `make` does."""
    have = {*given, "category"} if ticket.category_id else set(given)
    lifecycle.check(name, State(ticket.state), by, have, ticket_id=ticket.pk, agency_id=ticket.agency_id)


def make(ticket: Ticket, name: str, *, by: Actor, **given: Any) -> Ticket:
    """Make a move with what it needs. KeyError for an unknown name; NotPossible, NotAllowed, Missing as the stage says."""
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
    return ticket
