"""The views for a province's own BI tool, in the schema `bi`: each named once, with what a row of it is.

Codes, states and times only: no words that people wrote, no names, no phone numbers, no users. Restricted tickets are
in none of them. docs/bi.md is checked against this table."""

from dataclasses import dataclass

from caunoi.calls.queries import CALLS
from caunoi.conversations.queries.callbacks import CALLBACKS
from caunoi.directives.queries import DIRECTIVES
from caunoi.directory.queries import AGENCIES, AREAS, CATEGORIES
from caunoi.events.queries import EVENTS
from caunoi.procedures.queries import PROCEDURES
from caunoi.publication.queries.door import PUBLICATIONS
from caunoi.ratings.queries import BATCHES
from caunoi.routing.queries import HANDOVERS
from caunoi.sla.lateness import late_sql
from caunoi.sla.queries import DEADLINES
from caunoi.tickets.queries import TICKETS

SCHEMA = "bi"
GROUP = 5  # grades of fewer people are not shown

_LATE = late_sql("d")
# The four numbers (statistics/scope.py) of a ticket as it stands now, without waiting for the tallies.
PART = (
    f"WHEN t.state IN ('answered', 'closed') THEN CASE WHEN {_LATE} THEN 'late' ELSE 'on_time' END "
    f"WHEN {_LATE} THEN 'open_overdue' ELSE 'open_within'"
)
OPEN_TO_ALL = "NOT t.restricted"


@dataclass(frozen=True, kw_only=True)
class View:
    name: str
    meaning: str
    query: str


def _of_tickets(columns: str, tables: str, where: str = "") -> str:
    """A query over tickets and what hangs on them, without the restricted ones."""
    return f"SELECT {columns} FROM {TICKETS} t {tables} WHERE {OPEN_TO_ALL} {where}"


