"""What to write next: what people looked for and did not find, and what was answered without a source."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from caunoi.answers import queries as answers
from caunoi.procedures import actions, queries
from caunoi.procedures.models import Procedure
from caunoi.web.inputs import text_in
from caunoi.web.lines import Line, doors, lines
from caunoi.web.page import Page, Tab, render_page
from caunoi.web.quality.home import chips, period
from caunoi.web.who import actor

MOST = 15


@dataclass(frozen=True, kw_only=True)
class CitedProcedure:
    """A procedure with how many answers cite it, and how many notes of our own it has."""

    procedure: Procedure
    count: int
    notes: int


@dataclass(frozen=True, kw_only=True)
class GapsPage(Page):
    """Searches that found nothing, or nothing that was opened (`unpicked`); tickets answered without a source, with
    their addresses where this reader may open them; the procedures asked for most, and those `never` found."""

    template = "procedures/gaps.html"

    periods: list[Tab]
    unfound: list[dict[str, Any]]
    unpicked: list[dict[str, Any]]
    uncited: list[tuple[Line, str | None]]
    uncited_count: int
    cited: list[CitedProcedure]
    sought: list[tuple[Procedure, int]]
    never: Sequence[Procedure]
    never_count: int


def show(request: HttpRequest) -> HttpResponse:
    days, since, _until = period(request)
    cited = answers.most_cited(since)[:MOST]
    uncited, by = answers.uncited(since), actor(request)
    tickets = [answer.ticket for answer in uncited[:MOST]]
    open_to = doors((ticket.code for ticket in tickets), by)
    rows = {p.code: p for p in queries.by_codes([code for code, _count in cited])}
    page = GapsPage(
        periods=chips(days),
        unfound=queries.unfound(since, MOST),
        unpicked=queries.unpicked(since, MOST),
        uncited=[(line, open_to.get(line.code)) for line in lines(tickets, by)],
        uncited_count=uncited.count(),
        cited=[
            CitedProcedure(procedure=rows[code], count=count, notes=queries.notes(rows[code]).count())
            for code, count in cited
            if code in rows
        ],
        sought=queries.sought(since)[:MOST],
        never=list(queries.never_found(since)[:MOST]),
        never_count=queries.never_found(since).count(),
    )
    return render_page(request, page)


@require_POST
def synonym(request: HttpRequest) -> HttpResponse:
    """Say what citizens' words mean in the procedures' own."""
    word, meaning = (text_in(request.POST, name) for name in ("word", "meaning"))
    if not word or not meaning or len(word) > 100 or len(meaning) > 300:
        messages.error(request, _("Please fill in both: the citizen's words and the procedures' own."))
    else:
        actions.write_synonym(word, meaning, by=actor(request))
        messages.success(
            request, _("“%(word)s” is now looked for as “%(meaning)s” too.") % {"word": word, "meaning": meaning}
        )
    return redirect("procedures:gaps")
