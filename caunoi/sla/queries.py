from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, FilteredRelation, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.timezone import localdate, localtime, now

from caunoi.directory.queries import Fresh, in_force
from caunoi.events.actor import Actor
from caunoi.events.models import Event
from caunoi.routing.queries import held
from caunoi.sla.clocks import Step
from caunoi.sla.models import Deadline, Target
from caunoi.tickets.lifecycle import State
from caunoi.tickets.models import Ticket
from caunoi.tickets.queries import PAGE, matching

NEVER = datetime(9999, 1, 1, tzinfo=UTC)  # when a paused or unset deadline falls, for sorting
WORK = (State.ROUTED, State.WORKING, State.WAITING, State.RESULTED)  # what may lie with an agency


def _targets() -> list[Target]:
    return list(Target.objects.filter(in_force()).order_by("id"))


targets: Fresh[list[Target]] = Fresh(_targets)
"""The targets in force, to choose from for many tickets."""


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


def target_rows(pks: Iterable[int]) -> QuerySet[Target]:
    return Target.objects.filter(pk__in=list(pks)).select_related("category", "agency")


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


def _at_work(by: Actor) -> QuerySet[Any]:
    """What lies with this actor's agency, with `falls`: when the citizen's answer is due."""
    handle = FilteredRelation("deadlines", condition=Q(deadlines__clock="handle", deadlines__leg=None))
    found = held(by).filter(state__in=WORK)
    return found.annotate(handle=handle).annotate(falls=Coalesce("handle__due", NEVER))


def _stage(stage: str) -> Q:
    """accept: not yet said to be ours; work: ours; approve: a result waits for the lead; else everything."""
    accepted = Q(leg_state="accepted") & ~Q(state=State.RESULTED)
    return {"accept": Q(leg_state="sent"), "work": accepted, "approve": Q(state=State.RESULTED)}.get(stage, Q())


def work(
    by: Actor, *, stage: str = "", text: str = "", after: tuple[datetime, int] | None = None, size: int = PAGE
) -> list[Ticket]:
    """A page of what lies with this actor's agency, first due first, from `after` (falls, id) on; one more than `size`
    when there are more. Each ticket has `falls` (NEVER while its clock stands), `leg_state` and `leg_role`."""
    found = _at_work(by).filter(_stage(stage))
    if text.strip():
        found = matching(found, text, by)
    if after:
        found = found.filter(Q(falls__gt=after[0]) | Q(falls=after[0], pk__gt=after[1]))
    return list(found.order_by("falls", "pk")[: size + 1])


def workload(by: Actor) -> dict[str, int]:
    """How much lies with this actor's agency: all, by stage, and overdue, today, later, paused."""
    at = now()
    midnight = localtime(at).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    parts = {
        "all": Q(),
        **{stage: _stage(stage) for stage in ("accept", "work", "approve")},
        "overdue": Q(falls__lt=at),
        "today": Q(falls__gte=at, falls__lt=midnight),
        "later": Q(falls__gte=midnight, falls__lt=NEVER),
        "paused": Q(falls=NEVER),
    }
    return _at_work(by).aggregate(**{name: Count("pk", filter=part) for name, part in parts.items()})
