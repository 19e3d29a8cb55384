"""What programs get when something is wrong: always JSON, never a page."""

from collections.abc import Callable, Iterable

from django.http import HttpRequest, HttpResponse, JsonResponse

from caunoi.api import limits
from caunoi.api.open311 import reply

MACHINES = ("/api/", "/open311/")
READABLE = ("application/json", "text/xml")


def error(status: int, description: str, *, reason: str = "", fields: Iterable[str] = ()) -> JsonResponse:
    """`reason` is one word for programs, `description` a sentence for people, `fields` what it is about."""
    body: dict[str, object] = {"code": status, "description": description}
    if reason:
        body["error"] = reason
    if names := sorted(set(fields)):
        body["fields"] = names
    return JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False})


class JsonErrors:
    """Django's and the framework's own refusals (405, a bad host, …) on our addresses, as JSON."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._answer(request)
        if request.path_info.startswith(MACHINES):
            limits.headers(request, response)
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code < 400 or not request.path_info.startswith(MACHINES):
            return response
        if response.get("Content-Type", "").startswith(READABLE):
            return response
        if request.path_info.startswith("/open311/"):
            form = "xml" if request.path_info.endswith(".xml") else "json"
            plain = reply.errors(form, response.status_code, response.reason_phrase)
        else:
            reason = "unavailable" if response.status_code == 503 else ""
            plain = error(response.status_code, response.reason_phrase, reason=reason)
        for header in ("Allow", "Retry-After"):
            if header in response:
                plain[header] = response[header]
        plain._has_been_logged = True  # type: ignore[attr-defined]  # as what it stands for was
        return plain
