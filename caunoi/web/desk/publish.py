"""What awaits review, and what was reviewed: by whom, when, with what outcome."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from caunoi.accounts.queries import names
from caunoi.publication import readings
from caunoi.publication.models import Review
from caunoi.web.labels import word
from caunoi.web.lines import Line, lines
from caunoi.web.page import Page, Tab, render_page
from caunoi.web.paging import cut, id_in

WHY = {
    "text": gettext_noop("New text"),
    "answer": gettext_noop("New answer"),
    "photos": gettext_noop("New photos"),
    "removal": gettext_noop("Asked to take it down"),
}
OUTCOME = {
    "publish": gettext_noop("Published"),
    "correct": gettext_noop("Reviewed again"),
    "withdraw": gettext_noop("Withdrawn from the public"),
    "keep": gettext_noop("Kept from the public"),
    "decline": gettext_noop("Stays public"),
}
DOUBT = {
    "children": gettext_noop("It mentions children."),
    "denunciation": gettext_noop("It may be a denunciation."),
}
PAGE = 50
WEEK = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class WaitingLine:
    """A ticket that waits for a reviewer: since when, why, and what is doubtful about it, in words."""

    line: Line
    since: datetime
    why: list[str]
    doubt: str


@dataclass(frozen=True, kw_only=True)
class PublishPage(Page):
    """`why` is the code of the one reason that is shown, or empty."""

    template = "desk/publish.html"

    rows: list[WaitingLine]
    tabs: list[Tab]
    why: str


@dataclass(frozen=True, kw_only=True)
class ReviewDone:
    """A review in the list: of which ticket, why, what came of it, by whom."""

    row: Review
    code: str
    title: str
    why: str
    outcome: str
    by: str


@dataclass(frozen=True, kw_only=True)
class ReviewerCount:
    """How many reviews somebody did, to be chosen by the user name `by`."""

    name: str
    by: str
    count: int
    active: bool


@dataclass(frozen=True, kw_only=True)
class PublishDonePage(Page):
    template = "desk/publish_done.html"

    rows: list[ReviewDone]
    week: list[ReviewerCount]
    older: str


def reason_filter(request: HttpRequest) -> str:
    """The one reason the queue is narrowed to; empty = all."""
    why = request.GET.get("why", "")
    return why if why in WHY else ""


def waiting(request: HttpRequest) -> HttpResponse:
    """Everything that awaits review, the longest wait first."""
    why, counts = reason_filter(request), readings.waiting_count()
    queue = readings.waiting(why=why)
    rows = [
        WaitingLine(
            line=line,
            since=one.since,
            why=[_(WHY[code]) for code in one.why],
            doubt=word(DOUBT, one.publication.doubt) if one.publication.doubt else "",
        )
        for one, line in zip(queue, lines(one.publication.ticket for one in queue), strict=True)
    ]
    tabs = [Tab(_("All"), "?", active=not why)]
    tabs += [Tab(_(WHY[code]), f"?why={code}", active=why == code, count=counts[code]) for code in WHY]
    return render_page(request, PublishPage(rows=rows, tabs=tabs, why=why))


def done(request: HttpRequest) -> HttpResponse:
    """The list of recent reviews: who reviewed what."""
    by = request.GET.get("by", "")[:150].replace("\0", "")
    done_rows, older = cut(readings.done(by=by, before=id_in(request), size=PAGE), PAGE, f"by={by}&")
    week = readings.done_by(now() - WEEK)
    people = names({row.by for row in done_rows} | {name for name, _n in week})
    rows = [
        ReviewDone(
            row=row,
            code=row.publication.ticket.code,
            title=row.publication.title,
            why=word(WHY, row.why),
            outcome=word(OUTCOME, row.outcome),
            by=people.get(row.by, row.by),
        )
        for row in done_rows
    ]
    page = PublishDonePage(
        rows=rows,
        week=[ReviewerCount(name=people.get(name, name), by=name, count=n, active=name == by) for name, n in week],
        older=older,
    )
    return render_page(request, page)
