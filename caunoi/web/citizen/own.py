"""By what right somebody opens a citizen's ticket: its secret link, or what was proved in this browser: by a one-time
code, or by an account that has verified their number.

The address of a ticket opened in that way names its code, which is no secret; the right is in the browser's cookie. So
what a citizen does there never shows the link that lasts."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from caunoi.accounts import citizen_account
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
        """It is open for a while, in one browser."""
        return self.proof in (Rating.Proof.CODE, Rating.Proof.ACCOUNT)


def own_ticket(key: str, cookies: Mapping[str, str]) -> Own | None:
    """The ticket that a key of an address opens, in a browser with these cookies."""
    if ticket := of_follow(key):
        return Own(ticket=ticket, key=key, proof=Rating.Proof.LINK)
    row = proofs.proved(key, cookies.get(COOKIE, ""))
    if row is None or row.ticket is None:
        return None
    proof = Rating.Proof.ACCOUNT if row.way == row.Way.ACCOUNT else Rating.Proof.CODE
    return Own(ticket=row.ticket, key=row.ticket.code, proof=proof)


def account_name() -> str:
    """What people call the account by which citizens may prove who they are; empty where they may not."""
    if not citizen_account.is_open():
        return ""
    return settings.CITIZEN_OIDC_NAME or _("your provincial account")


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
