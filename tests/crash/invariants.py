"""What holds at every moment in which nobody is in the middle of anything, whatever broke before. Each is one query
over the whole database that gives the rows by which it does not hold: none, or what they are."""

from collections.abc import Iterator
from typing import Any

import psycopg
from django.db import connection

from caunoi.cli import verify
from caunoi.events.models import Event
from caunoi.statistics import rollup
from caunoi.tickets.lifecycle import OPEN
from caunoi.tickets.queries import TICKETS

WITH_AGENCY = "('routed', 'working', 'resulted')"
OPEN_LEG = "('sent', 'accepted')"
SUBJECTS = {
    "ticket": "tickets_ticket",
    "conversation": "conversations_conversation",
    "call": "calls_call",
    "callback": "conversations_callback",
    "answer": "answers_answer",
    "directive": "directives_directive",
    "publication": "publication_publication",
    "outgoing": "conversations_outgoing",
}
"""The kinds of things with events whose rows, while nothing erases them, must be there."""

INVARIANTS = {
    # --- custody ---
    "an agency's ticket has one holder: one leg that leads, of the agency that the ticket names": f"""
        SELECT t.code, t.state, t.agency_id, array_agg(h.agency_id) FROM tickets_ticket t
        LEFT JOIN routing_handover h ON h.ticket_id = t.id AND h.role = 'lead' AND h.state IN {OPEN_LEG}
        WHERE t.state IN {WITH_AGENCY} GROUP BY t.id HAVING count(h.id) <> 1 OR min(h.agency_id) <> t.agency_id""",
    "whoever has an open leg sees the ticket, once": f"""
        SELECT h.ticket_id, h.agency_id, count(p.id) FROM routing_handover h LEFT JOIN tickets_participant p
        ON p.ticket_id = h.ticket_id AND p.agency_id = h.agency_id AND p.until IS NULL
        WHERE h.state IN {OPEN_LEG} GROUP BY 1, 2 HAVING count(p.id) <> 1""",
    "a ticket that is over lies with nobody": f"""
        SELECT t.code, t.state, h.agency_id, h.state FROM tickets_ticket t JOIN routing_handover h
        ON h.ticket_id = t.id AND h.role = 'lead' AND h.state IN {OPEN_LEG}
        WHERE t.state NOT IN {tuple(sorted(map(str, OPEN)))}""",
    # --- events are what happened ---
    "a ticket is in the state of its last move": """
        SELECT t.code, t.state, e.kind, e.data ->> 'to' FROM tickets_ticket t JOIN LATERAL (
            SELECT kind, data FROM events_event WHERE subject = 'ticket' AND subject_id = t.id AND data ? 'to'
            AND kind LIKE 'ticket.%' ORDER BY id DESC LIMIT 1
        ) e ON true WHERE t.state <> e.data ->> 'to'""",
    "each move begins where the one before it ended": """
        SELECT subject_id, kind, before, data ->> 'from' FROM (
            SELECT *, lag(data ->> 'to') OVER (PARTITION BY subject_id ORDER BY id) AS before FROM events_event
            WHERE subject = 'ticket' AND kind LIKE 'ticket.%' AND data ? 'to'
        ) e WHERE data ? 'from' AND before IS DISTINCT FROM data ->> 'from'""",
    "a ticket was made once": """
        SELECT t.code, count(e.id) FROM tickets_ticket t LEFT JOIN events_event e
        ON e.subject = 'ticket' AND e.subject_id = t.id AND e.kind = 'ticket.create' GROUP BY t.id
        HAVING count(e.id) <> 1""",
    "what happened, happened to something that is there, or was removed": " UNION ALL ".join(
        f"SELECT e.id, e.kind, e.subject_id FROM events_event e WHERE e.subject = '{subject}' AND NOT EXISTS"
        f" (SELECT FROM {table} s WHERE s.id = e.subject_id) AND NOT EXISTS (SELECT FROM events_event r WHERE"
        f" r.subject = e.subject AND r.subject_id = e.subject_id AND r.kind = '{subject}.remove')"
        for subject, table in SUBJECTS.items()
    ),
    "words that go with an event go with one of their own ticket": """
        SELECT n.id, n.ticket_id, e.kind FROM tickets_note n LEFT JOIN events_event e ON e.id = n.event
        WHERE e.subject IS DISTINCT FROM 'ticket' OR e.subject_id <> n.ticket_id""",
    "what follows an event has followed, or is listed": """
        SELECT e.id, e.kind, f.reaction, f.error FROM events_event e LEFT JOIN events_failure f ON f.event_id = e.id
        WHERE e.pending OR f.id IS NOT NULL""",
    # --- numbers ---
    "no code is given twice": "SELECT code, count(*) FROM tickets_ticket GROUP BY code HAVING count(*) > 1",
    "no code is given that the sequence has yet to give": """
        SELECT code FROM tickets_ticket WHERE substr(code, 4, 6)::bigint > coalesce((SELECT last_value
        FROM pg_sequences WHERE sequencename = 'ticket_number_' || substr(tickets_ticket.code, 1, 2)), 0)""",
    # --- nothing that came in is lost ---
    "what was read became words, or changed some": """
        SELECT r.id, i.channel, r.state, r.trouble FROM conversations_receipt r
        JOIN conversations_inbox i ON i.id = r.inbox_id
        WHERE r.state <> 'read' OR i.channel IN ('web', 'app', 'counter', 'paper')
        AND NOT EXISTS (SELECT FROM conversations_message m WHERE m.receipt_id = r.id)""",
    "a receipt's words are there once": """
        SELECT receipt_id, count(*) FROM conversations_message WHERE receipt_id IS NOT NULL AND external_id <> ''
        GROUP BY receipt_id, external_id HAVING count(*) > 1""",
    "a thread with a ticket is no loose one, and one that nobody looked at is": """
        SELECT c.id FROM conversations_conversation c WHERE c.loose AND EXISTS (
            SELECT FROM tickets_ticket t WHERE t.conversation_id = c.id
        ) AND NOT EXISTS (SELECT FROM conversations_message m WHERE m.conversation_id = c.id AND m.inbound
            AND NOT EXISTS (SELECT FROM tickets_exchange x WHERE x.message_id = m.id))""",
    "a conversation has one person": "SELECT id FROM conversations_conversation WHERE contact_id IS NULL",
    # --- everybody is told once ---
    "nobody is told twice of one event": """
        SELECT event_id, notice, recipient, count(*) FROM notifications_notification GROUP BY 1, 2, 3
        HAVING count(*) > 1""",
    "whoever is told is told of what happened": """
        SELECT n.id, n.notice FROM notifications_notification n LEFT JOIN events_event e ON e.id = n.event_id
        WHERE e.id IS NULL OR e.subject = 'ticket' AND n.ticket_id <> e.subject_id""",
    "nothing is written twice": "SELECT once, count(*) FROM conversations_outgoing GROUP BY 1 HAVING count(*) > 1",
    "what we said is sent by somebody, or was": """
        SELECT m.id, m.text FROM conversations_message m WHERE NOT m.inbound AND m.removed IS NULL
        AND NOT EXISTS (SELECT FROM conversations_outgoing o WHERE o.message_id = m.id)""",
    "one number is called for one reason once": """
        SELECT phone_index, reason, count(*) FROM conversations_callback WHERE state IN ('open', 'claimed')
        AND phone_index IS NOT NULL GROUP BY 1, 2 HAVING count(*) > 1""",
    # --- sums are what they sum ---
    "the tickets' counters are a recount": """
        SELECT state, restricted, area, sum(n) FROM (
            SELECT state, restricted, area_id AS area, count(*) AS n FROM tickets_ticket GROUP BY 1, 2, 3
            UNION ALL SELECT state, restricted, area, -count FROM tickets_tally
        ) sides GROUP BY 1, 2, 3 HAVING sum(n) <> 0""",
    "the map's squares are a recount of the register": """
        SELECT category, area, agency, done, sum(n) FROM (
            SELECT category_id AS category, area_id AS area, agency_id AS agency, done, count(*) AS n
            FROM publication_entry WHERE shown GROUP BY 1, 2, 3, 4
            UNION ALL SELECT category, area, agency, done, -count FROM publication_square WHERE level = 0
        ) sides GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0""",
    "the statistics' sums are sums of what they sum": """
        SELECT day, sum(n) FROM (
            SELECT (received AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS day, count(*) AS n FROM statistics_span
            WHERE until IS NULL GROUP BY 1
            UNION ALL SELECT day, -(on_time + late + open + outside) FROM statistics_tally WHERE by = ''
        ) sides GROUP BY 1 HAVING sum(n) <> 0""",
    "the statistics know every ticket": f"""
        SELECT t.id FROM {TICKETS} t WHERE NOT EXISTS
        (SELECT FROM statistics_span s WHERE s.ticket = t.id AND s.until IS NULL)""",
    # --- the public's side ---
    "what is public is what the register shows": """
        SELECT p.id, p.state, e.shown FROM publication_publication p LEFT JOIN publication_entry e
        ON e.publication_id = p.id WHERE (p.state = 'published') <> coalesce(e.shown, false)""",
    "what became public or ceased to be so was said in the public log": """
        SELECT p.id, p.state, s.kind FROM publication_publication p LEFT JOIN LATERAL (
            SELECT kind FROM publication_statement WHERE publication_id = p.id ORDER BY id DESC LIMIT 1
        ) s ON true WHERE (p.state = 'published') <> (coalesce(s.kind, 'withdraw') IN ('publish', 'correct'))""",
    "the public log's numbers have no gap": """
        SELECT number, place FROM (
            SELECT number, row_number() OVER (ORDER BY number) - 1 AS place FROM publication_statement
            WHERE number IS NOT NULL
        ) s WHERE number <> place""",
    "nothing is public of what must not be": """
        SELECT p.id FROM publication_publication p JOIN tickets_ticket t ON t.id = p.ticket_id
        LEFT JOIN directory_category c ON c.id = t.category_id
        WHERE p.state = 'published' AND (t.restricted OR c.publish = 'never')""",
    "what came to nothing is not drafted for the public": """
        SELECT p.id, t.state FROM publication_publication p JOIN tickets_ticket t ON t.id = p.ticket_id
        WHERE p.state = 'draft' AND t.state IN ('refused', 'merged')""",
    # --- answers, clocks, grades, files ---
    "an answered ticket has its answer, and one only": """
        SELECT t.code, count(a.id) FROM tickets_ticket t LEFT JOIN answers_answer a
        ON a.ticket_id = t.id AND a.state = 'approved' AND a.approved >= coalesce((SELECT max(at) FROM events_event e
            WHERE e.subject = 'ticket' AND e.subject_id = t.id AND e.kind = 'ticket.reopen'), '-infinity')
        WHERE t.state = 'answered' GROUP BY t.id HAVING count(a.id) <> 1""",
    "no clock runs for what is over": f"""
        SELECT t.code, t.state, d.clock FROM sla_deadline d JOIN tickets_ticket t ON t.id = d.ticket_id
        WHERE d.state = 'running' AND t.state NOT IN {tuple(sorted(map(str, OPEN)))}""",
    "a merged ticket lies in another that is none": """
        SELECT t.code FROM tickets_ticket t LEFT JOIN tickets_ticket i ON i.id = t.merged_into_id
        WHERE t.state = 'merged' AND (i.id IS NULL OR i.id = t.id)""",
}


def offences(own: psycopg.Connection[Any]) -> Iterator[str]:
    """The rows by which something does not hold, after everything that waits has been worked off."""
    for name, query in INVARIANTS.items():
        if rows := own.execute(query.encode()).fetchmany(5):
            yield f"{name}: {rows}"


def sums() -> Iterator[str]:
    """What only the product itself can recount: figures from the events, seals and the public log from their rows."""
    rollup.catch_up()
    ids = Event.objects.filter(subject="ticket").values_list("subject_id", flat=True).distinct()
    if wrong := rollup.recount(ids):
        yield f"the statistics of {wrong} tickets are not what their events say"
    for one in verify._all():
        if one.first_bad:
            yield f"{one.what}: {one.first_bad}"
    connection.close()
