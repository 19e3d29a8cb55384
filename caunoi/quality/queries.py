from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.utils.timezone import now

from caunoi.accounts.queries import usernames
from caunoi.calls.models import Call
from caunoi.directory.queries import option
from caunoi.events.actor import Actor, Role
from caunoi.events.models import Event
from caunoi.quality.agreement import Agreement, kappa, quadratic
from caunoi.quality.intervals import Estimate, mean
from caunoi.quality.models import Case, Remark, Sample, Score, Scorecard, Transcript
from caunoi.quality.sampling import Candidate
from caunoi.quality.scoring import DEFAULT, LEVELS, Criterion
from caunoi.tickets.models import Ticket
from caunoi.tickets.queries import calls as of_ticket
from caunoi.tickets.queries import handlers, visible_to

CALL = "call"  # the channel of a call that became no ticket: a stratum of its own
SCORERS = (Role.REVIEWER, Role.SUPERVISOR)


def scores(by: Actor) -> bool:
    """Whether this one scores answers: the operations centre's reviewers, and supervisors."""
    return by.has(*SCORERS)


def newest_card() -> Scorecard | None:
    return Scorecard.objects.order_by("-version").first()


def cards() -> QuerySet[Scorecard]:
    """All versions, newest first, each with `used`: how many samples are scored by it."""
    return Scorecard.objects.annotate(used=Count("samples")).order_by("-version")


def criteria() -> tuple[Criterion, ...]:
    """The criteria in force: the province's own, or the product's while there are none."""
    own_card = newest_card()
    return own_card.criteria if own_card else DEFAULT


def answered(since: datetime, until: datetime) -> QuerySet[Ticket]:
    """The tickets whose answer may be drawn: answered in [since, until), with an operator, not restricted."""
    return Ticket.objects.filter(answered__gte=since, answered__lt=until, restricted=False).exclude(operator="")


def spoken(since: datetime, until: datetime) -> QuerySet[Call]:
    """The calls that may be drawn: taken by an operator in [since, until), recorded, and of no ticket."""
    rows = Call.objects.filter(
        began__gte=since, began__lt=until, direction="in", state="ended", outcome="answered", operator__isnull=False
    )
    return rows.exclude(sound="").filter(tickets=None)


def candidates(since: datetime, until: datetime, *, calls: bool = True) -> list[Candidate]:
    """The same as candidates of a drawing; with `calls`, also calls that became no ticket. The operator is the person
    who did it, also where they did it for somebody."""
    tickets = answered(since, until)
    handled = handlers(tickets.order_by().values("pk"))
    people = usernames(handled.values())
    rows = [
        Candidate(key=pk, operator=people.get(handled.get(pk, 0), who), channel=way, field=field or "")
        for pk, who, way, field in tickets.values_list("pk", "operator", "channel", "category__code")
    ]
    call_rows = spoken(since, until).values_list("pk", "operator__username") if calls else ()
    return [*rows, *(Candidate(key=f"call-{pk}", operator=who, channel=CALL, field="") for pk, who in call_rows)]


@dataclass(frozen=True, kw_only=True)
class Progress:
    """A sample with how far it is."""

    sample: Sample
    cases: int
    settled: int
    pairs: int


def samples() -> list[Progress]:
    """All samples, newest first."""
    rows = Sample.objects.select_related("card").annotate(
        cases_n=Count("cases"), settled_n=Count("cases__settled"), pairs_n=Count("cases", filter=Q(cases__pair=True))
    )
    rows = rows.order_by("-id")
    return [Progress(sample=row, cases=row.cases_n, settled=row.settled_n, pairs=row.pairs_n) for row in rows]


def sample(pk: int) -> Sample | None:
    return Sample.objects.select_related("card").filter(pk=pk).first()


def _whole(rows: QuerySet[Case]) -> QuerySet[Case]:
    marks = Prefetch("scores", Score.objects.order_by("id"))
    return rows.select_related("sample__card", "ticket", "call", "verdict").prefetch_related(marks, "remarks")


def _seen(by: Actor) -> Q:
    """The cases whose tickets this person may see; calls without a ticket have no commune, so they are not for staff
    limited to one."""
    mine = Q(ticket__in=visible_to(by).values("pk"))
    return mine | Q(ticket=None) if by.area_id is None else mine


