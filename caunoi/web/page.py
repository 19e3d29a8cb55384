"""A page as its view hands it to its template: an object whose fields are all that the template may ask for.

A view makes the object and renders it. What a template reads is checked against the fields and their types
(tests/web/test_typed_pages.py), so that neither can change without the other. A page within a page is an `Inset`
in a field of it."""

from dataclasses import dataclass, fields
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import Context
from django.template.loader import get_template

from caunoi.web.refresh import refreshed


@dataclass(frozen=True)
class Page:
    """The base of all pages, each a frozen dataclass. `template` is its file below web/templates, `parts` the files
    that show a piece of it alone."""

    template: ClassVar[str]
    parts: ClassVar[tuple[str, ...]] = ()

    def context(self) -> dict[str, Any]:
        """The fields by name; nothing is copied."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True)
class Inset:
    """A page within another, with what every page has: shown by `{% include field %}`."""

    page: Page

    def render(self, context: Context) -> str:
        with context.push(**self.page.context()):
            return str(get_template(self.page.template).template.render(context))  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Tab:
    """One of several lists, or a filter: components/tabs.html and components/chips.html."""

    label: str
    url: str
    active: bool = False
    count: int | None = None


def render_page(request: HttpRequest, page: Page, *, part: str = "", status: int = 200) -> HttpResponse:
    """The page by its template, or by one of its `parts`; a live element that fetches itself anew gets itself only."""
    assert not part or part in page.parts, f"{part} is no part of {type(page).__name__}"
    return render(request, part or refreshed(request, page.template), page.context(), status=status)
