"""`/hooks/<inbox>/`: a provider's call is checked, written down and acknowledged; understanding it comes later.

Answered on the event loop beside /live (docs/adr/0007-hooks.md); `view` does the same as a Django view, where the pages
are served by something else.
"""

import asyncio
import logging
from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import parse_qsl

import psycopg
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from caunoi.channels.base import Forged, Parcel, Reply, Request
from caunoi.channels.registry import channel
from caunoi.conversations import actions, queries
from caunoi.conversations.actions.receipts import rows
from caunoi.conversations.models import Inbox
from caunoi.web.intake import Intake, NotKept
from caunoi.web.known import Known
from caunoi.web.live import Message, Receive, Send, database

PATH = "/hooks/"
LARGEST = 4 * 1024 * 1024  # bytes of a call
BESIDE = 64 * 1024  # bytes from which a call is looked at beside the event loop
OK = Reply(body="ok")

log = logging.getLogger(__name__)


def _refused(status: HTTPStatus) -> Reply:
    return Reply(status=status, body=status.phrase)


def opened(box: Inbox | None, request: Request) -> Reply | Sequence[Parcel]:
    """What a provider's call amounts to: an answer at once, or parcels to be kept first. Forged."""
    adapter = channel(box.channel) if box else None
    if box is None or adapter is None or not adapter.webhook:
        return _refused(HTTPStatus.NOT_FOUND)
    if not box.active:
        return _refused(HTTPStatus.SERVICE_UNAVAILABLE)  # the provider tries again: it may be switched on by then
    account = queries.account(box, queries.NO_NETWORK)
    reply = adapter.answer(request, account)
    if reply is not None:
        return reply
    if request.method != "POST":
        return _refused(HTTPStatus.METHOD_NOT_ALLOWED)
    return adapter.receive(request, account)


class Hooks:
    """The ASGI application of every path below PATH."""

    def __init__(self) -> None:
        self.boxes = Known(queries.boxes)
        self.intake: Intake | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        body = await whole_body(receive, LARGEST)
        if body is None:
            await answer(send, _refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE))
            return
        name = scope["path"].removeprefix(PATH).removesuffix("/")
        headers = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in scope["headers"]}
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        await answer(
            send, await self.reply(name, Request(method=scope["method"], query=query, headers=headers, body=body))
        )

    def keeping(self) -> Intake:
        """Where receipts are written down, one for this process."""
        if self.intake is None:
            self.intake = Intake(database())
        return self.intake

    async def close(self) -> None:
        """Give back the thread and the connection."""
        if self.intake:
            await self.intake.close()
        await self.boxes.close()

    async def reply(self, name: str, request: Request) -> Reply:
        box = None
        try:
            box = (await self.boxes.get()).get(name)
            large = len(request.body) > BESIDE
            found = await asyncio.to_thread(opened, box, request) if large else opened(box, request)
            if isinstance(found, Reply):
                return found
            assert box is not None
            if found:
                await self.keeping().keep(rows(box.pk, found))
        except Forged as error:
            log.debug("hooks: forged call to %s: %s", name, error)  # counted below: a flood of them fills no disk
            assert box is not None
            self.keeping().forged(box.pk)
            return _refused(HTTPStatus.FORBIDDEN)
        except NotKept:
            return _refused(HTTPStatus.SERVICE_UNAVAILABLE)
        except psycopg.DataError as error:
            log.error("hooks: a call to %s cannot be kept: %s", name, error)
            return _refused(HTTPStatus.BAD_REQUEST)
        except Exception:
            log.exception("hooks: a call to %s", name)
            return _refused(HTTPStatus.INTERNAL_SERVER_ERROR)
        return OK


async def whole_body(receive: Receive, most: int) -> bytes | None:
    """All of it; None when it is larger than `most` bytes."""
    chunks, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b""
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > most:
            return None
        chunks.append(chunk)
        if not message.get("more_body"):
            return b"".join(chunks)


async def answer(send: Send, reply: Reply) -> None:
    body = reply.body.encode()
    headers = [(b"content-type", reply.content_type.encode("latin-1")), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": int(reply.status), "headers": headers})
    await send({"type": "http.response.body", "body": body})


@csrf_exempt
def view(request: HttpRequest, inbox: str) -> HttpResponse:
    """The same under WSGI."""
    box = queries.boxes().get(inbox)
    headers = {key.lower(): value for key, value in request.headers.items()}
    try:
        found = opened(
            box, Request(method=request.method or "", query=request.GET.dict(), headers=headers, body=request.body)
        )
    except Forged as error:
        log.warning("hooks: forged call to %s: %s", inbox, error)
        assert box is not None
        actions.count_forgeries(box, 1)
        found = _refused(HTTPStatus.FORBIDDEN)
    if not isinstance(found, Reply):
        assert box is not None
        actions.keep_all(rows(box.pk, found))
        found = OK
    return HttpResponse(found.body, status=found.status, content_type=found.content_type)
