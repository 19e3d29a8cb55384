from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import Case, Count, F, FilteredRelation, Max, Min, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils.timezone import localdate, localtime, now

from caunoi.directory import queries as directory
from caunoi.directory.models import Agency
from caunoi.directory.queries import Fresh, in_force
from caunoi.events.actor import Actor, Role
from caunoi.events.models import Event
from caunoi.events.relations import relation
from caunoi.lib.worktime.counting import Calendar
from caunoi.routing.models import OPEN_LEGS, Handover
from caunoi.routing.queries import agency_tickets
from caunoi.sla import ladder, lateness
from caunoi.sla.models import Deadline, Due, Escalation, Recount, Rung, Target
from caunoi.tickets.lifecycle import OPEN, State
from caunoi.tickets.models import Ticket
from caunoi.tickets.queries import PAGE, Filters, matching, narrowed, visible_to

DUES = relation(Due, "id ticket at before due")
DEADLINES = relation(Deadline, "id ticket leg clock agency state started due first_due met late")

NEVER = datetime(9999, 1, 1, tzinfo=UTC)  # when a paused or unset deadline falls, for sorting
CENTRE_CLOCKS = ("accept", "forward")  # the centre's own time, whoever gets the ticket afterwards
OPEN_CLOCK = (Deadline.State.RUNNING, Deadline.State.BREACHED)
WORK = (State.ROUTED, State.WORKING, State.WAITING, State.RESULTED)  # what may lie with an agency


def _targets() -> list[Target]:
    return list(Target.objects.filter(in_force()).order_by("id"))


targets: Fresh[list[Target]] = Fresh(_targets)
"""The targets in force."""


def rungs() -> list[Rung]:
    """The province's own ladder, as it is in force."""
    return list(Rung.objects.filter(in_force()).order_by("clock", F("minutes").asc(nulls_first=True), "percent", "id"))


def rung(pk: int) -> Rung | None:
    """A rung, also one that was removed."""
    return Rung.objects.filter(pk=pk).first()


def step(rung: Rung) -> ladder.LadderStep:
    return ladder.LadderStep(clock=rung.clock, to=rung.to, percent=rung.percent, minutes=rung.minutes)


def _ladder() -> tuple[ladder.LadderStep, ...]:
    return tuple(step(rung) for rung in rungs()) if Rung.objects.exists() else ladder.DEFAULT


steps_up: Fresh[tuple[ladder.LadderStep, ...]] = Fresh(_ladder)
"""The ladder in force."""


def ladder_of(clock: str) -> list[ladder.LadderStep]:
    return [rung for rung in steps_up() if rung.clock == clock]


def _agency_calendars() -> dict[int, str]:
    return dict(Agency.objects.exclude(calendar=None).values_list("pk", "calendar__code"))


agency_calendars: Fresh[dict[int, str]] = Fresh(_agency_calendars)
"""Agency id → the code of its own calendar, of those that have one."""


def _centre() -> str:
    code = Agency.objects.filter(in_force(), kind="centre").values_list("calendar__code", flat=True).first()
    return code or "always"


_centre_hours: Fresh[str] = Fresh(_centre)


def hours(to: str, agency_id: int | None) -> Calendar:
    """When somebody of this role is at work: an agency's people, the leaders in office hours, the centre in its own."""
    if to in ladder.INSTEAD:
        return directory.calendar(agency_calendars().get(agency_id or 0, "office"))
    return directory.calendar("office" if to == "leader" else _centre_hours())


def escalations(*, since: datetime | None = None, until: datetime | None = None) -> QuerySet[Escalation]:
    """The rungs that notified in [since, until), newest first: what reports of escalation are made of."""
    rows = Escalation.objects.select_related("agency", "ticket").order_by("-at", "-id")
    if since is not None:
        rows = rows.filter(at__gte=since)
    return rows.filter(at__lt=until) if until is not None else rows


