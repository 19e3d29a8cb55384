"""What single moves write to a ticket besides its state and the columns of their input (`Move.effect`).

Each takes the locked ticket before its state changes and returns further facts for the event: codes and ids, no
words."""

from collections.abc import Mapping
from typing import Any

from caunoi.events.actor import Actor
from caunoi.lib.messages import danger
from caunoi.tickets.lifecycle import HANDLED, NotPossibleError, State, Urgency
from caunoi.tickets.models import Ticket
from caunoi.tickets.reasons import CONFIDENTIAL

type Facts = dict[str, Any]


def accept(ticket: Ticket, before: State, move_input: Mapping[str, Any], by: Actor) -> Facts:
    """Its category says how urgent it is, where the operator does not; who accepts it is responsible for it."""
    ticket.urgency = move_input.get("urgency") or (ticket.category.urgency if ticket.category else ticket.urgency)
    ticket.operator = ticket.operator or by.name
    return {}


def ask(ticket: Ticket, before: State, move_input: Mapping[str, Any], by: Actor) -> Facts:
    """A question: the state to which the answer returns the ticket is kept."""
    ticket.asked_from = before
    return {}


def refuse(ticket: Ticket, before: State, move_input: Mapping[str, Any], by: Actor) -> Facts:
    """What is confidential is restricted from now on."""
    if move_input["reason"] not in CONFIDENTIAL or ticket.restricted:
        return {}
    ticket.restricted = True
    return {"restricts": True}


def merge(ticket: Ticket, before: State, move_input: Mapping[str, Any], by: Actor) -> Facts:
    """NotPossibleError for the ticket itself, or a ticket that was itself merged."""
    into = move_input["into"]
    if into is ticket or (into.pk is not None and into.pk == ticket.pk) or into.state == State.MERGED:
        raise NotPossibleError("merge")
    ticket.merged_into = into
    return {}


def reopen(ticket: Ticket, before: State, move_input: Mapping[str, Any], by: Actor) -> Facts:
    """It becomes urgent where the reason speaks of danger to life."""
    ticket.reopened += before in HANDLED
    if not danger.number(move_input["reason"]):
        return {}
    ticket.urgency = Urgency.URGENT
    return {"urgency": Urgency.URGENT}


def give_back(ticket: Ticket, before: State, move_input: Mapping[str, Any], by: Actor) -> Facts:
    """The agency that returns it no longer leads."""
    agency, ticket.agency = ticket.agency, None
    return {"agency": agency.code if agency else ""}


def recall(ticket: Ticket, before: State, move_input: Mapping[str, Any], by: Actor) -> Facts:
    """The agency no longer leads; it is told of a ticket that it sees no more, by its code."""
    return {**give_back(ticket, before, move_input, by), "code": ticket.code}
