"""The inner doors once more, as conditions of row-level security (events/rowsecurity.py): what `visible_to` and
doors.py let through in Python, PostgreSQL lets through here."""

from collections.abc import Mapping
from typing import Any

from caunoi.events.actor import AGENCY, Actor, Role
from caunoi.tickets.queries import WHOLE, sees_restricted


def sight(by: Actor) -> Mapping[str, Any] | None:
    """What an actor sees, for the conditions below; None for the product itself and for strangers, whose doors are
    others."""
    common = {"area": by.area_id or ""}
    if by.has(Role.SYSTEM):
        return None
    if sees_restricted(by):
        common |= {"closed": "yes"}
    if by.has(*WHOLE, Role.OPERATOR, Role.ADMIN):
        return {"sees": "centre", **common}
    if by.has(*AGENCY) and by.agency_id:
        return {"sees": "agency", "agency": by.agency_id, **common}
    return {"sees": "ticket", "ticket": by.ticket_id} if by.ticket_id else None


def _setting(name: str, cast: str = "") -> str:
    """What `sight` said, asked once a statement and not once a row."""
    return f"(SELECT nullif(current_setting('caunoi.{name}', true), ''){cast})"


SEES, CLOSED = _setting("sees"), f"{_setting('closed')} IS NOT NULL"
AGENCY_ID, AREA_ID, TICKET_ID = (_setting(name, "::bigint") for name in ("agency", "area", "ticket"))
EVERYTHING = f"({SEES} = 'centre' AND {CLOSED} AND {AREA_ID} IS NULL)"
SHUT = f"((t.restricted AND NOT {CLOSED}) OR ({AREA_ID} IS NOT NULL AND t.area_id IS DISTINCT FROM {AREA_ID}))"

VIEWS = {
    "tickets_sight": "SELECT id, restricted, area_id, contact_id, conversation_id, merged_into_id FROM tickets_ticket",
    "tickets_talk": """SELECT e.message_id, e.ticket_id, m.conversation_id, c.contact_id FROM tickets_exchange e
        JOIN conversations_message m ON m.id = e.message_id
        JOIN conversations_conversation c ON c.id = m.conversation_id""",
}
"""Rows that row-level security does not hide (models.Sight, models.Talk)."""


def _centre(condition: str, others: str) -> str:
    return f"{EVERYTHING} OR CASE {SEES} WHEN 'centre' THEN {condition} ELSE {others} END"


def _any(rows: str) -> str:
    return f"EXISTS (SELECT FROM {rows})"


def _shut(column: str, key: str) -> str:
    """Whether the thread or person of `key` has to do with a ticket that is shut to the reader."""
    talk = f"tickets_talk k JOIN tickets_sight t ON t.id = k.ticket_id WHERE k.{column} = {key} AND {SHUT}"
    return f"({_any(f'tickets_sight t WHERE t.{column} = {key} AND {SHUT}')} OR {_any(talk)})"


def _open(column: str) -> str:
    return _any(f"tickets_ticket t WHERE t.{column} = {{table}}.id")


def _unless_shut(column: str) -> str:
    """A thread or person of whom the reader sees a ticket, or of whom none is shut to the centre's reader."""
    return _centre(f"(NOT {_shut(column, '{table}.id')} OR {_open(column)})", _open(column))


_MESSAGE = _any("conversations_message m WHERE m.id = {table}.message_id")
_CONTACT = _any("conversations_contact c WHERE c.id = {table}.contact_id")
_EXCHANGE = "tickets_exchange e WHERE e.message_id = {table}.id"
_CALLED = "tickets_ticketcall e WHERE e.call_id = {table}.id"
_UNSEEN = f"NOT {_any('tickets_ticket t WHERE t.id = e.ticket_id')}"
_TAKES_PART = "tickets_participant p WHERE p.ticket_id = {table}.id AND p.until IS NULL AND p.agency_id = " + AGENCY_ID
_CONTINUES = f"tickets_sight t WHERE t.id = {TICKET_ID} AND t.merged_into_id = {{table}}.id"
_IN_AREA = f"({AREA_ID} IS NULL OR area_id = {AREA_ID})"

DOORS: Mapping[str, str] = {
    "confidential": CLOSED,
    "own": f"""{EVERYTHING} OR CASE {SEES}
        WHEN 'centre' THEN (NOT restricted OR {CLOSED}) AND {_IN_AREA}
        WHEN 'agency' THEN NOT restricted AND {_IN_AREA} AND {_any(_TAKES_PART)}
        ELSE id = {TICKET_ID} OR {_any(_CONTINUES)} END""",
    "ticket": f"{EVERYTHING} OR {_any('tickets_ticket t WHERE t.id = {table}.ticket_id')}",
    "order": _centre(
        f"ticket_id IS NULL OR {_any('tickets_ticket t WHERE t.id = {table}.ticket_id')}",
        f"agency_id = {AGENCY_ID} AND NOT {_any(f'tickets_sight t WHERE t.id = {{table}}.ticket_id AND {SHUT}')}",
    ),
    "thread": _unless_shut("conversation_id"),
    "person": _unless_shut("contact_id"),
    "exchanged": _centre(
        f"NOT {_any(f'{_EXCHANGE} AND {_UNSEEN}')} AND "
        f"({_any(_EXCHANGE)} OR NOT {_shut('conversation_id', '{table}.conversation_id')})",
        _any("tickets_exchange e JOIN tickets_ticket t ON t.id = e.ticket_id WHERE e.message_id = {table}.id"),
    ),
    "message": f"{EVERYTHING} OR {_MESSAGE}",
    "outgoing": _centre(
        f"CASE WHEN message_id IS NOT NULL THEN {_MESSAGE} "
        f"ELSE conversation_id IS NULL OR NOT {_shut('conversation_id', '{table}.conversation_id')} END",
        _any("conversations_conversation c WHERE c.id = {table}.conversation_id"),
    ),
    "call": f"{EVERYTHING} OR {_any('calls_call c WHERE c.id = {table}.call_id')}",
    "called": _centre(
        f"(NOT {{table}}.shut OR {CLOSED}) AND NOT {_any(f'{_CALLED} AND {_UNSEEN}')}",
        _any("tickets_ticketcall e JOIN tickets_ticket t ON t.id = e.ticket_id WHERE e.call_id = {table}.id"),
    ),
    "callback": _centre(
        f"(subject <> 'ticket' OR {_any('tickets_ticket t WHERE t.id = {table}.subject_id')}) AND "
        f"(subject <> 'call' OR {_any('calls_call c WHERE c.id = {table}.subject_id')}) AND "
        f"(contact_id IS NULL OR {_CONTACT})",
        _CONTACT,
    ),
}
"""By a model's `row_door`: the condition under which its reader sees a row; `{table}` is its own."""
