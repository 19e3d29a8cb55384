"""The public register: what was said and done, in the open."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from caunoi.directory import queries as directory
from caunoi.lib import codes
from caunoi.publication import queries
from caunoi.publication.models import Publication
from caunoi.sla.queries import handle, handles
from caunoi.web.labels import named
from caunoi.web.lines import line, mark
from caunoi.web.story import picture

PAGE = 20


def item(publication: Publication, deadlines: dict[int, Any]) -> dict[str, Any]:
    ticket = publication.ticket
    deadline = deadlines.get(ticket.pk)
    return line(ticket, deadline) | {"title": publication.title, "at": publication.published, "urgent": False}


def listing(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()
    if codes.parse(text) and queries.one(text):
        return redirect("citizen:ticket", codes.parse(text))
    asked = {name: request.GET.get(name, "") for name in ("category", "area", "status")}
    before = request.GET.get("before", "")
    found = queries.listed(text=text, **asked, before=int(before) if before.isdigit() else None, size=PAGE)
    page, more = found[:PAGE], len(found) > PAGE
    deadlines = handles([p.ticket for p in page])
    keep = request.GET.copy()
    keep.pop("before", None)
    context = {
        "rows": [item(p, deadlines) for p in page],
        "q": text,
        "asked": asked,
        "filtered": bool(text or any(asked.values())),
        "categories": [(c.code, named(c)) for c in directory.categories()],
        "areas": [(a.code, a.name) for a in directory.areas()],
        "older": f"?{keep.urlencode()}&before={page[-1].pk}" if more else "",
        "newest": f"?{keep.urlencode()}" if before else "",
    }
    return render(request, "citizen/register.html", context)


def ticket(request: HttpRequest, code: str) -> HttpResponse:
    publication = queries.one(code)
    if publication is None:
        withdrawn = queries.withdrawn(code)
        if withdrawn:
            return render(request, "citizen/withdrawn.html", {"publication": withdrawn}, status=410)
        raise Http404
    if codes.parse(code) != code:
        return redirect("citizen:ticket", publication.ticket.code)
    row = publication.ticket
    deadline = handle(row)
    shown = {role: [] for role in ("report", "before", "after")}
    for role, attachment in queries.photos(publication):
        shown[role].append(picture(attachment))
    context = {
        "publication": publication,
        "ticket": row,
        "line": line(row, deadline),
        "mark": mark(row, deadline),
        "category": named(row.category),
        "agency": named(row.agency),
        "deadline": deadline,
        "pictures": shown,
    }
    return render(request, "citizen/ticket.html", context)
