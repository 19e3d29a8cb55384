"""Administrative procedures for citizens: found in their own words, and one of them in plain words."""

from typing import Any
from urllib.parse import urlencode

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import now

from caunoi.directory import queries as directory
from caunoi.lib.numbers.phone import display
from caunoi.procedures import actions, queries
from caunoi.procedures.models import Procedure, Version
from caunoi.web.errors import or_404
from caunoi.web.labels import localised_name
from caunoi.web.procedure import facts
from caunoi.web.procedure_search import search_procedures

PAGE = 30
YEAR = 365 * 86_400
FILTERS = ("field", "audience", "level")


def _query(request: HttpRequest) -> dict[str, str]:
    """What the address asks for, without what PostgreSQL cannot hold."""
    return {name: request.GET.get(name, "").replace("\0", "").strip()[:300] for name in ("q", *FILTERS)}


def browse(request: HttpRequest) -> HttpResponse:
    """Search, or all of them by field and by whom they are for."""
    asked = _query(request)
    narrowed = {name: asked[name] for name in FILTERS}
    after = request.GET.get("after", "")
    hits: list[queries.ProcedureHit] = []
    more, question = False, 0
    if asked["q"]:
        hits, question = search_procedures(request, asked["q"], place="citizen", size=PAGE, **narrowed)
    elif any(narrowed.values()):
        rows = queries.browse(**narrowed, after=int(after) if after.isdecimal() else None, size=PAGE)
        hits, more = [queries.ProcedureHit(procedure=row) for row in rows[:PAGE]], len(rows) > PAGE
    query = urlencode({name: value for name, value in asked.items() if value})
    fields = queries.fields()
    context = {
        "asked": asked,
        "hits": hits,
        "question": question,
        "searched": bool(asked["q"] or any(narrowed.values())),
        "fields": fields,
        "audiences": queries.audiences(),
        "levels": queries.LEVELS,
        "total": sum(count for _, count in fields),
        "older": f"?{query}&after={hits[-1].procedure.pk}" if more else "",
        "newest": f"?{query}" if after else "",
        "ask": "?" + urlencode({"kind": "question", "text": asked["q"]}),
    }
    return render(request, "citizen/procedures.html", context)


def suggest(request: HttpRequest) -> HttpResponse:
    """What someone who is typing may be going to, as a fragment."""
    hits = queries.suggest(_query(request)["q"], limit=6)
    return render(request, "citizen/_suggestions.html", {"hits": hits})


def _version(procedure: Procedure, number: int | None) -> Version:
    return or_404(queries.version(procedure, number) if number is not None else procedure.current)


def show(request: HttpRequest, code: str, version: int | None = None) -> HttpResponse:
    """One procedure; with a number, as it stood in that version."""
    procedure = queries.find(code)
    if procedure is None:
        return render(request, "citizen/procedure_unknown.html", {"code": code[:20]}, status=404)
    if procedure.code != code:
        return redirect("citizen:procedure", procedure.code)
    chosen = _version(procedure, version)
    if (question := request.GET.get("asked", "")).isdecimal():
        actions.picked(int(question[:15]), procedure.code)
    wanted = request.GET.get("area", request.COOKIES.get("area", ""))
    area = directory.area(wanted) if wanted else None
    record = chosen.record
    context: dict[str, Any] = {
        "procedure": procedure,
        "version": chosen,
        "record": record,
        "facts": facts(record),
        "current": procedure.current_id == chosen.pk and procedure.retired is None,
        "ahead": queries.ahead(procedure),
        "versions": list(queries.versions(procedure)),
        "areas": [(a.code, a.name) for a in directory.areas()],
        "area": area,
        "offices": [
            (localised_name(a), a, display(a.phone) if a.phone else "") for a in queries.offices(record, area.code)
        ]
        if area
        else [],
        "notes": [
            (note, display(note.phone) if note.phone else "")
            for note in queries.notes(procedure, area.code if area else "")
        ],
        "qr": qr(record.url) if record.url else "",
        "printed": now(),
    }
    response = render(request, "citizen/procedure.html", context)
    if "area" in request.GET:
        response.set_cookie("area", area.code if area else "", max_age=YEAR, samesite="Lax", httponly=True)
    return response


def qr(address: str) -> SafeString:
    """An address as a QR code: inline SVG, black on nothing."""
    svg = segno.make(address, error="m").svg_inline(border=2, omitsize=True)
    return mark_safe(svg)  # noqa: S308  segno writes nothing of the address into it but squares
