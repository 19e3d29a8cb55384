"""Web Push: which browsers of citizens want to hear of a ticket, and one notice to one browser, at most once."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import httpx
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import translation
from django.utils.timezone import now
from django.utils.translation import gettext as _

from caunoi.lib.crypto import webpush
from caunoi.lib.crypto.envelope import digest
from caunoi.notifications.models import AlarmPush, Notification, Push, StaffBrowser, Subscription
from caunoi.notifications.notices import NOTICES, Audience
from caunoi.tickets.models import Ticket
from caunoi.vault import shared_keys

MOST = 20  # browsers a ticket
LIFE = timedelta(days=3)  # how long a push service keeps it for a phone that is off
NOTICE = {"TTL": str(int(LIFE.total_seconds())), "Urgency": "normal"}
PATIENCE = 10.0  # seconds
DEAD_STATUSES = (404, 410)
OTHER_KEY = (400, 401, 403)  # what services answer, among else, where the browser subscribed under another key of ours


class PushUnavailableError(Exception):
    """The push service is away or busy: try again later."""


def keys() -> list[ec.EllipticCurvePrivateKey]:
    """Our VAPID keys, the one in use first; read each time, as `caunoi keys rotate push` changes them while we run.
    ValueError when the file holds none of P-256."""
    return webpush.read_keys(shared_keys.read(shared_keys.PUSH))


def public_key() -> str:
    """What a browser subscribes with."""
    return webpush.b64(webpush.public(keys()[0]))


def known_service(endpoint: str) -> bool:
    """Whether an address belongs to a push service that we ask; what a browser names is not asked blindly."""
    try:
        place = urlsplit(endpoint)
        host = place.hostname or ""
    except ValueError:
        return False
    is_listed = any(host == one or (one.startswith(".") and host.endswith(one)) for one in settings.PUSH_HOSTS)
    return place.scheme == "https" and is_listed and not place.username and len(endpoint) <= 1000


@transaction.atomic
def subscribe(
    ticket: Ticket, endpoint: str, p256dh: str, auth: str, language: str, *, before: str = ""
) -> Subscription:
    """A browser wants to hear of a ticket; again changes its keys. `before`: the address that the browser had, for all
    tickets, until it subscribed anew. ValueError for what is no subscription."""
    if not known_service(endpoint):
        raise ValueError("endpoint")
    webpush.seal(b"", p256dh, auth)
    for row in Subscription.objects.select_for_update().filter(_at(before)) if before else ():
        row.endpoint, row.p256dh, row.auth, row.endpoint_plain, row.auth_plain = endpoint, p256dh, auth, None, None
        row.save()
    Ticket.objects.select_for_update(no_key=True).get(pk=ticket.pk)  # one row a browser
    own = [row.pk for row in _rows(ticket, endpoint).order_by("pk")]
    if Subscription.objects.filter(ticket=ticket).exclude(pk__in=own).count() >= MOST:
        raise ValueError("too many")
    Subscription.objects.filter(pk__in=own[1:]).delete()
    values = {"endpoint": endpoint, "p256dh": p256dh, "auth": auth, "language": language, "made": now()}
    row = Subscription(pk=own[0] if own else None, ticket=ticket, **values)
    row.save()
    return row


def unsubscribe(ticket: Ticket, *endpoints: str) -> None:
    for endpoint in filter(None, endpoints):
        _rows(ticket, endpoint).delete()


def _rows(ticket: Ticket, endpoint: str) -> QuerySet[Subscription]:
    return Subscription.objects.filter(_at(endpoint), ticket=ticket)


def _at(endpoint: str) -> Q:
    return Q(endpoint_index=digest(endpoint)) | Q(endpoint_plain=endpoint)


def line_up(events: Iterable[int]) -> list[int]:
    """Record which browsers get these events; returns the ids of the pushes still to be sent."""
    notifications = Notification.objects.filter(event__in=list(events), audience=Audience.CITIZEN, ticket__isnull=False)
    pairs = notifications.filter(ticket__subscriptions__isnull=False).values_list(
        "pk", "ticket__subscriptions", "ticket__subscriptions__made", "at"
    )
    rows = [
        Push(notification_id=pk, subscription_id=browser, at=now()) for pk, browser, made, at in pairs if made <= at
    ]
    Push.objects.bulk_create(rows, ignore_conflicts=True)
    waiting = Push.objects.filter(notification__in={row.notification_id for row in rows}, state=Push.State.WAITING)
    return list(waiting.values_list("pk", flat=True))


def _words(push: Push) -> bytes:
    """What the browser shows: no more than the notice says, for anybody may see a phone's screen."""
    notification, ticket = push.notification, push.notification.ticket
    assert ticket is not None
    notice = next((n for n in NOTICES.get(notification.event.kind, ()) if n.name == notification.notice), None)
    with translation.override(push.subscription.language):
        agency = ticket.agency
        agency_name = (agency.short or agency.name) if agency else ""
        text = _(notice.text).format(code=ticket.code, agency=agency_name, clock="") if notice else ""
        title = _("Ticket %(code)s") % {"code": ticket.code}
    payload = {"title": title, "body": text, "url": f"/f/{ticket.follow}", "tag": ticket.code}
    return json.dumps(payload, ensure_ascii=False).encode()


