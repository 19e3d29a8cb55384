"""The public register: what was said and done, in the open."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _

from caunoi.answers.queries import citations, final
from caunoi.directory import queries as directory
from caunoi.lib import codes
from caunoi.publication import queries
from caunoi.publication.models import Publication
from caunoi.sla.queries import handle, handles
from caunoi.web.labels import named
from caunoi.web.lines import line, mark
from caunoi.web.masks import in_words
from caunoi.web.story import for_public, picture

PAGE = 20
FILTERS = ("category", "area", "status")


def asked(request: HttpRequest) -> dict[str, str]:
    """What the address narrows the register to, without what PostgreSQL cannot hold."""
    typed = {name: request.GET.get(name, "") for name in FILTERS} | {"text": request.GET.get("q", "")}
    return {name: value.replace("\0", "").strip()[:200] for name, value in typed.items()}


def item(publication: Publication, deadlines: dict[int, Any]) -> dict[str, Any]:
    ticket = publication.ticket
    deadline = deadlines.get(ticket.pk)
    public = {"title": in_words(publication.title), "at": ticket.received, "urgent": False}
    return line(ticket, deadline) | public | {"lat": publication.latitude, "long": publication.longitude}


def _chips(wanted: dict[str, str]) -> list[dict[str, Any]]:
    """All, still open, done: each keeps the other filters."""
    words = {"": _("All"), "open": _("Being dealt with"), "done": _("Answered")}
    others = {("q" if k == "text" else k): v for k, v in wanted.items() if v and k != "status"}
    chips = []
    for status, label in words.items():
        query = urlencode(others | ({"status": status} if status else {}))
        chips.append({"label": label, "url": f"?{query}", "active": wanted["status"] == status})
    return chips


def listing(request: HttpRequest) -> HttpResponse:
    wanted = asked(request)
    if codes.parse(wanted["text"]) and queries.one(wanted["text"]):
        return redirect("citizen:ticket", codes.parse(wanted["text"]))
    before = request.GET.get("before", "")
    found = queries.listed(**wanted, before=int(before) if before.isdecimal() else None, size=PAGE)
    page, more = found[:PAGE], len(found) > PAGE
    deadlines = handles([p.ticket for p in page])
    query = urlencode({("q" if k == "text" else k): v for k, v in wanted.items() if v})
    context = {
        "rows": [item(p, deadlines) for p in page],
        "q": wanted["text"],
        "asked": wanted,
        "filtered": any(wanted.values()),
        "chips": _chips(wanted),
        "categories": [(c.code, named(c)) for c in directory.categories()],
        "areas": [(a.code, a.name) for a in directory.areas()],
        "points": f"/points.json?{query}",
        "older": f"?{query}&before={page[-1].pk}" if more else "",
        "newest": f"?{query}" if before else "",
    }
    return render(request, "citizen/register.html", context)


def ticket(request: HttpRequest, code: str) -> HttpResponse:
    publication = queries.one(code)
    if publication is None:
        withdrawn = queries.withdrawn(code)
        if withdrawn:
            told = {"code": withdrawn.ticket.code, "note": withdrawn.note}
            return render(request, "citizen/withdrawn.html", told, status=410)
        raise Http404
    row = publication.ticket
    if row.code != code:
        return redirect("citizen:ticket", row.code)
    deadline = handle(row)
    shown: dict[str, list[dict[str, str]]] = {role: [] for role in ("report", "before", "after")}
    for role, attachment in queries.photos(publication):
        shown[role].append(picture(attachment))
    story = for_public(row)
    context: dict[str, Any] = {
        "publication": publication,
        "words": {name: in_words(getattr(publication, name)) for name in ("title", "text", "answer", "place")},
        "ticket": row,
        "line": item(publication, {row.pk: deadline} if deadline else {}),
        "mark": mark(row, deadline),
        "category": named(row.category),
        "agency": named(row.agency),
        "deadline": deadline,
        "printed": now(),
        "story": story,
        "pictures": shown,
        "citations": citations(final(row)) if row.answered else [],
    }
    return render(request, "citizen/ticket.html", context)
