"""Answers and templates that rest on what no longer applies, with what changed."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from caunoi.answers import actions, queries
from caunoi.answers.models import Citation
from caunoi.procedures.compare import compare
from caunoi.tickets.models import Ticket
from caunoi.web.errors import or_404
from caunoi.web.lines import doors
from caunoi.web.page import Page, render_page
from caunoi.web.procedures.words import FieldDifference, changes, field_names
from caunoi.web.who import actor

MOST = 100


@dataclass(frozen=True, kw_only=True)
class OutdatedLine:
    """A citation of what no longer applies, in an answer to `ticket` or in a template: which fields changed, and
    how."""

    citation: Citation
    ticket: Ticket | None
    address: str
    fields: str
    changes: list[FieldDifference]


@dataclass(frozen=True, kw_only=True)
class OutdatedPage(Page):
    """Those that are open, or those `settled`; how many there are `open` and `closed`."""

    template = "procedures/outdated.html"

    rows: list[OutdatedLine]
    more: bool
    settled: bool
    open: int
    closed: int


def _line(citation: Citation, open_to: dict[str, str]) -> OutdatedLine:
    differences = changes(compare(citation.version.record, citation.newer.record, context=5)) if citation.newer else []
    ticket = citation.answer.ticket if citation.answer else None
    return OutdatedLine(
        citation=citation,
        ticket=ticket,
        address=open_to.get(ticket.code, "") if ticket else "",
        fields=field_names(citation.changed),
        changes=differences,
    )


def listing(request: HttpRequest) -> HttpResponse:
    settled = "settled" in request.GET
    rows = list(queries.outdated(settled=settled)[: MOST + 1])
    open_to = doors((row.answer.ticket.code for row in rows if row.answer), actor(request))
    page = OutdatedPage(
        rows=[_line(row, open_to) for row in rows[:MOST]],
        more=len(rows) > MOST,
        settled=settled,
        open=queries.outdated().count(),
        closed=queries.outdated(settled=True).count(),
    )
    return render_page(request, page)


@require_POST
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    citation = or_404(queries.citation(pk))
    actions.settle(citation, by=actor(request), settled=not citation.settled)
    return redirect("procedures:outdated")
