"""Administrative procedures for citizens: found in their own words, and one of them in plain words."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from urllib.parse import urlencode

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import now

from caunoi.directory import queries as directory
from caunoi.directory.models import Agency, Area
from caunoi.jobs import replica
from caunoi.lib.numbers.phone import display
from caunoi.procedures import actions, queries
from caunoi.procedures.models import Note, Procedure, Version
from caunoi.procedures.record import Record
from caunoi.web.errors import or_404
from caunoi.web.inputs import text_in
from caunoi.web.labels import area_choices, localised_name
from caunoi.web.page import Page, render_page
from caunoi.web.paging import id_in
from caunoi.web.procedure import Fact, facts
from caunoi.web.procedure_search import ask_procedures

PAGE = 30
LONGEST = 900
"""Characters of a question: a story's end says what is wanted."""
YEAR = 365 * 86_400
FILTERS = ("field", "audience", "level")


@dataclass(frozen=True, kw_only=True)
class ProcedureQuery:
    """What an address asks for: words, and what narrows them."""

    q: str
    field: str
    audience: str
    level: str


@dataclass(frozen=True, kw_only=True)
class FindProcedurePage(Page):
    """`question` is the number under which the search is written down, `total` how many procedures there are, `ask` the
    query by which one asks us instead; `answer` says how
    certain the hits are, `chosen` that a question back was answered, `again` the query without that."""

    template = "citizen/procedures.html"

    query: ProcedureQuery
    hits: list[queries.ProcedureHit]
    answer: queries.ProcedureAnswer
    question: int
    searched: bool
    fields: list[tuple[str, int]]
    audiences: list[str]
    levels: Sequence[str]
    total: int
    older: str
    newest: str
    ask: str
    chosen: bool
    again: str


@dataclass(frozen=True, kw_only=True)
class ProcedureSuggestions(Page):
    template = "citizen/_suggestions.html"

    hits: Sequence[queries.ProcedureHit]


@dataclass(frozen=True, kw_only=True)
class UnknownProcedurePage(Page):
    template = "citizen/procedure_unknown.html"

    code: str


@dataclass(frozen=True, kw_only=True)
class PublicProcedurePage(Page):
    """A procedure as `this_version` has it; `current` when that applies now, `ahead` the version to come.
    `offices` with their names and readable numbers, `notes` with their numbers."""

    template = "citizen/procedure.html"

    procedure: Procedure
    this_version: Version
    record: Record
    facts: list[Fact]
    current: bool
    ahead: Version | None
    versions: list[Version]
    areas: list[tuple[str, str]]
    area: Area | None
    offices: list[tuple[str, Agency, str]]
    notes: list[tuple[Note, str]]
    qr: str
    printed: datetime


def _query(request: HttpRequest) -> ProcedureQuery:
    """What the address asks for, without what PostgreSQL cannot hold."""
    typed = {name: text_in(request.GET, name, LONGEST) for name in ("q", *FILTERS)}
    return ProcedureQuery(**typed)


def browse(request: HttpRequest) -> HttpResponse:
    """Search, or all of them by field and by whom they are for."""
    query = _query(request)
    values = asdict(query)
    narrowed = {name: values[name] for name in FILTERS}
    after = id_in(request, "after")
    hits: list[queries.ProcedureHit] = []
    more, question, which = False, 0, text_in(request.GET, "which", 200)
    answer = queries.ProcedureAnswer()
    if query.q:
        answer, question = ask_procedures(request, query.q, place="citizen", size=PAGE, which=which, **narrowed)
        hits = list(answer.hits)
    elif any(narrowed.values()):
        rows = queries.browse(**narrowed, after=after, size=PAGE)
        hits, more = [queries.ProcedureHit(procedure=row) for row in rows[:PAGE]], len(rows) > PAGE
    again = urlencode({name: value for name, value in values.items() if value})
    fields = queries.fields()
    page = FindProcedurePage(
        query=query,
        hits=hits,
        answer=answer,
        question=question,
        searched=bool(query.q or any(narrowed.values())),
        fields=fields,
        audiences=queries.audiences(),
        levels=queries.LEVELS,
        total=sum(count for _, count in fields),
        older=f"?{again}&after={hits[-1].procedure.pk}" if more else "",
        newest=f"?{again}" if after else "",
        ask="?" + urlencode({"kind": "question", "text": query.q}),
        chosen=bool(which and query.q),
        again=f"?{again}",
    )
    return render_page(request, page)


def suggest(request: HttpRequest) -> HttpResponse:
    """What someone who is typing may be going to, as a fragment."""
    return render_page(request, ProcedureSuggestions(hits=queries.suggest(_query(request).q, limit=6)))


def _offices(record: Record, area: Area) -> list[tuple[str, Agency, str]]:
    rows = queries.offices(record, area.code)
    return [(localised_name(a), a, display(a.phone) if a.phone else "") for a in rows]


def show(request: HttpRequest, code: str, version: int | None = None) -> HttpResponse:
    """One procedure; with a number, as it stood in that version."""
    procedure = queries.find(code)
    if procedure is None:
        return render_page(request, UnknownProcedurePage(code=code[:20]), status=404)
    if procedure.code != code:
        return redirect("citizen:procedure", procedure.code)
    chosen = or_404(queries.version(procedure, version) if version is not None else procedure.current)
    if (question := request.GET.get("asked", "")).isdecimal():
        replica.note(lambda: actions.picked(int(question[:15]), procedure.code), otherwise=None)
    area = directory.area(request.GET.get("area", request.COOKIES.get("area", "")))
    record = chosen.record
    page = PublicProcedurePage(
        procedure=procedure,
        this_version=chosen,
        record=record,
        facts=facts(record),
        current=procedure.current_id == chosen.pk and procedure.retired is None,
        ahead=queries.ahead(procedure),
        versions=list(queries.versions(procedure)),
        areas=area_choices(),
        area=area,
        offices=_offices(record, area) if area else [],
        notes=[
            (note, display(note.phone) if note.phone else "")
            for note in queries.notes(procedure, area.code if area else "")
        ],
        qr=qr(record.url) if record.url else "",
        printed=now(),
    )
    response = render_page(request, page)
    if "area" in request.GET:
        response.set_cookie("area", area.code if area else "", max_age=YEAR, samesite="Lax", httponly=True)
    return response


def qr(address: str) -> SafeString:
    """An address as a QR code: inline SVG, black on nothing."""
    svg = segno.make(address, error="m").svg_inline(border=2, omitsize=True)
    return mark_safe(svg)  # noqa: S308  segno writes nothing of the address into it but squares
