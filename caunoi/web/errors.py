"""Pages for what went wrong: each says what happened and what to do next, and JSON where a program asks."""

import sys
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template import Context
from django.utils.translation import gettext as _

from caunoi.jobs import away
from caunoi.store.places import StoreError
from caunoi.web import unavailable
from caunoi.web.logs import request_id
from caunoi.web.page import Inset, Page, render_page

MACHINES = ("/api/", "/open311/", "/hooks/", "/cti/", "/health", "/metrics")


@dataclass(frozen=True, kw_only=True)
class ErrorPage(Page):
    template = "web/error.html"

    title: str
    advice: str
    status: int


@dataclass(frozen=True, kw_only=True)
class BrokenPage(Page):
    """What can be shown when the usual page cannot."""

    template = "web/broken.html"

    title: str
    advice: str


def or_404[T](row: T | None) -> T:
    """The row; Http404 where there is none, or none for this reader."""
    if row is None:
        raise Http404
    return row


def answer(request: HttpRequest, status: int, title: str, advice: str) -> HttpResponse:
    if request.path_info.startswith(MACHINES):
        return JsonResponse({"code": status, "description": title}, status=status)
    return render_page(request, ErrorPage(title=title, advice=advice, status=status), status=status)


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return answer(
        request, 400, _("We could not read this request"), _("Go back and try again; what you typed is kept.")
    )


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return answer(request, 403, _("This page is not for your account"), _("Ask your administrator if you need it."))


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    advice = _("Please check the address, or look your ticket up by its code.")
    return answer(request, 404, _("There is nothing here"), advice)


def server_error(request: HttpRequest) -> HttpResponse:
    if (exception := sys.exception()) and (away.passing(exception) or isinstance(exception, StoreError)):
        return unavailable.answer(request, exception)
    title = _("Something went wrong on our side")
    advice = _("It is our fault, and it has been logged. Please try again in a moment, or call 1022.")
    if request_id.get():
        advice += " " + _("Error number: %(number)s.") % {"number": request_id.get()}
    try:
        return answer(request, 500, title, advice)
    except Exception:  # the usual page asks for much: the database, who looks, where they may go
        return HttpResponse(Inset(BrokenPage(title=title, advice=advice)).render(Context()), status=500)


def csrf(request: HttpRequest, reason: str = "") -> HttpResponse:
    advice = _("Go back, reload the page and send again; what you typed is kept.")
    return answer(request, 403, _("This form has expired"), advice)
