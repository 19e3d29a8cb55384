"""Pages that everybody sees alike are drawn once an edition of the register, and then given again.

Pages are stored under the number of the edition (publication/queries/edition.py), which every change raises in its own
transaction: a correction or a withdrawal shows with the next request, in every process. Words like "today" and "due
soon" grow old too, so nothing is kept longer than SECONDS. Browsers keep a page but ask each time whether it is still
the same (ETag). Whoever is signed in gets a page of their own."""

import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from hashlib import blake2b
from threading import Lock
from time import monotonic
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.middleware.csrf import get_token
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from django.utils.translation import get_language

from caunoi.publication.queries import edition
from caunoi.web.reads import as_of

SECONDS = 30.0
MOST = 48 * 1024 * 1024  # bytes a process
COOKIES = ("theme", "density", "area")  # what a page depends on besides its address and language
CSRF = re.compile(rb'data-csrf="([A-Za-z0-9]{32,64})"')
HOLE = b"\0csrf\0"  # where the visitor's own token goes

type View = Callable[..., HttpResponse]


@dataclass(frozen=True, kw_only=True)
class DrawnPage:
    """A page as it was drawn, without the visitor's token."""

    edition: int
    at: float
    body: bytes
    headers: dict[str, str]
    etag: str


class Shelf:
    """The pages of this process, the longest unread thrown away first."""

    def __init__(self, most: int) -> None:
        self.most, self.size = most, 0
        self.pages: OrderedDict[Any, DrawnPage] = OrderedDict()
        self.lock = Lock()

    def get(self, key: Any, number: int) -> DrawnPage | None:
        with self.lock:
            page = self.pages.get(key)
            if page is None or page.edition != number or monotonic() - page.at > SECONDS:
                return None
            self.pages.move_to_end(key)
            return page

    def put(self, key: Any, page: DrawnPage) -> None:
        with self.lock:
            if old := self.pages.pop(key, None):
                self.size -= len(old.body)
            self.pages[key] = page
            self.size += len(page.body)
            while self.size > self.most and self.pages:
                self.size -= len(self.pages.popitem(last=False)[1].body)

    def clear(self) -> None:
        with self.lock:
            self.pages.clear()
            self.size = 0


shelf = Shelf(MOST)


def _key(request: HttpRequest) -> tuple[str, ...]:
    cookies = (request.COOKIES.get(name, "")[:20] for name in COOKIES)
    form = str("HX-Request" in request.headers)
    return (request.get_full_path()[:1000], get_language() or "", form, str(as_of(request) or ""), *cookies)


def cacheable(view: View) -> View:
    """Let a view's pages be kept. Only what is the same for everybody may be drawn by it."""

    @wraps(view)
    def show(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method not in ("GET", "HEAD") or settings.SESSION_COOKIE_NAME in request.COOKIES:
            return view(request, *args, **kwargs)
        key, number = _key(request), edition()
        page = shelf.get(key, number)
        if page is None:
            response = view(request, *args, **kwargs)
            if response.status_code != 200 or response.cookies or response.streaming:
                return response
            page = _page(response, number)
            shelf.put(key, page)
        return _answer(request, page)

    return show


def _page(response: HttpResponse, number: int) -> DrawnPage:
    body = response.content
    if token := CSRF.search(body):
        body = body.replace(token[1], HOLE)
    headers = {k: v for k, v in response.items() if k.lower() not in ("content-length", "vary", "etag")}
    headers.setdefault("Cache-Control", "private, no-cache" if HOLE in body else "public, no-cache")
    etag = f'W/"{blake2b(body, digest_size=12).hexdigest()}"'
    return DrawnPage(edition=number, at=monotonic(), body=body, headers=headers, etag=etag)


def _answer(request: HttpRequest, page: DrawnPage) -> HttpResponse:
    etags = parse_etags(request.headers.get("If-None-Match", ""))
    response: HttpResponse
    if page.etag in etags or "*" in etags:
        response = HttpResponseNotModified()
    else:
        body = page.body.replace(HOLE, get_token(request).encode()) if HOLE in page.body else page.body
        response = HttpResponse(body)
    for name, value in page.headers.items():
        if response.status_code == 200 or name in ("Cache-Control", "Last-Modified"):
            response[name] = value
    response["ETag"] = page.etag
    patch_vary_headers(response, ("Cookie", "Accept-Language", "HX-Request"))
    return response
