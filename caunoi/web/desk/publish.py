"""What waits for a reviewer's look, and what was looked at: by whom, when, and what came of it."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from caunoi.accounts.queries import names
from caunoi.publication import readings
from caunoi.web.labels import word
from caunoi.web.lines import lines
from caunoi.web.refresh import refreshed

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
    "children": gettext_noop("It speaks of children."),
    "denunciation": gettext_noop("It may be a denunciation."),
}
PAGE = 50
WEEK = timedelta(days=7)


def reason_filter(request: HttpRequest) -> str:
    """The one reason the queue is narrowed to; empty = all."""
    why = request.GET.get("why", "")
    return why if why in WHY else ""


def waiting(request: HttpRequest) -> HttpResponse:
    """Everything that waits to be looked at, what waits longest first."""
    why, counts = reason_filter(request), readings.waiting_count()
    queue = readings.waiting(why=why)
    shown = lines(one.publication.ticket for one in queue)
    rows = [
        {
            "line": line,
            "since": one.since,
            "why": [_(WHY[code]) for code in one.why],
            "removal": "removal" in one.why,
            "doubt": word(DOUBT, one.publication.doubt) if one.publication.doubt else "",
        }
        for one, line in zip(queue, shown, strict=True)
    ]
    tabs = [{"label": _("All"), "url": "?", "active": not why}]
    tabs += [{"label": _(WHY[c]), "url": f"?why={c}", "active": why == c, "count": counts[c]} for c in WHY]
    return render(request, refreshed(request, "desk/publish.html"), {"rows": rows, "tabs": tabs, "why": why})


def done(request: HttpRequest) -> HttpResponse:
    """The list of recent reviews: who reviewed what."""
    by, before = request.GET.get("by", ""), request.GET.get("before", "")
    found = readings.done(by=by[:150].replace("\0", ""), before=int(before) if before.isdecimal() else None, size=PAGE)
    week = readings.done_by(now() - WEEK)
    people = names({row.by for row in found} | {name for name, _n in week})
    rows: list[dict[str, Any]] = [
        {
            "row": row,
            "code": row.publication.ticket.code,
            "title": row.publication.title,
            "why": word(WHY, row.why),
            "outcome": word(OUTCOME, row.outcome),
            "by": people.get(row.by, row.by),
        }
        for row in found[:PAGE]
    ]
    context = {
        "rows": rows,
        "week": [{"name": people.get(name, name), "by": name, "count": n, "active": name == by} for name, n in week],
        "by": by,
        "older": f"?by={by}&before={rows[-1]['row'].pk}" if len(found) > PAGE else "",
    }
    return render(request, "desk/publish_done.html", context)