def cases(sample: Sample, by: Actor) -> QuerySet[Case]:
    """The cases of a sample in their order, as far as this person may see what they are about."""
    return _whole(sample.cases.filter(_seen(by))).order_by("order")


def case(pk: int) -> Case | None:
    return _whole(Case.objects.filter(pk=pk)).first()


def find(by: Actor, pk: int) -> Case | None:
    """A case, for those who may see its subject and either score it or are scored by it."""
    rows = _whole(Case.objects.filter(_seen(by), pk=pk))
    return (rows if scores(by) else rows.filter(operator_user=by.user_id or -1, settled__isnull=False)).first()


def of_operator(user_id: int) -> QuerySet[Case]:
    """The settled cases of one operator, newest first."""
    return _whole(Case.objects.filter(operator_user=user_id, settled__isnull=False)).order_by("-settled", "-id")


def own(case: Case, by: Actor) -> Score | None:
    """This person's score of a case."""
    return next((row for row in case.scores.all() if by.is_person(row.by_user)), None)


def _scored(case: Case, by: Actor) -> bool:
    """Whether this person, or whom they act for, has scored a case or begun to."""
    return any(by.concerns(row.by_user) for row in case.scores.all())


def finished(case: Case) -> list[Score]:
    return [row for row in case.scores.all() if row.at is not None]


def barred(case: Case, by: Actor) -> bool:
    """Whether it is this person's own answer, or that of the person they act for; or that person has scored it."""
    return by.concerns(case.operator_user) or (own(case, by) is None and _scored(case, by))


def open_to(case: Case, by: Actor) -> bool:
    """Whether this person may score it now: nobody their own answer, no more people than it needs, and a deputy not for
    somebody who has scored it."""
    if not scores(by) or barred(case, by) or case.verdict_or_none is not None:
        return False
    mine = own(case, by)
    if mine is not None:
        return mine.at is None
    return case.calibrated is not None or len(case.scores.all()) < case.needs


def readable(case: Case, by: Actor) -> list[Score]:
    """The scores that this person may read: others' only after one's own is finished and there are as many as it needs;
    whose answer it is reads them once the case is settled."""
    done, mine = finished(case), own(case, by)
    if case.settled is not None and (by.is_person(case.operator_user) or scores(by)):
        return done if mine is None or mine.at is not None else []
    if mine is not None and mine.at is not None and len(done) >= case.needs:
        return done
    return [mine] if mine is not None else []


def waiting(by: Actor, *, after: Case | None = None) -> Case | None:
    """The next case for this person: a draft of one's own first, then the oldest sample's next."""
    rows = Case.objects.filter(_seen(by), verdict=None).exclude(operator_user__in=by.people)
    if after is not None:
        rows = rows.exclude(pk=after.pk)
    draft = rows.filter(scores__by_user=by.user_id, scores__at=None).order_by("sample", "order").first()
    if draft is not None:
        return draft
    rows = rows.exclude(scores__by_user__in=by.people).annotate(taken=Count("scores"))
    free = Q(taken=0) | Q(pair=True, taken__lt=2) | Q(calibrated__isnull=False)
    return rows.filter(free).order_by(F("calibrated").asc(nulls_last=True), "sample", "order").first()


def replies(*, open_only: bool = True) -> QuerySet[Remark]:
    """The operators' replies, oldest first; those that wait for a decision."""
    rows = Remark.objects.filter(kind=Remark.Kind.REPLY).select_related("case__ticket")
    return (rows.filter(decided=None) if open_only else rows).order_by("at", "id")


def may_reply(case: Case, by: Actor) -> bool:
    """Whether the operator may still reply to the score: once, within ⚙quality_reply_days."""
    fresh = case.settled is not None and case.settled > now() - timedelta(days=option("quality_reply_days"))
    has_reply = any(remark.kind == Remark.Kind.REPLY for remark in case.remarks.all())
    return fresh and by.is_person(case.operator_user) and not has_reply


def may_calibrate(case: Case, by: Actor) -> bool:
    """Whether this person may let everybody score it: who scores, and not their own answer."""
    return scores(by) and not by.concerns(case.operator_user) and case.settled is None and case.calibrated is None


def decides(case: Case, by: Actor) -> bool:
    """Whether this person decides on a reply: a supervisor whose answer it is not and who did not score it."""
    return by.has(Role.SUPERVISOR) and not by.concerns(case.operator_user) and not _scored(case, by)


