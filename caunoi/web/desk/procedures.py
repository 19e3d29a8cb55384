"""Procedures beside a ticket: looked up, read aloud, put into the answer."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from caunoi.answers import assist
from caunoi.answers import queries as answers
from caunoi.answers.assist import Kind
from caunoi.answers.models import Template
from caunoi.procedures import queries
from caunoi.procedures.models import Note, Procedure, Version
from caunoi.procedures.queries import ProcedureAnswer, ProcedureHit
from caunoi.procedures.speech import spoken
from caunoi.tickets.models import Ticket
from caunoi.web.case import get_ticket
from caunoi.web.inputs import text_in
from caunoi.web.page import Page, render_page
from caunoi.web.procedure_search import ask_procedures
from caunoi.web.who import actor

MOST = 6
LONGEST = 900


@dataclass(frozen=True, kw_only=True)
class AdviceLine:
    """A procedure that may answer the question: why, and in the words in which it is read aloud."""

    procedure: Procedure
    why: str
    version: Version
    spoken: str
    notes: list[Note]


@dataclass(frozen=True, kw_only=True)
class AdviceChoice:
    """An answer to the question back, and the search that it leaves, as the end of an address."""

    label: str
    query: str


@dataclass(frozen=True, kw_only=True)
class AdvicePage(Page):
    """`question` is the id under which a search is kept, `searched` the words of one that somebody made, `assist` that
    a draft may be asked for; `choices` are the answers to the question back (`answer.doubt`), `chosen` that one was
    given."""

    template = "desk/_procedures.html"

    ticket: Ticket
    rows: list[AdviceLine]
    question: int
    searched: str
    answer: ProcedureAnswer
    choices: list[AdviceChoice]
    chosen: bool
    templates: list[Template]
    assist: bool


def _lines(hits: list[ProcedureHit]) -> list[AdviceLine]:
    return [
        AdviceLine(
            procedure=hit.procedure,
            why=hit.why,
            version=version,
            spoken=spoken(
                version.record, settings.PUBLIC_URL + reverse("citizen:procedure", args=[hit.procedure.code])
            ),
            notes=list(queries.notes(hit.procedure)),
        )
        for hit in hits
        if (version := hit.procedure.current)
    ]


def _choices(answer: ProcedureAnswer, text: str) -> list[AdviceChoice]:
    return [
        AdviceChoice(
            label=one.label,
            query=urlencode({"q": text, "which": f"code:{one.procedure.code}" if one.procedure else one.which}),
        )
        for one in answer.choices
    ]


def beside(request: HttpRequest, code: str) -> HttpResponse:
    """What a search finds, as a fragment; before anybody searches, what a question's own words find."""
    ticket = get_ticket(request, code)
    text, which, question = text_in(request.GET, "q", LONGEST), text_in(request.GET, "which", 200), 0
    answer = ProcedureAnswer()
    if text:
        answer, question = ask_procedures(request, text, place="desk", size=MOST, which=which)
        hits = list(answer.hits)
    else:
        own = (ticket.summary or ticket.text)[:LONGEST] if ticket.kind == "question" else ""
        hits = list(queries.search(own, limit=3)) if own else []
    page = AdvicePage(
        ticket=ticket,
        rows=_lines(hits),
        question=question,
        searched=text,
        answer=answer,
        choices=_choices(answer, text),
        chosen=bool(which),
        templates=answers.by_name(answers.templates())[:50],
        assist=assist.offers(Kind.ANSWER_DRAFT, ticket, actor(request)),
    )
    return render_page(request, page)
