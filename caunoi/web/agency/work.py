"""Today's work of an agency, first due first."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.core.signing import BadSignature
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.timezone import localtime, now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from caunoi.events.actor import Actor, Role
from caunoi.sla.queries import NEVER, work, workload
from caunoi.tickets import queries as tickets
from caunoi.tickets.lifecycle import HANDLED
from caunoi.tickets.models import Ticket
from caunoi.vault.signing import Signer
from caunoi.web import sheets
from caunoi.web.lines import Line, lines, work_lines
from caunoi.web.page import Page, Tab, render_page
from caunoi.web.paging import id_in
from caunoi.web.who import actor

TABS = (
    ("", gettext_noop("All open")),
    ("accept", gettext_noop("To confirm")),
    ("work", gettext_noop("In work")),
    ("approve", gettext_noop("To approve")),
    ("done", gettext_noop("Done")),
)
GROUPS = (
    ("overdue", gettext_noop("Overdue")),
    ("today", gettext_noop("Due today")),
    ("later", gettext_noop("Later")),
    ("paused", gettext_noop("Clock stopped")),
)
CHUNK = 500  # tickets read at once for a table
RECENT = timedelta(days=90)  # how far back "done" looks
place = Signer(salt="agency.work")


@dataclass(frozen=True, kw_only=True)
class WorkLine(Line):
    """A ticket in the list of an agency, which may only help with it: agency/_line.html."""

    helps: bool
    url: str


@dataclass(frozen=True)
class WorkGroup:
    """The lines that fall due at about the same time."""

    code: str
    label: str
    rows: list[WorkLine]


@dataclass(frozen=True, kw_only=True)
class WorkPage(Page):
    """`points` are the places of the lines as GeoJSON; `query` and `next` are addresses of the first and the following
    page; `load` counts the agency's tickets."""

    template = "agency/work.html"

    tabs: list[Tab]
    stage: str
    text: str
    groups: list[WorkGroup]
    load: dict[str, int]
    first: bool
    query: str
    next: str
    sheets: list[dict[str, str]]
    points: str


def _group(falls: datetime, at: datetime) -> str:
    if falls == NEVER:
        return "paused"
    if falls < at:
        return "overdue"
    return "today" if localtime(falls).date() == localtime(at).date() else "later"


def _after(text: str) -> tuple[datetime, int] | None:
    """Where a page begins: what its address says, if we wrote it."""
    try:
        falls, _sep, pk = place.unsign(text).partition("_")
    except BadSignature:
        return None
    return datetime.fromisoformat(falls), int(pk)


def _row(line: Line, ticket: Ticket) -> WorkLine:
    helps = getattr(ticket, "leg_role", "lead") == "coordinate"
    return WorkLine(**vars(line), helps=helps, url=reverse("agency:ticket", args=[ticket.code]))


def _open(by: Actor, stage: str, text: str, after: tuple[datetime, int] | None) -> tuple[list[WorkGroup], str]:
    """The lines of one page in their groups by deadline, and where the next page begins."""
    at = now()
    batch = work(by, stage=stage, text=text, after=after)
    page = batch[: tickets.PAGE]
    grouped: dict[str, list[WorkLine]] = {}
    for ticket, line in zip(page, work_lines(page, by), strict=True):
        grouped.setdefault(_group(ticket.falls, at), []).append(_row(line, ticket))  # type: ignore[attr-defined]
    groups = [WorkGroup(code, _(label), grouped[code]) for code, label in GROUPS if code in grouped]
    more = len(batch) > len(page)
    last = place.sign(f"{page[-1].falls.isoformat()}_{page[-1].pk}") if more else ""  # type: ignore[attr-defined]
    return groups, last


def _done(by: Actor, text: str, before: int | None) -> tuple[list[WorkGroup], str]:
    filters = tickets.Filters(states=frozenset(HANDLED), text=text, since=now() - RECENT)
    batch = tickets.listed(by, filters, before=before)
    page = batch[: tickets.PAGE]
    rows = [_row(line, ticket) for ticket, line in zip(page, lines(page, by), strict=True)]
    groups = [WorkGroup("done", _("Done in the last 90 days"), rows)] if rows else []
    return groups, str(page[-1].pk) if len(batch) > len(page) else ""


def _pages(by: Actor, stage: str, text: str) -> Iterator[list[Ticket]]:
    """Everything that the tabs and the search leave, page by page."""
    if stage == "done":
        filters = tickets.Filters(states=frozenset(HANDLED), text=text, since=now() - RECENT)
        yield from (list(p) for p in sheets.paged(lambda b: tickets.listed(by, filters, before=b, size=CHUNK), CHUNK))
        return
    after = None
    while batch := work(by, stage=stage, text=text, after=after, size=CHUNK):
        yield batch[:CHUNK]
        if len(batch) <= CHUNK:
            return
        after = batch[CHUNK - 1].falls, batch[CHUNK - 1].pk  # type: ignore[attr-defined]


def show(request: HttpRequest) -> HttpResponseBase:
    by = actor(request)
    stage, text, after = (request.GET.get(name, "").strip() for name in ("stage", "q", "after"))
    if stage not in dict(TABS):
        stage = ""
    if form := sheets.export_format(request):
        rows = sheets.ticket_rows(_pages(by, stage, text), by)
        return sheets.sheet(form, "work", sheets.ticket_head(), rows, by=by)
    if stage == "done":
        groups, last = _done(by, text, id_in(request, "after"))
    else:
        groups, last = _open(by, stage, text, _after(after))
    load = workload(by)
    params = {name: value for name, value in (("stage", stage), ("q", text)) if value}
    tabs = [
        Tab(
            _(label),
            "?" + urlencode({"stage": code} | ({"q": text} if text else {})),
            active=code == stage,
            count=load.get(code or "all"),
        )
        for code, label in TABS
        if code != "approve" or by.has(Role.LEAD) or load["approve"]
    ]
    page = WorkPage(
        tabs=tabs,
        stage=stage,
        text=text,
        groups=groups,
        load=load,
        first=not after,
        query="?" + urlencode(params),
        next="?" + urlencode(params | {"after": last}) if last else "",
        sheets=sheets.links(request),
        points=_points([row for group in groups for row in group.rows]) if stage != "done" else "",
    )
    return render_page(request, page)


def _points(rows: list[WorkLine]) -> str:
    """Where the lines of a page are, as GeoJSON for the map; empty where no place is known."""
    features = [_point(row) for row in rows if row.lat is not None]
    collection = {"type": "FeatureCollection", "features": features}
    return json.dumps(collection, cls=DjangoJSONEncoder, ensure_ascii=False) if features else ""


def _point(row: WorkLine) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [row.long, row.lat]},
        "properties": {"code": row.code, "title": row.title, "url": row.url, "mark": row.mark},
    }
