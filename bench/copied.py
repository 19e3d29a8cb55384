"""The tables whose rows are copied with a ticket, and what a copy has of its own."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table whose rows go with a ticket: by which column, or by a row of the table `via`. `moved` are columns that
    name rows of other copied tables; `told` are columns that a copy has of its own."""

    name: str
    ticket: str = "ticket_id"
    via: str = ""
    moved: dict[str, str] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)
    only: str = ""


NORTH, EAST = "s.latitude + c.north * 0.001", "s.longitude + c.east * 0.001"
PUBLIC = "publication_publication"
TABLES = (
    Table(
        name="tickets_ticket",
        ticket="id",
        told={
            "code": "c.code",
            "follow": "c.follow",  # as links lay before they were sealed: a copy's could not be opened
            "follow_sealed": "NULL",
            "follow_index": "NULL",
            "text": "s.text || c.said",
            "latitude": NORTH,
            "longitude": EAST,
        },
    ),
    Table(name="events_event", ticket="subject_id", only="s.subject = 'ticket'"),
    Table(name="tickets_note", moved={"event": "events_event"}),
    Table(name="tickets_participant"),
    Table(name="tickets_photo"),
    Table(name="routing_handover"),
    Table(name="sla_deadline", moved={"leg_id": "routing_handover"}),
    Table(name="sla_due"),
    Table(name="answers_answer"),
    Table(name="answers_citation", ticket="answer_id", via="answers_answer"),
    Table(name=PUBLIC, told={"text": "s.text || c.said", "latitude": NORTH, "longitude": EAST}),
    Table(name="publication_publication_photos", ticket="publication_id", via=PUBLIC),
    Table(
        name="publication_entry",
        ticket="publication_id",
        via=PUBLIC,
        told={"vector": "c.entry_words::tsvector", "latitude": NORTH, "longitude": EAST},
    ),
    Table(name="statistics_span", ticket="ticket"),
    Table(name="statistics_hold", ticket="ticket"),
)
COUNTED = ("publication_square", "statistics_tally", "statistics_pair", "statistics_distribution")
"""What is counted anew from the copies."""
