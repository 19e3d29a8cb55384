"""Every request has an id, is counted by its route, and leaves one line in the log: never its address, which may be a
secret or hold a citizen's words."""

import logging
import re
import secrets
from collections.abc import Awaitable, Callable
from time import perf_counter

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.crypto import salted_hmac

from caunoi.web import metrics
from caunoi.web.citizen.limits import address
from caunoi.web.live import Message, Receive, Send
from caunoi.web.logs import request_id, source

type Application = Callable[[Message, Receive, Send], Awaitable[None]]

HEADER = "X-Request-ID"
QUIET = {"live", "ready", "reads", "health", "metrics"}  # asked every few seconds by machines
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")

log = logging.getLogger("caunoi.request")


class Observed:
    """The outermost of the middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = perf_counter()
        token, former = request_id.set(_id(request)), source.set(_source(request))
        try:
            response = self.get_response(request)
            response[HEADER] = request_id.get()
            _tell(request, response.status_code, perf_counter() - began)
            return response
        finally:
            request_id.reset(token)
            source.reset(former)


async def timed(route: str, application: Application, scope: Message, receive: Receive, send: Send) -> None:
    """Counts what is answered on the event loop, beside Django."""
    began, status = perf_counter(), 500

    async def timed_send(message: Message) -> None:
        nonlocal status
        status = message.get("status", status)
        await send(message)

    try:
        await application(scope, receive, timed_send)
    finally:
        metrics.count(route, scope["method"], status, perf_counter() - began)


def _source(request: HttpRequest) -> str:
    return salted_hmac("caunoi.web.observe", address(request), algorithm="sha256").hexdigest()[:12]


def _id(request: HttpRequest) -> str:
    """The proxy's, where one is trusted and names one; else our own."""
    proxy_id = request.headers.get(HEADER, "") if settings.TRUSTED_PROXIES else ""
    return proxy_id if _REQUEST_ID.fullmatch(proxy_id) else secrets.token_hex(8)


def _tell(request: HttpRequest, status: int, seconds: float) -> None:
    match = request.resolver_match
    route = (match.view_name or "unnamed") if match else "static" if request.path.startswith("/static/") else "none"
    method = request.method if request.method in {"GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS"} else "other"
    metrics.count(route, str(method), status, seconds)
    if route == "static":
        return
    user = getattr(request, "_cached_user", None)  # who was asked for; nobody is looked up for a line in the log
    fields = {"route": route, "method": method, "status": status, "ms": round(seconds * 1000, 1)}
    fields["source"] = source.get()
    if user is not None and user.is_authenticated:
        fields["actor"] = user.pk
    log.log(logging.DEBUG if route in QUIET else logging.INFO, "request", extra=fields)
