from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.utils.timezone import now

from caunoi.conversations.models import Callback
from caunoi.directory.models import Agency
from caunoi.directory.queries import Fresh, option
from caunoi.events.actor import AGENCY, Actor, Role
from caunoi.events.models import Event
from caunoi.events.queries import history
from caunoi.events.relations import relation
from caunoi.ratings.models import Batch, Invitation, Rating, Refutation
from caunoi.tickets.lifecycle import HANDLED, State
from caunoi.tickets.models import Ticket
from caunoi.tickets.queries import handlers, visible_to

SURVEY = "survey"  # the reason of a call-back that asks for a grade

INVITATIONS = relation(Invitation, "ticket agency round at")
RATINGS = relation(Rating, "ticket round at grade")
BATCHES = relation(Batch, "agency at satisfied acceptable dissatisfied")

GRADES = tuple(grade.value for grade in Rating.Grade)


def current_rating(ticket: Ticket) -> Rating | None:
    """The citizen's rating of the present answer."""
    return Rating.objects.filter(ticket=ticket, round=ticket.reopened).first()


def history_for(ticket: Ticket, by: Actor) -> list[Event]:
    """What happened to a ticket, oldest first, as somebody may read it: an agency does not learn when it was rated,
    which would betray who rated."""
    events = history(ticket)
    return list(events.exclude(kind="ticket.rate") if by.has(*AGENCY) else events)


def can_rate(ticket: Ticket) -> bool:
    """Answered, within the window, and not yet rated."""
    fresh = ticket.touched > now() - timedelta(days=option("rate_days"))
    return State(ticket.state) in HANDLED and fresh and current_rating(ticket) is None


def surveys_own(ticket: Ticket, by: Actor) -> bool:
    """Whether somebody would ask about a ticket that they, or whom they act for, handled: a supervisor may, as
    themself."""
    handled = by.concerns(handlers([ticket.pk]).get(ticket.pk))
    return handled and not (by.has(Role.SUPERVISOR) and by.behalf_id is None)


def may_call(callback: Callback, by: Actor) -> bool:
    """Whether somebody may deal with a call-back: with a survey of the ticket they handled a colleague does."""
    if callback.reason != SURVEY or callback.subject != "ticket":
        return True
    ticket = Ticket.objects.filter(pk=callback.subject_id or 0).first()
    return ticket is None or not surveys_own(ticket, by)


def invited(ticket: Ticket) -> Invitation | None:
    """How the citizen was asked about the present answer."""
    return Invitation.objects.filter(ticket=ticket, round=ticket.reopened).first()


def _batches(since: datetime | None, until: datetime | None) -> QuerySet[Batch]:
    batches = Batch.objects.order_by()
    if since:
        batches = batches.filter(at__gte=since)
    return batches.filter(at__lt=until) if until else batches


def _within(since: datetime | None, until: datetime | None) -> Q:
    wanted = Q(at__gte=since) if since else Q()
    return wanted & Q(at__lt=until) if until else wanted


def _by_agency(since: datetime | None = None, until: datetime | None = None) -> dict[int | None, dict[str, int]]:
    sums = _batches(since, until).values_list("agency_id").annotate(*(Sum(grade) for grade in GRADES))
    return {key: dict(zip(GRADES, counts, strict=True)) for key, *counts in sums}


grades_by_agency: Fresh[dict[int | None, dict[str, int]]] = Fresh(_by_agency)
"""How many of each grade, for every agency (None: the centre) with enough of them to betray nobody; in whole
batches."""


PAGE = 25
DELAY = timedelta(days=1)  # before anybody reads a comment, so that it is not told by the hour whose it is


def comments(by: Actor, *, read: bool = False, before: int | None = None, size: int = PAGE) -> list[Rating]:
    """What citizens who were not wholly satisfied gave as reasons or wrote, for a reviewer: a page of what nobody has
    read yet (or of what was read), newest first, from rating `before` on; one more than `size` when there are more. A
    day old at least; of tickets this actor may see. Empty for everybody but reviewers."""
    if not by.has(Role.REVIEWER):
        return []
    said = ~Q(comment="") | ~Q(reasons=[])
    rows = Rating.objects.filter(said, at__lt=now() - DELAY, read_at__isnull=not read).exclude(grade="satisfied")
    rows = rows.filter(ticket__in=visible_to(by)).select_related(
        "agency", "ticket__category", "ticket__area", "ticket__contact"
    )
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows.order_by("-pk")[: size + 1])


def rating(pk: int, by: Actor) -> Rating | None:
    """One rating, for a reviewer who may see its ticket."""
    return Rating.objects.filter(pk=pk, ticket__in=visible_to(by)).first() if by.has(Role.REVIEWER) else None


def unread(by: Actor) -> int:
    """How many such words wait for a reviewer."""
    if not by.has(Role.REVIEWER):
        return 0
    rows = Rating.objects.filter(~Q(comment="") | ~Q(reasons=[]), read_at=None, at__lt=now() - DELAY)
    return rows.exclude(grade="satisfied").filter(ticket__in=visible_to(by)).count()


