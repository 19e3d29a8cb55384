import re
from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import Count, Max, QuerySet

from caunoi.accounts.deputies import away
from caunoi.accounts.queries import people
from caunoi.answers.models import Answer, Citation, MachineDraft, Template
from caunoi.directory.ai_register import Use
from caunoi.directory.queries import option
from caunoi.events import writing
from caunoi.events.actor import Actor, Kind, Role
from caunoi.events.models import Event
from caunoi.events.queries import last
from caunoi.lib.vietnamese.writing import sort_key
from caunoi.procedures.models import Procedure
from caunoi.routing import queries as custody
from caunoi.tickets.models import Ticket

CODE = re.compile(r"(?<![\d.])\d\.\d{6}(?!\d)")


def answers(ticket: Ticket) -> QuerySet[Answer]:
    """Everything that was written in answer, newest first."""
    return Answer.objects.filter(ticket=ticket).select_related("agency").order_by("-id")


def _newest(ticket: Ticket, state: str) -> Answer | None:
    return next((each for each in reversed(writing.rows_of(ticket, Answer)) if each.state == state), None)


def pending(ticket: Ticket) -> Answer | None:
    """The answer that waits for the lead's approval."""
    return _newest(ticket, Answer.State.SUBMITTED)


def final(ticket: Ticket) -> Answer | None:
    """The answer the citizen has."""
    return _newest(ticket, Answer.State.APPROVED)


def answered_at(tickets: Collection[Ticket]) -> dict[int, datetime]:
    """When the citizens' present answers were given, by ticket."""
    rows = Answer.objects.filter(ticket__in=tickets, state=Answer.State.APPROVED, approved__isnull=False)
    return dict(rows.values_list("ticket_id").annotate(last=Max("approved")))


def by_machine(tickets: Collection[int]) -> dict[int, Answer]:
    """The answers that stand and in which words of a machine are left, by ticket."""
    rows = Answer.objects.filter(ticket__in=tickets, state=Answer.State.APPROVED).select_related("agency")
    newest = {row.ticket_id: row for row in rows.order_by("id")}
    return {pk: row for pk, row in newest.items() if row.by_machine}


def use(kind: MachineDraft.Kind, begin: datetime, end: datetime) -> Use:
    """What became of the drafts that were asked for on [begin, end)."""
    rows = MachineDraft.objects.filter(kind=kind, at__gte=begin, at__lt=end).order_by()
    counts = dict(rows.values_list("fate").annotate(count=Count("id")))
    fate = MachineDraft.Fate
    as_is, edited, unused = (counts.get(each.value, 0) for each in (fate.TAKEN, fate.CHANGED, fate.LEFT))
    return Use(proposals=as_is + edited + unused, as_is=as_is, edited=edited, unused=unused)


def codes_in(text: str) -> list[str]:
    """The procedure codes that stand in a text, each once."""
    return list(dict.fromkeys(CODE.findall(text)))


def citations(answer: Answer | None) -> list[Citation]:
    """What an answer rests on."""
    if answer is None:
        return []
    return list(answer.citations.select_related("version__procedure", "newer").order_by("id"))


def citing(procedure: Procedure) -> QuerySet[Citation]:
    """Citations of any version of a procedure, in approved answers and active templates."""
    rows = Citation.objects.filter(version__procedure=procedure).exclude(template__active=False)
    return rows.exclude(answer__state__in=[Answer.State.SUBMITTED, Answer.State.REVISED]).select_related(
        "version", "answer__ticket__contact", "template"
    )


def outdated(*, settled: bool = False) -> QuerySet[Citation]:
    """Citations of what no longer applies, wrong advice first, then the newest."""
    rows = Citation.objects.exclude(changed=[]).exclude(template__active=False).filter(settled=settled)
    return rows.select_related(
        "version__procedure__current", "newer", "answer__ticket__area", "answer__ticket__category", "template"
    ).order_by("-wrong", "-id")


