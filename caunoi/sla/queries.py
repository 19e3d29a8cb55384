from collections.abc import Iterable
from datetime import date

from django.db.models import QuerySet

from caunoi.directory.queries import in_force
from caunoi.events.models import Event
from caunoi.sla.clocks import Step
from caunoi.sla.models import Deadline, Target
from caunoi.tickets.lifecycle import State
from caunoi.tickets.models import Ticket


def targets(on: date | None = None) -> list[Target]:
    """The targets in force, to choose from for many tickets."""
    return list(Target.objects.filter(in_force(on)).order_by("id"))


def target(clock: str, ticket: Ticket, rows: Iterable[Target], agency_id: int | None = None) -> Target | None:
    """The target that says most about this ticket: category before urgency before kind before agency."""
    best: tuple[tuple[bool, ...], Target] | None = None
    for row in rows:
        named = (
            (row.urgency, ticket.urgency),
            (row.category_id, ticket.category_id),
            (row.agency_id, agency_id),
            (row.kind, ticket.kind),
        )
        if row.clock != clock or any(want and want != have for want, have in named):
            continue
        weight = tuple(bool(want) for want, _ in named)
        if best is None or weight > best[0]:
            best = (weight, row)
    return best[1] if best else None


def steps(events: Iterable[Event]) -> list[Step]:
    """A ticket's history as its clocks read it: when it entered which state, oldest first."""
    return [Step(at=e.at, state=State(e.data["to"])) for e in events if "to" in e.data]


def deadlines(ticket: Ticket) -> QuerySet[Deadline]:
    """What every clock of a ticket says."""
    return Deadline.objects.filter(ticket=ticket).select_related("agency", "target").order_by("started", "id")


def handle(ticket: Ticket) -> Deadline | None:
    """The deadline that counts: when the citizen must have the answer."""
    return Deadline.objects.filter(ticket=ticket, clock="handle", leg=None).select_related("target").first()


def handles(tickets: Iterable[Ticket]) -> dict[int, Deadline]:
    """The same for a list, by ticket id."""
    rows = Deadline.objects.filter(ticket_id__in=[t.pk for t in tickets], clock="handle", leg=None)
    return {d.ticket_id: d for d in rows}
