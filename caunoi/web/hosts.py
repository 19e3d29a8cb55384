"""The staff's own host name (`CAUNOI_STAFF_URL`): their pages answer there and nowhere else, the public ones do not, so
that nothing on a public page has the staff's origin or cookies. Without the setting one host name has both."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.deprecation import MiddlewareMixin

from caunoi.web.access import PUBLIC, SAFE, TOKEN, allowed

BOTH = frozenset(
    {"set_language", "picture", "health", "health-seen", "live", "ready", "reads", "metrics"}
    | {"voice-before", "voice-ticket", "voice-prompt", "voice-sound"}
)
ANYBODYS = frozenset({"link"})  # an address of ours that is sent to people without accounts
PROGRAMS = "api:"


def is_for_staff(view_name: str) -> bool | None:
    """Whether an address is one of the staff's host; None where both have it."""
    if view_name in BOTH or view_name.startswith(PROGRAMS):
        return None
    if allowed(view_name) not in (PUBLIC, TOKEN):
        return True
    return ":" not in view_name and view_name not in ANYBODYS  # signing in, invitations, drafts


class Hosts(MiddlewareMixin):
    """Inside AccessMiddleware's table, before it asks who it is."""

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        match = request.resolver_match
        if not settings.STAFF_HOST or match is None:
            return None
        staff = is_for_staff(match.view_name)
        if staff is None or staff == (request.get_host() == settings.STAFF_HOST):
            return None
        if staff:
            raise Http404
        if request.method not in SAFE:
            raise Http404
        if match.view_name == "citizen:home":
            return redirect("after-login")
        return redirect(f"{settings.PUBLIC_URL}{request.get_full_path()}")
