"""How the API shows tickets: the bodies it answers with."""

from collections.abc import Callable, Iterable
from typing import Any

from caunoi import moves
from caunoi.api.v1.directives import bodies, moment
from caunoi.conversations.models import Outgoing
from caunoi.directives.queries import visible_to as orders
from caunoi.events.actor import Actor
from caunoi.lib.privacy.discreet import mask
from caunoi.publication.models import Publication
from caunoi.publication.queries import publication_of
from caunoi.ratings.queries import history_for
from caunoi.routing.models import Handover
from caunoi.routing.queries import custody
from caunoi.sla.models import Deadline
from caunoi.sla.queries import deadlines, holding
from caunoi.tickets.models import Ticket
from caunoi.tickets.queries import holder, knows_reporter
from caunoi.tickets.showings import show_ticket


def _code(row: Any) -> str | None:
    return row.code if row else None


def _readable(ticket: Ticket, by: Actor) -> Callable[[str], str]:
    """Words as this caller may read them: without the people in them, for those who need not know who reported."""
    if knows_reporter(by, ticket):
        return str
    return lambda text: mask(text, ticket.contact.name)


def short(ticket: Ticket, by: Actor) -> dict[str, Any]:
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
        "summary": _readable(ticket, by)(ticket.summary),
    }


def _due(rows: Iterable[Deadline]) -> dict[int, str | None]:
    """When each leg is due, by leg; what runs counts before what is over."""
    result: dict[int, str | None] = {}
    for row in sorted(rows, key=lambda d: d.state in ("running", "breached")):
        if row.leg_id is not None:
            result[row.leg_id] = moment(row.due)
    return result


def _extension(leg: Handover, readable: Callable[[str], str]) -> dict[str, Any] | None:
    """The latest request for more time: granted, refused with a reason, or (decided null) still open."""
    if leg.asked is None:
        return None
    return {
        "asked": moment(leg.asked),
        "days": leg.asked_days or leg.granted_days,
        "reason": readable(leg.asked_reason),
        "decided": moment(leg.decided),
        "by": leg.decided_by or None,
        "granted": bool(leg.decided and not leg.refusal),
        "refusal": readable(leg.refusal) or None,
    }


def notice(row: Outgoing, ticket: Ticket, by: Actor) -> dict[str, Any]:
    """One message to the citizen of a ticket; `to` is null for who does not know them."""
    return {
        "at": moment(row.at),
        "to": row.address if knows_reporter(by, ticket) else None,
        "way": row.inbox.channel,
        "state": row.state,
    }


def whole(ticket: Ticket, by: Actor) -> dict[str, Any]:
    """Everything this caller may know of a ticket. Who reported it is the centre's to know, never an agency's."""
    clocks = list(deadlines(ticket))
    due = _due(clocks)
    publication, tenure, readable = publication_of(ticket), holding(ticket), _readable(ticket, by)
    contact, is_shown = ticket.contact, knows_reporter(by, ticket)
    if is_shown:
        show_ticket(ticket, by=by, place="api")
    reporter = {"name": contact.name, "phone": contact.phone, "email": contact.email, "address": contact.address}
    return {
        **short(ticket, by),
        "text": readable(ticket.text),
        "address": readable(ticket.address),
        "lat": ticket.latitude,
        "long": ticket.longitude,
        "occurred": moment(ticket.occurred),
        "answered": moment(ticket.answered),
        "closed": moment(ticket.closed),
        "reopened": ticket.reopened,
        **({"contact": reporter} if is_shown else {}),
        "holding": {"agency": _code(tenure.agency), "since": moment(tenure.since), "until": moment(tenure.until)},
        "deadlines": [
            {"clock": d.clock, "agency": _code(d.agency), "due": moment(d.due), "state": d.state} for d in clocks
        ],
        "public": publication is not None and publication.state == Publication.State.PUBLISHED,
        "moves": sorted(m.name for m in moves.possible(ticket, by)),
        "events": [{"at": moment(e.at), "kind": e.kind, "by": e.by} for e in history_for(ticket, by)],
        "handovers": [
            {
                "from": _code(leg.source),
                "to": leg.agency.code,
                "role": leg.role,
                "state": leg.state,
                "due": due.get(leg.pk),
                "by": leg.by,
                "note": readable(leg.note) or None,
                "sent": moment(leg.sent),
                "received": moment(leg.received),
                "accepted": moment(leg.accepted),
                "ended": moment(leg.ended),
                "reason": readable(leg.reason) or None,
                "answer": leg.answer or None,
                "extension": _extension(leg, readable),
            }
            for leg in custody(ticket)
        ],
        "directives": bodies(orders(by).filter(ticket=ticket).order_by("at", "id")),
    }
