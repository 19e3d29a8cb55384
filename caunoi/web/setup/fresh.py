"""Set-up shows and compares what the database says: another process may have changed it a moment ago."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from caunoi.directory.queries import forget


class Fresh:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *rest: Any) -> None:
        if request.resolver_match and "setup" in request.resolver_match.namespaces:
            forget()
