"""How the hotline is reached, when, and when it will not be."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from caunoi.conversations.queries import boxes
from caunoi.directory import outages
from caunoi.directory.models import Outage
from caunoi.directory.queries import option
from caunoi.web.citizen.kept import kept
from caunoi.web.labels import CHANNEL, CHANNEL_ICON, emergency, word

CHATS = ("zalo", "facebook", "sms", "email")


def told(row: Outage) -> dict[str, Any]:
    """An outage in the reader's language."""
    reason = (row.reason_en if get_language() == "en" else "") or row.reason
    what = word(CHANNEL, row.channel) if row.channel else _("The whole hotline")
    return {"what": what, "reason": reason, "row": row, "now": row.starts <= now() < row.ends}


@kept
def show(request: HttpRequest) -> HttpResponse:
    active = [box for box in boxes().values() if box.active and box.channel in CHATS]
    ways = [
        {
            "label": word(CHANNEL, box.channel), "icon": CHANNEL_ICON[box.channel],
            "name": box.config.get("address") or box.label or box.config.get("name", ""),
        }
        for box in sorted(active, key=lambda box: CHATS.index(box.channel))
    ]  # fmt: skip
    context = {
        "ways": ways,
        "outages": [told(row) for row in outages.coming()],
        "emergency": emergency(),
        "days": option("outage_days"),
    }
    return render(request, "citizen/channels.html", context)
