"""How the hotline is reached, when, and when it will not be."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from caunoi.channels.registry import channels
from caunoi.conversations.queries import boxes
from caunoi.conversations.queries.channels import channel_icon, channel_name
from caunoi.directory import outages
from caunoi.directory.models import Outage
from caunoi.directory.queries import option
from caunoi.web.citizen.cacheable import cacheable
from caunoi.web.labels import emergency
from caunoi.web.page import Page, render_page


@dataclass(frozen=True, kw_only=True)
class OutageNotice:
    """An outage in the reader's language; `now` when it goes on."""

    what: str
    reason: str
    row: Outage
    now: bool


@dataclass(frozen=True, kw_only=True)
class WayToWrite:
    """A channel that is read, and its name or address there."""

    label: str
    icon: str
    name: str


@dataclass(frozen=True, kw_only=True)
class PublicChannelsPage(Page):
    template = "citizen/channels.html"

    ways: list[WayToWrite]
    outages: list[OutageNotice]
    emergency: list[tuple[str, str]]
    days: int


def outage_notice(row: Outage) -> OutageNotice:
    reason = (row.reason_en if get_language() == "en" else "") or row.reason
    what = channel_name(row.channel) if row.channel else _("The whole hotline")
    return OutageNotice(what=what, reason=reason, row=row, now=row.starts <= now() < row.ends)


@cacheable
def show(request: HttpRequest) -> HttpResponse:
    active = [box for box in boxes().values() if box.active]
    ways = [
        WayToWrite(
            label=channel_name(box.channel),
            icon=channel_icon(box.channel),
            name=box.config.get("address") or box.label or box.config.get("name", ""),
        )
        for key, adapter in channels().items()
        for box in active
        if adapter.reads and box.channel == key
    ]
    page = PublicChannelsPage(
        ways=ways,
        outages=[outage_notice(row) for row in outages.coming()],
        emergency=emergency(),
        days=option("outage_days"),
    )
    return render_page(request, page)
