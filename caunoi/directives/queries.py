from collections.abc import Collection
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils.timezone import now

from caunoi.directives.models import Directive
from caunoi.events.actor import AGENCY, Actor, Role
from caunoi.events.relations import relation
from caunoi.events.rowsecurity import unlimited
from caunoi.tickets.models import Sight, Ticket
from caunoi.tickets.queries import sees_restricted

DIRECTIVES = relation(Directive, "id ticket agency at due acknowledged done withdrawn")

PAGE = 25


def directives() -> QuerySet[Directive]:
    return Directive.objects.select_related("ticket", "agency")


def directive(pk: int) -> Directive | None:
    return directives().filter(pk=pk).first()


def visible_to(by: Actor) -> QuerySet[Directive]:
    """Leaders and supervisors see all orders, reviewers the requests to explain, an agency those to itself; nobody else
    any. Those about a restricted ticket only its custodians: asked of `Sight`, as the ticket itself is not there for
    whom row-level security hides it, and would be taken for one that is not restricted."""
    if by.has(Role.LEADER, Role.SUPERVISOR, Role.SYSTEM):
        rows = directives()
    elif by.has(Role.REVIEWER):
        rows = directives().filter(kind=Directive.Kind.EXPLAIN)
    elif by.has(*AGENCY) and by.agency_id:
        rows = directives().filter(agency_id=by.agency_id)
    else:
        return directives().none()
    if not sees_restricted(by):
        rows = rows.exclude(Exists(Sight.objects.filter(pk=OuterRef("ticket_id"), restricted=True)))
    return rows.filter(Q(ticket=None) | Q(ticket__area_id=by.area_id)) if by.area_id else rows


def find(by: Actor, pk: int) -> Directive | None:
    return visible_to(by).filter(pk=pk).first()


def of_kind(directives: QuerySet[Directive], kind: str) -> QuerySet[Directive]:
    return directives.filter(kind=kind) if kind else directives


def listed(
    by: Actor, part: str = "open", *, kind: str = "order", before: int | None = None, size: int = PAGE
) -> list[Directive]:
    """A page of orders (or requests to explain, or both: ""): open (first due first), overdue, or done (newest first);
    one more than `size` when there are more."""
    rows = of_kind(visible_to(by), kind)
    if part == "done":
        rows = rows.filter(~Q(done=None) | ~Q(withdrawn=None))
        return list((rows.filter(pk__lt=before) if before else rows).order_by("-id")[: size + 1])
    rows = rows.filter(done=None, withdrawn=None)
    if part == "overdue":
        rows = rows.filter(due__lt=now())
    return list(rows.order_by("due", "id")[: size + 1])


def counts(by: Actor, kind: str = "order") -> dict[str, int]:
    """How many orders (or requests to explain, or both: "") are open, and of them overdue."""
    rows = of_kind(visible_to(by).filter(done=None, withdrawn=None), kind)
    return {"open": rows.count(), "overdue": rows.filter(due__lt=now()).count()}


def of_ticket(ticket: Ticket) -> QuerySet[Directive]:
    """The orders about a ticket, oldest first."""
    return directives().filter(ticket=ticket).order_by("at", "id")


def of_tickets(tickets: Collection[Ticket]) -> QuerySet[Directive]:
    return directives().filter(ticket__in=tickets, done=None, withdrawn=None).order_by(F("due"))


def explanations(since: datetime, until: datetime, at: datetime) -> dict[str, int]:
    """The explanations requested in [since, until), counted: all, answered in time, answered late, not due yet,
    overdue."""
    requests = Directive.objects.filter(kind=Directive.Kind.EXPLAIN, withdrawn=None, at__gte=since, at__lt=until)
    return requests.aggregate(
        asked=Count("pk"),
        on_time=Count("pk", filter=Q(done__lte=F("due"))),
        late=Count("pk", filter=Q(done__gt=F("due"))),
        open=Count("pk", filter=Q(done=None, due__gte=at)),
        overdue=Count("pk", filter=Q(done=None, due__lt=at)),
    )


def asked_in(since: datetime, until: datetime) -> QuerySet[Directive]:
    """The explanations requested in [since, until), missing ones first, then the oldest."""
    requests = directives().select_related("ticket__contact").filter(kind=Directive.Kind.EXPLAIN, withdrawn=None)
    return requests.filter(at__gte=since, at__lt=until).order_by(F("done").asc(nulls_first=True), "at", "id")


def explained(tickets: Collection[int]) -> dict[int, Directive]:
    """Ticket id → the newest request to explain it, of these tickets."""
    rows = directives().filter(kind=Directive.Kind.EXPLAIN, withdrawn=None, ticket__in=tickets).order_by("at", "id")
    return {row.ticket_id: row for row in rows if row.ticket_id}


@unlimited()
def hidden_ticket(directive: Directive) -> Ticket | None:
    """The ticket of an order whose reader does not see it: whose people its words may name."""
    return Ticket.objects.select_related("contact").filter(pk=directive.ticket_id or 0).first()


def answers_for(directive: Directive, by: Actor) -> bool:
    """Whether this member of staff acknowledges and answers it: the agency's lead, or the supervisor for the centre;
    never its author."""
    if by.concerns(directive.by_user):
        return False
    if directive.agency_id is None:
        return by.has(Role.SUPERVISOR)
    return by.has(Role.LEAD) and by.agency_id == directive.agency_id


def may_withdraw(directive: Directive, by: Actor) -> bool:
    """Whether this member of staff may withdraw it: a leader; a request to explain, also its author."""
    return by.has(Role.LEADER) or (directive.kind == Directive.Kind.EXPLAIN and by.is_person(directive.by_user))
