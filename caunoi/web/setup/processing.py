"""The register of processing: what data of people lies where, what for and how long, as a page, as a table, and as a
paper for the authority."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext as _

from caunoi.events.actions import record_download
from caunoi.privacy import register
from caunoi.privacy.register import HOLDINGS, Holding
from caunoi.reports import queries as reports
from caunoi.reports import saying, word
from caunoi.reports.paper import Block, PaperLayout, lines
from caunoi.web import sheets
from caunoi.web.page import Page, render_page
from caunoi.web.who import actor

DOCX = "docx"


@dataclass(frozen=True, kw_only=True)
class HoldingLine:
    """A table of people's data in words; `sensitive` as the law calls it."""

    label: str
    kinds: str
    sensitive: bool
    purpose: str
    ground: str
    readers: str
    term: str
    erasure: str


@dataclass(frozen=True, kw_only=True)
class ProcessingPage(Page):
    template = "setup/processing.html"

    rows: list[HoldingLine]
    sheets: list[dict[str, str]]


def holding_line(one: Holding) -> HoldingLine:
    return HoldingLine(
        label=_(one.label),
        kinds=", ".join(_(register.KINDS[kind]) for kind in one.kinds) or _(register.KINDS["photo"]),
        sensitive=not register.SENSITIVE.isdisjoint(one.kinds),
        purpose=_(register.PURPOSES[one.purpose]),
        ground=_(register.GROUNDS[one.ground]),
        readers=_(register.READERS[one.readers]),
        term=_(register.TERMS[one.term]),
        erasure=_(register.ERASURES[one.erasure]),
    )


def rows() -> list[HoldingLine]:
    return [holding_line(one) for one in HOLDINGS.values()]


def show(request: HttpRequest) -> HttpResponseBase:
    if request.GET.get("format") == DOCX:
        return _document(request)
    if form := sheets.export_format(request):
        return sheets.sheet(form, "processing", _heading(), _cells(), by=actor(request))
    links = [*sheets.links(request), {"label": "Word", "url": f"?format={DOCX}"}]
    return render_page(request, ProcessingPage(rows=rows(), sheets=links))


def _document(request: HttpRequest) -> HttpResponseBase:
    """The same as a paper that the office completes, once it is said what it is for."""
    export, by = sheets.export(request, DOCX), actor(request)
    if not export.reason:
        return sheets.ask_reason(export)
    cells, mark, at = list(_cells()), sheets.new_mark(), localtime()
    file = word.render(_paper(cells, f"{by.name} {at:%d/%m/%Y %H:%M} {mark}"), at)
    record_download(
        "processing", DOCX, by=by, reason=export.reason, filters=export.filters, count=len(cells), mark=mark
    )
    headers = {"Content-Disposition": 'attachment; filename="processing.docx"', "Cache-Control": "no-store"}
    return HttpResponse(file, word.TYPE, headers=headers)


def _paper(cells: Iterable[Sequence[str]], water: str) -> PaperLayout:
    """With the head of the province's own reports, and an item for each line of a table's row."""
    head, blocks = reports.form("month"), []
    for table, *values in cells:
        blocks.append(Block(kind="heading", text=table, level=2))
        blocks += [
            Block(kind="item", text=f"{label}: {value}")
            for label, value in zip(_heading()[1:], values, strict=True)
            if value
        ]
    return PaperLayout(
        superior=lines(head.superior),
        issuer=lines(head.issuer),
        number="",
        dated=saying.dated(localdate(), head.place),
        name=_("Register of processing").upper(),
        about="",
        blocks=(*blocks, Block(kind="text", text=f"{_('Downloaded by')}: {water}")),
        words={"state": _("SOCIALIST REPUBLIC OF VIETNAM"), "motto": _("Independence - Freedom - Happiness"), "to": ""},
    )


def _heading() -> list[str]:
    return [
        _("Table"),
        _("Kinds of data"),
        _("Sensitive"),
        _("What for"),
        _("On what ground"),
        _("Who reads it"),
        _("How long"),
        _("How it is erased"),
    ]


def _cells() -> Iterator[list[str]]:
    for one in rows():
        sensitive = _("Yes") if one.sensitive else _("No")
        yield [one.label, one.kinds, sensitive, one.purpose, one.ground, one.readers, one.term, one.erasure]
