import json
from collections.abc import Iterable

from django.db import connection, transaction

from caunoi.directives.models import Directive
from caunoi.directory.models import Agency
from caunoi.events.actor import Actor, NotAllowed
from caunoi.events.models import Event
from caunoi.notifications import queries
from caunoi.notifications.models import Look, Notification
from caunoi.notifications.notices import AT_AGENCY, NOTICES, OF_ROLE, Audience
from caunoi.tickets.models import Ticket

ALSO = 200  # single notices that are remembered as seen; then the older ones count as seen too


def _agency(ticket: Ticket | None, event: Event, *, to_lead: bool = False) -> Agency | None:
    """The agency a notice is about, or for: the one that the event names, else the one that leads."""
    leads = ticket.agency if ticket else None
    if to_lead:
        return leads
    if pk := event.data.get("agency_id"):
        return Agency.objects.filter(pk=pk).first()
    if code := event.data.get("agency"):
        return Agency.objects.filter(code=code).first() or leads
    return leads


def tell(ticket: Ticket | None, event: Event, directive: Directive | None = None) -> None:
    """Write down who is told of an event; telling again tells nobody twice."""
    agency = directive.agency if directive else _agency(ticket, event, to_lead=event.kind == "handover.answer")
    only = OF_ROLE.get(event.data.get("audience", ""))  # an event of the ladder names whom it is for
    rows = []
    for notice in NOTICES.get(event.kind, ()):
        if (notice.to in AT_AGENCY and agency is None) or (only is not None and notice.to is not only):
            continue
        if directive is not None and notice.to is Audience.SUPERVISOR and agency is not None:
            continue  # an order to an agency is not the centre's
        if notice.to is Audience.CENTRE and event.kind == "ticket.create" and ticket and ticket.operator:
            continue  # the centre wrote it itself
        recipient = f"{notice.to}:{agency.pk}" if agency and notice.to in AT_AGENCY else str(notice.to)
        rows.append(
            Notification(
                event=event, ticket=ticket, directive=directive, notice=notice.name, audience=notice.to,
                recipient=recipient, agency=agency if notice.to is not Audience.CITIZEN else None, at=event.at,
            )
        )  # fmt: skip
    Notification.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def look(by: Actor, pk: int | None = None, *, up_to: int | None = None) -> None:
    """This member of staff has looked at one notice, or at all there were when the page (`up_to`) was drawn. NotAllowed
    for another's notice."""
    if by.user_id is None:
        raise NotAllowed("look")
    Look.objects.get_or_create(reader=by.name)
    row = Look.objects.select_for_update().get(reader=by.name)
    if pk is None:
        newest = queries.mine(by).values_list("pk", flat=True)
        until = (newest.filter(pk__lte=up_to) if up_to is not None else newest).first() or 0
        row.until = max(row.until, until)
    else:
        if not queries.mine(by).filter(pk=pk).exists():
            raise NotAllowed("look")
        row.also = sorted({*row.also, pk})
    row.also = [seen for seen in row.also if seen > row.until]
    if len(row.also) > ALSO:
        row.until, row.also = row.also[-ALSO - 1], row.also[-ALSO:]
    row.save()


def announce(ticket: Ticket, event: Event) -> None:
    """Let open screens know that a ticket changed: ids only, to the desk, its agencies and its citizen."""
    topics = ["desk", f"ticket:{ticket.pk}"]
    topics += [f"agency:{pk}" for pk in ticket.participants.filter(until=None).values_list("agency_id", flat=True)]
    _notify(topics, event="ticket", id=ticket.pk, kind=event.kind)


def announce_order(directive: Directive, event: Event) -> None:
    """The same for a leader's order."""
    topics = ["desk", *([f"agency:{directive.agency_id}"] if directive.agency_id else [])]
    seen = {"id": directive.ticket_id} if directive.ticket_id else {}
    _notify(topics, event="ticket", kind=event.kind, **seen)


def announce_all() -> None:
    """Let every list be drawn anew: deadlines of many tickets moved."""
    agencies = Agency.objects.filter(people__is_active=True).values_list("pk", flat=True).distinct()
    topics = ["desk", *(f"agency:{pk}" for pk in agencies)]
    for begin in range(0, len(topics), 400):  # a payload holds 8 kB
        _notify(topics[begin : begin + 400], event="ticket", kind="recount.finish")


def _notify(topics: Iterable[str], **said: object) -> None:
    payload = json.dumps({"to": list(topics), **said}, separators=(",", ":"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify('caunoi_live', %s)", [payload])
