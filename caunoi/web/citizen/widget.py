"""The newest of a commune, a field or an agency on somebody else's website: one script there, one frame from here.

Only this page may be framed, and by anybody: it holds what is public, no form, no cookie and nobody's rights.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.csp import CSP
from django.utils.html import escape
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csp import csp_override

from caunoi.publication import queries
from caunoi.publication.queries import RegisterFilter
from caunoi.web.citizen.cacheable import cacheable
from caunoi.web.citizen.register import heading, items, narrowing, register_filter
from caunoi.web.labels import agency_choices, area_choices, category_choices
from caunoi.web.lines import Line
from caunoi.web.page import Page, render_page

HANDED = Path(__file__).parents[1] / "handed"
SCRIPTS = ("widget", "frame")
SIZE, MOST = 5, 20
OPEN: dict[str, list[str]] = {
    "default-src": [CSP.NONE],
    "style-src": [CSP.SELF],
    "style-src-attr": ["'unsafe-inline'"],
    "script-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.NONE],
    "frame-ancestors": ["*"],
}


@dataclass(frozen=True, kw_only=True)
class WidgetPage(Page):
    template = "citizen/widget.html"

    rows: list[Line]
    heading: str
    query: str
    theme: str


@dataclass(frozen=True, kw_only=True)
class WidgetGuidePage(Page):
    """`snippet` is the line to copy, `frame` the query of the same page without a script."""

    template = "citizen/widget_guide.html"

    filters: RegisterFilter
    frame: str
    snippet: str
    categories: list[tuple[str, str]]
    areas: list[tuple[str, str]]
    agencies: list[tuple[str, str]]


@xframe_options_exempt
@csp_override(OPEN)
@cacheable
def frame(request: HttpRequest) -> HttpResponse:
    filters = register_filter(request)
    size = request.GET.get("size", "")
    count = min(int(size), MOST) if size.isdecimal() and int(size[:4]) > 0 else SIZE
    theme = request.GET.get("theme", "")
    page = WidgetPage(
        rows=items(queries.listed(filters, size=count).rows),
        heading=heading(filters),
        query=narrowing(filters),
        theme={"dark": "caunoi-dark", "light": "caunoi"}.get(theme, ""),
    )
    return render_page(request, page)


@cache
def _source(name: str) -> str:
    return (HANDED / f"{name}.js").read_text("utf-8")


def script(request: HttpRequest, script: str) -> HttpResponse:
    """The script for others' websites at an address that never changes, and the one inside the frame."""
    if script not in SCRIPTS:
        raise Http404
    response = HttpResponse(_source(script), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "public, max-age=3600"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def guide(request: HttpRequest) -> HttpResponse:
    """How to put it on a website: choose, look, copy one line."""
    filters = register_filter(request)
    values = {name: getattr(filters, name) for name in ("area", "category", "agency")}
    data = "".join(f' data-{name}="{escape(value)}"' for name, value in values.items() if value)
    page = WidgetGuidePage(
        filters=filters,
        frame=narrowing(filters),
        snippet=f'<script src="{settings.PUBLIC_URL}/widget.js"{data} async></script>',
        categories=category_choices(),
        areas=area_choices(),
        agencies=agency_choices(),
    )
    return render_page(request, page)
