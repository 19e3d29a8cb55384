from django.db.models import Exists, OuterRef, Q, QuerySet

from caunoi.conversations.models import Outgoing
from caunoi.conversations.queries import DEAD, NOTHING_KNOWN
from caunoi.events.actor import AGENCY, Actor, Role
from caunoi.notifications.models import Look, Notification
from caunoi.notifications.notices import AT_AGENCY, BY_NAME, Audience
from caunoi.tickets.models import Ticket
from caunoi.tickets.queries import hidden_from

CENTRE = (Role.OPERATOR, Role.SUPERVISOR, Role.REVIEWER)


def audiences(by: Actor) -> list[Audience]:
    """The groups of readers that this member of staff belongs to."""
    groups = [Audience.CENTRE] if by.has(*CENTRE) else []
    if by.has(*AGENCY) and by.agency_id:
        groups.append(Audience.AGENCY)
    of_role = {
        Role.OPERATOR: Audience.OPERATOR,
        Role.LEAD: Audience.LEAD,
        Role.SUPERVISOR: Audience.SUPERVISOR,
        Role.REVIEWER: Audience.REVIEWER,
        Role.LEADER: Audience.LEADER,
        Role.ADMIN: Audience.ADMIN,
    }
    return groups + [audience for role, audience in of_role.items() if by.has(role)]


def recipient(user_id: int) -> str:
    """How a notification names one person."""
    return f"{Audience.PERSON}:{user_id}"


def mine(by: Actor) -> QuerySet[Notification]:
    """This staff member's notifications, newest first, without their own doings."""
    groups = audiences(by)
    theirs = Q(audience__in=set(groups) - AT_AGENCY)
    if by.user_id is not None and by.behalf_id is None:
        theirs |= Q(audience=Audience.PERSON, recipient=recipient(by.user_id))
    if by.agency_id:
        theirs |= Q(audience__in=set(groups) & AT_AGENCY, agency_id=by.agency_id)
    rows = Notification.objects.select_related("ticket", "agency", "event", "directive")
    if by.user_id is not None:
        rows = rows.exclude(event__by_user=by.user_id)
    if (closed := hidden_from(by)) is not None and by.has(*CENTRE):
        rows = rows.exclude(Exists(closed.filter(pk=OuterRef("ticket"))))
    return rows.filter(theirs).order_by("-id")


def looked(by: Actor) -> Look:
    """How far this staff member has read."""
    return Look.objects.filter(reader=by.name).first() or Look(reader=by.name)


def unseen(by: Actor) -> QuerySet[Notification]:
    """This staff member's unread notifications, newest first."""
    look = looked(by)
    return mine(by).filter(pk__gt=look.until).exclude(pk__in=look.also)


WEIGHTY = [name for name, notice in BY_NAME.items() if notice.to is Audience.CITIZEN and notice.weighty]


def untold(ticket: Ticket) -> str:
    """Why the last thing that matters (an answer, a question, a refusal) has not reached the citizen; empty when it is
    on its way, has arrived, or somebody decided that it need not."""
    last = sent_to_citizen(ticket).filter(notice__in=WEIGHTY).last()
    if last is None:
        return ""
    rows = list(Outgoing.objects.filter(once__startswith=f"{last.event_id}:{last.notice}").order_by("id"))
    if any(row.state not in DEAD or row.dropped for row in rows):
        return ""
    return (rows[-1].trouble or str(rows[-1].state)) if rows else NOTHING_KNOWN


def letters(ticket: Ticket) -> QuerySet[Outgoing]:
    """The messages to its citizen about it, by every way that was tried, oldest first."""
    ours = Outgoing.objects.filter(message__exchange__ticket=ticket, message__inbound=False)
    return ours.select_related("inbox").order_by("id")


def sent_to_citizen(ticket: Ticket) -> QuerySet[Notification]:
    """The messages to the citizen of a ticket, oldest first."""
    return (
        Notification.objects.filter(ticket=ticket, audience=Audience.CITIZEN)
        .select_related("event")
        .order_by("at", "id")
    )
