from collections.abc import Iterable
from datetime import date

from django.db.models import F, Q, QuerySet
from django.utils.timezone import localdate

from caunoi.directory.queries import in_force
from caunoi.events.models import Event
from caunoi.sla.clocks import Step
from caunoi.sla.models import Deadline, Target
from caunoi.tickets.lifecycle import State
from caunoi.tickets.models import Ticket


def targets(on: date | None = None) -> list[Target]:
    """The targets in force, to choose from for many tickets."""
    return list(Target.objects.filter(in_force(on)).order_by("id"))


def every_target() -> QuerySet[Target]:
    """All that are or will be in force, a clock's general ones first."""
    nulls_first = [F(name).asc(nulls_first=True) for name in ("category__order", "agency__sort")]
    return (
        Target.objects.filter(Q(valid_to=None) | Q(valid_to__gt=localdate()))
        .exclude(valid_from=F("valid_to"))
        .select_related("category", "agency")
        .order_by("clock", *nulls_first, "urgency", "kind", "valid_from")
    )


def target_row(pk: int) -> Target | None:
    return Target.objects.filter(pk=pk).select_related("category", "agency").first()


def rivals(target: Target, since: date) -> QuerySet[Target]:
    """Other targets for the very same tickets that are in force on or after a date."""
    scope = {name: getattr(target, name) for name in ("clock", "category", "urgency", "kind", "agency")}
    ahead = Q(valid_to=None) | Q(valid_to__gt=since)
    return Target.objects.filter(ahead, **scope).exclude(valid_from=F("valid_to")).exclude(pk=target.pk)


def running_from(day: date) -> int:
    """How many running deadlines end on a date or later: those that a change of the calendar may move."""
    return Deadline.objects.filter(state="running", due__date__gte=day).count()


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