def may_remove(sample: Sample, by: Actor) -> bool:
    """Whether this person may undo a drawing: nobody has scored, and no answer of their own was drawn."""
    if not scores(by) or Score.objects.filter(case__sample=sample).exists():
        return False
    return not sample.cases.filter(operator_user__in=by.people).exists()


def coaching(user_id: int) -> QuerySet[Remark]:
    """What supervisors wrote to an operator, newest first."""
    return Remark.objects.filter(kind=Remark.Kind.COACHING, operator_user=user_id).order_by("-id")


def calls(case: Case, by: Actor) -> list[Call]:
    """The calls about a case, newest first."""
    return of_ticket(case.ticket, by) if case.ticket else [case.call] if case.call else []


def transcripts(calls: Collection[int]) -> dict[int, Transcript]:
    """The transcripts of calls, by call id."""
    return {row.call_id: row for row in Transcript.objects.filter(call__in=calls)}


def agreement(since: datetime, until: datetime) -> dict[str, Agreement]:
    """By criterion and over all (""): how far the two who scored a pair agree; the scale's order counts (quadratic
    weights), what did not apply to one of them is left out."""
    pairs: dict[str, list[tuple[int, int]]] = defaultdict(list)
    rows = Case.objects.filter(pair=True, settled__gte=since, settled__lt=until).prefetch_related(
        Prefetch("scores", Score.objects.filter(at__isnull=False).order_by("id"))
    )
    for row in rows:
        done = list(row.scores.all())[:2]
        if len(done) < 2:
            continue
        for key, level in done[0].points.items():
            other = done[1].points.get(key)
            if level is not None and other is not None:
                pairs[key].append((level, other))
                pairs[""].append((level, other))
    return {key: kappa(levels, LEVELS, quadratic) for key, levels in pairs.items()} or {"": Agreement(n=0)}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One operator's settled cases in a period: the mean with its interval (None of none), and in how many the ticket
    was reopened or the advice proved wrong."""

    operator: str
    cases: int
    mean: Estimate | None
    reopened: int
    wrong: int


def standings(since: datetime, until: datetime) -> list[Standing]:
    """The scores of every operator who has any, by name. Never an order of merit."""
    rows = list(Case.objects.filter(settled__gte=since, settled__lt=until).select_related("ticket"))
    bad = outcomes(rows)
    people = usernames(row.operator_user for row in rows if row.operator_user)
    by_operator: dict[str, list[Case]] = defaultdict(list)
    for row in rows:
        by_operator[people.get(row.operator_user or 0, row.operator)].append(row)
    return [
        Standing(
            operator=who,
            cases=len(own_cases),
            mean=mean([row.result for row in own_cases if row.result is not None]),
            reopened=sum("reopened" in bad[row.pk] for row in own_cases),
            wrong=sum("wrong" in bad[row.pk] for row in own_cases),
        )
        for who, own_cases in sorted(by_operator.items())
    ]


def months(since: datetime, until: datetime, operator: int | None = None) -> list[tuple[str, Estimate | None]]:
    """(month "2026-11", mean with interval) of the settled cases, of one operator (user id) or of all."""
    rows = Case.objects.filter(settled__gte=since, settled__lt=until, result__isnull=False)
    if operator is not None:
        rows = rows.filter(operator_user=operator)
    results: dict[str, list[float]] = defaultdict(list)
    for row in rows.annotate(month=F("settled__month"), year=F("settled__year")).order_by("settled"):
        results[f"{row.year}-{row.month:02}"].append(row.result or 0)
    return [(month, mean(values)) for month, values in results.items()]


def outcomes(rows: Iterable[Case]) -> Mapping[int, set[str]]:
    """By case id the outcome of the answer: reopened | wrong (a procedure it cites has changed)."""
    rows = list(rows)
    result: dict[int, set[str]] = {row.pk: set() for row in rows}
    tickets = {row.ticket_id: row for row in rows if row.ticket_id is not None}
    events = Event.objects.filter(subject="ticket", subject_id__in=tickets, kind="ticket.reopen")
    for pk, at in events.values_list("subject_id", "at"):
        if at > tickets[pk].answered:
            result[tickets[pk].pk].add("reopened")
    for pk in Ticket.objects.filter(pk__in=tickets, answers__citations__wrong=True).values_list("pk", flat=True):
        result[tickets[pk].pk].add("wrong")
    return result