def send(pk: int, http: httpx.Client) -> None:
    """Send one push, unless somebody else does or did. PushUnavailableError: it waits for another try; a browser that
    is gone is forgotten."""
    push = claim(Push.objects.select_related("subscription", "notification__ticket__agency", "notification__event"), pk)
    if push is not None:
        hand_over(push, push.subscription, _words(push), http)


def claim[Row: (Push, AlarmPush)](rows: QuerySet[Row], pk: int) -> Row | None:
    """One that waits, to be sent by whoever claims it; None where somebody else does or did."""
    claimed = rows.filter(pk=pk, state=Push.State.WAITING)
    return rows.get(pk=pk) if claimed.update(state=Push.State.SENDING, tries=F("tries") + 1) else None


def hand_over(
    push: Push | AlarmPush,
    browser: Subscription | StaffBrowser,
    words: bytes,
    http: httpx.Client,
    more: Mapping[str, str] = NOTICE,
) -> None:
    """Send what was claimed, with `more` headers. PushUnavailableError: it waits for another try; a browser that is
    gone is forgotten."""
    try:
        answer = _post(browser, webpush.seal(words, browser.p256dh, browser.auth), http, more)
    except httpx.TransportError as error:
        _become(push, Push.State.WAITING)
        raise PushUnavailableError(type(error).__name__) from error
    if answer.status_code in DEAD_STATUSES:
        browser.delete()
    elif answer.status_code == 429 or answer.status_code >= 500:
        _become(push, Push.State.WAITING)
        raise PushUnavailableError(str(answer.status_code))
    else:
        _become(push, Push.State.SENT if answer.is_success else Push.State.FAILED, at=now())


def _become(push: Push | AlarmPush, state: Push.State, **more: datetime) -> None:
    """Nothing, where the browser was forgotten meanwhile."""
    type(push)._default_manager.filter(pk=push.pk).update(state=state, **more)


def _post(
    browser: Subscription | StaffBrowser, body: bytes, http: httpx.Client, more: Mapping[str, str]
) -> httpx.Response:
    """What the push service answers: to the key in use, else to the one that the browser once subscribed under."""
    first, *former = keys()
    answer = _signed(browser.endpoint, body, first, http, more)
    for key in former:
        if answer.status_code not in OTHER_KEY:
            break
        answer = _signed(browser.endpoint, body, key, http, more)
    return answer


def _signed(
    endpoint: str, body: bytes, key: ec.EllipticCurvePrivateKey, http: httpx.Client, more: Mapping[str, str]
) -> httpx.Response:
    headers = {
        "Authorization": webpush.vapid(endpoint, key, settings.PUBLIC_URL, now()),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        **more,
    }
    return http.post(endpoint, content=body, headers=headers, timeout=PATIENCE, follow_redirects=False)
