"""The accounts by which people reach us: created, renewed, marked as in trouble."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

import httpx
from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext_noop

from caunoi.accounts.service_accounts import needs_second
from caunoi.channels.base import Channel, DeliveryError, Outbound, Sent, TokenExpiredError
from caunoi.channels.registry import channel
from caunoi.conversations import queries
from caunoi.conversations.models import Inbox
from caunoi.conversations.queries import servers
from caunoi.events.actions import amend, record
from caunoi.events.actor import SYSTEM, Actor, NotAllowedError, administrators_only
from caunoi.events.models import Event

log = logging.getLogger(__name__)
INSIDE = gettext_noop("It did not work. What a server in our own network answers is not shown.")


def make_inbox(
    name: str, channel: str, *, label: str = "", secrets: Mapping[str, Any] | None = None, **config: Any
) -> Inbox:
    """An inbox by its name, created or updated; secrets stay as they are unless given."""
    values: dict[str, Any] = {"channel": channel, "label": label, "config": config}
    if secrets is not None:
        values |= {"secrets": dict(secrets), "secrets_plain": None}
    row, _ = Inbox.objects.update_or_create(name=name, defaults=values)
    queries.inbox.cache_clear()
    return row


@transaction.atomic
def add_inbox(
    name: str, channel: str, label: str, *, config: Mapping[str, Any], secrets: Mapping[str, Any], by: Actor
) -> Inbox:
    """A new inbox. IntegrityError when the name is taken."""
    administrators_only(by)
    values = {"config": dict(config), "secrets": dict(secrets), "cursor": _from_now()}
    row = Inbox.objects.create(name=name, channel=channel, label=label, **values)
    record("inbox.add", row, by=by, inbox=name, channel=channel)
    transaction.on_commit(queries.inbox.cache_clear)
    return row


def _from_now() -> dict[str, str]:
    """Where a poll begins that never was connected: what has come in since somebody set it up is ours, however long it
    takes until a worker, or the server, is there."""
    return {"since": now().isoformat()}


@transaction.atomic
def edit_inbox(
    box: Inbox,
    *,
    by: Actor,
    label: str | None = None,
    config: Mapping[str, Any] | None = None,
    secrets: Mapping[str, Any] | None = None,
) -> Event | None:
    """Change an inbox's settings; of `secrets` only those that are passed are replaced, and no event names them. Led to
    another server it forgets those that are not passed, and is switched off until a second administrator switches it
    on. None when nothing changed."""
    administrators_only(by)
    row = Inbox.objects.select_for_update().get(pk=box.pk)
    values: dict[str, Any] = {}
    if label is not None:
        values["label"] = label
    elsewhere = servers.moved(row, config) if config is not None else []
    if config is not None:
        values["config"] = dict(config)
    if secrets or elsewhere:
        stay = {name: value for name, value in row.secrets.items() if not elsewhere or name in servers.MADE_HERE}
        values["secrets"] = {**stay, **(secrets or {})}
    more = {"moved": elsewhere} if elsewhere else {}
    event = amend("inbox.edit", row, values, by=by, personal={"secrets"}, inbox=row.name, **more)
    if event and "secrets" in values:
        Inbox.objects.filter(pk=row.pk).update(secrets_plain=None)
    connected = bool(row.cursor.keys() - _from_now().keys())
    if event and not connected and (elsewhere or not row.cursor):
        Inbox.objects.filter(pk=row.pk).update(cursor=_from_now())
    if elsewhere and needs_second(by):
        switch_inbox(row, False, by=by)
    if event and row.trouble:
        well(row)  # what was wrong may be right now; the next try says
    transaction.on_commit(queries.inbox.cache_clear)
    return event


@transaction.atomic
def switch_inbox(box: Inbox, on: bool, *, by: Actor) -> Event | None:
    """Take an inbox out of service, or back; None when it is so already. What came in stays, what waits goes out
    later. NotAllowedError for switching on what one has led to another server, where there is a second
    administrator."""
    administrators_only(by)
    if on and servers.mover(box) == by.user_id and by.user_id is not None and needs_second(by):
        raise NotAllowedError("second_administrator")
    if not Inbox.objects.filter(pk=box.pk, active=not on).update(active=on):
        return None
    return record("inbox.on" if on else "inbox.off", box, by=by, inbox=box.name)


def switch_on(box: Inbox, *, by: Actor) -> Event | None:
    return switch_inbox(box, True, by=by)


def switch_off(box: Inbox, *, by: Actor) -> Event | None:
    return switch_inbox(box, False, by=by)


def try_inbox(box: Inbox, to: str, text: str, http: httpx.Client, *, by: Actor) -> Sent:
    """Send a test to an address at once. DeliveryError, with the provider's own words, when it was not taken; those of
    a server in our own network are not repeated."""
    administrators_only(by)
    adapter = channel(box.channel)
    if adapter is None or not adapter.sends:
        raise DeliveryError("this channel does not send")
    outbound = Outbound(id=f"test:{box.pk}:{uuid4().hex}", to=to, text=text, phone=to, last_received=now())
    try:
        sent = hand_over(adapter, outbound, box, http)
    except DeliveryError as error:
        raise DeliveryError(readable(box, error), retry=error.retry, wait=error.wait, code=error.code) from error
    well(box)
    record("inbox.try", box, by=by, inbox=box.name)
    return sent


def readable(box: Inbox, error: DeliveryError) -> str:
    """Why something was not taken, as administrators may read it: what a server inside our own network answered is left
    out, for whoever sets an inbox up chooses whom it asks."""
    ours = error.code in ("network", "limit", "setup")  # our own words, in which nothing was repeated
    return str(error) if ours or not servers.is_internal(box) else INSIDE


def in_trouble(box: Inbox, reason: str) -> None:
    """Record that an inbox does not work; the first time it is an event, so that somebody is notified."""
    reason = reason[:300]
    if Inbox.objects.filter(pk=box.pk, trouble="").update(trouble=reason, trouble_since=now()):
        log.error("inbox %s is in trouble: %s", box.name, reason)
        record("inbox.trouble", box, by=SYSTEM, inbox=box.name)
    else:
        Inbox.objects.filter(pk=box.pk).exclude(trouble=reason).update(trouble=reason)


def well(box: Inbox) -> None:
    """Record that an inbox works again."""
    if box.trouble and Inbox.objects.filter(pk=box.pk).exclude(trouble="").update(trouble="", trouble_since=None):
        box.trouble = ""
        record("inbox.well", box, by=SYSTEM, inbox=box.name)


def renew(box: Inbox, http: httpx.Client, *, used: Mapping[str, Any] | None = None) -> None:
    """Get new secrets for an inbox: one process at a time, saved in one step, because a refresh token works once. With
    `used`, nothing happens if another process has already renewed these. DeliveryError when the provider refuses; then
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
            except DeliveryError as error:
                failed = error
                in_trouble(row, str(error))
            else:
                until = secrets.pop("until", None)
                row.secrets, row.secrets_plain = {**row.secrets, **secrets}, None
                row.until = datetime.fromisoformat(until) if until else None
                row.save(update_fields=["secrets", "secrets_plain", "until"])
                well(row)
    box.secrets, box.until = row.secrets, row.until
    if failed:
        raise failed


def renew_tokens(http: httpx.Client) -> int:
    """Renew the tokens that expire within an hour, or nobody knows when; how many. Where that fails the inbox is in
    trouble."""
    done = 0
    for box in queries.to_renew():
        try:
            renew(box, http, used=box.secrets)
            done += 1
        except DeliveryError as error:
            log.warning("inbox %s: %s", box.name, error)
        except Exception:
            log.exception("inbox %s could not be renewed", box.name)
    return done


def hand_over(adapter: Channel, outbound: Outbound, box: Inbox, http: httpx.Client) -> Sent:
    """Send, and once more with a new token when the old one is refused."""
    account = queries.account(box, http)
    try:
        return adapter.send(outbound, account)
    except TokenExpiredError:
        if not adapter.renewable(account):
            raise
    return send_renewed(adapter, outbound, box, http, used=account.secrets)


def send_renewed(
    adapter: Channel, outbound: Outbound, box: Inbox, http: httpx.Client, *, used: Mapping[str, Any]
) -> Sent:
    """Send with a new token, because `used` holds one that was refused."""
    renew(box, http, used=used)
    return adapter.send(outbound, queries.account(box, http))
