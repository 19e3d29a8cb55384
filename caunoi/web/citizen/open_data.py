"""Open data for anybody: the files of the last edition with sizes and dates, what their fields mean, and the files."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import http_date
from django.utils.translation import gettext

from caunoi.directory.queries import option
from caunoi.opendata import dictionary, queries
from caunoi.opendata.actions import COMPRESSIBLE
from caunoi.opendata.fields import AREA_FIELDS, FIELDS, Field
from caunoi.opendata.models import Edition
from caunoi.web.page import Page, render_page
from caunoi.web.parts import sent

AGAIN = 600  # seconds after which the next edition is likely to be there


@dataclass(frozen=True, kw_only=True)
class DataFile:
    """A file of an edition, and what it is."""

    name: str
    bytes: int
    about: str


@dataclass(frozen=True, kw_only=True)
class OpenDataPage(Page):
    """No `edition` while the next one is made; `tables` with their fields and what these mean."""

    template = "citizen/open_data.html"

    edition: Edition | None
    files: list[DataFile]
    tables: Mapping[str, list[tuple[Field, str]]]
    licence: str
    licence_address: str


def _files(edition: Edition) -> list[DataFile]:
    """In the order of the dictionary, each with what it is."""
    sizes = {file["name"]: file["bytes"] for file in edition.files}
    return [
        DataFile(name=name, bytes=sizes[name], about=gettext(about))
        for name, about in dictionary.ABOUT.items()
        if name in sizes
    ]


def show(request: HttpRequest) -> HttpResponse:
    edition = queries.current()
    tables = {"tickets": FIELDS, "areas": AREA_FIELDS}
    page = OpenDataPage(
        edition=edition,
        files=_files(edition) if edition else [],
        tables={name: [(f, gettext(f.meaning)) for f in fields] for name, fields in tables.items()},
        licence=option("open_data_licence"),
        licence_address=dictionary.licence_address(),
    )
    return render_page(request, page)


def download(request: HttpRequest, name: str) -> HttpResponseBase:
    """One file of the current edition. When something has been withdrawn since, there is none until the next edition
    (503)."""
    if name not in dictionary.MEDIA:
        raise Http404
    edition = queries.current()
    squeeze = (
        name.endswith(COMPRESSIBLE)
        and "Range" not in request.headers
        and "gzip" in request.headers.get("Accept-Encoding", "")
    )
    try:
        source = queries.local(edition, f"{name}.gz" if squeeze else name) if edition else None
    except OSError:
        source = None
    if edition is None or source is None:
        return HttpResponse(status=503, headers={"Retry-After": str(AGAIN)}, content_type="text/plain")
    tag = next(file["sha256"] for file in edition.files if file["name"] == name)[:32]
    tag = f'"{tag}-gz"' if squeeze else f'"{tag}"'
    modified = http_date(edition.at.timestamp())
    etags = [one.strip() for one in request.headers.get("If-None-Match", "").split(",")]
    if tag in etags or "*" in etags or (etags == [""] and request.headers.get("If-Modified-Since") == modified):
        answer: HttpResponseBase = HttpResponse(status=304, headers={"ETag": tag, "Last-Modified": modified})
    else:
        size, kind = source.stat().st_size, dictionary.MEDIA[name]
        answer = sent(request, partial(source.open, "rb"), size, kind, tag=tag, modified=modified)
        if squeeze:
            answer["Content-Encoding"] = "gzip"
            answer["Accept-Ranges"] = "none"
    answer["Vary"] = "Accept-Encoding"
    answer["Cache-Control"] = "no-cache"  # nobody, no cache either, goes on serving what is withdrawn
    answer["Access-Control-Allow-Origin"] = "*"
    if not name.endswith((".json", ".txt", "SHA256SUMS")):
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