VIEWS = (
    View(
        name="tickets",
        meaning="One row a ticket. `part` is one of the four numbers as of now; none for refused and merged ones.",
        query=_of_tickets(
            "t.code, t.kind, t.state, t.urgency, t.channel, c.code AS category_code, ar.code AS area_code, "
            "a.code AS agency_code, t.received, t.occurred, t.answered, t.closed, t.touched AS updated, t.reopened, "
            f"d.due, {_LATE} AS late, "
            f"CASE WHEN t.state IN ('refused', 'merged') THEN NULL {PART} END AS part, "
            "coalesce(p.state = 'published', false) AS public, p.published, round(t.latitude::numeric, 3) AS latitude, "
            "round(t.longitude::numeric, 3) AS longitude",
            f"LEFT JOIN {AGENCIES} a ON a.id = t.agency_id LEFT JOIN {AREAS} ar ON ar.id = t.area_id "
            f"LEFT JOIN {CATEGORIES} c ON c.id = t.category_id "
            f"LEFT JOIN {DEADLINES} d ON d.ticket_id = t.id AND d.clock = 'handle' AND d.leg_id IS NULL "
            f"LEFT JOIN {PUBLICATIONS} p ON p.ticket_id = t.id",
        ),
    ),
    View(
        name="moves",
        meaning="One row a change of a ticket: what was done when, and the states before and after.",
        query=_of_tickets(
            "e.id, t.code AS ticket, e.at, e.kind, e.data->>'from' AS from_state, e.data->>'to' AS to_state",
            f"JOIN {EVENTS} e ON e.subject = 'ticket' AND e.subject_id = t.id",
            "AND e.kind <> 'ticket.rate'",
        ),
    ),
    View(
        name="handovers",
        meaning="One row a leg of the custody ledger: from whom (none = the centre) to whom, and when.",
        query=_of_tickets(
            "h.id, t.code AS ticket, s.code AS from_agency, a.code AS to_agency, h.role, h.state, h.hop, h.sent, "
            "h.received, h.accepted, h.ended, h.asked_days, h.granted_days",
            f"JOIN {HANDOVERS} h ON h.ticket_id = t.id JOIN {AGENCIES} a ON a.id = h.agency_id "
            f"LEFT JOIN {AGENCIES} s ON s.id = h.source_id",
        ),
    ),
    View(
        name="deadlines",
        meaning="One row a clock of a ticket or of a leg: when it began, was first due (before anything was granted or "
        "it stood still), fell due, was met.",
        query=_of_tickets(
            "d.id, t.code AS ticket, d.clock, a.code AS agency, d.leg_id AS handover, d.state, d.started, d.due, "
            f"d.first_due, d.met, {_LATE} AS late",
            f"JOIN {DEADLINES} d ON d.ticket_id = t.id LEFT JOIN {AGENCIES} a ON a.id = d.agency_id",
        ),
    ),
    View(
        name="calls",
        meaning="One row a call: how long it waited (seconds), how long it was talked, how it ended. No numbers.",
        query="SELECT k.id, k.direction, k.state, k.outcome, k.queue, k.began, k.connected, k.ended, k.waited, "
        f"k.talked, k.sound <> '' AS recorded FROM {CALLS} k",
    ),
    View(
        name="callbacks",
        meaning="One row a person to be called back: why, since when, until when, how often tried.",
        query=f"SELECT b.id, b.reason, b.state, b.asked, b.due, b.ended, b.times, b.attempts FROM {CALLBACKS} b",
    ),
    View(
        name="grades",
        meaning=f"Grades by agency and month, in whole groups of at least {GROUP}, so that none betrays its rater.",
        query="SELECT a.code AS agency_code, to_char(r.at AT TIME ZONE 'Asia/Ho_Chi_Minh', 'YYYY-MM') AS month, "
        "sum(r.satisfied + r.acceptable + r.dissatisfied)::int AS given, sum(r.satisfied)::int AS satisfied, "
        "sum(r.acceptable)::int AS acceptable, sum(r.dissatisfied)::int AS dissatisfied "
        f"FROM {BATCHES} r LEFT JOIN {AGENCIES} a ON a.id = r.agency_id "
        f"GROUP BY 1, 2 HAVING sum(r.satisfied + r.acceptable + r.dissatisfied) >= {GROUP}",
    ),
    View(
        name="directives",
        meaning="One row a leader's order: to which agency, about which ticket, when due and done.",
        query="SELECT o.id, t.code AS ticket, a.code AS agency, o.at, o.due, o.acknowledged, o.done, o.withdrawn "
        f"FROM {DIRECTIVES} o LEFT JOIN {TICKETS} t ON t.id = o.ticket_id AND NOT t.restricted "
        f"LEFT JOIN {AGENCIES} a ON a.id = o.agency_id "
        "WHERE o.ticket_id IS NULL OR t.id IS NOT NULL",
    ),
    View(
        name="categories",
        meaning="The fields, the retired ones too.",
        query=f'SELECT code, name, name_en, "group", kind, urgency, valid_from, valid_to FROM {CATEGORIES} c',
    ),
    View(
        name="areas",
        meaning="The communes and the province, the old ones too: valid from, to.",
        query="SELECT r.code, r.name, r.kind, u.code AS parent, r.valid_from, r.valid_to, r.latitude, r.longitude, "
        f"r.area_km2 FROM {AREAS} r LEFT JOIN {AREAS} u ON u.id = r.parent_id",
    ),
    View(
        name="agencies",
        meaning="The agencies, the retired ones too, with the one above and the commune they serve.",
        query="SELECT a.code, a.name, a.name_en, a.short, a.kind, u.code AS parent, r.code AS area_code, "
        f"a.valid_from, a.valid_to FROM {AGENCIES} a LEFT JOIN {AGENCIES} u ON u.id = a.parent_id "
        f"LEFT JOIN {AREAS} r ON r.id = a.area_id",
    ),
    View(
        name="procedures",
        meaning="The administrative procedures with their field and the day they were retired.",
        query=f"SELECT code, name, field, agency, retired FROM {PROCEDURES} p",
    ),
)