def reasons_given(since: datetime, until: datetime) -> list[tuple[str, str, int]]:
    """(grade, reason, how often) of the ratings given in [since, until) in the whole province, most first; reasons that
    fewer than a group gave are left out."""
    counts: Counter[tuple[str, str]] = Counter()
    rows = Rating.objects.filter(_within(since, until)).exclude(grade="satisfied").exclude(reasons=[])
    for grade, reasons in rows.values_list("grade", "reasons").iterator():
        counts.update((grade, reason) for reason in reasons)
    least = option("show_groups_of")
    return [(grade, reason, n) for (grade, reason), n in counts.most_common() if n >= least]


def totals(since: datetime, until: datetime) -> dict[str, int] | None:
    """The true grades of all ratings given in [since, until), of the whole province; None where they are fewer than a
    group. Leaders and the operations centre may know them: an agency is shown its own whole groups only."""
    counts = Rating.objects.filter(_within(since, until)).order_by().values_list("grade").annotate(n=Count("id"))
    grades = dict.fromkeys(GRADES, 0) | dict(counts)
    return grades if sum(grades.values()) >= option("show_groups_of") else None


def withheld[Key](counts: Mapping[Key, int], total: int) -> set[Key]:
    """The groups of a whole that are not shown beside it: those smaller than `show_groups_of`, and the smallest of the
    others too where what is not shown would otherwise be fewer than that, and so could be told by subtraction."""
    least = option("show_groups_of")
    hidden = {key for key, n in counts.items() if n < least}
    rest = total - sum(n for key, n in counts.items() if key not in hidden)
    shown = sorted((n, str(key), key) for key, n in counts.items() if key not in hidden)
    while shown and 0 < rest < least:
        n, _name, key = shown.pop(0)
        hidden.add(key)
        rest += n
    return hidden


@dataclass(frozen=True, kw_only=True)
class SatisfactionReport:
    """What somebody may read of how content people were: the agencies that are theirs to see, and, for who sees the
    whole province, its true grades and the reasons given."""

    own: bool
    rows: "list[Satisfaction]"
    grades: Mapping[str, int] | None = None
    reasons: list[tuple[str, str, int]] = field(default_factory=list)


def satisfaction_for(by: Actor, since: datetime, until: datetime) -> SatisfactionReport:
    """A lead reads the own agency's, whoever works for a commune that commune's agencies'."""
    own = by.has(Role.LEAD)
    agency_id = (by.agency_id or -1) if own else None
    rows = satisfaction(since, until, agency_id=agency_id, area_id=by.area_id)
    grades = totals(since, until) if not own and by.area_id is None else None
    return SatisfactionReport(own=own, rows=rows, grades=grades, reasons=reasons_given(since, until) if grades else [])


@dataclass(frozen=True, kw_only=True)
class Satisfaction:
    """What an agency's answers were worth to people: how many were asked and how many of those answered, the grades (in
    whole batches only; None for none full), and the closures that were refuted."""

    agency: Agency | None
    invited: int = 0
    rated: int = 0
    grades: Mapping[str, int] | None = None
    refuted: int = 0
    how: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # by way of asking: (asked, rated)


def satisfaction(
    since: datetime, until: datetime, *, agency_id: int | None = None, area_id: int | None = None
) -> list[Satisfaction]:
    """By agency, for those that were asked about, answered or refuted in [since, until); one agency's, or those of an
    area, where that is given."""
    wanted = _within(since, until)
    if agency_id is not None:
        wanted &= Q(agency_id=agency_id)
    if area_id is not None:
        wanted &= Q(agency__area_id=area_id)
    rated = Rating.objects.filter(ticket=OuterRef("ticket"), round=OuterRef("round"))
    asked: dict[int | None, dict[str, tuple[int, int]]] = {}
    rows = Invitation.objects.filter(wanted).order_by().values_list("agency_id", "how")
    for key, how, n, answered in rows.annotate(n=Count("id"), r=Count("id", filter=Exists(rated))):
        asked.setdefault(key, {})[how] = (n, answered)
    refuted = dict(Refutation.objects.filter(wanted).order_by().values_list("agency_id").annotate(n=Count("id")))
    shown = _by_agency(since, until)
    if agency_id is None and area_id is None and (total := totals(since, until)):
        hidden = withheld({key: sum(grades.values()) for key, grades in shown.items()}, sum(total.values()))
        shown = {key: grades for key, grades in shown.items() if key not in hidden}
    keys = {*asked, *refuted, *(key for key in shown if agency_id in (None, key))}
    agencies = Agency.objects.in_bulk([key for key in keys if key is not None])
    found = [
        Satisfaction(
            agency=agencies.get(key) if key is not None else None,
            how=asked.get(key, {}),
            grades=shown.get(key),
            invited=sum(n for n, _ in asked.get(key, {}).values()),
            rated=sum(r for _, r in asked.get(key, {}).values()),
            refuted=refuted.get(key, 0),
        )
        for key in keys
        if area_id is None or (key is not None and agencies[key].area_id == area_id)
    ]
    return sorted(found, key=lambda row: (row.agency is None, row.agency.sort if row.agency else ""))
