"""What search engines may know: public pages only. A million tickets are listed in chunks of ids, found by the key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template import Context
from django.urls import reverse

from caunoi.directory import queries as directory
from caunoi.procedures.queries import in_force
from caunoi.publication import queries
from caunoi.web.citizen.cacheable import cacheable
from caunoi.web.page import Inset, Page

XML = "application/xml; charset=utf-8"
PAGES = ("home", "register", "procedures", "near", "agencies", "channels", "report", "lookup", "log")
PRIVATE = (
    "/f/",
    "/j/",
    "/l/",
    "/report/",
    "/files/",
    "/live",
    "/desk/",
    "/agency/",
    "/board/",
    "/setup/",
    "/procedures/",
    "/login",
    "/api/",
    "/open311/",
    "/hooks/",
    "/cti/",
    "/notices/",
    "/widget",
)


@dataclass(frozen=True, kw_only=True)
class Location:
    """The address of a page, and when it last changed."""

    url: str
    changed: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Sitemap(Page):
    template = "citizen/sitemap.xml"

    rows: Sequence[Location]


@dataclass(frozen=True, kw_only=True)
class SitemapIndex(Page):
    template = "citizen/sitemap_index.xml"

    urls: Sequence[str]


def robots(request: HttpRequest) -> HttpResponse:
    """What robots may walk: nothing that is somebody's own, nothing that only repeats the register."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in PRIVATE), "Disallow: /*?q=", "Disallow: /*before="]
    lines.append(f"Sitemap: {settings.PUBLIC_URL}{reverse('citizen:sitemap')}")
    response = HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "public, max-age=3600"
    return response


@cacheable
def index(request: HttpRequest) -> HttpResponse:
    parts = [reverse("citizen:sitemap-pages"), reverse("citizen:sitemap-procedures")]
    parts += [reverse("citizen:sitemap-part", args=[number]) for number in queries.parts()]
    return _xml(SitemapIndex(urls=[f"{settings.PUBLIC_URL}{part}" for part in parts]))


@cacheable
def part(request: HttpRequest, number: int) -> HttpResponse:
    """The published tickets of one chunk."""
    rows = queries.part(number)
    if not rows:
        raise Http404
    return _xml(Sitemap(rows=[Location(url=_address("ticket", code), changed=touched) for code, touched in rows]))


@cacheable
def pages(request: HttpRequest) -> HttpResponse:
    """The pages there are, and the lists of each field, commune and agency."""
    urls = [_address(name) for name in PAGES]
    register = _address("register")
    urls += [f"{register}?category={c.code}" for c in directory.categories()]
    urls += [f"{register}?area={a.code}" for a in directory.areas()]
    urls += [_address("agency", a.code) for a in directory.agencies()]
    return _xml(Sitemap(rows=[Location(url=url) for url in urls]))


@cacheable
def procedures(request: HttpRequest) -> HttpResponse:
    return _xml(Sitemap(rows=[Location(url=_address("procedure", p.code)) for p in in_force()]))


def _address(name: str, *args: str) -> str:
    return f"{settings.PUBLIC_URL}{reverse(f'citizen:{name}', args=args)}"


def _xml(page: Page) -> HttpResponse:
    response = HttpResponse(Inset(page).render(Context()), content_type=XML)
    response["Cache-Control"] = "public, no-cache"
    return response
