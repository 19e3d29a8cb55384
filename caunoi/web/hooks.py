"""`/hooks/<inbox>/`: webhooks that providers call."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import parse_qsl

from django.conf import settings

from caunoi.channels.base import ForgedError, Reply, Request
from caunoi.channels.registry import channel
from caunoi.conversations import queries
from caunoi.conversations.actions.receipts import rows
from caunoi.conversations.models import Inbox
from caunoi.web.gateway import Call, Door, Forgery, Outcome, Stored

PAGES = "/privacy/r/"  # of requests about personal data
SMALLEST = 64 * 1024  # bytes of a call to nobody

log = logging.getLogger(__name__)


def opened(boxes: Mapping[str, Inbox], call: Call) -> Outcome:
    """A call to an inbox, as its channel's adapter takes it apart: no network, no database."""
    box = boxes.get(call.name)
    adapter = channel(box.channel) if box else None
    if box is None or adapter is None or not adapter.webhook:
        return HTTPStatus.NOT_FOUND
    if not box.active:
        return HTTPStatus.SERVICE_UNAVAILABLE  # the provider tries again: it may be switched on by then
    account, query = queries.account(box, queries.NO_NETWORK), dict(parse_qsl(call.query, keep_blank_values=True))
    request = Request(method=call.method, query=query, headers=call.headers, body=call.body)
    try:
        reply = adapter.answer(request, account)
        if reply is not None:
            return reply
        if call.method != "POST":
            return HTTPStatus.METHOD_NOT_ALLOWED
        receipts = rows(box.pk, adapter.receive(request, account))
        reply = adapter.acknowledge(request, account, f"{settings.PUBLIC_URL}{PAGES}")
        return Stored(rows=receipts, reply=reply) if reply else receipts
    except ForgedError as error:
        log.debug("forged call to %s: %s", call.name, error)  # it is counted: a flood of them fills no disk
        return Forgery(box.pk)


def limit(boxes: Mapping[str, Inbox], name: str) -> int:
    """The largest call that the provider of an inbox makes."""
    box = boxes.get(name)
    adapter = channel(box.channel) if box else None
    return adapter.largest if adapter else SMALLEST


def oversize(boxes: Mapping[str, Inbox], name: str) -> Outcome:
    """No provider's: counted as forged, as if it had been read."""
    box = boxes.get(name)
    return Forgery(box.pk) if box else HTTPStatus.NOT_FOUND


def reply(status: HTTPStatus) -> Reply:
    return Reply(status=status, body="ok" if status is HTTPStatus.OK else status.phrase)


DOOR = Door(
    path="/hooks/",
    largest=4 * 1024 * 1024,
    read=queries.boxes,
    open=opened,
    reply=reply,
    limit=limit,
    oversize=oversize,
)
