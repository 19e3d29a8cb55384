"""The custodians' pages. Whoever is none gets the same answer as where there is nothing."""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, wraps
from pathlib import PurePath
from typing import Any, Concatenate

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from caunoi.confidential import actions, papers, queries
from caunoi.confidential.lanes import OPEN, STEPS
from caunoi.confidential.models import Case, Entry, File
from caunoi.confidential.queries import ClockLine
from caunoi.directory import queries as directory
from caunoi.lib.numbers.phone import display
from caunoi.web.confidential.words import AMOUNT, CLOCK_NAME, ENTRY, LANE, STATE, STEP, STEP_ASKS, WAY
from caunoi.web.errors import or_404
from caunoi.web.labels import word
from caunoi.web.page import Page, Tab, render_page
from caunoi.web.parts import sent
from caunoi.web.who import actor

MOST = 200
INLINE = ("image/", "audio/")
ENDING = re.compile(r"^\.[a-z0-9]{1,5}$")


@dataclass(frozen=True, kw_only=True)
class ClockText:
    line: ClockLine
    label: str
    amount: str


@dataclass(frozen=True, kw_only=True)
class ConfidentialLine:
    """`clock`: the one that presses."""

    row: Case
    lane: str
    state: str
    clock: ClockLine | None


@dataclass(frozen=True, kw_only=True)
class CasesPage(Page):
    template = "confidential/cases.html"

    rows: list[ConfidentialLine]
    tabs: list[Tab]


@dataclass(frozen=True, kw_only=True)
class StepForm:
    name: str
    label: str
    asks: str


@dataclass(frozen=True, kw_only=True)
class EntryLine:
    row: Entry
    label: str
    who: str


@dataclass(frozen=True, kw_only=True)
class FileLine:
    """`sound`: it is heard on the page itself."""

    row: File
    sound: bool


@dataclass(frozen=True, kw_only=True)
class DetailPage(Page):
    template = "confidential/case.html"

    row: Case
    words: dict[str, Any]
    number: str
    area: str
    lane: str
    state: str
    way: str
    clocks: list[ClockText]
    entries: list[EntryLine]
    files: list[FileLine]
    steps: list[StepForm]
    open: bool


def custodians_only[**P](
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: P.args, **more: P.kwargs) -> HttpResponseBase:
        if not queries.may_read(actor(request)):
            raise Http404
        return view(request, *args, **more)

    return wrapped


def _pressing(row: Case) -> ClockLine | None:
    running = [line for line in queries.clocks(row) if line.met is None]
    return min(running, key=lambda line: line.due) if running and row.state in OPEN else None


@custodians_only
def listing(request: HttpRequest) -> HttpResponse:
    rows, closed = queries.cases(actor(request)), request.GET.get("show") == "closed"
    rows = rows.exclude(state__in=OPEN) if closed else rows.filter(state__in=OPEN)
    lines = [
        ConfidentialLine(row=row, lane=word(LANE, row.lane), state=word(STATE, row.state), clock=_pressing(row))
        for row in rows.defer("words", "follow")[:MOST]
    ]
    if not closed:
        lines.sort(key=lambda line: (line.clock is None, line.clock.due if line.clock else line.row.received))
    tabs = [
        Tab(label=_("Open"), url="?", active=not closed),
        Tab(label=_("Over"), url="?show=closed", active=closed),
    ]
    return render_page(request, CasesPage(rows=lines, tabs=tabs))


@custodians_only
def detail(request: HttpRequest, code: str) -> HttpResponse:
    by = actor(request)
    row = or_404(queries.case(by, code))
    actions.look(row, by=by)
    area = directory.area(row.words.get("area", ""))
    page = DetailPage(
        row=row,
        words=row.words,
        number=display(row.words["phone"]) if row.words["phone"] else "",
        area=area.name if area else "",
        lane=word(LANE, row.lane),
        state=word(STATE, row.state),
        way=word(WAY, row.way),
        clocks=[
            ClockText(
                line=line,
                label=word(CLOCK_NAME, line.clock.name),
                amount=word(AMOUNT, line.clock.unit) % {"count": line.amount},
            )
            for line in queries.clocks(row)
        ],
        entries=[
            EntryLine(row=entry, label=word(ENTRY, entry.kind), who=str(entry.by.full_name) if entry.by else "")
            for entry in queries.entries(row)
        ],
        files=[
            FileLine(row=one, sound=one.content_type.startswith("audio/"))
            for one in queries.files(row).only("id", "case", "name", "content_type", "at")
        ],
        steps=[
            StepForm(name=name, label=word(STEP, name), asks=_(STEP_ASKS[name]) if STEP_ASKS[name] else "")
            for name, step in STEPS.items()
            if row.state in step.sources
        ],
        open=row.state not in ("ordinary", "erased"),
    )
    return render_page(request, page)


@require_POST
@custodians_only
def do(request: HttpRequest, code: str) -> HttpResponse:
    by, name, text = actor(request), request.POST.get("do", ""), request.POST.get("text", "")
    row = or_404(queries.case(by, code))
    try:
        if name in (Entry.Kind.NOTE, Entry.Kind.TELL):
            actions.write(row, text, Entry.Kind(name), by=by)
        elif name in STEPS:
            actions.step(row, name, text, by=by)
        else:
            raise Http404
        messages.success(request, _("Saved."))
    except actions.NotNowError:
        messages.error(request, _("Somebody else has done something with this case meanwhile. Nothing was saved."))
    except ValueError:
        messages.error(request, _("Please write a few words. Nothing was saved."))
    return redirect("confidential:case", row.code)


@custodians_only
def file(request: HttpRequest, code: str, pk: int) -> HttpResponseBase:
    """What lies sealed in a case: a picture to look at, the part of a recording that a player asks for; all else, and
    what is to be kept (`?save=1`), as a download. Alone in a window it may do nothing."""
    by = actor(request)
    row = or_404(queries.case(by, code))
    one = or_404(queries.files(row).filter(pk=pk).first())
    actions.look(row, by=by)
    data = bytes(one.data)
    response = sent(request, partial(io.BytesIO, data), len(data), one.content_type)
    here = one.content_type.startswith(INLINE) and "save" not in request.GET
    name = f"{row.code}-{one.pk}{''.join(ENDING.findall(PurePath(one.name).suffix.lower()))}"
    response["Content-Disposition"] = f'{"inline" if here else "attachment"}; filename="{name}"'
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@custodians_only
def paper(request: HttpRequest, code: str, paper: str) -> HttpResponse:
    by = actor(request)
    row = or_404(queries.case(by, code))
    if paper not in papers.PAPERS:
        raise Http404
    actions.look(row, by=by)
    data = papers.write(row, paper, get_language() or "vi")
    response = HttpResponse(
        data, content_type="application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    )
    response["Content-Disposition"] = f'attachment; filename="{row.code}-{paper}.docx"'
    return response
