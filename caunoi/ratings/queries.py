from collections import Counter
from collections.abc import Collection, Mapping
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
from caunoi.tickets.proofs import PROOF, reads_own
from caunoi.tickets.queries import handlers, visible_to
from caunoi.tickets.visits import VISIT, VISITS
from caunoi.triage.alarms import alarm_events

SURVEY = "survey"  # the reason of a call-back that asks for a grade

INVITATIONS = relation(Invitation, "ticket agency round at")
RATINGS = f"""(SELECT * FROM {relation(Rating, "ticket round at grade counted")} one WHERE one.counted)"""  # noqa: S608
BATCHES = relation(Batch, "agency at satisfied acceptable dissatisfied")

GRADES = tuple(grade.value for grade in Rating.Grade)


def current_rating(ticket: Ticket) -> Rating | None:
    """The citizen's rating of the present answer; not one that was refused as somebody else's."""
    ratings = Rating.objects.filter(ticket=ticket, round=ticket.reopened)
    return ratings.exclude(verdict=Rating.Verdict.REFUSED).first()


def history_for(ticket: Ticket, by: Actor) -> list[Event]:
    """What happened to a ticket and its alarms, oldest first, as somebody may read it: an agency does not learn when it
    was rated, which would betray who rated, nor when its citizen looked, nor of alarms."""
    if by.has(*AGENCY):
        return list(history(ticket).exclude(kind__in={"ticket.rate", *VISITS}))
    events = history(ticket).exclude(kind=VISIT).order_by()
    return list(events.union(alarm_events(ticket), all=True).order_by("at", "id"))


def can_rate(ticket: Ticket) -> bool:
    """Answered, within the window, not rated yet."""
    fresh = ticket.touched > now() - timedelta(days=option("rate_days"))
    return State(ticket.state) in HANDLED and fresh and current_rating(ticket) is None


def surveys_own(ticket: Ticket, by: Actor) -> bool:
    """Whether somebody would ask about a ticket that they, or whom they act for, handled: only a supervisor may, not a
    deputy."""
    handled = by.concerns(handlers([ticket.pk]).get(ticket.pk))
    return handled and not (by.has(Role.SUPERVISOR) and by.behalf_id is None)


def may_call(callback: Callback, by: Actor) -> bool:
    """Whether somebody may deal with a call-back: a survey about a ticket they handled, or the code that opens it, is
    a colleague's."""
    if callback.reason not in (SURVEY, PROOF) or callback.subject != "ticket":
        return True
    ticket = Ticket.objects.filter(pk=callback.subject_id or 0).first()
    if ticket is None:
        return True
    return not (reads_own(ticket.pk, by) if callback.reason == PROOF else surveys_own(ticket, by))


def invited(ticket: Ticket) -> Invitation | None:
    """How the citizen was asked to rate the present answer."""
    return Invitation.objects.filter(ticket=ticket, round=ticket.reopened).first()


def _within(since: datetime | None, until: datetime | None) -> Q:
    span = Q(at__gte=since) if since else Q()
    return span & Q(at__lt=until) if until else span


def _by_agency(since: datetime | None = None, until: datetime | None = None) -> dict[int | None, dict[str, int]]:
    rows = Batch.objects.filter(_within(since, until)).order_by().values_list("agency_id")
    sums = rows.annotate(*(Sum(grade) for grade in GRADES))
    return {key: dict(zip(GRADES, counts, strict=True)) for key, *counts in sums}


grades_by_agency: Fresh[dict[int | None, dict[str, int]]] = Fresh(_by_agency)
"""How many of each grade, for every agency (None: the centre) with a whole batch."""


PAGE = 25
DELAY = timedelta(days=1)  # before anybody reads a comment, so that its time does not reveal whose it is


def _commented(by: Actor, *, read: bool = False) -> QuerySet[Rating]:
    """The ratings with reasons or a comment of citizens who were not wholly satisfied, unread or read; for reviewers, a
    day old at least and of tickets that they may see."""
    if not by.has(Role.REVIEWER):
        return Rating.objects.none()
    has_words = ~Q(comment="") | ~Q(reasons=[])
    rows = Rating.objects.filter(has_words, counted=True, at__lt=now() - DELAY, read_at__isnull=not read)
    return rows.exclude(grade="satisfied").filter(ticket__in=visible_to(by))


