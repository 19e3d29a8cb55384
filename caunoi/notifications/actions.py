import json

from django.db import connection
from django.utils.timezone import now

from caunoi.directory.models import Agency
from caunoi.events.actor import Actor
from caunoi.events.models import Event
from caunoi.notifications import queries
from caunoi.notifications.models import Notification
from caunoi.notifications.notices import NOTICES, Audience
from caunoi.tickets.models import Ticket


def tell(ticket: Ticket, event: Event) -> None:
    """Write down who is told of an event; telling again tells nobody twice."""
    agency = ticket.agency
    if code := event.data.get("agency"):
        agency = Agency.objects.filter(code=code).first() or agency
    rows = []
    for notice in NOTICES.get(event.kind, ()):
        if notice.to is Audience.AGENCY and agency is None:
            continue
        if notice.to is Audience.CENTRE and event.kind == "ticket.create" and ticket.operator:
            continue  # the centre wrote it itself
        to_agency = agency if notice.to is Audience.AGENCY else None
        recipient = f"agency:{to_agency.pk}" if to_agency else str(notice.to)
        rows.append(
            Notification(
                event=event, ticket=ticket, notice=notice.name, audience=notice.to, recipient=recipient,
                agency=agency if notice.to is not Audience.CITIZEN else None, at=event.at,
            )
        )  # fmt: skip
    Notification.objects.bulk_create(rows, ignore_conflicts=True)


def look(by: Actor) -> int:
    """This member of staff has looked at what is new."""
    return queries.unseen(by).update(seen=now())


def announce(ticket: Ticket, event: Event) -> None:
    """Let open screens know that a ticket changed: ids only, to the desk, its agencies and its citizen."""
    topics = ["desk", f"ticket:{ticket.pk}"]
    topics += [f"agency:{pk}" for pk in ticket.participants.filter(until=None).values_list("agency_id", flat=True)]
    payload = json.dumps({"to": topics, "event": "ticket", "id": ticket.pk, "kind": event.kind}, separators=(",", ":"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify('caunoi_live', %s)", [payload])
