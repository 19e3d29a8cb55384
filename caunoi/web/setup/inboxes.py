"""The accounts by which people reach the hotline, and what came in that nobody could read."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from caunoi.conversations import queries
from caunoi.web.labels import CHANNEL, CHANNEL_ICON, word

SHOWN = 50


def listing(request: HttpRequest) -> HttpResponse:
    rows = [
        {"inbox": box, "channel": word(CHANNEL, box.channel), "icon": CHANNEL_ICON.get(box.channel, "inbox")}
        for box in queries.inboxes()
    ]
    return render(request, "setup/inboxes.html", {"rows": rows})


def one(request: HttpRequest, name: str) -> HttpResponse:
    box = queries.inboxes().filter(name=name).first()
    if box is None:
        raise Http404
    context = {
        "inbox": box, "channel": word(CHANNEL, box.channel), "rows": queries.unread(name)[:SHOWN], "most": SHOWN,
    }  # fmt: skip
    return render(request, "setup/inbox.html", context)
