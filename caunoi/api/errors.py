"""What programs are told when something is wrong: always JSON, never a page."""

from collections.abc import Callable, Iterable

from django.http import HttpRequest, HttpResponse, JsonResponse

MACHINES = ("/api/", "/open311/")
READABLE = ("application/json", "text/xml")


def error(status: int, description: str, *, reason: str = "", fields: Iterable[str] = ()) -> JsonResponse:
    """`reason` is one word for programs, `description` a sentence for people, `fields` what it is about."""
    body: dict[str, object] = {"code": status, "description": description}
    if reason:
        body["error"] = reason
    if named := sorted(set(fields)):
        body["fields"] = named
    return JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False})


class JsonErrors:
    """Django's and the framework's own refusals (405, a bad host, …) on our addresses, as JSON."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code < 400 or not request.path_info.startswith(MACHINES):
            return response
        if response.get("Content-Type", "").startswith(READABLE):
            return response
        plain = error(response.status_code, response.reason_phrase)
        if "Allow" in response:
            plain["Allow"] = response["Allow"]
        return plain
