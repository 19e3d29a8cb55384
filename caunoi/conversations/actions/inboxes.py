"""The accounts by which people reach us: made, renewed, found in trouble."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx
from django.db import transaction
from django.utils.timezone import now

from caunoi.channels.base import Channel, NotSent, Outbound, Sent, TokenExpired
from caunoi.channels.registry import channel
from caunoi.conversations import queries
from caunoi.conversations.models import Inbox
from caunoi.events.actions import record
from caunoi.events.actor import SYSTEM

log = logging.getLogger(__name__)


def make_inbox(
    name: str, channel: str, *, label: str = "", secrets: Mapping[str, Any] | None = None, **config: Any
) -> Inbox:
    """An inbox by its name, made or brought up to date; secrets stay as they are unless given."""
    values: dict[str, Any] = {"channel": channel, "label": label, "config": config}
    if secrets is not None:
        values["secrets"] = dict(secrets)
    row, _ = Inbox.objects.update_or_create(name=name, defaults=values)
    queries.inbox.cache_clear()
    return row


def in_trouble(box: Inbox, reason: str) -> None:
    """Write down that an inbox does not work; the first time it is an event, so that somebody is told."""
    reason = reason[:300]
    if Inbox.objects.filter(pk=box.pk, trouble="").update(trouble=reason, trouble_since=now()):
        log.error("inbox %s is in trouble: %s", box.name, reason)
        record("inbox.trouble", box, by=SYSTEM, inbox=box.name)
    else:
        Inbox.objects.filter(pk=box.pk).exclude(trouble=reason).update(trouble=reason)


def well(box: Inbox) -> None:
    """It works again."""
    if box.trouble and Inbox.objects.filter(pk=box.pk).exclude(trouble="").update(trouble="", trouble_since=None):
        box.trouble = ""
        record("inbox.well", box, by=SYSTEM, inbox=box.name)


def renew(box: Inbox, http: httpx.Client, *, used: Mapping[str, Any] | None = None) -> None:
    """Get new secrets for an inbox: one process at a time, saved in one step, because a refresh token works once. With
    `used`, nothing is done when another process has renewed these meanwhile. NotSent when the provider refuses; then
    the inbox is in trouble."""
    adapter = channel(box.channel)
    if adapter is None or not adapter.renewable(queries.account(box, http)):
        return
    with transaction.atomic():
        row = Inbox.objects.select_for_update(no_key=True).get(pk=box.pk)
        failed = None
        if used is None or row.secrets == used:
            try:
                secrets = dict(adapter.renew(queries.account(row, http), now()))
            except NotSent as error:
                failed = error
                in_trouble(row, str(error))
            else:
                until = secrets.pop("until", None)
                row.secrets = {**row.secrets, **secrets}
                row.until = datetime.fromisoformat(until) if until else None
                row.save(update_fields=["secrets", "until"])
                well(row)
    box.secrets, box.until = row.secrets, row.until
    if failed:
        raise failed


def renew_tokens(http: httpx.Client) -> int:
    """Renew what runs out within an hour, or when nobody knows; how many. Those that fail are in trouble."""
    done = 0
    for box in queries.to_renew():
        try:
            renew(box, http, used=box.secrets)
            done += 1
        except NotSent as error:
            log.warning("inbox %s: %s", box.name, error)
        except Exception:
            log.exception("inbox %s could not be renewed", box.name)
    return done


def hand_over(adapter: Channel, outbound: Outbound, box: Inbox, http: httpx.Client) -> Sent:
    """Send, and once more with a new token when the old one is refused."""
    account = queries.account(box, http)
    try:
        return adapter.send(outbound, account)
    except TokenExpired:
        if not adapter.renewable(account):
            raise
    renew(box, http, used=account.secrets)
    return adapter.send(outbound, queries.account(box, http))
