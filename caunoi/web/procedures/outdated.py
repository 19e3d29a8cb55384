"""Answers and templates that rest on what no longer applies, with what changed."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from caunoi.answers import actions, queries
from caunoi.answers.models import Citation
from caunoi.procedures.compare import compare
from caunoi.web.errors import or_404
from caunoi.web.lines import doors
from caunoi.web.procedures.words import changes, field_names
from caunoi.web.who import actor

SHOWN = 100


def _line(citation: Citation, open_to: dict[str, str]) -> dict[str, Any]:
    said = changes(compare(citation.version.record, citation.newer.record, context=5)) if citation.newer else []
    ticket = citation.answer.ticket if citation.answer else None
    return {
        "citation": citation,
        "ticket": ticket,
        "address": open_to.get(ticket.code) if ticket else None,
        "fields": field_names(citation.changed),
        "changes": said,
    }


def listing(request: HttpRequest) -> HttpResponse:
    settled = "settled" in request.GET
    rows = list(queries.outdated(settled=settled)[: SHOWN + 1])
    open_to = doors((row.answer.ticket.code for row in rows if row.answer), actor(request))
    context = {
        "rows": [_line(row, open_to) for row in rows[:SHOWN]],
        "more": len(rows) > SHOWN,
        "settled": settled,
        "open": queries.outdated().count(),
        "closed": queries.outdated(settled=True).count(),
    }
    return render(request, "procedures/outdated.html", context)


@require_POST
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    found = or_404(queries.citation(pk))
    actions.settle(found, by=actor(request), settled=not found.settled)
    return redirect("procedures:outdated")
