"""/cti/<token>: a telephone exchange tells of its calls. The receipt is kept first, understood afterwards by a worker."""

import logging
from hashlib import sha256

from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from prometheus_client import Counter

from caunoi.accounts import queries as accounts
from caunoi.calls import pbx, queries
from caunoi.conversations.actions import keep
from caunoi.telephony.connectors.base import Forged, Request, Unreadable

LARGEST = 64 * 1024  # bytes
LONGEST = 200  # letters of a receipt's id
FORGED = Counter("caunoi_cti_forged", "Requests at /cti/ that no exchange of ours has sent")

log = logging.getLogger(__name__)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def receive(request: HttpRequest, token: str) -> HttpResponse:
    """200 `{}` once the receipt is in the database; 403 for a wrong token or signature, counted and not kept."""
    key = accounts.exchange(token)
    box = queries.exchange(key.label) if key else None
    if box is None:
        return _forged()
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST:
        return HttpResponse("{}", status=413, content_type="application/json")
    told = Request(
        method=request.method or "",
        headers=dict(request.headers),
        query=request.META["QUERY_STRING"],
        body=request.body,
    )
    if told.body or told.query:
        settings, at = queries.settings(box), now()
        connector = pbx.connector(settings)
        try:
            connector.check(told, settings, at)
        except Forged:
            return _forged()
        try:
            once = _fitting(connector.translate(told, at).id)
        except Unreadable:
            once = told.digest
        except Exception:
            log.exception("a request at /cti/ cannot be read; it is kept")
            once = told.digest
        keep(box, once, pbx.raw(told), at=at)
    return HttpResponse("{}", content_type="application/json")


def _forged() -> HttpResponse:
    FORGED.inc()
    return HttpResponse("{}", status=403, content_type="application/json")


def _fitting(once: str) -> str:
    """An id as our column holds it."""
    if len(once) <= LONGEST and once.isprintable() and once.isascii():
        return once
    return sha256(once.encode("utf-8", "surrogatepass")).hexdigest()
