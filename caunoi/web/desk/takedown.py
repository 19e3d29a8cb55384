"""Somebody asks by telephone or at the counter that a public text be taken down: looked at, written down with its
reason, and left to a reviewer. The citizen does the same on their own page (citizen/takedown.py)."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from caunoi.accounts.queries import names
from caunoi.publication import actions, queries
from caunoi.publication.models import Publication, Review
from caunoi.publication.readings import removal
from caunoi.tickets import queries as tickets
from caunoi.tickets.lifecycle import MissingDataError, NotPossibleError
from caunoi.tickets.models import Ticket
from caunoi.web.access import may_open
from caunoi.web.desk.publish import OUTCOME
from caunoi.web.drafts import undone
from caunoi.web.inputs import text_in, too_long
from caunoi.web.labels import word
from caunoi.web.masks import in_words
from caunoi.web.page import Page, render_page
from caunoi.web.who import actor

LIMIT = 1000


@dataclass(frozen=True, kw_only=True)
class TakedownPage(Page):
    """What the public reads now (`words`, by field), and what was asked before, by `who` and with which `outcome`;
    `looks`: this reader may review it."""

    template = "desk/takedown.html"

    ticket: Ticket
    public: bool
    words: dict[str, str]
    photos: int
    removal: Review | None
    who: str
    outcome: str
    looks: bool
    typed: str
    error: str
    limit: int


def ask(request: HttpRequest, code: str) -> HttpResponse:
    """What the public reads now, and a form for the reason; while it waits, or when it was declined, what came of
    it."""
    by = actor(request)
    ticket = tickets.find(by, code)
    publication = queries.publication_of(ticket) if ticket else None
    if ticket is None or publication is None:
        raise Http404
    words, error = text_in(request.POST, "words"), ""
    if request.method == "POST":
        try:
            error = too_long(words, LIMIT)
            if not error and actions.ask_removal(ticket, words, by=by):
                messages.success(request, _("Written down. A reviewer looks at it."))
                return redirect("desk:ticket", ticket.code)
        except MissingDataError:
            error = _("Please write what should not be public, and why.")
        except NotPossibleError:
            messages.error(request, _("It is not public any more."))
            undone(request)
            return redirect("desk:ticket", ticket.code)
    review = removal(ticket)
    people = names({row for row in (review.asked, review.by) if row}) if review else {}
    page = TakedownPage(
        ticket=ticket,
        public=publication.state == Publication.State.PUBLISHED,
        words={name: in_words(getattr(publication, name)) for name in ("title", "text", "answer", "place")},
        photos=publication.photos.count(),
        removal=review,
        who=people.get(review.asked, _("Citizen")) if review else "",
        outcome=word(OUTCOME, review.outcome) if review and review.done else "",
        looks=may_open(by, "desk:publish-one"),
        typed=words,
        error=error,
        limit=LIMIT,
    )
    return render_page(request, page, status=422 if error else 200)
