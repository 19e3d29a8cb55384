"""A draft by the assistant beside a ticket, for the operator to read, change and send, or not."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from caunoi.answers import assist
from caunoi.procedures.assist import Draft
from caunoi.tickets.queries import find
from caunoi.web.page import Page, render_page
from caunoi.web.who import actor

REFUSED = {
    "nothing_found": gettext_noop("No procedure fits this question, so there is nothing to draft from."),
    "refused": gettext_noop("The procedures found do not answer this question."),
    "unfounded": gettext_noop("The draft said what the procedures do not say, so it was thrown away."),
    "timeout": gettext_noop("The assistant took too long. Please write the answer yourself."),
    "unreachable": gettext_noop("The assistant cannot be reached. Please write the answer yourself."),
    "unreadable": gettext_noop("The assistant's answer could not be read. Please write the answer yourself."),
}


@dataclass(frozen=True)
class AssistPage(Page):
    """A draft with the procedures it cites (`code@version`), or why there is none."""

    template = "desk/_draft.html"

    draft: Draft
    cited: list[str]
    refused: str


@require_POST
def write(request: HttpRequest, code: str) -> HttpResponse:
    """A draft as a fragment: each sentence with what it rests on."""
    by = actor(request)
    ticket = find(by, code)
    if ticket is None or not assist.on():
        raise Http404
    made = assist.draft(ticket, by=by)
    cited = list(dict.fromkeys(cite.split("#")[0] for sentence in made.sentences for cite in sentence.cites))
    refused = _(REFUSED[made.refused]) if made.refused else ""
    return render_page(request, AssistPage(made, cited, refused))
