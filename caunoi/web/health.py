"""How the product is: for proxies, monitors, and the doctor."""

import psycopg
from django.core.signing import BadSignature
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.request import split_domain_port

from caunoi import __version__
from caunoi.checks import every
from caunoi.checks.outward import SIGNER
from caunoi.host import releases
from caunoi.jobs import replica
from caunoi.web.metrics import may_measure

ASKED_WITHIN = 60  # seconds


def live(request: HttpRequest) -> HttpResponse:
    """The process answers, and which release it is."""
    return JsonResponse({"live": True, "version": __version__})


def ready(request: HttpRequest) -> HttpResponse:
    """The database answers and is migrated: send people here."""
    try:
        executor = MigrationExecutor(connection)
        missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        newer = releases.newer(connection.connection)
    except (Error, psycopg.Error) as error:
        return _not_ready(database=type(error).__name__)
    if newer:
        return _not_ready(release=newer.why.in_("en"))
    return _not_ready(migrations_missing=missing) if missing else JsonResponse({"ready": True, "migrations_missing": 0})


def reads(request: HttpRequest) -> HttpResponse:
    """Public pages can be answered, from a standby at least: for a proxy that has nobody who is ready."""
    answered = ready(request)
    if answered.status_code == 200 or every.answers() or not replica.serves():
        return answered
    return JsonResponse({"ready": False, "reads": True})


def _not_ready(**why: str | int) -> JsonResponse:
    response = JsonResponse({"ready": False, **why}, status=503)
    response._has_been_logged = True  # type: ignore[attr-defined]  # an answer, not a failure: it is asked every second
    return response


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
