"""What is slow: every ticket past its deadline, who is asked to explain it, who was reminded of it."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.timezone import get_default_timezone, localdate, now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext, override
from django.views.decorators.http import require_POST

from caunoi.directives import actions as directives
from caunoi.directives.models import Directive
from caunoi.directives.queries import explained
from caunoi.directory import queries as directory
from caunoi.events.actor import Actor
from caunoi.reports import digests, pdf
from caunoi.reports.models import Digest
from caunoi.sla import queries as sla
from caunoi.sla.models import Escalation
from caunoi.tickets.lifecycle import MissingDataError
from caunoi.tickets.models import Ticket
from caunoi.tickets.queries import PAGE, find
from caunoi.web import orders
from caunoi.web.board.query import name_of
from caunoi.web.board.tickets import BoardLine, address, board_lines
from caunoi.web.inputs import text_in
from caunoi.web.labels import CLOCK, ROLE, localised_name, word
from caunoi.web.orders import OrdersPage
from caunoi.web.page import Page, Tab, render_page
from caunoi.web.paging import cursor, newest
from caunoi.web.who import actor

TABS = (
    ("board:overdue", gettext_noop("Past their deadline")),
    ("board:explanations", gettext_noop("Explanations")),
    ("board:reminders", gettext_noop("Reminders")),
)
DAYS = 2  # working days given to explain, unless another day is chosen
MOST = 100


@dataclass(frozen=True, kw_only=True)
class OverdueLine(BoardLine):
    """A ticket past the deadline that fell at `falls`, whoever holds it, and the newest request to explain it."""

    falls: datetime | None
    holder: str
    explanation: Directive | None


@dataclass(frozen=True)
class DigestWords:
    """A digest in sentences."""

    row: Digest
    sentences: list[str]


@dataclass(frozen=True, kw_only=True)
class OverduePage(Page):
    """`until` is the day that is proposed for an explanation, `first` the way back to the beginning."""

    template = "board/overdue.html"

    tabs: list[Tab]
    rows: list[OverdueLine]
    chips: list[Tab]
    count: int
    agency: str
    next: str
    first: str
    until: str
    digest: DigestWords | None


@dataclass(frozen=True, kw_only=True)
class ExplanationsPage(OrdersPage):
    template = "board/explanations.html"

    lists: list[Tab]


@dataclass(frozen=True, kw_only=True)
class ReminderLine:
    """A rung of the ladder that notified; `late` by how much the deadline had passed, None where it had not."""

    row: Escalation
    url: str
    clock: str
    to: str
    agency: str
    late: timedelta | None


@dataclass(frozen=True, kw_only=True)
class RemindersPage(Page):
    template = "board/reminders.html"

    tabs: list[Tab]
    rows: list[ReminderLine]
    chips: list[Tab]
    to: str
    older: str


def tabs(here: str) -> list[Tab]:
    return [Tab(_(label), reverse(view), active=view == here) for view, label in TABS]


def show(request: HttpRequest) -> HttpResponse:
    by, agency = actor(request), request.GET.get("agency", "")[:40]
    after = cursor(request.GET.get("after", ""))
    batch = sla.overdue(by, agency=agency, after=after)
    tickets = batch[:PAGE]
    explanations = explained([t.pk for t in tickets])
    last = tickets[-1] if tickets else None
    by_agency = sla.overdue_by_agency(by)
    page = OverduePage(
        tabs=tabs("board:overdue"),
        rows=[_row(t, line, explanations) for t, line in zip(tickets, board_lines(tickets, by), strict=True)],
        chips=[
            Tab(name_of("agency", code), f"?agency={code or '-'}", active=agency == (code or "-"), count=count)
            for code, count, _first in by_agency
        ],
        count=sum(count for _code, count, _first in by_agency),
        agency=agency,
        next=f"?agency={agency}&after={last.falls.isoformat()}_{last.pk}".replace("+", "%2B")  # type: ignore[attr-defined]
        if last is not None and len(batch) > PAGE
        else "",
        first=f"?agency={agency}" if after else "",
        until=localdate(directory.calendar("office").add_days(now(), DAYS)).isoformat(),
        digest=_digest(by),
    )
    return render_page(request, page)


def _row(ticket: Ticket, line: BoardLine, explanations: dict[int, Directive]) -> OverdueLine:
    return OverdueLine(
        **vars(line),
        falls=getattr(ticket, "falls", None),
        holder=name_of("agency", getattr(ticket, "holder")),  # noqa: B009  annotated
        explanation=explanations.get(ticket.pk),
    )


def _digest(by: Actor) -> DigestWords | None:
    """The last digest, as it was sent."""
    row = digests.latest(by)
    return None if row is None else DigestWords(row, digests.sentences(row.figures))


@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Ask whoever holds the chosen tickets why they are late."""
    by = actor(request)
    back = request.POST.get("back", "")
    to = back if back.startswith("/board/") else reverse("board:overdue")
    tickets = [t for code in request.POST.getlist("code")[:MOST] if (t := find(by, code)) is not None]
    try:
        due = datetime.combine(date.fromisoformat(request.POST.get("due", "")), time(17), get_default_timezone())
    except ValueError:
        due = None
    if not tickets or due is None:
        messages.error(request, _("Please choose the tickets and until when they are to be explained."))
        return redirect(to)
    text = text_in(request.POST, "text") or _usual_words()
    try:
        count = sum(directives.ask_to_explain(t, text, due, by=by) is not None for t in tickets)
    except MissingDataError:
        messages.error(request, _("Please choose a day that is not in the past."))
        return redirect(to)
    if count:
        words = ngettext("An explanation was asked for.", "%(count)s explanations were asked for.", count)
        messages.success(request, words % {"count": count})
    if count < len(tickets):
        messages.info(request, _("For the others one was asked already and has not come yet."))
    return redirect(to)


