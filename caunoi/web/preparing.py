"""Before the province opens its portal, citizens read that it is being prepared; the staff see it as it will be."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

from caunoi.directory.queries import option, option_now
from caunoi.web.page import Page, render_page

SHORT = frozenset({"short", "deposit"})  # asks no database; what is sent by it finds out by itself
# What a page of ours, or a browser, asks for beside pages, and the grade of somebody who phoned or came in person.
STILL = SHORT | {"manifest", "worker", "app-icon", "favicon", "areas", "robots", "grade", "privacy", "accessibility"}
OWN = ("/f/", "/j/")  # people with the secret address of a ticket go on with it


@dataclass(frozen=True)
class PreparingPage(Page):
    template = "citizen/preparing.html"


class PreparingMiddleware(MiddlewareMixin):
    """Answers for citizens' pages while the portal is closed; inside AccessMiddleware."""

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        match = request.resolver_match
        if match is None or match.app_name != "citizen" or match.url_name in STILL or request.path.startswith(OWN):
            return None
        if option("portal_open"):
            return None
        if request.user.is_authenticated or option_now("portal_open"):  # opened a moment ago, by another process
            return None
        return closed(request)


def closed(request: HttpRequest) -> HttpResponse:
    """The portal is not open yet."""
    response = render_page(request, PreparingPage(), status=503)
    response["Retry-After"] = "3600"
    response["Cache-Control"] = "no-store"
    response._has_been_logged = True  # type: ignore[attr-defined]  # as it is meant to be: no error in Django's log
    return response