def citation(pk: int) -> Citation | None:
    return Citation.objects.select_related("version__procedure", "newer").filter(pk=pk).first()


def templates(*, every: bool = False) -> QuerySet[Template]:
    """The templates in use; with `every`, those put away too."""
    rows = Template.objects.order_by("name")
    return rows if every else rows.filter(active=True)


def by_name(rows: Iterable[Template]) -> list[Template]:
    """Templates in the order of a Vietnamese dictionary, which the database's order is not."""
    return sorted(rows, key=lambda row: sort_key(row.name))


def template(pk: int) -> Template | None:
    return Template.objects.filter(pk=pk).first()


def uncited(since: datetime) -> QuerySet[Answer]:
    """Questions that were answered without naming a procedure, the newest first."""
    rows = Answer.objects.filter(
        state=Answer.State.APPROVED, approved__gte=since, ticket__kind="question", citations=None
    )
    return rows.select_related("ticket__category").order_by("-approved", "-id")


def most_cited(since: datetime) -> list[tuple[str, int]]:
    """(procedure code, how many answers cited it), the most first."""
    rows = Citation.objects.filter(answer__approved__gte=since).values_list("version__procedure__code")
    return list(rows.annotate(count=Count("id")).order_by("-count", "version__procedure__code"))


def resting(template: Template) -> QuerySet[Citation]:
    """What a template rests on."""
    return template.citations.select_related("version__procedure").order_by("id")


def submitted(ticket: Ticket) -> Event | None:
    """Who wrote the answer that waits for approval, and when."""
    return last(ticket, "ticket.result")


def own(ticket: Ticket, by: Actor) -> bool:
    """Whether a deputy would approve the answer that they wrote themself; with ⚙four_eyes_answers, whether anybody
    would, or who they act for wrote it."""
    written = submitted(ticket)
    if written is None:
        return False
    return by.concerns(written.by_user) if option("four_eyes_answers") else by.deputises_for_own(written.by_user)


def publishes_own(ticket: Ticket, by: Actor) -> bool:
    """With ⚙four_eyes_answers: whether somebody would publish the answer that they, or whom they act for, wrote."""
    answer = final(ticket) if option("four_eyes_answers") else None
    return answer is not None and by.concerns(answer.by_user)


def others(by: Actor, *roles: Role, agency_id: int | None = None) -> list[str]:
    """Who else has one of these roles, by name."""
    rows = [row for role in roles for row in people(agency_id, role) if not by.concerns(row.pk)]
    return [row.full_name or row.username for row in rows]


def may_approve(ticket: Ticket, by: Actor) -> bool:
    """An agency's lead approves what its people wrote, and nobody as a deputy what they wrote themself; the supervisor
    what came by a link, from an agency without accounts, or what at the agency only such a deputy could approve."""
    if by.has(Role.SUPERVISOR):
        return _awaits_centre(ticket)
    return not own(ticket, by)


def _awaits_centre(ticket: Ticket) -> bool:
    written = submitted(ticket)
    if written is None or ticket.agency_id is None:
        return False
    leads = set(people(ticket.agency_id, Role.LEAD).values_list("pk", flat=True))
    absent = away()
    able = {absent[pk].deputy_id if pk in absent else pk for pk in leads}
    alone = able == {written.by_user} and (written.by_user not in leads or bool(option("four_eyes_answers")))
    return written.actor_kind is Kind.LINK or alone


def text_so_far(ticket: Ticket) -> str:
    """The words that an answer begins with: the one to approve, the one that was sent back, or the parts of those who
    help."""
    answer = answers(ticket).first()
    if answer is not None and answer.state in (Answer.State.SUBMITTED, Answer.State.REVISED):
        return answer.text
    return "\n\n".join(f"{leg.agency.name}: {leg.answer}" for leg in custody.helping(ticket) if leg.answer)
