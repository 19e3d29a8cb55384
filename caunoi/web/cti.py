"""/cti/<token>: a telephone exchange tells of its calls. The receipt is kept first, understood afterwards by a worker.

Answered on the event loop, many by one commit (docs/adr/0007-hooks.md); `receive` does the same as a Django view.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus

import psycopg
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now
from django.views.decorators.csrf import csrf_exempt
from prometheus_client import Counter

from caunoi.accounts import queries as accounts
from caunoi.accounts.models import Key
from caunoi.calls import pbx, queries
from caunoi.channels.base import Reply
from caunoi.conversations.actions import keep_all
from caunoi.conversations.actions.receipts import Row, plain
from caunoi.conversations.models import Inbox
from caunoi.telephony.connectors.base import Forged, Request, Unreadable
from caunoi.web.hooks import answer, whole_body
from caunoi.web.intake import Intake, NotKept
from caunoi.web.known import Known
from caunoi.web.live import Message, Receive, Send

PATH = "/cti/"
LARGEST = 64 * 1024  # bytes
LONGEST = 200  # letters of a receipt's id
FORGED = Counter("caunoi_cti_forged", "Requests at /cti/ that no exchange of ours has sent")

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Exchanges:
    """The keys that exchanges show, by digest, and the inboxes by which calls come in."""

    keys: Mapping[str, Key]
    boxes: Sequence[Inbox]


def exchanges() -> Exchanges:
    return Exchanges(keys=accounts.exchanges(), boxes=queries.phone_inboxes())


def opened(known: Exchanges, token: str, told: Request) -> HTTPStatus | Row:
    """What a call amounts to: an answer at once, or a receipt to be kept first. 403 for a wrong token or signature,
    counted and not kept."""
    if told.method not in ("GET", "POST"):
        return HTTPStatus.METHOD_NOT_ALLOWED
    key = known.keys.get(accounts.digest(token))
    box = queries.exchange_of(key.label, known.boxes) if key else None
    if box is None:
        FORGED.inc()
        return HTTPStatus.FORBIDDEN
    if len(told.body) > LARGEST:
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    if not told.body and not told.query:
        return HTTPStatus.OK
    settings, at = queries.settings(box), now()
    connector = pbx.connector(settings)
    try:
        connector.check(told, settings, at)
    except Forged:
        FORGED.inc()
        return HTTPStatus.FORBIDDEN
    try:
        once = _fitting(connector.translate(told, at).id)
    except Unreadable:
        once = told.digest
    except Exception:
        log.exception("a request at /cti/ cannot be read; it is kept")
        once = told.digest
    return Row(inbox=box.pk, external_id=once, at=at, raw=plain(pbx.raw(told)))


class Cti:
    """The ASGI application of every path below PATH."""

    def __init__(self, keeping: Callable[[], Intake]) -> None:
        self.keeping = keeping
        self.known = Known(exchanges)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        body = await whole_body(receive, LARGEST)
        told = Request(
            method=scope["method"],
            headers={key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]},
            query=scope["query_string"].decode("latin-1"),
            body=body if body is not None else b"0" * (LARGEST + 1),
        )
        status = await self.status(scope["path"].removeprefix(PATH), told)
        await answer(send, Reply(status=status, body="{}", content_type="application/json"))

    async def status(self, token: str, told: Request) -> HTTPStatus:
        try:
            found = opened(await self.known.get(), token, told)
            if isinstance(found, Row):
                await self.keeping().keep([found])
                found = HTTPStatus.OK
        except NotKept:
            found = HTTPStatus.SERVICE_UNAVAILABLE
        except psycopg.DataError as error:
            log.error("a request at /cti/ cannot be kept: %s", error)
            found = HTTPStatus.BAD_REQUEST
        except Exception:
            log.exception("a request at /cti/")
            found = HTTPStatus.INTERNAL_SERVER_ERROR
        return found


@csrf_exempt
def receive(request: HttpRequest, token: str) -> HttpResponse:
    """The same under WSGI: 200 `{}` once the receipt is in the database."""
    large = int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST
    told = Request(
        method=request.method or "",
        headers=dict(request.headers),
        query=request.META["QUERY_STRING"],
        body=b"0" * (LARGEST + 1) if large else request.body,
    )
    found = opened(exchanges(), token, told)
    if isinstance(found, Row):
        keep_all([found])
        found = HTTPStatus.OK
    return HttpResponse("{}", status=found, content_type="application/json")


def _fitting(once: str) -> str:
    """An id as our column holds it."""
    if len(once) <= LONGEST and once.isprintable() and once.isascii():
        return once
    return sha256(once.encode("utf-8", "surrogatepass")).hexdigest()
