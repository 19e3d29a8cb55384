"""The operator's three columns: the queue, the ticket, its context."""

from dataclasses import dataclass, fields, replace

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from caunoi.accounts.models import User
from caunoi.conversations.queries.channels import channel_names
from caunoi.events.actor import Actor
from caunoi.sla.queries import first_due
from caunoi.tickets import queries
from caunoi.tickets.lifecycle import FIRST
from caunoi.tickets.models import Ticket
from caunoi.triage.queries import readings
from caunoi.web import sheets
from caunoi.web.labels import area_choices, category_choices, choices
from caunoi.web.lines import Line, pressing_lines
from caunoi.web.offers import in_row
from caunoi.web.page import Page, Tab, render_page
from caunoi.web.paging import cursor, id_in
from caunoi.web.who import actor


@dataclass(frozen=True)
class QueueTab:
    """Tickets of some states (none: of all); `work` is done in the order in which it falls due; `rests`: they are
    somebody's of the centre, and may be put off."""

    code: str
    label: str
    states: tuple[str, ...]
    work: bool = False
    rests: bool = False


TABS = (
    QueueTab("todo", gettext_noop("To do"), ("new", "accepted"), work=True, rests=True),
    QueueTab("waiting", gettext_noop("Citizen asked"), ("waiting",), rests=True),
    QueueTab("out", gettext_noop("At agencies"), ("routed", "working", "resulted")),
    QueueTab("all", gettext_noop("All"), ()),
)
CHUNK = 500  # tickets read at once for a table
READ = ("reading", "conversation", "assignment__assignee")
"""What is read with each ticket of a page: what is proposed of it, whether its thread has words nobody has read, and
whose it is."""
WHOSE = {
    "": gettext_noop("Everybody's"),
    "mine": gettext_noop("Mine"),
    "nobody": gettext_noop("Nobody's"),
    "snoozed": gettext_noop("Put off"),
}


@dataclass(frozen=True, kw_only=True)
class QueueFilters:
    """What narrows the queue, as its address has it."""

    category: str
    area: str
    agency: str
    channel: str
    whose: str
    q: str


@dataclass(frozen=True, kw_only=True)
class QueuePage(Page):
    """The left column and an empty ticket beside it. `query`, `here`, `next` and `everywhere` are ends of addresses: of
    this tab, of this page of it, of its next page, of the same filters over all tickets; `first`: nothing comes before;
    `stated`: tickets of several states stand together."""

    template = "desk/queue.html"
    parts = ("desk/_list.html",)

    tabs: list[Tab]
    tab: str
    tab_label: str
    everywhere: str
    query: str
    here: str
    rows: list[Line]
    next: str
    first: bool
    by_due: bool
    stated: bool
    filters: QueueFilters
    filtered: bool
    whose: list[Tab]
    categories: list[tuple[str, str]]
    areas: list[tuple[str, str]]
    channels: list[tuple[str, str]]
    sheets: list[dict[str, str]]


def _query(request: HttpRequest) -> tuple[QueueFilters, QueueTab, str]:
    """What the address asks for: filters, tab, and the filters as a query."""
    typed = QueueFilters(**{field.name: request.GET.get(field.name, "").strip() for field in fields(QueueFilters)})
    if typed.whose not in WHOSE:
        typed = replace(typed, whose="")
    default = "all" if any(vars(replace(typed, whose="")).values()) else "todo"
    tab = next((t for t in TABS if t.code == request.GET.get("tab", default)), TABS[0])
    keep = request.GET.copy()
    for name in ("before", "after", "tab"):
        keep.pop(name, None)
    query = keep.urlencode()
    return typed, tab, f"&{query}" if query else ""


def list_query(request: HttpRequest) -> str:
    """By which the left column of a ticket's page asks for its lines itself: opening a ticket never waits for the
    list."""
    _, tab, query = _query(request)
    return f"?tab={tab.code}{query}"


def _filters(typed: QueueFilters, tab: QueueTab) -> queries.Filters:
    return queries.Filters(
        states=frozenset(tab.states),
        category=typed.category,
        area=typed.area,
        agency=typed.agency,
        channel=typed.channel,
        whose=typed.whose if tab.rests else "",
        awake=tab.rests and typed.whose != "snoozed",
        text=typed.q,
    )


