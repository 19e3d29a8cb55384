"""Open data for anybody: the files of the last edition with sizes and dates, what their fields mean, and the files."""

from functools import partial
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.http import http_date
from django.utils.translation import get_language, gettext

from caunoi.directory.queries import option
from caunoi.opendata import dictionary, queries
from caunoi.opendata.fields import AREA_FIELDS, FIELDS
from caunoi.opendata.models import Edition
from caunoi.web.parts import sent

AGAIN = 600  # seconds after which the next edition is likely to be there


def _files(edition: Edition) -> list[dict[str, Any]]:
    """In the order of the dictionary, each with what it is."""
    held = {file["name"]: file for file in edition.files}
    return [held[name] | {"about": gettext(about)} for name, about in dictionary.ABOUT.items() if name in held]


def show(request: HttpRequest) -> HttpResponse:
    edition = queries.current()
    tables = {"tickets": FIELDS, "areas": AREA_FIELDS}
    context = {
        "edition": edition,
        "files": _files(edition) if edition else [],
        "waiting": edition is None,
        "tables": {name: [(f, gettext(f.meaning)) for f in fields] for name, fields in tables.items()},
        "licence": option("open_data_licence"),
        "licence_address": dictionary.licence_address(),
        "language": get_language(),
    }
    return render(request, "citizen/open_data.html", context)


def download(request: HttpRequest, name: str) -> HttpResponseBase:
    """One file of the current edition. When something was taken back since, there is none until the next (503)."""
    if name not in dictionary.MEDIA:
        raise Http404
    edition = queries.current()
    if edition is None:
        return HttpResponse(status=503, headers={"Retry-After": str(AGAIN)}, content_type="text/plain")
    file = next(file for file in edition.files if file["name"] == name)
    path = queries.folder() / edition.folder / name
    packed = path.with_name(f"{name}.gz")
    part = "Range" in request.headers
    tag = file["sha256"][:32]
    squeeze = not part and "gzip" in request.headers.get("Accept-Encoding", "") and packed.exists()
    tag = f'"{tag}-gz"' if squeeze else f'"{tag}"'
    modified = http_date(edition.at.timestamp())
    held = [one.strip() for one in request.headers.get("If-None-Match", "").split(",")]
    if tag in held or "*" in held or (held == [""] and request.headers.get("If-Modified-Since") == modified):
        answer: HttpResponseBase = HttpResponse(status=304, headers={"ETag": tag, "Last-Modified": modified})
    else:
        shown = packed if squeeze else path
        answer = sent(
            request, partial(shown.open, "rb"), shown.stat().st_size, dictionary.MEDIA[name], tag=tag, modified=modified
        )
        if squeeze:
            answer["Content-Encoding"] = "gzip"
            answer["Accept-Ranges"] = "none"
    answer["Vary"] = "Accept-Encoding"
    answer["Cache-Control"] = "no-cache"  # what is taken back is served no more, by nobody
    answer["Access-Control-Allow-Origin"] = "*"
    if not name.endswith((".json", ".txt", "SHA256SUMS")):
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
