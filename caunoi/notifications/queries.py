from django.db.models import QuerySet

from caunoi.events.actor import AGENCY, CENTRE, Actor
from caunoi.notifications.models import Notification
from caunoi.notifications.notices import Audience
from caunoi.tickets.models import Ticket


def unseen(by: Actor) -> QuerySet[Notification]:
    """What this member of staff has not looked at, newest first."""
    rows = Notification.objects.filter(seen=None).select_related("ticket", "agency").order_by("-id")
    if by.has(*AGENCY) and by.agency_id:
        return rows.filter(agency_id=by.agency_id, audience=Audience.AGENCY)
    return rows.filter(audience=Audience.CENTRE) if by.has(*CENTRE) else rows.none()


def told(ticket: Ticket) -> QuerySet[Notification]:
    """What the citizen of a ticket has been told, oldest first."""
    return (
        Notification.objects.filter(ticket=ticket, audience=Audience.CITIZEN)
        .select_related("event")
        .order_by("at", "id")
    )