def comments(by: Actor, *, read: bool = False, before: int | None = None) -> list[Rating]:
    """A page of such ratings, newest first, from rating `before` on; one more than PAGE when there are more."""
    rows = _commented(by, read=read).select_related("agency", "ticket__category", "ticket__area", "ticket__contact")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows.order_by("-pk")[: PAGE + 1])


def rating(pk: int, by: Actor) -> Rating | None:
    """One rating, for a reviewer who may see its ticket."""
    return Rating.objects.filter(pk=pk, ticket__in=visible_to(by)).first() if by.has(Role.REVIEWER) else None


def unread(by: Actor) -> int:
    """How many ratings with reasons or comments nobody has read yet."""
    return _commented(by).count()


def reasons_given(since: datetime, until: datetime) -> list[tuple[str, str, int]]:
    """(grade, reason, how often) of the ratings given in [since, until) in the whole province, most first; reasons that
    fewer than a group gave are left out."""
    counts: Counter[tuple[str, str]] = Counter()
    rows = Rating.objects.filter(_within(since, until), counted=True).exclude(grade="satisfied").exclude(reasons=[])
    for grade, reasons in rows.values_list("grade", "reasons").iterator():
        counts.update((grade, reason) for reason in reasons)
    least = option("show_groups_of")
    return [(grade, reason, n) for (grade, reason), n in counts.most_common() if n >= least]


def totals(since: datetime, until: datetime) -> dict[str, int] | None:
    """The true grades of all ratings given in [since, until), of the whole province; None where they are fewer than a
    group. Leaders and the operations centre may know them: an agency is shown its own whole groups only."""
    counts = (
        Rating.objects.filter(_within(since, until), counted=True)
        .order_by()
        .values_list("grade")
        .annotate(n=Count("id"))
    )
    grades = dict.fromkeys(GRADES, 0) | dict(counts)
    return grades if sum(grades.values()) >= option("show_groups_of") else None


def _judged_by(by: Actor) -> QuerySet[Rating]:
    """The ratings that somebody may look at because they were flagged: reviewers and supervisors, where they see the
    ticket."""
    if not by.has(Role.REVIEWER, Role.SUPERVISOR):
        return Rating.objects.none()
    return Rating.objects.exclude(flags=[]).filter(ticket__in=visible_to(by))


def flagged(by: Actor, *, judged: bool = False, before: int | None = None) -> list[Rating]:
    """A page of the ratings that wait to be looked at, or were, newest first, from rating `before` on; one more than
    PAGE when there are more."""
    rows = _judged_by(by).exclude(verdict="") if judged else _judged_by(by).filter(counted=False, verdict="")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    rows = rows.select_related("agency", "ticket__category", "ticket__area", "ticket__contact")
    return list(rows.order_by("-pk")[: PAGE + 1])


def flagged_rating(pk: int, by: Actor) -> Rating | None:
    """One flagged rating, for those who may look at it."""
    return _judged_by(by).select_related("ticket").filter(pk=pk).first()


def judges(rating: Rating, by: Actor) -> bool:
    """Whether somebody may judge a flagged rating: not who handled its ticket, nor their deputy."""
    return rating.pk in judged_by([rating], by)


def judged_by(ratings: Collection[Rating], by: Actor) -> set[int]:
    """Which of these flagged ratings somebody may judge."""
    workers = handlers([rating.ticket_id for rating in ratings])
    mine = set(_judged_by(by).filter(pk__in=[rating.pk for rating in ratings]).values_list("pk", flat=True))
    return mine - {rating.pk for rating in ratings if by.concerns(workers.get(rating.ticket_id))}


def waiting(since: datetime | None = None, until: datetime | None = None, **scope: int) -> int:
    """How many ratings given in [since, until) are flagged and count in no measure until somebody has looked; `scope`
    narrows them (agency_id, agency__area_id)."""
    return Rating.objects.filter(_within(since, until), counted=False, verdict="", **scope).count()


