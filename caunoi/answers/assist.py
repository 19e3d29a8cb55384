"""A draft for the answer to a ticket, by a language model from the procedures that match. It sends nothing."""

import httpx
from django.conf import settings

from caunoi.events.actions import record
from caunoi.events.actor import Actor, NotAllowedError, Role
from caunoi.procedures import assist, queries
from caunoi.procedures.assist import Draft, Endpoint
from caunoi.tickets.models import Ticket

WHO = (Role.OPERATOR, Role.SUPERVISOR, Role.REVIEWER)
PROCEDURES = 3
FIELDS = 60


def on() -> bool:
    """Whether an endpoint is configured."""
    return bool(settings.ASSIST_URL)


def endpoint() -> Endpoint:
    return Endpoint(
        url=settings.ASSIST_URL,
        model=settings.ASSIST_MODEL,
        key=settings.ASSIST_KEY,
        seconds=settings.ASSIST_SECONDS,
    )


def draft(ticket: Ticket, *, by: Actor, client: httpx.Client | None = None) -> Draft:
    """Ask for a draft of the answer to a question. The event holds codes, never the text."""
    if not by.has(*WHO):
        raise NotAllowedError("assist")
    hits = queries.search(ticket.text, limit=PROCEDURES)
    fields = [
        source
        for hit in hits
        if (version := hit.procedure.current)
        for source in assist.sources(hit.procedure.code, version.number, version.record)
    ]
    with client or httpx.Client(follow_redirects=False) as talking:
        made = assist.draft(ticket.text, fields[:FIELDS], endpoint(), talking)
    codes = [hit.procedure.code for hit in hits]
    record("answer.assist", ticket, by=by, codes=codes, refused=made.refused, dropped=made.dropped)
    return made
