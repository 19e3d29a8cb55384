"""Words by the assistant beside a ticket, for people to read, change and use, or not: a first answer, a summary."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override
from django.views.decorators.http import require_POST

from caunoi.answers import assist
from caunoi.answers.assist import Kind
from caunoi.answers.summary import CITIZEN, STAFF, Entry, Line
from caunoi.conversations import queries as conversations
from caunoi.events.actor import SYSTEM, Actor
from caunoi.procedures.assist import Draft
from caunoi.tickets.models import Ticket
from caunoi.tickets.queries import find
from caunoi.web import talk
from caunoi.web.page import Page, render_page
from caunoi.web.story import Step, for_staff
from caunoi.web.talk import TalkLine
from caunoi.web.templatetags.caunoi_ui import vndate
from caunoi.web.who import actor

REFUSED = {
    "nothing_found": gettext_noop("No procedure fits this question, so there is nothing to draft from."),
    "refused": gettext_noop("The procedures found do not answer this question."),
    "unfounded": gettext_noop("The draft said what the procedures do not say, so it was thrown away."),
    "timeout": gettext_noop("The assistant took too long. Please write the answer yourself."),
    "unreachable": gettext_noop("The assistant cannot be reached. Please write the answer yourself."),
    "unreadable": gettext_noop("The assistant's answer could not be read. Please write the answer yourself."),
    "busy": gettext_noop("The assistant is busy with others. Please try again in a moment."),
}
NOT_SUMMED_UP = {
    "short": gettext_noop("There is so little on this ticket that it is read at once."),
    "refused": gettext_noop("The assistant could not sum this up. Please read the ticket itself."),
    "unfounded": gettext_noop("The summary said what is not on the ticket, so it was thrown away."),
    "timeout": gettext_noop("The assistant took too long. Please read the ticket itself."),
    "unreachable": gettext_noop("The assistant cannot be reached. Please read the ticket itself."),
    "unreadable": gettext_noop("The assistant's summary could not be read. Please read the ticket itself."),
    "busy": REFUSED["busy"],
}
OWN = frozenset({"answer.assist", "answer.summarise"})
"""What the assistant did is nothing that it sums up."""


@dataclass(frozen=True)
class AssistPage(Page):
    """A draft with the procedures it cites (`code@version`), or why there is none."""

    template = "desk/_draft.html"

    draft: Draft
    cited: list[str]
    refused: str


@dataclass(frozen=True, kw_only=True)
class SummaryPage(Page):
    """The lines that stand, `text` of them for a remark, and how many were left out; or why there are none."""

    template = "desk/_summary.html"

    lines: Sequence[Line]
    text: str
    dropped: int
    refused: str


@require_POST
def write(request: HttpRequest, code: str) -> HttpResponse:
    """A draft as a fragment: each sentence with what it rests on."""
    ticket, by = _ticket(request, code, Kind.ANSWER_DRAFT)
    made = assist.draft(ticket, by=by)
    cited = list(dict.fromkeys(cite.split("#")[0] for sentence in made.sentences for cite in sentence.cites))
    refused = _(REFUSED[made.refused]) if made.refused else ""
    return render_page(request, AssistPage(made, cited, refused))


@require_POST
def summarise(request: HttpRequest, code: str) -> HttpResponse:
    """A summary as a fragment: each line with links to what it rests on."""
    ticket, by = _ticket(request, code, Kind.SUMMARY)
    with override("vi"):  # as the model is asked
        rows = entries(ticket, for_staff(ticket, by), _talk(ticket, by))
    made = assist.summarise(ticket, rows, by=by)
    page = SummaryPage(
        lines=made.lines,
        text=made.text,
        dropped=made.dropped,
        refused=_(NOT_SUMMED_UP[made.refused]) if made.refused else "",
    )
    return render_page(request, page)


def _ticket(request: HttpRequest, code: str, kind: Kind) -> tuple[Ticket, Actor]:
    by = actor(request)
    ticket = find(by, code)
    if ticket is None or not assist.offers(kind, ticket, by):
        raise Http404
    return ticket, by


def _talk(ticket: Ticket, by: Actor) -> list[TalkLine]:
    thread = conversations.conversation(ticket.conversation_id, SYSTEM) if talk.talks(ticket) else None
    return talk.lines(thread, by, ticket) if thread else []


def entries(ticket: Ticket, story: Iterable[Step], messages: Iterable[TalkLine]) -> list[Entry]:
    """What is on a ticket's page, oldest first, each with its anchor there: what came in, what happened, what was
    written. Of the staff the machine learns no names."""
    report = _entry("report-words", True, vndate(ticket.received), _("Citizen"), ticket.text)
    rows: list[tuple[datetime, Entry]] = []
    for step in story:
        if step.id and step.at and step.event not in OWN:
            text = f"{step.title}: {step.text}" if step.text else step.title
            rows.append((step.at, _entry(step.id, step.own, vndate(step.at), step.by, text)))
    for line in messages:
        if line.other is None and not line.row.removed and line.row.text:
            who = line.who if line.ours else _("Citizen")
            rows.append(
                (line.row.at, _entry(f"m{line.row.pk}", not line.ours, vndate(line.row.at), who, line.row.text))
            )
    return [report, *(entry for _at, entry in sorted(rows, key=lambda row: row[0]))]


def _entry(anchor: str, own: bool, at: str, who: str, text: str) -> Entry:
    return Entry(id=anchor, who=CITIZEN if own else STAFF, label=f"{at} · {who}" if who else at, text=text)
