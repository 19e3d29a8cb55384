"""Web Push for the staff: an emergency rings in their browsers though no page of ours is open, and is silent there once
somebody has it. Nothing of what was written goes there; of what is in confidence not even the number."""

import json
from datetime import timedelta

import httpx
from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext, override

from caunoi.accounts.models import User
from caunoi.events.models import Event
from caunoi.lib.crypto import webpush
from caunoi.lib.crypto.envelope import digest
from caunoi.notifications.alarms import RAISE
from caunoi.notifications.models import AlarmPush, Push, StaffBrowser
from caunoi.notifications.push import claim, hand_over, known_service
from caunoi.triage.alarms import TOP, alarm, people_at
from caunoi.triage.models import Alarm

MOST = 10  # browsers of one person
LIFE = timedelta(hours=1)  # how long a push service keeps it for a device that is off
KEEP = timedelta(days=30)  # what was pushed, until later alarms take its place
SILENCE = "alarm.acknowledge"


@transaction.atomic
def subscribe(user: User, endpoint: str, p256dh: str, auth: str, language: str, *, before: str = "") -> StaffBrowser:
    """A browser wants to ring for somebody, and for nobody else from now on; again changes its keys. `before`: the
    address that it had until it subscribed anew. ValueError for what is no subscription, or one too many."""
    if not known_service(endpoint):
        raise ValueError("endpoint")
    webpush.seal(b"", p256dh, auth)
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    StaffBrowser.objects.filter(endpoint_index__in=[digest(one) for one in (endpoint, before) if one]).delete()
    if StaffBrowser.objects.filter(user=user).count() >= MOST:
        raise ValueError("too many")
    keys = {"endpoint": endpoint, "p256dh": p256dh, "auth": auth}
    return StaffBrowser.objects.create(user=user, language=language, made=now(), **keys)


def unsubscribe(user: User, *endpoints: str) -> None:
    StaffBrowser.objects.filter(user=user, endpoint_index__in=[digest(one) for one in endpoints if one]).delete()


def is_subscribed(user: User, endpoint: str) -> bool:
    return StaffBrowser.objects.filter(user=user, endpoint_index=digest(endpoint)).exists()


def line_up(event: Event) -> list[int]:
    """Record which browsers hear of this step of an alarm: those of whom it rings with from now on, or, once somebody
    has it, those that rang. Returns the ids of the pushes still to be sent."""
    row = alarm(event.subject_id)
    if row is None or row.first_id is not None:
        return []
    browsers = StaffBrowser.objects.order_by("pk")
    if event.kind == SILENCE:
        steps = Event.objects.filter(subject="alarm", subject_id=row.pk).exclude(pk=event.pk)
        browsers = browsers.filter(pushes__event__in=steps.values("pk")).distinct()
    elif row.acknowledged is None:
        level = 0 if event.kind == RAISE else int(event.data["level"])
        browsers = browsers.filter(user__in=people_at(level, restricted=row.restricted))
    else:
        return []
    AlarmPush.objects.filter(at__lt=now() - KEEP).delete()
    AlarmPush.objects.bulk_create(
        [AlarmPush(browser=browser, event=event, at=now()) for browser in browsers], ignore_conflicts=True
    )
    waiting = AlarmPush.objects.filter(event=event, state=Push.State.WAITING)
    return list(waiting.values_list("pk", flat=True))


def send(pk: int, http: httpx.Client) -> None:
    """Send one, unless somebody else does or did. PushUnavailableError: it waits for another try; a browser that is
    gone is forgotten."""
    push = claim(AlarmPush.objects.select_related("browser__user", "event"), pk)
    row = alarm(push.event.subject_id) if push else None
    if push is None or row is None:
        return
    # a service keeps only the last of a topic for a device that is off
    more = {"TTL": str(int(LIFE.total_seconds())), "Urgency": "high", "Topic": f"alarm-{row.pk}"}
    hand_over(push, push.browser, _words(row, push.browser.language), http, more)


def _words(row: Alarm, language: str) -> bytes:
    """What the browser shows, as it is by now: a late "it rings" does not undo that somebody has it."""
    rings = row.acknowledged is None
    with override(language):
        title = (
            gettext("Urgent, in confidence")
            if row.restricted
            else gettext("Emergency %(number)s") % {"number": row.number}
        )
        body = gettext("Nobody has it yet: open now.") if rings else gettext("Somebody has it.")
    payload = {"title": title, "body": body, "url": _page(row), "tag": f"alarm-{row.pk}", "rings": rings}
    return json.dumps(payload, ensure_ascii=False).encode()


def _page(row: Alarm) -> str:
    if not row.restricted:
        return "/desk/alarms/"
    return "/confidential/" if row.level < TOP else "/setup/custodians/"
