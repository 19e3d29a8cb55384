"""Procedures beside a ticket: looked up, read aloud, put into the answer."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from caunoi.answers import assist
from caunoi.answers import queries as answers
from caunoi.answers.assist import Kind
from caunoi.answers.models import Template
from caunoi.procedures import queries
from caunoi.procedures.models import Note, Procedure, Version
from caunoi.procedures.queries import ProcedureHit
from caunoi.procedures.speech import spoken
from caunoi.tickets.models import Ticket
from caunoi.web.case import get_ticket
from caunoi.web.inputs import text_in
from caunoi.web.page import Page, render_page
from caunoi.web.procedure_search import search_procedures
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
class AdvicePage(Page):
    """`question` is the id under which a search is kept, `searched` that somebody searched, `assist` that a draft may
    be asked for."""

    template = "desk/_procedures.html"

    ticket: Ticket
    rows: list[AdviceLine]
    question: int
    searched: bool
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


def beside(request: HttpRequest, code: str) -> HttpResponse:
    """What a search finds, as a fragment; before anybody searches, what a question's own words find."""
    ticket = get_ticket(request, code)
    text, question = text_in(request.GET, "q", LONGEST), 0
    if text:
        hits, question = search_procedures(request, text, place="desk", size=MOST)
    else:
        own = (ticket.summary or ticket.text)[:LONGEST] if ticket.kind == "question" else ""
        hits = list(queries.search(own, limit=3)) if own else []
    page = AdvicePage(
        ticket=ticket,
        rows=_lines(hits),
        question=question,
        searched=bool(text),
        templates=answers.by_name(answers.templates())[:50],
        assist=assist.offers(Kind.ANSWER_DRAFT, ticket, actor(request)),
    )
    return render_page(request, page)
