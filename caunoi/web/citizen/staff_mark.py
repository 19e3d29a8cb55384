"""Marks of the staff, by which a citizen's rating that comes from their own desks is noticed (ratings/flags.py): a
cookie in each browser in which they work, and an unreadable mark of the address."""

from collections.abc import Callable

from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from caunoi.directory.queries import option
from caunoi.ratings import flags
from caunoi.tickets.traces import digest
from caunoi.web.citizen.limits import address
from caunoi.web.reads import as_of

COOKIE, SALT = "desk", "caunoi.staff_mark"
DAY = 86_400
AGAIN = 3600  # seconds in which a process does not ask the database again about an address


class StaffMark:
    """Mark the browsers and the addresses in which somebody is signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not as_of(request) and request.user.is_authenticated:
            here = address(request)
            if cache.add(f"desk:{digest(flags.STAFF, here)}", 1, AGAIN):
                flags.staff_at(here)
            if not has_staff_mark(request):
                response.set_cookie(
                    COOKIE,
                    signing.dumps("desk", salt=SALT),
                    max_age=option("trace_days") * DAY,
                    httponly=True,
                    secure=settings.SECURE,
                    samesite="Lax",
                )
        return response


def has_staff_mark(request: HttpRequest) -> bool:
    """Whether somebody of the staff has worked in this browser within ⚙trace_days."""
    try:
        signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=option("trace_days") * DAY)
    except signing.BadSignature:
        return False
    return True