def proofs(since: datetime, until: datetime) -> dict[str, int]:
    """How the ratings that count, given in [since, until), were proved: how many by each of Rating.Proof."""
    rows = Rating.objects.filter(_within(since, until), counted=True).order_by().values_list("proof", "how")
    counts: Counter[str] = Counter()
    for proof, how, n in rows.annotate(n=Count("id")):
        counts[proof or OLDER[how]] += n
    return dict(counts)


OLDER = {"page": "link", "link": "link", "reply": "reply", "phone": "phone"}
"""How a rating was proved that was given before this was written down, by how it came."""


def withheld[Key](counts: Mapping[Key, int], total: int) -> set[Key]:
    """The groups that are hidden beside their total: those smaller than `show_groups_of`, and then the smallest others
    while the hidden rest is smaller than that, and so could be found by subtraction."""
    least = option("show_groups_of")
    hidden = {key for key, n in counts.items() if n < least}
    rest = total - sum(n for key, n in counts.items() if key not in hidden)
    visible = sorted((n, str(key), key) for key, n in counts.items() if key not in hidden)
    while visible and 0 < rest < least:
        n, _name, key = visible.pop(0)
        hidden.add(key)
        rest += n
    return hidden


@dataclass(frozen=True, kw_only=True)
class SatisfactionReport:
    """What somebody may read of how content people were: the agencies that are theirs to see, and, for who sees the
    whole province, its true grades and the reasons given; how many ratings are `waiting` to be looked at and in none of
    the figures."""

    own: bool
    rows: "list[Satisfaction]"
    grades: Mapping[str, int] | None = None
    reasons: list[tuple[str, str, int]] = field(default_factory=list)
    waiting: int = 0


def satisfaction_for(by: Actor, since: datetime, until: datetime) -> SatisfactionReport:
    """A lead reads the own agency's, whoever works for a commune that commune's agencies'."""
    own = by.has(Role.LEAD)
    agency_id = (by.agency_id or -1) if own else None
    rows = satisfaction(since, until, agency_id=agency_id, area_id=by.area_id)
    grades = totals(since, until) if not own and by.area_id is None else None
    scope = {"agency_id": agency_id} if agency_id else {"agency__area_id": by.area_id} if by.area_id else {}
    return SatisfactionReport(
        own=own,
        rows=rows,
        grades=grades,
        reasons=reasons_given(since, until) if grades else [],
        waiting=0 if own else waiting(since, until, **scope),
    )


@dataclass(frozen=True, kw_only=True)
class Satisfaction:
    """How satisfied people are with an agency's answers: how many were asked and how many of those rated, the grades
    (whole batches only; None without one), and the refuted closures."""

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
    scope = _within(since, until)
    if agency_id is not None:
        scope &= Q(agency_id=agency_id)
    if area_id is not None:
        scope &= Q(agency__area_id=area_id)
    rated = Rating.objects.filter(ticket=OuterRef("ticket"), round=OuterRef("round"), counted=True)
    counts: dict[int | None, dict[str, tuple[int, int]]] = {}
    rows = Invitation.objects.filter(scope).order_by().values_list("agency_id", "how")
    for key, how, n, answered in rows.annotate(n=Count("id"), r=Count("id", filter=Exists(rated))):
        counts.setdefault(key, {})[how] = (n, answered)
    refuted = dict(Refutation.objects.filter(scope).order_by().values_list("agency_id").annotate(n=Count("id")))
    grades_of = _by_agency(since, until)
    if agency_id is None and area_id is None and (total := totals(since, until)):
        hidden = withheld({key: sum(grades.values()) for key, grades in grades_of.items()}, sum(total.values()))
        grades_of = {key: grades for key, grades in grades_of.items() if key not in hidden}
    keys = {*counts, *refuted, *(key for key in grades_of if agency_id in (None, key))}
    agencies = Agency.objects.in_bulk([key for key in keys if key is not None])
    result = [
        Satisfaction(
            agency=agencies.get(key) if key is not None else None,
            how=counts.get(key, {}),
            grades=grades_of.get(key),
            invited=sum(n for n, _ in counts.get(key, {}).values()),
            rated=sum(r for _, r in counts.get(key, {}).values()),
            refuted=refuted.get(key, 0),
        )
        for key in keys
        if area_id is None or (key is not None and agencies[key].area_id == area_id)
    ]
    return sorted(result, key=lambda row: (row.agency is None, row.agency.sort if row.agency else ""))
