"""How each channel is: last in, last out, token, what waits, what could not be read or delivered, and what to do."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now
from django.utils.translation import gettext as _

from caunoi.conversations import queries
from caunoi.conversations.models import Inbox
from caunoi.conversations.queries.channels import channel_icon, channel_name
from caunoi.web.desk.tabs import tabs
from caunoi.web.page import Page, Tab, render_page
from caunoi.web.who import actor

SOON = timedelta(hours=2)
LONG = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class ChannelHealth:
    """How an inbox is, and what somebody should do about it."""

    box: Inbox
    channel: str
    icon: str
    advice: str
    mark: str


@dataclass(frozen=True)
class ChannelHealthPage(Page):
    template = "desk/channels.html"

    rows: list[ChannelHealth]
    tabs: list[Tab]


def _advice(box: Any, adapter: Any) -> str:
    """What somebody should do about it."""
    if not box.active:
        return _("Switched off by an administrator.")
    if adapter is None:
        return ""
    if box.trouble:
        return _("An administrator opens its setup, reads what the provider says and sends a test.")
    if box.until and box.until < now():
        return _("Its token has expired: an administrator must sign in at the provider again.")
    if box.oldest and now() - box.oldest > LONG:
        return _("Messages wait longer than usual: is the worker running, is the provider reachable?")
    if adapter.sends and not queries.sends(box):
        return _("It receives messages but cannot send any: the setup is incomplete.")
    if box.unreadable:
        return _("An administrator looks at what could not be read.")
    return ""


def _line(box: Inbox, adapter: Any) -> ChannelHealth:
    advice = _advice(box, adapter)
    bad = bool(box.trouble) or (box.until is not None and box.until < now())
    soon = box.until is not None and not bad and box.until < now() + SOON
    return ChannelHealth(
        box=box,
        channel=channel_name(box.channel),
        icon=channel_icon(box.channel),
        advice=advice,
        mark="refused" if not box.active else "overdue" if bad else "due-soon" if advice or soon else "on-time",
    )


def show(request: HttpRequest) -> HttpResponse:
    rows = [_line(one["inbox"], one["adapter"]) for one in queries.health()]
    return render_page(request, ChannelHealthPage(rows, tabs("channels", actor(request))))
