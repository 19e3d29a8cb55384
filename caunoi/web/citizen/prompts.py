"""While somebody writes a report: what is proposed of the words so far, as a fragment, and the end of a question that a
procedure has answered. Of what is asked here nothing is kept, nor written to a log.

As in report.py these pages are exempt from the CSRF check: they use no rights of a signed-in user.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from caunoi.conversations.actions import end_draft, owns_draft
from caunoi.conversations.queries import draft as find_draft
from caunoi.web.citizen.limits import retry_after, take_share
from caunoi.web.citizen.proposals import LONGEST, AnsweringProcedure, Proposals, answering, field_choices, propose
from caunoi.web.citizen.report import COOKIE
from caunoi.web.inputs import text_in
from caunoi.web.page import Page, render_page
from caunoi.web.reads import reading

WRITING = 1_200
"""Characters that are read while somebody writes; of more the whole is read once it is sent."""


@dataclass(frozen=True, kw_only=True)
class PromptsPage(Page):
    """`fields`: what may be chosen with one tap, `chosen` of them; `asks`: how certain it is a question, where
    nobody has chosen."""

    template = "citizen/_proposals.html"

    token: str
    text: str
    proposals: Proposals
    fields: Sequence[tuple[str, str]]
    chosen: str
    asks: str
    answers: Sequence[AnsweringProcedure]


@dataclass(frozen=True)
class AnsweredPage(Page):
    template = "citizen/report_answered.html"


@csrf_exempt
@require_POST
def show(request: HttpRequest, token: str) -> HttpResponse:
    """What is proposed of the words in the first step's form. Whoever asks too often goes on without."""
    if not take_share("proposals", request):
        return retry_after(request, HttpResponse(status=429))
    with reading(request):
        response = render_page(request, _page(request, token))
    response["Cache-Control"] = "no-store"
    return response


def _page(request: HttpRequest, token: str) -> PromptsPage:
    kind, chosen = request.POST.get("kind", ""), request.POST.get("category", "")
    is_own = "kind" in request.POST.getlist("own")
    text = text_in(request.POST, "text", LONGEST)[:WRITING]
    proposals = propose(text, kind=kind, is_own=is_own)
    return PromptsPage(
        token=token,
        text=text,
        proposals=proposals,
        fields=field_choices(proposals.fields) if not chosen or chosen in proposals.fields else [],
        chosen=chosen,
        asks="" if is_own else proposals.question,
        answers=answering(proposals.answers),
    )


@csrf_exempt
@require_POST
def end(request: HttpRequest, token: str) -> HttpResponse:
    """A procedure has answered the question: what was written of it is forgotten."""
    draft = find_draft(token)
    if draft is not None and owns_draft(request.COOKIES.get(COOKIE, ""), draft):
        end_draft(draft)
    return redirect("citizen:report-answered")


def thank(request: HttpRequest) -> HttpResponse:
    response = render_page(request, AnsweredPage())
    response["X-Robots-Tag"] = "noindex"
    return response
