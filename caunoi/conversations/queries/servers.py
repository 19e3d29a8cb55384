"""Which settings of an inbox say where its secrets are sent, and who changed them last."""

import socket
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from caunoi.channels.base import Need
from caunoi.channels.download import public
from caunoi.channels.registry import channel
from caunoi.conversations.models import Inbox
from caunoi.events.models import Event

MADE_HERE = ("phones", "live_key")
"""Secrets that are made here and never sent to the server of an inbox: they outlive its change."""


def _leads_somewhere(need: Need) -> bool:
    return need.kind == "url" or need.name.endswith(("host", "security", "preset", "wss"))


def moved(box: Inbox, config: Mapping[str, Any]) -> list[str]:
    """The settings by which an inbox would talk to another server, or less safely, than it does now."""
    adapter = channel(box.channel)
    names = [need.name for need in adapter.needs if _leads_somewhere(need)] if adapter else []
    return [name for name in names if (config.get(name) or "") != (box.config.get(name) or "")]


def mover(box: Inbox) -> int | None:
    """Which administrator led an inbox to another server, where no other has switched it on since."""
    rows = Event.objects.filter(subject="inbox", subject_id=box.pk, kind__in=("inbox.edit", "inbox.on")).order_by("-id")
    for row in rows:
        if row.kind == "inbox.edit" and row.data.get("moved"):
            return row.by_user
        if row.kind == "inbox.on":
            return None
    return None


def is_internal(box: Inbox) -> bool:
    """Whether an address that an inbox calls stands in a network of our own. Mail servers and exchanges often do, and
    speak protocols in which they repeat nothing."""
    adapter = channel(box.channel)
    values = [str(box.config.get(need.name) or "") for need in adapter.needs if need.kind == "url"] if adapter else []
    return any(_stands_inside(urlsplit(value).hostname or "") for value in values if value)


def _stands_inside(host: str) -> bool:
    try:
        infos = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    return not all(public(ip_address(str(each[4][0]).split("%")[0])) for each in infos)