def _page(
    by: Actor, filters: queries.Filters, tab: QueueTab, request: HttpRequest
) -> tuple[list[Ticket], dict[str, str], bool]:
    """One page of tickets, where the next begins, and whether it is the first."""
    if tab.work:
        after = cursor(request.GET.get("after", ""))
        batch = first_due(by, filters, after=after, also=READ)
        page = batch[: queries.PAGE]
        place = {"after": f"{page[-1].falls.isoformat()}_{page[-1].pk}"} if len(batch) > len(page) else {}
        return page, place, after is None
    before = id_in(request)
    batch = queries.listed(by, filters, before=before, also=READ)
    page = batch[: queries.PAGE]
    return page, {"before": str(page[-1].pk)} if len(batch) > len(page) else {}, before is None


def _listing(request: HttpRequest) -> QueuePage:
    """The left column for this request: tabs with counts, filters, one page of lines."""
    by = actor(request)
    typed, tab, query = _query(request)
    page, place, first = _page(by, _filters(typed, tab), tab, request)
    counts = queries.counts_and_own(by)
    return QueuePage(
        tabs=[
            Tab(
                _(one.label),
                f"?tab={one.code}{query}",
                active=one is tab,
                count=sum(counts[state] for state in one.states) if one.states else None,
            )
            for one in TABS
        ],
        tab=tab.code,
        tab_label=_(tab.label),
        everywhere=f"?tab=all{query}",
        query=f"?tab={tab.code}{query}",
        here=f"?tab={tab.code}{query}{_place(request)}",
        rows=_with_proposals(pressing_lines(page, by), page),
        next=f"?tab={tab.code}{query}&{urlencode(place)}" if place else "",
        first=first,
        by_due=tab.work,
        stated=not tab.work and len(tab.states) != 1,
        filters=typed,
        filtered=any(vars(replace(typed, whose="")).values()),
        whose=_whose(request, tab, typed, counts) if tab.rests else [],
        categories=category_choices(),
        areas=area_choices(),
        channels=choices(channel_names()),
        sheets=sheets.links(request),
    )


def _whose(request: HttpRequest, tab: QueueTab, typed: QueueFilters, counts: dict[str, int]) -> list[Tab]:
    """Whose tickets of a tab are shown, as chips; of one's own, how many there are at the centre."""
    keep = request.GET.copy()
    for name in ("before", "after", "tab", "whose"):
        keep.pop(name, None)
    return [
        Tab(
            _(label),
            "?" + "&".join(filter(None, (f"tab={tab.code}", f"whose={code}" if code else "", keep.urlencode()))),
            active=code == typed.whose,
            count=counts.get(code) or None,
        )
        for code, label in WHOSE.items()
    ]


def _place(request: HttpRequest) -> str:
    """Where in the list this page begins, as an end of an address."""
    place = {name: request.GET[name] for name in ("before", "after") if request.GET.get(name)}
    return f"&{urlencode(place)}" if place else ""


def _with_proposals(rows: list[Line], tickets: list[Ticket]) -> list[Line]:
    """The lines of a page with what is proposed of new tickets without a category, and which have unread words."""
    unsorted = [ticket for ticket in tickets if ticket.state == FIRST and ticket.category_id is None]
    hints = {row.ticket.code: in_row(row) for row in readings(unsorted)}
    unread = {ticket.code for ticket in tickets if ticket.conversation.unread}
    owners = {one.code: _given_name(one.assignment.assignee) for one in tickets if hasattr(one, "assignment")}
    none = ("", "")
    return [
        replace(row, proposed=proposed, alarm=alarm, unread=row.code in unread, assignee=owners.get(row.code, ""))
        for row in rows
        for proposed, alarm in [hints.get(row.code, none)]
    ]


def _given_name(user: User) -> str:
    """As colleagues call somebody: the last word of a Vietnamese name, without what stands in brackets."""
    words = [word for word in str(user).split() if not word.startswith("(")]
    return words[-1] if words else user.username


def _table(request: HttpRequest, form: sheets.Export) -> HttpResponseBase:
    """The whole list as a file."""
    by = actor(request)
    typed, tab, _filter_query = _query(request)
    filters = _filters(typed, tab)
    pages = sheets.paged(lambda before: queries.listed(by, filters, before=before, size=CHUNK), CHUNK)
    return sheets.sheet(form, "tickets", sheets.ticket_head(), sheets.ticket_rows(pages, by), by=by)


def show(request: HttpRequest) -> HttpResponseBase:
    if form := sheets.export_format(request):
        return _table(request, form)
    alone = request.headers.get("HX-Target") == "queue-list"
    return render_page(request, _listing(request), part="desk/_list.html" if alone else "")
