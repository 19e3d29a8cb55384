"""The public register for programs: without a key, page by page, with ETags, compressed."""

import gzip
import json
from hashlib import sha256
from typing import Any, Literal

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import http_date
from django.utils.timezone import localtime
from ninja import Query, Router, Schema
from pydantic import Field

from caunoi.api.v1.inputs import Code
from caunoi.opendata import dictionary, queries
from caunoi.opendata.fields import FIELDS

router = Router(tags=["open data"], auth=None)
LEAST = 1024  # bytes that are worth compressing


class PublishedQuery(Schema):
    """What a page is narrowed to; `before` is the `next` of the page before."""

    category: Code = ""
    area: Code = ""
    agency: Code = ""
    status: Literal["", "open", "closed"] = ""
    before: int | None = Field(None, ge=1, lt=2**63)
    limit: int = Field(100, ge=1, le=1000)


def _body(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the register with times in the province's own offset; nothing that is empty is a string."""
    result = {}
    for field in FIELDS:
        value = row.get(field.name)
        if field.type == "datetime" and value:
            value = localtime(value).isoformat(timespec="seconds")
        result[field.name] = None if value == "" else value
    return result


def _answer(request: HttpRequest, value: Any, rows: list[dict[str, Any]]) -> HttpResponse:
    """`value` as JSON, or 304 for who has it already."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    tag = f'W/"{sha256(body).hexdigest()[:32]}"'
    if tag in [one.strip() for one in request.headers.get("If-None-Match", "").split(",")]:
        answer = HttpResponse(status=304)
    else:
        answer = HttpResponse(body, content_type="application/json; charset=utf-8")
        if len(body) > LEAST and "gzip" in request.headers.get("Accept-Encoding", ""):
            answer.content = gzip.compress(body, 5)
            answer["Content-Encoding"] = "gzip"
    answer["ETag"] = tag
    if rows:
        answer["Last-Modified"] = http_date(max(row["updated"] for row in rows).timestamp())
    answer["Vary"] = "Accept-Encoding"
    answer["Cache-Control"] = "no-cache"
    answer["Access-Control-Allow-Origin"] = "*"
    return answer


@router.get("/tickets", url_name="open-tickets")
def tickets(request: HttpRequest, query: Query[PublishedQuery]) -> HttpResponse:
    """Published tickets, the last published first: {items, next}; `next` is null on the last page."""
    rows = queries.page(**query.model_dump(exclude={"limit"}), size=query.limit)
    page, more = rows[: query.limit], len(rows) > query.limit
    value = {"items": [_body(row) for row in page], "next": page[-1]["id"] if more else None}
    return _answer(request, value, page)


@router.get("/tickets/{code}", url_name="open-ticket")
def ticket(request: HttpRequest, code: str) -> HttpResponse:
    """One published ticket, with its text and history."""
    row = queries.find(code)
    if row is None:
        raise Http404
    return _answer(request, _body(row), [row])


@router.get("/dictionary", url_name="open-dictionary")
def fields(request: HttpRequest) -> HttpResponse:
    """What the fields of a ticket mean, in both languages."""
    return _answer(request, {"fields": dictionary.fields("tickets.csv")}, [])
