"""The inner doors once more, as conditions of row-level security (events/rowsecurity.py): what `visible_to` and
doors.py let through in Python, PostgreSQL lets through here."""

from collections.abc import Mapping
from typing import Any

from caunoi.events.actor import AGENCY, Actor, Role
from caunoi.tickets.queries import WHOLE, sees_restricted


def sight(by: Actor) -> Mapping[str, Any] | None:
    """What an actor sees, for the conditions below; None for the product itself and for strangers, whose doors are
    others."""
    if by.has(Role.SYSTEM):
        return None
    common = {"area": by.area_id or "", "closed": "yes" if sees_restricted(by) else ""}
    if by.has(*WHOLE, Role.OPERATOR, Role.ADMIN):
        return {"sees": "part" if by.area_id else "all" if common["closed"] else "centre", **common}
    if by.has(*AGENCY) and by.agency_id:
        return {"sees": "agency", "agency": by.agency_id, **common}
    return {"sees": "ticket", "ticket": by.ticket_id} if by.ticket_id else None


# What every row is asked is asked once a statement, by a query of its own; anything else where it is needed. Each
# query within a condition is planned for every statement that meets it, and so costs more than what it saves.
SEES = "(SELECT current_setting('caunoi.sees', true))"
AT_CENTRE = "current_setting('caunoi.sees', true) IN ('centre', 'part')"
CLOSED = "coalesce(current_setting('caunoi.closed', true), '') <> ''"
AGENCY_ID, AREA_ID, TICKET_ID = (
    f"nullif(current_setting('caunoi.{name}', true), '')::bigint" for name in ("agency", "area", "ticket")
)
SHUT = f"((t.restricted AND NOT {CLOSED}) OR ({AREA_ID} IS NOT NULL AND t.area_id IS DISTINCT FROM {AREA_ID}))"

VIEWS = {
    "tickets_sight": "SELECT id, restricted, area_id, contact_id, conversation_id, merged_into_id FROM tickets_ticket",
    "tickets_talk": """SELECT e.message_id, e.ticket_id, m.conversation_id, c.contact_id FROM tickets_exchange e
        JOIN conversations_message m ON m.id = e.message_id
        JOIN conversations_conversation c ON c.id = m.conversation_id""",
}
"""Rows that row-level security does not hide (models.Sight, models.Talk)."""


def _shut_by(column: str) -> str:
    return f"""EXISTS (SELECT FROM tickets_sight t WHERE t.{column} = $1 AND {SHUT})
        OR EXISTS (SELECT FROM tickets_talk k JOIN tickets_sight t ON t.id = k.ticket_id
            WHERE k.{column} = $1 AND {SHUT})"""  # noqa: S608  (our own conditions)


FUNCTIONS = {
    "tickets_shut_thread": _shut_by("conversation_id"),
    "tickets_shut_person": _shut_by("contact_id"),
    "tickets_continues": f"EXISTS (SELECT FROM tickets_sight t WHERE t.id = {TICKET_ID} AND t.merged_into_id = $1)",
}
"""What is asked of one id and hardly ever: whether a thread or a person has to do with a ticket that is shut to the
reader, whether a ticket continues the reader's. Their plans are kept, where a query within a condition is planned for
every statement that meets it."""


def _unless_all(condition: str) -> str:
    return f"CASE {SEES} WHEN 'all' THEN true ELSE {condition} END"


def _centre(condition: str, others: str) -> str:
    return _unless_all(f"CASE WHEN {AT_CENTRE} THEN {condition} ELSE {others} END")


def _any(rows: str) -> str:
    """Whether there is one. Not by EXISTS, which is planned twice: by row, and hashed."""
    return f"((SELECT true FROM {rows} LIMIT 1) IS NOT NULL)"  # noqa: S608  (our own conditions)


def _open(column: str) -> str:
    return _any(f"tickets_ticket t WHERE t.{column} = {{table}}.id")


def _unless_shut(what: str, column: str) -> str:
    """A thread or person of whom the reader sees a ticket, or of whom none is shut to the centre's reader."""
    return _unless_all(f"({_open(column)} OR ({AT_CENTRE} AND NOT tickets_shut_{what}({{table}}.id)))")


_MESSAGE = _any("conversations_message m WHERE m.id = {table}.message_id")
_CONTACT = _any("conversations_contact c WHERE c.id = {table}.contact_id")
_EXCHANGE = "tickets_exchange e WHERE e.message_id = {table}.id"
_CALLED = "tickets_ticketcall e WHERE e.call_id = {table}.id"
_UNSEEN = f"NOT {_any('tickets_ticket t WHERE t.id = e.ticket_id')}"
_TAKES_PART = "tickets_participant p WHERE p.ticket_id = {table}.id AND p.until IS NULL AND p.agency_id = " + AGENCY_ID
_IN_AREA = f"({AREA_ID} IS NULL OR area_id = {AREA_ID})"

DOORS: Mapping[str, str] = {
    "confidential": CLOSED,
    "own": f"""CASE {SEES}
        WHEN 'all' THEN true
        WHEN 'centre' THEN NOT restricted
        WHEN 'part' THEN (NOT restricted OR {CLOSED}) AND {_IN_AREA}
        WHEN 'agency' THEN NOT restricted AND {_IN_AREA} AND {_any(_TAKES_PART)}
        ELSE id = {TICKET_ID} OR tickets_continues(id) END""",
    "ticket": _unless_all(_any("tickets_ticket t WHERE t.id = {table}.ticket_id")),
    "order": _centre(
        f"ticket_id IS NULL OR {_any('tickets_ticket t WHERE t.id = {table}.ticket_id')}",
        f"agency_id = {AGENCY_ID} AND NOT {_any(f'tickets_sight t WHERE t.id = {{table}}.ticket_id AND {SHUT}')}",
    ),
    "thread": _unless_shut("thread", "conversation_id"),
    "person": _unless_shut("person", "contact_id"),
    "exchanged": _centre(
        f"NOT {_any(f'{_EXCHANGE} AND {_UNSEEN}')} AND "
        f"({_any(_EXCHANGE)} OR NOT tickets_shut_thread({{table}}.conversation_id))",
        _any("tickets_exchange e JOIN tickets_ticket t ON t.id = e.ticket_id WHERE e.message_id = {table}.id"),
    ),
    "message": _unless_all(_MESSAGE),
    "outgoing": _centre(
        f"CASE WHEN message_id IS NOT NULL THEN {_MESSAGE} "
        f"ELSE conversation_id IS NULL OR NOT tickets_shut_thread({{table}}.conversation_id) END",
        _any("conversations_conversation c WHERE c.id = {table}.conversation_id"),
    ),
    "call": _unless_all(_any("calls_call c WHERE c.id = {table}.call_id")),
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
