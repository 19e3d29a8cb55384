"""The tickets behind a figure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from caunoi.events.actor import CENTRE, Actor, Role
from caunoi.statistics.figures import grouped, ids
from caunoi.statistics.scope import FOUR, Scope
from caunoi.tickets.models import Ticket
from caunoi.tickets.queries import PAGE, among
from caunoi.web import sheets
from caunoi.web.board.overview import BoardFilters, filters
from caunoi.web.board.query import PART, board_query
from caunoi.web.board.sentences import moment
from caunoi.web.lines import Line, lines
from caunoi.web.page import Page, Tab, render_page
from caunoi.web.paging import id_in
from caunoi.web.who import actor

CHUNK = 500  # tickets read at once for a table


@dataclass(frozen=True, kw_only=True)
class BoardLine(Line):
    """A ticket in a list of the board, with where its reader opens it."""

    url: str


@dataclass(frozen=True, kw_only=True)
class BoardTicketsPage(Page):
    """`on` is the day or month of the trend that was opened, `hidden` how many tickets are not for this reader,
    `opens` whether any is; `board` leads back to the figures, `first` to the newest."""

    template = "board/tickets.html"

    filters: BoardFilters
    rows: list[BoardLine]
    tabs: list[Tab]
    on: str
    without_on: str
    next: str
    first: str
    board: str
    hidden: int
    opens: bool
    sheets: list[dict[str, str]]


def address(code: str, by: Actor) -> str:
    """Where this reader opens a ticket: the desk, the agency's page, or the board's own."""
    if by.has(Role.LEAD):
        return reverse("agency:ticket", args=[code])
    return reverse("desk:ticket" if by.has(*(CENTRE - {Role.ADMIN})) else "board:ticket", args=[code])


def board_lines(tickets: Iterable[Ticket], by: Actor) -> list[BoardLine]:
    return [BoardLine(**vars(line), url=address(line.code, by)) for line in lines(tickets, by)]


def _table(scope: Scope, form: sheets.Export, by: Actor) -> HttpResponseBase:
    """All the tickets behind the figure that this reader may see, as a file."""

    def pages() -> Iterator[list[Ticket]]:
        before, count = None, 0
        while (batch := ids(scope, before=before, size=CHUNK)) and count < sheets.MOST:
            yield among(by, batch[:CHUNK])
            if len(batch) <= CHUNK:
                return
            before, count = batch[CHUNK - 1], count + CHUNK

    return sheets.sheet(form, "tickets", sheets.ticket_head(), sheets.ticket_rows(pages(), by), by=by)


def show(request: HttpRequest) -> HttpResponseBase:
    question, by = board_query(request), actor(request)
    if (form := sheets.export_format(request)) and not question.error:
        return _table(question.scope(), form, by)
    before = id_in(request)
    batch = ids(question.scope(), before=before, size=PAGE)
    listed, more = batch[:PAGE], len(batch) > PAGE
    (whole,) = grouped(question.whole().scope() if not question.on else question.scope(), [""])[""]
    rows = board_lines(among(by, listed), by)
    page = BoardTicketsPage(
        filters=filters(question),
        rows=rows,
        tabs=[
            Tab(_("All"), question.query(part=""), active=not question.part, count=whole.total),
            *(
                Tab(_(PART[part]), question.query(part=part), active=question.part == part, count=getattr(whole, part))
                for part in FOUR
            ),
        ],
        on=moment(question.on) if question.on else "",
        without_on=question.query(on=""),
        next=question.query(before=str(listed[-1])) if more else "",
        first=question.query() if before else "",
        board=reverse("board:overview") + question.whole().query(),
        hidden=len(listed) - len(rows),
        opens=not by.has(Role.ADMIN),
        sheets=sheets.links(request) if not by.has(Role.ADMIN) else [],
    )
    return render_page(request, page, status=422 if question.error else 200)
