"""By what right somebody opens a citizen's ticket: its secret link, or a one-time code that was typed in this browser.

The address of a ticket opened by a code names its code, which is no secret; the right is in the browser's cookie. So
what a citizen does there never shows the link that lasts."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from caunoi.ratings.flags import Origin
from caunoi.ratings.models import Rating
from caunoi.tickets import proofs, visits
from caunoi.tickets.models import Ticket
from caunoi.tickets.queries import of_follow
from caunoi.web.citizen.limits import address
from caunoi.web.citizen.staff_mark import has_staff_mark

COOKIE = "__Host-proof" if settings.SECURE else "proof"  # the secret of the browser that asked for a code
ASKED_FOR = 86_400  # seconds that it is kept while somebody waits for a call
SEEN = "seen"  # the cookie by which a browser is known again in which a link was opened


@dataclass(frozen=True, kw_only=True)
class Own:
    """A ticket for its citizen: `key` names it in addresses; `proof` (Rating.Proof) is how they proved it. With neither
    it is what the staff reads."""

    ticket: Ticket
    key: str = ""
    proof: str = ""

    @property
    def by_code(self) -> bool:
        return self.proof == Rating.Proof.CODE


def own_ticket(key: str, cookies: Mapping[str, str]) -> Own | None:
    """The ticket that a key of an address opens, in a browser with these cookies."""
    if ticket := of_follow(key):
        return Own(ticket=ticket, key=key, proof=Rating.Proof.LINK)
    row = proofs.proved(key, cookies.get(COOKIE, ""))
    if row is None or row.ticket is None:
        return None
    return Own(ticket=row.ticket, key=row.ticket.code, proof=Rating.Proof.CODE)


def keep_secret(response: HttpResponse, browser: str, seconds: int) -> None:
    """Let the browser keep the secret by which it proves itself."""
    response.set_cookie(
        COOKIE, browser, max_age=seconds, path="/", httponly=True, secure=settings.SECURE, samesite="Lax"
    )


def browser_of(request: HttpRequest) -> str:
    """The secret of this browser, made when it asks for the first time."""
    return request.COOKIES.get(COOKIE) or secrets.token_urlsafe(24)


def origin(request: HttpRequest) -> Origin:
    """Where a rating comes from."""
    return Origin(address=address(request), staff_browser=has_staff_mark(request))


def note_visit(request: HttpRequest, response: HttpResponse, own: Own) -> None:
    """Write down that a link was opened in a browser for the first time; the browser is known again by a cookie, else
    by its address and name."""
    if own.by_code or request.method != "GET":
        return
    place = f"{address(request)} {request.headers.get('User-Agent', '')[:300]}"
    browser = visits.visit(own.ticket, request.COOKIES.get(SEEN, ""), place)
    if browser != request.COOKIES.get(SEEN):
        response.set_cookie(
            SEEN, browser, max_age=365 * 86_400, path="/f", httponly=True, secure=settings.SECURE, samesite="Lax"
        )
