"""Live pages: the part of a page that asks for itself again gets itself, not the whole page."""

from django.http import HttpRequest


def refreshed(request: HttpRequest, page: str) -> list[str]:
    """The templates for django.shortcuts.render, the first of which that exists is shown: of an element that htmx
    fetches anew in its own place, the partial of `page` that is named as its id; else the page."""
    part = request.headers.get("HX-Target", "")
    return [f"{page}#{part}", page] if part and part == request.headers.get("HX-Trigger") else [page]