def _usual_words() -> str:
    with override("vi"):
        return _("Please explain why this ticket is late, what has been done and when it will be finished.")


def file(request: HttpRequest) -> HttpResponse:
    """The report of slow cases, as of now."""
    by, at = actor(request), now()
    with override("vi"):
        content = pdf.render(digests.paper(digests.reading(by, at - timedelta(days=1), at)), at)
    response = HttpResponse(content, content_type=pdf.TYPE)
    response["Content-Disposition"] = f'inline; filename="1022-{localdate():%Y-%m-%d}.pdf"'
    return response


def explanations(request: HttpRequest) -> HttpResponseBase:
    return orders.listing(request, partial(ExplanationsPage, lists=tabs("board:explanations")), kind="explain")


def explanation(request: HttpRequest, pk: int) -> HttpResponse:
    return orders.act(request, pk, "board:explanations")


def reminders(request: HttpRequest) -> HttpResponse:
    """Who was notified of which delay, and when: the ladder's record."""
    by, to = actor(request), request.GET.get("to", "")
    sent = sla.reminders(by).order_by("-id")
    rows, older = newest(request, sent.filter(to=to) if to in ROLE else sent, PAGE, f"to={to}&")
    page = RemindersPage(
        tabs=tabs("board:reminders"),
        rows=[_reminder(row, by) for row in rows],
        chips=[
            Tab(word(ROLE, role), f"?to={role}", active=role == to)
            for role in ("leader", "supervisor", "lead", "officer", "operator")
        ],
        to=to,
        older=older,
    )
    return render_page(request, page)


def _reminder(row: Escalation, by: Actor) -> ReminderLine:
    return ReminderLine(
        row=row,
        url=address(row.ticket.code, by),
        clock=word(CLOCK, row.clock),
        to=word(ROLE, row.to),
        agency=localised_name(row.agency),
        late=row.at - row.due if row.fell >= row.due else None,
    )
