"""How the product is: for proxies, monitors, and the doctor."""

import psycopg
from django.core.signing import BadSignature
from django.db import Error, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.request import split_domain_port

from caunoi import __version__
from caunoi.checks import every
from caunoi.checks.outward import SIGNER
from caunoi.checks.stored import missing_migrations
from caunoi.host import leaving, releases
from caunoi.jobs import replica
from caunoi.web.metrics import may_measure

ASKED_WITHIN = 60  # seconds


def live(request: HttpRequest) -> HttpResponse:
    """The process answers, and which release it is."""
    return JsonResponse({"live": True, "version": __version__})


def ready(request: HttpRequest) -> HttpResponse:
    """The database answers and is migrated: send people here. 404 while this host is about to end: what it was sent
    before is still answered."""
    if leaving.is_leaving():
        return _quietly(JsonResponse({"ready": False, "leaving": True}, status=404))
    try:
        reason = _unready()
    except (Error, psycopg.Error) as error:
        reason = {"database": type(error).__name__}
        if replica.is_apart():
            replica.primary.lose()
    if not reason:
        return JsonResponse({"ready": True, "migrations_missing": 0})
    return _quietly(JsonResponse({"ready": False, **reason}, status=503))


def _quietly(response: JsonResponse) -> JsonResponse:
    """An answer, and no failure: it is asked every second."""
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def reads(request: HttpRequest) -> HttpResponse:
    """Public pages can be answered, from a standby if there is one: for a proxy that has nobody who is ready. The
    primary is asked only where that is not so, for it may let one wait for longer than the proxy does."""
    bind = replica.new() if replica.is_apart() and not leaving.is_leaving() else None
    if bind is not None:
        bind.begin()
        try:
            bind.now()  # it has answered, for those who read as well
            if not _unready():
                return JsonResponse({"reads": True})
        except (Error, psycopg.Error) as error:
            replica.standby.lose(error)
        finally:
            bind.end()
    return ready(request)


def _unready() -> dict[str, str | int]:
    """Why this code cannot work with the database that is bound now; empty where it can."""
    missing = missing_migrations()
    if newer := releases.newer(connection.connection):
        return {"release": newer.why.in_("en")}
    return {"migrations_missing": missing} if missing else {}


def whole(request: HttpRequest) -> HttpResponse:
    """`{"state": ok, degraded or down, "reasons"}`: names of checks for everybody, what they found for the
    monitoring."""
    state, findings = every.health()
    reasons = ["database"] if state == "down" and not findings else sorted({one.check for one in findings})
    answer: dict[str, object] = {"state": state, "reasons": reasons}
    if may_measure(request):
        answer["findings"] = [one.as_json("en") for one in findings]
    return JsonResponse(answer, status=503 if state == "down" else 200)


def request_as_seen(request: HttpRequest) -> HttpResponse:
    """How the product sees who asks, for the check of the proxy: only for who has the installation's key."""
    try:
        SIGNER.unsign(request.GET.get("proof", ""), max_age=ASKED_WITHIN)
    except BadSignature:
        raise Http404 from None
    address = request.META.get("REMOTE_ADDR", "")
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    return JsonResponse(
        {
            "scheme": request.scheme,
            "host": split_domain_port(request.get_host())[0],
            "forwarded": bool(forwarded),
            "proxy": "" if not forwarded or address in forwarded else address,
        }
    )