def reminders(by: Actor) -> QuerySet[Escalation]:
    """The rungs that this reader may see, newest first: none for readers limited to one commune, none of restricted
    tickets for a leader."""
    rows = escalations()
    if by.area_id is not None:
        return rows.none()
    return rows.exclude(ticket__restricted=True) if by.has(Role.LEADER) else rows


def moved_since(event_id: int) -> list[int]:
    """The tickets that changed their state after an event."""
    later = Event.objects.filter(subject="ticket", pk__gt=event_id, kind__startswith="ticket.", data__has_key="to")
    return list(later.order_by("subject_id").values_list("subject_id", flat=True).distinct())


def recounts() -> QuerySet[Recount]:
    """Recalculations, running and finished, the newest first."""
    return Recount.objects.order_by("-id")


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
    """How many running deadlines end on a date or later, and so may move with a change of the calendar."""
    return Deadline.objects.filter(state="running", due__date__gte=day).count()


def target(clock: str, ticket: Ticket, rows: Iterable[Target], agency_id: int | None = None) -> Target | None:
    """The most specific target for this ticket: urgency weighs most, then category, agency, kind."""
    best: tuple[tuple[bool, ...], Target] | None = None
    for row in rows:
        criteria = (
            (row.urgency, ticket.urgency),
            (row.category_id, ticket.category_id),
            (row.agency_id, agency_id),
            (row.kind, ticket.kind),
        )
        if row.clock != clock or any(value and value != own for value, own in criteria):
            continue
        weight = tuple(bool(value) for value, _ in criteria)
        if best is None or weight > best[0]:
            best = (weight, row)
    return best[1] if best else None


def deadlines(ticket: Ticket) -> QuerySet[Deadline]:
    """What every clock of a ticket says."""
    return Deadline.objects.filter(ticket=ticket).select_related("target").order_by("started", "id")


def handle(ticket: Ticket) -> Deadline | None:
    """The deadline that counts: when the citizen must have the answer."""
    return Deadline.objects.filter(ticket=ticket, clock="handle", leg=None).select_related("target").first()


def handles(tickets: Iterable[Ticket]) -> dict[int, Deadline]:
    """The handling deadlines of several tickets, by ticket id."""
    rows = Deadline.objects.filter(ticket_id__in=[t.pk for t in tickets], clock="handle", leg=None)
    return {d.ticket_id: d for d in rows}


def pressing(rows: Iterable[Deadline]) -> Deadline | None:
    """The deadline that the centre goes by: the first due of its own clocks and the citizen's that run; where none
    does, the citizen's."""
    own = [d for d in rows if d.leg_id is None and d.clock in (*CENTRE_CLOCKS, "handle")]
    running = [d for d in own if d.state in OPEN_CLOCK and d.due]
    if running:
        return min(running, key=lambda d: d.due or NEVER)
    return next((d for d in own if d.clock == "handle"), None)


def pressings(tickets: Iterable[Ticket]) -> dict[int, Deadline]:
    """The most urgent deadlines of several tickets, by ticket id."""
    rows: dict[int, list[Deadline]] = {}
    ids = [t.pk for t in tickets]
    for deadline in Deadline.objects.filter(ticket_id__in=ids, clock__in=(*CENTRE_CLOCKS, "handle"), leg=None):
        rows.setdefault(deadline.ticket_id, []).append(deadline)
    return {pk: first for pk, own in rows.items() if (first := pressing(own))}


def first_due(
    by: Actor,
    filters: Filters,
    *,
    after: tuple[datetime, int] | None = None,
    size: int = PAGE,
    also: Sequence[str] = (),
) -> list[Any]:
    """A page of tickets by what presses the centre, the first due first, from `after` (falls, id) on; one more than
    `size` when there are more. Each ticket has `falls` (NEVER while no clock runs), and its rows of these names."""
    clocks = Deadline.objects.filter(
        ticket=OuterRef("pk"), leg=None, clock__in=(*CENTRE_CLOCKS, "handle"), state__in=OPEN_CLOCK
    ).order_by()
    first = Subquery(clocks.values("ticket").annotate(first=Min("due")).values("first"))
    tickets: QuerySet[Any] = narrowed(by, filters, also).annotate(falls=Coalesce(first, NEVER))
    if filters.text.strip():
        tickets = matching(tickets, filters.text, by)
    return _page(tickets, after, size)


