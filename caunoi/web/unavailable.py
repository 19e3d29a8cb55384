"""While the database is away, has no primary, or two were in each other's way: 503 with Retry-After, never 500.

A request that was undone because of another transaction is made once more, for as long as nothing of it was committed.
Whoever sent a form gets it back in a page that sends it again by itself when the database is there, by a button where
scripts do not run. Programs get it in their own formats (api/errors.py).
"""

import logging
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import sleep
from typing import Any

from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template import Context
from django.utils.translation import gettext as _

from caunoi.jobs import away, replica
from caunoi.web.inputs import text_in
from caunoi.web.page import Inset, Page
from caunoi.web.reads import METHODS, MISSING, tell_seen, tell_written

AFTER = 5  # seconds until it is worth another try
TRIES = 2  # more, of a request that met another's
HARMLESS = re.compile(r"\s*(SELECT(?!\s+procrastinate)|SAVEPOINT|RELEASE|ROLLBACK|SET|EXPLAIN)\b", re.IGNORECASE)
SECRET = re.compile(r"passw|otp|^code$|secret|token", re.IGNORECASE)  # is not written into a page
MACHINES = ("/api/", "/open311/")
IN_JSON = ("/hooks/", "/cti/", "/cells/", "/health/", "/metrics")
WROTE, VIEWED = "caunoi.wrote", "caunoi.viewed"
REPORT = ("citizen:report", "citizen:report-step")  # who cannot wait with these has the short form
CARRIED = ("text", "address", "phone", "email", "name", "kind", "category", "occurred", "area", "lat", "long")
"""… and takes this along."""

log = logging.getLogger(__name__)


class Commits:
    """Whether anything was committed since: an execute wrapper of Django's."""

    wrote = False

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        result = execute(sql, params, many, context)
        if not self.wrote and not HARMLESS.match(str(sql)):
            transaction.on_commit(self._commit)
        return result

    def _commit(self) -> None:
        self.wrote = True


class DeclarationError(Exception):
    """A page writes although it is declared to only read (reads.py)."""


class Unavailable:
    """The innermost middleware: it makes a request again that was undone because of another's, or could not be read
    from a standby."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        commits, reader = Commits(), request.reads  # type: ignore[attr-defined]
        request.META[WROTE] = commits
        with connection.execute_wrapper(commits):
            response = self.get_response(request)
            if VIEWED in request.META and response.status_code in MISSING and reader.give_up():
                response = _view(request)
        if commits.wrote and request.method not in METHODS:
            tell_written(request, response)
        else:
            tell_seen(request, response)
        return response

    def process_view(self, request: HttpRequest, *rest: Any) -> None:
        """No other middleware has answered in its stead: the view does."""
        request.META[VIEWED] = True

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        match, reading = request.resolver_match, request.reading  # type: ignore[attr-defined]
        if match is None:
            return None
        error = _read_again(request, exception)
        if isinstance(error, HttpResponse):
            return error
        for number in range(TRIES):
            if away.clashed(error):
                reading.end(error)
            if not away.clashed(error) or request.META[WROTE].wrote or connection.in_atomic_block:
                break
            log.warning("in another's way: %s made again", match.view_name)
            sleep(random.uniform(0.5, 1.5) * 0.05 * (number + 1))
            for _name, files in request.FILES.lists():
                for file in files:
                    file.seek(0)
            try:
                return _view(request)
            except Exception as another:
                error = another
        if error is exception:
            return None
        raise error


def _view(request: HttpRequest) -> HttpResponse:
    """What the view answers when it is asked again."""
    match, reading = request.resolver_match, request.reading  # type: ignore[attr-defined]
    assert match is not None
    reading.resume()
    response: HttpResponse = match.func(request, *match.args, **match.kwargs)
    return response


def _read_again(request: HttpRequest, error: Exception) -> HttpResponse | Exception:
    """What could not be read from a standby, read from the primary; else the error."""
    match, reader = request.resolver_match, request.reads  # type: ignore[attr-defined]
    name = match.view_name if match else ""
    if reader.bound and away.wrote(error):
        log.error("%s writes although it is declared to only read", name, exc_info=error)
        if not replica.is_apart():
            raise DeclarationError(name) from None
    if not (isinstance(error, Http404) or away.of_database(error)) or not reader.give_up(error):
        return error
    if not isinstance(error, Http404):
        log.warning("not read from the standby: %s made again (%s)", name, " ".join(str(error).split())[:200])
    try:
        return _view(request)
    except Exception as another:
        return another


@dataclass(frozen=True, kw_only=True)
class UnavailablePage(Page):
    """`way` is how one goes on. "again": a page, asked for again; "send": a form, which is in `fields`; "reload": one
    with files, which only the browser has; "back": one with a password. `short`:
    what the short form is handed, where it is offered."""

    template = "web/unavailable.html"

    title: str
    action: str
    way: str
    fields: Sequence[tuple[str, str]] = ()
    after: int = AFTER
    short: Sequence[tuple[str, str]] | None = None


def answer(request: HttpRequest, exception: BaseException) -> HttpResponse:
    """503, in the form that the caller understands."""
    match = request.resolver_match
    if replica.is_apart():
        replica.primary.lose()  # perhaps: it is asked, before the next page is made
    log.warning("503 for %s: %s", match.view_name if match else "?", " ".join(str(exception).split())[:200])
    title = _("The hotline's data cannot be reached just now")
    if request.path_info.startswith(MACHINES):
        response = HttpResponse(title, content_type="text/plain", status=503)  # api/errors.py gives it its form
    elif request.path_info.startswith(IN_JSON):
        response = JsonResponse({"code": 503, "description": title}, status=503)
    else:
        way, fields = _way(request)
        action = request.get_full_path()
        page = UnavailablePage(title=title, action=action, way=way, fields=fields, short=_short(request))
        response = HttpResponse(Inset(page).render(Context()), status=503)
    response["Retry-After"] = str(AFTER)
    response["Cache-Control"] = "no-store"
    response._has_been_logged = True  # type: ignore[attr-defined]  # in a line, above
    return response


def _way(request: HttpRequest) -> tuple[str, Sequence[tuple[str, str]]]:
    """How one goes on, and the fields of a form that is sent again."""
    if request.method in ("GET", "HEAD"):
        return "again", ()
    try:
        fields = [(name, value) for name, values in request.POST.lists() for value in values]
        files = bool(request.FILES)
    except Exception:  # it could not even be read
        return "back", ()
    if any(SECRET.search(name) for name, _ in fields if name != "csrfmiddlewaretoken"):
        return "back", ()
    return ("reload", ()) if files else ("send", fields)


def _short(request: HttpRequest) -> Sequence[tuple[str, str]] | None:
    """What was typed into the usual form of a report, for the short one, which needs no database."""
    match = request.resolver_match
    if match is None or match.view_name not in REPORT:
        return None
    try:
        typed = request.POST if request.method == "POST" else request.GET
        fields = [(name, text) for name in CARRIED if (text := text_in(typed, name, 20_000))]
    except Exception:  # it could not even be read
        fields = []
    return [*fields, *([("draft", match.kwargs["token"])] if "token" in match.kwargs else [])]
