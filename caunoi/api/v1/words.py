"""Tickets as API bodies."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.timezone import localtime

from caunoi import moves
from caunoi.events.actor import CENTRE, Actor
from caunoi.events.queries import history
from caunoi.publication.models import Publication
from caunoi.publication.queries import of
from caunoi.routing.queries import custody
from caunoi.sla.models import Deadline
from caunoi.sla.queries import deadlines
from caunoi.tickets.models import Ticket
from caunoi.tickets.queries import holder


def moment(value: datetime | None) -> str | None:
    return localtime(value).isoformat() if value else None


def _code(row: Any) -> str | None:
    return row.code if row else None


def short(ticket: Ticket) -> dict[str, Any]:
    """A ticket as a line of a list."""
    return {
        "code": ticket.code,
        "kind": ticket.kind,
        "category": _code(ticket.category),
        "area": _code(ticket.area),
        "state": ticket.state,
        "urgency": ticket.urgency,
        "channel": ticket.channel,
        "holder": _code(holder(ticket)),
        "received": moment(ticket.received),
        "updated": moment(ticket.touched),
        "summary": ticket.summary,
    }


def _due(rows: Iterable[Deadline]) -> dict[int, str | None]:
    """When each leg is due, by leg; what runs counts before what is over."""
    found: dict[int, str | None] = {}
    for row in sorted(rows, key=lambda d: d.state in ("running", "breached")):
        if row.leg_id is not None:
            found[row.leg_id] = moment(row.due)
    return found


def whole(ticket: Ticket, by: Actor) -> dict[str, Any]:
    """Everything this caller may know of a ticket. Who reported it is the centre's to know, never an agency's."""
    clocks = list(deadlines(ticket))
    due = _due(clocks)
    publication = of(ticket)
    contact = ticket.contact
    reporter = {"name": contact.name, "phone": contact.phone, "email": contact.email, "address": contact.address}
    return {
        **short(ticket),
        "text": ticket.text,
        "address": ticket.address,
        "lat": ticket.latitude,
        "long": ticket.longitude,
        "occurred": moment(ticket.occurred),
        "answered": moment(ticket.answered),
        "closed": moment(ticket.closed),
        "reopened": ticket.reopened,
        **({"contact": reporter} if by.has(*CENTRE) else {}),
        "deadlines": [
            {"clock": d.clock, "agency": _code(d.agency), "due": moment(d.due), "state": d.state} for d in clocks
        ],
        "public": publication is not None and publication.state == Publication.State.PUBLISHED,
        "moves": sorted(m.name for m in moves.possible(ticket, by)),
        "events": [{"at": moment(e.at), "kind": e.kind, "by": e.by} for e in history(ticket)],
        "handovers": [
            {
                "from": _code(leg.source), "to": leg.agency.code, "role": leg.role, "state": leg.state,
                "due": due.get(leg.pk),
            }
            for leg in custody(ticket)
        ],
    }  # fmt: skip