def _page(tickets: QuerySet[Any], after: tuple[datetime, int] | None, size: int) -> list[Any]:
    """The tickets that fall first, from `after` (falls, id) on; one more than `size` when there are more."""
    if after:
        tickets = tickets.filter(Q(falls__gt=after[0]) | Q(falls=after[0], pk__gt=after[1]))
    first = tickets.select_related(None).order_by("falls", "pk").values("pk")[: size + 1]
    # ids first, so that what is sorted is narrow and who reported is joined for a page
    return list(tickets.filter(pk__in=first).order_by("falls", "pk"))


@dataclass(frozen=True, kw_only=True)
class Holding:
    """Who holds a ticket now (an agency, or None for the centre), since when, and until when it must be answered (None
    while no clock runs); `over` when nobody does any more."""

    agency: Agency | None
    since: datetime
    until: datetime | None
    over: bool


def holdings(tickets: Iterable[Ticket]) -> dict[int, Holding]:
    """Who holds each of these tickets, since when, until when: one query, by ticket id."""
    open_lead = Q(handovers__role=Handover.Role.LEAD, handovers__state__in=OPEN_LEGS)
    back = Handover.objects.filter(ticket=OuterRef("pk"), role=Handover.Role.LEAD).exclude(state__in=OPEN_LEGS)
    rows = (
        Ticket.objects.filter(pk__in=[t.pk for t in tickets])
        .annotate(
            leg=FilteredRelation("handovers", condition=open_lead),
            handle=FilteredRelation("deadlines", condition=Q(deadlines__clock="handle", deadlines__leg=None)),
            back=Subquery(back.order_by().values("ticket").annotate(last=Max("ended")).values("last")),
        )
        .values_list(
            "pk",
            "state",
            "received",
            "back",
            "leg__sent",
            "handle__due",
            "leg__agency__pk",
            "leg__agency__code",
            "leg__agency__name",
            "leg__agency__name_en",
            "leg__agency__short",
        )
    )
    result = {}
    for pk, state, received, came_back, sent, due, agency_id, code, name, name_en, short in rows:
        with_agency = agency_id is not None and state in WORK
        agency = Agency(pk=agency_id, code=code, name=name, name_en=name_en, short=short) if with_agency else None
        since = sent if with_agency else came_back or received
        result[pk] = Holding(agency=agency, since=since, until=due, over=state not in OPEN)
    return result


def holding_of(ticket: Ticket, legs: Iterable[Handover], handle: Deadline | None) -> Holding:
    """The same of one ticket whose legs and deadline have been read already."""
    leads = [leg for leg in legs if leg.role == Handover.Role.LEAD]
    leg = next((leg for leg in leads if leg.state in OPEN_LEGS), None) if ticket.state in WORK else None
    back = [leg.ended for leg in leads if leg.ended]
    since = leg.sent if leg else max(back, default=ticket.received)
    until = handle.due if handle else None
    return Holding(agency=leg.agency if leg else None, since=since, until=until, over=ticket.state not in OPEN)


def holding(ticket: Ticket) -> Holding:
    return holdings([ticket])[ticket.pk]


def _overdue(by: Actor) -> QuerySet[Any]:
    """The open tickets this actor may see that are past the citizen's deadline, with `falls`: when it fell, and
    `holder`: the code of the agency that holds it now ("" for the centre, where a reopened ticket lies until it is sent
    on)."""
    handle = FilteredRelation("deadlines", condition=Q(deadlines__clock="handle", deadlines__leg=None))
    lead = FilteredRelation(
        "handovers", condition=Q(handovers__role=Handover.Role.LEAD, handovers__state__in=OPEN_LEGS)
    )
    late = visible_to(by).filter(state__in=OPEN).annotate(handle=handle, lead=lead)
    late = late.filter(lateness.late("handle"))
    at_work = When(state__in=WORK, lead__agency__isnull=False, then=F("lead__agency__code"))
    falls = Coalesce("handle__due", "handle__last_due", "received")  # the clock is paused while the citizen is asked
    return late.annotate(falls=falls, holder=Case(at_work, default=Value("")))


