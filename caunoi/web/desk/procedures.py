"""Procedures beside a ticket: looked up, read aloud, put into the answer."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from caunoi.answers import assist
from caunoi.answers import queries as answers
from caunoi.procedures import queries
from caunoi.procedures.queries import ProcedureHit
from caunoi.procedures.speech import spoken
from caunoi.tickets.queries import find
from caunoi.web.errors import or_404
from caunoi.web.procedure_search import search_procedures
from caunoi.web.who import actor

SHOWN = 6
LONGEST = 300


def _context(hits: list[ProcedureHit], question: int) -> dict[str, Any]:
    rows = [
        {
            "procedure": hit.procedure,
            "why": hit.why,
            "version": version,
            "said": spoken(
                version.record, settings.PUBLIC_URL + reverse("citizen:procedure", args=[hit.procedure.code])
            ),
            "notes": list(queries.notes(hit.procedure)),
        }
        for hit in hits
        if (version := hit.procedure.current)
    ]
    return {"rows": rows, "question": question, "templates": list(answers.templates()[:50]), "assist": assist.on()}


def beside(request: HttpRequest, code: str) -> HttpResponse:
    """What a search finds, as a fragment; before anybody searches, what a question's own words find."""
    ticket = or_404(find(actor(request), code))
    text, question = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST], 0
    if text:
        hits, question = search_procedures(request, text, place="desk", size=SHOWN)
    else:
        own = (ticket.summary or ticket.text)[:LONGEST] if ticket.kind == "question" else ""
        hits = list(queries.search(own, limit=3)) if own else []
    context = {"advice": _context(hits, question), "ticket": ticket, "searched": bool(text)}
    return render(request, "desk/_procedures.html", context)
