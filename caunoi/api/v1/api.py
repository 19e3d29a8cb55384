"""The interface for staff programs: who calls, and what each refusal looks like."""

from collections.abc import Sequence

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.security import HttpBearer

from caunoi.accounts import queries as accounts
from caunoi.accounts import service_accounts
from caunoi.accounts.models import Key
from caunoi.accounts.queries import digest
from caunoi.accounts.service_accounts import KeyRefusedError
from caunoi.api.errors import error
from caunoi.api.limits import TooManyError, limit
from caunoi.api.v1 import calls, directives, measures, mine, open, procedures, receipts, tickets, triage
from caunoi.api.v1.inputs import UnknownCodeError
from caunoi.events.actor import Actor
from caunoi.events.rowsecurity import read_as
from caunoi.jobs import replica
from caunoi.tickets.lifecycle import MissingDataError, NotAllowedError, NotPossibleError

ABOUT = (
    "Tickets, their moves, procedures and the hotline's numbers. Sign in with `Authorization: Bearer <token>`; for "
    "one's "
    "own ticket (`/mine`) the token of its follow link is enough."
)


# address and method → the scopes of which one suffices; an address that lacks here opens to no program
SCOPES: dict[tuple[str, str], tuple[str, ...]] = {
    ("tickets", "GET"): ("tickets.read",),
    ("ticket", "GET"): ("tickets.read",),
    ("notices", "GET"): ("tickets.read",),
    ("tickets", "POST"): ("tickets.write",),
    ("pictures", "POST"): ("tickets.write", "moves"),
    ("moves", "POST"): ("moves",),
    ("handovers", "POST"): ("moves",),
    ("identity", "POST"): ("reporters.read",),
    ("procedures", "GET"): ("procedures",),
    ("procedure-suggestions", "GET"): ("procedures",),
    ("measures", "GET"): ("measures",),
    ("measure", "GET"): ("measures",),
    ("directives", "GET"): ("directives",),
    ("receipts", "GET"): ("receipts",),
    ("calls", "GET"): ("calls.read",),
    ("callbacks", "GET"): ("calls.read",),
    ("triage", "POST"): ("tickets.write", "tickets.read"),
}
REFUSALS = {
    "pending": "A second administrator has not approved this key yet.",
    "expired": "This key expired on %s; ask the hotline for a new one.",
    "address": "This key does not work from the address %s.",
    "scope": "This key lacks the scope %s.",
}


OVER = {
    "revoked": "This key was revoked; ask the hotline for a new one.",
    "expired": "This key expired; ask the hotline for a new one.",
}


def _standing(token: str) -> tuple[Key | None, Actor | None]:
    """The key that a token is, and who acts by it."""
    key = accounts.key(token, Key.Use.API)
    return key, service_accounts.actor_of(key) if key else None


class Bearer(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        """Who a token stands for: a service account, or, in the demo, a person. KeyRefusedError for one that is right
        and does not open this, TooManyError for one request more than a key may make in a minute."""
        key, actor = replica.ask_primary(lambda: _standing(token.strip()))
        if key is None or actor is None:
            return None
        match = request.resolver_match
        needs = SCOPES[(match.url_name or "") if match else "", request.method or ""]
        service_accounts.admit(key, request.META.get("REMOTE_ADDR", ""), needs)
        limit(request, "api", digest(token.strip()))
        replica.note(lambda: service_accounts.note_use(key), otherwise=None)
        request.META["X-Admitted"] = "key"  # web/access.py tells it to web/lanes.py
        read_as(request, actor)
        return actor


api = NinjaAPI(title="Cầu Nối", version="1", description=ABOUT, urls_namespace="api", docs_url=None, auth=Bearer())
api.add_router("/tickets", tickets.router)
api.add_router("/mine", mine.router)
api.add_router("/receipts", receipts.router)
api.add_router("/measures", measures.router)
api.add_router("/procedures", procedures.router)
api.add_router("/open", open.router)
api.add_router("/directives", directives.router)
api.add_router("/triage", triage.router)
api.add_router("/calls", calls.calls_router)
api.add_router("/callbacks", calls.callbacks_router)


@api.exception_handler(HttpError)
def refused(request: HttpRequest, exception: HttpError) -> HttpResponse:
    response = error(exception.status_code, exception.message)
    if exception.status_code == 401:
        _scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
        over = accounts.over(token.strip(), Key.Use.API) if token else ""
        response = error(401, OVER.get(over, "Send a valid token: Authorization: Bearer <token>."), reason="no_token")
        response["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(KeyRefusedError)
def key_refused(request: HttpRequest, exception: KeyRefusedError) -> HttpResponse:
    words = REFUSALS[exception.code]
    return error(403, words % exception.needs if "%s" in words else words, reason=exception.code)


@api.exception_handler(TooManyError)
def too_many(request: HttpRequest, exception: TooManyError) -> HttpResponse:
    return error(429, str(exception), reason="too_often")


@api.exception_handler(Http404)
def not_found(request: HttpRequest, exception: Http404) -> HttpResponse:
    return error(404, "There is nothing here for you.", reason="not_found")


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, exception: ValidationError) -> HttpResponse:
    """`fields` by their names in the request; the first one's trouble in words."""
    names = [_field(e["loc"]) for e in exception.errors]
    return error(422, f"{names[0]}: {exception.errors[0]['msg']}", reason="invalid", fields=names)


def _field(place: Sequence[str | int]) -> str:
    """The name in the request; the framework puts before it where it stood and our parameter's name."""
    inner = place[2:] if place[0] == "body" else place[1:]
    return ".".join(str(part) for part in inner) or str(place[0])


@api.exception_handler(MissingDataError)
def missing(request: HttpRequest, exception: MissingDataError) -> HttpResponse:
    return error(422, f"This lacks: {', '.join(exception.fields)}.", reason="missing", fields=exception.fields)


@api.exception_handler(UnknownCodeError)
def unknown(request: HttpRequest, exception: UnknownCodeError) -> HttpResponse:
    return error(422, f"{exception.field}: {exception}", reason="unknown", fields=[exception.field])


@api.exception_handler(NotAllowedError)
def not_allowed(request: HttpRequest, exception: NotAllowedError) -> HttpResponse:
    if str(exception) == "hop_limit":
        return error(403, "Handed on too often: a supervisor decides now.", reason="hop_limit")
    return error(403, f"Not for your role: {exception}.", reason=exception.code)


@api.exception_handler(NotPossibleError)
def not_possible(request: HttpRequest, exception: NotPossibleError) -> HttpResponse:
    return error(409, f"Not possible in this state: {exception}.", reason=exception.code)
