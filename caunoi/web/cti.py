"""`/cti/<token>`: a telephone exchange tells of its calls."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from django.utils.timezone import now
from prometheus_client import Counter

from caunoi.accounts import queries as accounts
from caunoi.accounts import service_accounts
from caunoi.accounts.models import Key
from caunoi.accounts.scopes import CTI
from caunoi.accounts.service_accounts import KeyRefusedError
from caunoi.calls import pbx, queries
from caunoi.channels.base import Reply
from caunoi.conversations.actions.receipts import row
from caunoi.conversations.models import Inbox
from caunoi.telephony.connectors.base import ForgedError, Request, UnreadableError
from caunoi.web.gateway import Call, Door, Outcome

FORGED = Counter("caunoi_cti_forged", "Requests at /cti/ that no exchange of ours has sent")

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Exchanges:
    """The keys that exchanges show, by digest, and the inboxes by which calls come in."""

    keys: Mapping[str, Key]
    boxes: Sequence[Inbox]


def exchanges() -> Exchanges:
    return Exchanges(keys=accounts.exchanges(), boxes=queries.phone_inboxes())


def opened(exchanges: Exchanges, call: Call) -> Outcome:
    """403 for a wrong token or signature, which is counted but not stored: it belongs to no inbox."""
    if call.method not in ("GET", "POST"):
        return HTTPStatus.METHOD_NOT_ALLOWED
    key = exchanges.keys.get(accounts.digest(call.name))
    box = queries.exchange_of(key.label, exchanges.boxes) if key and _admitted(key, call.address) else None
    if box is None:
        FORGED.inc()
        return HTTPStatus.FORBIDDEN
    if not call.body and not call.query:
        return HTTPStatus.OK
    settings, at = queries.settings(box), now()
    request = Request(method=call.method, headers=call.headers, query=call.query, body=call.body)
    connector = pbx.connector(settings)
    try:
        connector.check(request, settings, at)
    except ForgedError:
        FORGED.inc()
        return HTTPStatus.FORBIDDEN
    try:
        once = connector.translate(request, at).id
    except UnreadableError:
        once = request.digest
    except Exception:
        log.exception("a request at /cti/ cannot be read; it is kept")
        once = request.digest
    return [row(box.pk, once, pbx.raw(request), at=at)]


def _admitted(key: Key, address: str) -> bool:
    try:
        service_accounts.admit(key, address, {CTI})
    except KeyRefusedError as refusal:
        log.warning("the key %s is refused at /cti/: %s %s", key.label, refusal.code, refusal.needs)
        return False
    return True


def reply(status: HTTPStatus) -> Reply:
    return Reply(status=status, body="{}", content_type="application/json")


def key(exchanges: Exchanges, call: Call) -> int | None:
    """The key that an exchange has shown."""
    row = exchanges.keys.get(accounts.digest(call.name))
    return row.pk if row is not None else None


DOOR = Door(path="/cti/", largest=64 * 1024, read=exchanges, open=opened, reply=reply, key=key)
