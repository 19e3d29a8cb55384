"""The agencies and how they are doing: the same figures as everywhere, open overdue tickets counted as late."""

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import now

from caunoi.directory import queries as directory
from caunoi.directory.queries import Fresh, option
from caunoi.lib.phone import display
from caunoi.publication import queries
from caunoi.publication.queries import Wanted
from caunoi.statistics.counts import Row
from caunoi.statistics.figures import grouped
from caunoi.statistics.scope import Scope
from caunoi.web.citizen.kept import kept
from caunoi.web.citizen.register import items
from caunoi.web.labels import named

DAYS = 90
SECONDS = 300.0  # a look at every ticket of three months: not for each visitor
LATEST = 8


def _figures() -> dict[str, Row]:
    at = now()
    return {
        row.key: row for row in grouped(Scope(since=at - timedelta(days=DAYS), until=at, at=at), ["agency"])["agency"]
    }


figures: Fresh[dict[str, Row]] = Fresh(_figures, SECONDS)


def _told(row: Row) -> dict[str, Any]:
    """A row with whether its share says anything."""
    return {"row": row, "small": row.fallen < option("small_number")}


@kept
def listing(request: HttpRequest) -> HttpResponse:
    """All agencies, those with the most tickets first."""
    known = figures()
    rows = [
        {"code": a.code, "name": named(a), **_told(known.get(a.code, Row(key=a.code)))} for a in directory.agencies()
    ]
    rows = sorted(rows, key=lambda one: -one["row"].total)
    return render(request, "citizen/agencies.html", {"rows": rows, "days": DAYS, "least": option("small_number")})


@kept
def show(request: HttpRequest, agency: str) -> HttpResponse:
    """One agency: its figures, and what is published of its work."""
    found = next((a for a in directory.agencies() if a.code == agency), None)
    if found is None:
        raise Http404
    wanted = Wanted(agency=found.code)
    context = {
        "agency": found, "name": named(found), "phone": display(found.phone) if found.phone else "", "days": DAYS,
        "least": option("small_number"), "counted": queries.counted(wanted),
        "rows": items(queries.listed(wanted, size=LATEST).rows), **_told(figures().get(found.code, Row(key=found.code))),
    }  # fmt: skip
    return render(request, "citizen/agency.html", context)