def overdue(
    by: Actor, *, agency: str = "", after: tuple[datetime, int] | None = None, size: int = PAGE
) -> list[Ticket]:
    """A page of what is overdue, longest first, from `after` (falls, id) on, held by one agency ("-": by the centre)
    where given; one more than `size` when there are more. Each ticket has `falls` and `holder` (a code)."""
    page = _overdue(by)
    return _page(page.filter(holder=agency.removeprefix("-")) if agency else page, after, size)


def overdue_by_agency(by: Actor) -> list[tuple[str, int, datetime]]:
    """(code of the holder or "" for the centre, how many are overdue there, since when the first is), most first."""
    rows = _overdue(by).order_by().values_list("holder").annotate(count=Count("pk"), first=Min("falls"))
    return sorted(((code, count, first) for code, count, first in rows), key=lambda row: (-row[1], row[2]))


def fell(by: Actor, since: datetime, until: datetime, *, agency: str = "") -> int:
    """How many of the overdue tickets fell so in [since, until), of one agency if given."""
    late = _overdue(by).filter(falls__gte=since, falls__lt=until)
    return (late.filter(holder=agency) if agency else late).count()


def _at_work(by: Actor) -> QuerySet[Any]:
    """What lies with this actor's agency, with `falls`: when the first of the clocks that it works by falls."""
    clocks = _agency_clocks(by).filter(ticket=OuterRef("pk"), state__in=OPEN_CLOCK).order_by()
    first = Subquery(clocks.values("ticket").annotate(first=Min("due")).values("first"))
    return agency_tickets(by).filter(state__in=WORK).annotate(falls=Coalesce(first, NEVER))


def _agency_clocks(by: Actor) -> QuerySet[Deadline]:
    """The clocks this actor's agency works by: the citizen's, and those of its own open leg."""
    own = Q(leg__agency=by.agency_id or -1, leg__state__in=OPEN_LEGS)
    return Deadline.objects.filter(Q(clock="handle", leg=None) | own)


def working(tickets: Iterable[Ticket], by: Actor) -> dict[int, Deadline]:
    """By ticket id the clock that falls first of those that this actor's agency works by; where none runs, the
    citizen's."""
    result: dict[int, Deadline] = {}
    for row in sorted(_agency_clocks(by).filter(ticket_id__in=[t.pk for t in tickets]), key=_running_first):
        result.setdefault(row.ticket_id, row)
    return result


def _running_first(row: Deadline) -> tuple[bool, bool, datetime]:
    stands = row.state not in OPEN_CLOCK or row.due is None
    return stands, stands and row.leg_id is not None, row.due or NEVER


def _stage(stage: str) -> Q:
    """accept: not accepted yet; work: accepted; approve: a result waits for the lead; else everything."""
    accepted = Q(leg_state="accepted") & ~Q(state=State.RESULTED)
    return {"accept": Q(leg_state="sent"), "work": accepted, "approve": Q(state=State.RESULTED)}.get(stage, Q())


def work(
    by: Actor, *, stage: str = "", text: str = "", after: tuple[datetime, int] | None = None, size: int = PAGE
) -> list[Ticket]:
    """A page of what lies with this actor's agency, first due first, from `after` (falls, id) on; one more than `size`
    when there are more. Each ticket has `falls` (NEVER while its clock stands), `leg_state` and `leg_role`."""
    tickets = _at_work(by).filter(_stage(stage))
    return _page(matching(tickets, text, by) if text.strip() else tickets, after, size)


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
