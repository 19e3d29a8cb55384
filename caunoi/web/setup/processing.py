"""The register of processing: what data of people lies where, what for and how long, as a page and as a table."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from caunoi.privacy import register
from caunoi.privacy.register import HOLDINGS, Holding
from caunoi.web import sheets
from caunoi.web.page import Page, render_page
from caunoi.web.who import actor


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
    if form := sheets.export_format(request):
        return sheets.sheet(form, "processing", _heading(), _cells(), by=actor(request))
    return render_page(request, ProcessingPage(rows=rows(), sheets=sheets.links(request)))


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
