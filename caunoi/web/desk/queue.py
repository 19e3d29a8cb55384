"""The operator's three columns: the queue, the ticket, its context."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from caunoi.conversations.queries.channels import channel_names
from caunoi.directory import queries as directory
from caunoi.events.actor import Actor
from caunoi.sla.queries import first_due
from caunoi.tickets import queries
from caunoi.tickets.models import Ticket
from caunoi.web import sheets
from caunoi.web.labels import choices, localised_name
from caunoi.web.lines import pressing_lines
from caunoi.web.who import actor


@dataclass(frozen=True)
class Tab:
    """Tickets of some states (none: of all); `work` is done in the order in which it falls due."""

    code: str
    label: str
    states: tuple[str, ...]
    work: bool = False


TABS = (
    Tab("todo", gettext_noop("To do"), ("new", "accepted"), work=True),
    Tab("waiting", gettext_noop("Citizen asked"), ("waiting",)),
    Tab("out", gettext_noop("At agencies"), ("routed", "working", "resulted")),
    Tab("all", gettext_noop("All"), ()),
)
CHUNK = 500  # tickets read at once for a table
FILTERS = ("category", "area", "agency", "channel", "q")


def _query(request: HttpRequest) -> tuple[dict[str, str], Tab, str]:
    """What the address asks for: filters, tab, and the same tab and filters as a query."""
    asked = {name: request.GET.get(name, "").strip() for name in FILTERS}
    default = "all" if any(asked.values()) else "todo"
    tab = next((t for t in TABS if t.code == request.GET.get("tab", default)), TABS[0])
    keep = request.GET.copy()
    for name in ("before", "after", "tab"):
        keep.pop(name, None)
    kept = keep.urlencode()
    return asked, tab, f"&{kept}" if kept else ""


def beside(request: HttpRequest) -> dict[str, Any]:
    """The left column of a ticket's page, which asks for its lines itself: opening a ticket never waits for the
    list."""
    _, tab, kept = _query(request)
    return {"list_query": f"?tab={tab.code}{kept}"}


def _filters(query: dict[str, str], tab: Tab) -> queries.Filters:
    return queries.Filters(
        states=frozenset(tab.states),
        category=query["category"],
        area=query["area"],
        agency=query["agency"],
        channel=query["channel"],
        text=query["q"],
    )


def _after(text: str) -> tuple[datetime, int] | None:
    """Where a page by due begins: when the last ticket of the one before falls due, and its id."""
    falls, _sep, pk = text.partition("_")
    try:
        at = datetime.fromisoformat(falls)
        return (at, int(pk)) if at.tzinfo else None
    except ValueError:
        return None


def _page(
    by: Actor, filters: queries.Filters, tab: Tab, request: HttpRequest
) -> tuple[list[Ticket], dict[str, str], bool]:
    """One page of tickets, where the next begins, and whether it is the first."""
    if tab.work:
        after = _after(request.GET.get("after", ""))
        found = first_due(by, filters, after=after)
        page = found[: queries.PAGE]
        place = {"after": f"{page[-1].falls.isoformat()}_{page[-1].pk}"} if len(found) > len(page) else {}
        return page, place, after is None
    before = request.GET.get("before", "")
    found = queries.listed(by, filters, before=int(before) if before.isdecimal() else None)
    page = found[: queries.PAGE]
    return page, {"before": str(page[-1].pk)} if len(found) > len(page) else {}, not before


def listing(request: HttpRequest) -> dict[str, Any]:
    """The left column for this request: tabs with counts, filters, one page of lines."""
    by = actor(request)
    asked, tab, kept = _query(request)
    page, place, first = _page(by, _filters(asked, tab), tab, request)
    counts = queries.counts(by)
    return {
        "tabs": [
            {
                "label": _(t.label),
                "url": f"?tab={t.code}{kept}",
                "active": t is tab,
                "count": sum(counts[s] for s in t.states) if t.states else None,
            }
            for t in TABS
        ],
        "tab": tab.code,
        "tab_label": _(tab.label),
        "everywhere": f"?tab=all{kept}",
        "query": f"?tab={tab.code}{kept}",
        "rows": pressing_lines(page, by),
        "next": f"?tab={tab.code}{kept}&{urlencode(place)}" if place else "",
        "first": first,
        "by_due": tab.work,
        "asked": asked,
        "filtered": any(asked.values()),
        "categories": [(c.code, localised_name(c)) for c in directory.categories()],
        "areas": [(a.code, a.name) for a in directory.areas()],
        "channels": choices(channel_names()),
        "sheets": sheets.links(request),
    }


def _table(request: HttpRequest, form: str) -> HttpResponseBase:
    """The whole list as a table to take away."""
    by = actor(request)
    asked, tab, _kept = _query(request)
    filters = _filters(asked, tab)
    pages = sheets.paged(lambda before: queries.listed(by, filters, before=before, size=CHUNK), CHUNK)
    return sheets.sheet(form, "tickets", sheets.ticket_head(), sheets.ticket_rows(pages, by), by=by)


def show(request: HttpRequest) -> HttpResponseBase:
    if form := sheets.export_format(request):
        return _table(request, form)
    alone = request.headers.get("HX-Target") == "queue-list"
    return render(request, "desk/_list.html" if alone else "desk/queue.html", listing(request))
