"""Set-up shows and compares what the database says: another process may have changed it a moment ago."""

from typing import Any

from django.http import HttpRequest
from django.utils.deprecation import MiddlewareMixin

from caunoi.directory.queries import forget


class Fresh(MiddlewareMixin):
    def process_view(self, request: HttpRequest, *rest: Any) -> None:
        if request.resolver_match and "setup" in request.resolver_match.namespaces:
            forget()
