"""The agencies and how they are doing: the same figures as everywhere, open overdue tickets counted as late."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from caunoi.directory import queries as directory
from caunoi.directory.boundaries import followers, organised_now
from caunoi.directory.models import Agency
from caunoi.directory.queries import Fresh, option
from caunoi.lib.numbers.phone import display
from caunoi.publication import queries
from caunoi.publication.queries import RegisterFilter
from caunoi.reorganisation import queries as reorganisation
from caunoi.statistics.counts import Row
from caunoi.statistics.figures import grouped
from caunoi.statistics.scope import Scope
from caunoi.web.citizen.cacheable import cacheable
from caunoi.web.citizen.register import items
from caunoi.web.labels import formerly_called, localised_name

DAYS = 90
SECONDS = 300.0  # a look at every ticket of three months: not for each visitor
LATEST = 8


def _scope(at: datetime) -> Scope:
    return Scope(since=at - timedelta(days=DAYS), until=at, at=at, heirs=organised_now())


def _figures() -> dict[str, Row]:
    at = now()
    return {row.key: row for row in grouped(_scope(at), ["agency"])["agency"]}


figures: Fresh[dict[str, Row]] = Fresh(_figures, SECONDS)


def _table_row(row: Row) -> dict[str, Any]:
    """A row with whether its share says anything."""
    return {"row": row, "small": row.fallen < option("small_number")}


@cacheable
def listing(request: HttpRequest) -> HttpResponse:
    """All agencies, those with the most tickets first."""
    known = figures()
    rows = [
        {
            "code": a.code,
            "name": localised_name(a),
            "was": formerly_called(a.code),
            **_table_row(known.get(a.code, Row(key=a.code))),
        }
        for a in directory.agencies()
    ]
    rows = sorted(rows, key=lambda one: -one["row"].total)
    return render(request, "citizen/agencies.html", {"rows": rows, "days": DAYS, "least": option("small_number")})


def _own_figures() -> dict[str, Row]:
    at = now()
    return {row.key: row for row in grouped(replace(_scope(at), heirs={}), ["agency"])["agency"]}


own_figures: Fresh[dict[str, Row]] = Fresh(_own_figures, SECONDS)
"""Of those that have ended: what they themselves were handed."""

ENDED = {
    "rename": gettext_noop("By %(number)s it has had another name since %(day)s."),
    "merge": gettext_noop("By %(number)s it was merged on %(day)s."),
    "split": gettext_noop("By %(number)s it was divided on %(day)s."),
    "abolish": gettext_noop("By %(number)s it was abolished on %(day)s."),
}


def _past(agency: Agency) -> dict[str, Any]:
    """How an agency ended, and what follows it; nothing of one that goes on."""
    if agency.valid_to is None or agency.valid_to > localdate():
        return {"was": formerly_called(agency.code)}
    ending = reorganisation.ending(agency.pk)
    words = ""
    if ending:
        act, kind = ending
        words = _(ENDED[kind]) % {"number": act.number, "day": f"{act.on:%d/%m/%Y}"}
    heirs = [{"code": heir.code, "name": localised_name(heir)} for heir in followers(agency)]
    return {"ended": True, "ending": words, "heirs": heirs, "until": agency.valid_to}


@cacheable
def show(request: HttpRequest, agency: str) -> HttpResponse:
    """One agency: its figures, and what is published of its work; one that ended keeps its page."""
    found = directory.agencies_ever().get(agency)
    if found is None or found.kind == "centre":
        raise Http404
    past = _past(found)
    wanted = RegisterFilter(agency=found.code)
    known = own_figures() if past.get("ended") else figures()
    context = past | {
        "agency": found,
        "name": localised_name(found),
        "phone": display(found.phone) if found.phone else "",
        "days": DAYS,
        "least": option("small_number"),
        "counted": queries.counted(wanted),
        "rows": items(queries.listed(wanted, size=LATEST).rows),
        **_table_row(known.get(found.code, Row(key=found.code))),
    }
    return render(request, "citizen/agency.html", context)
