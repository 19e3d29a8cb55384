"""How the hotline is reached, when, and when it will not be."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
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


def outage_context(row: Outage) -> dict[str, Any]:
    """An outage in the reader's language."""
    reason = (row.reason_en if get_language() == "en" else "") or row.reason
    what = channel_name(row.channel) if row.channel else _("The whole hotline")
    return {"what": what, "reason": reason, "row": row, "now": row.starts <= now() < row.ends}


@cacheable
def show(request: HttpRequest) -> HttpResponse:
    active = [box for box in boxes().values() if box.active]
    ways = [
        {
            "label": channel_name(box.channel),
            "icon": channel_icon(box.channel),
            "name": box.config.get("address") or box.label or box.config.get("name", ""),
        }
        for key, adapter in channels().items()
        for box in active
        if adapter.reads and box.channel == key
    ]
    context = {
        "ways": ways,
        "outages": [outage_context(row) for row in outages.coming()],
        "emergency": emergency(),
        "days": option("outage_days"),
    }
    return render(request, "citizen/channels.html", context)
