"""What Ctrl-K finds on every page of the staff: tickets, procedures, and the pages that stand in no menu."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from caunoi.events.actor import Actor
from caunoi.lib.vietnamese.writing import fold
from caunoi.procedures.queries import search
from caunoi.tickets.queries import Filters, listed
from caunoi.web.access import may_open
from caunoi.web.desk.tabs import TABS
from caunoi.web.labels import STATE, word
from caunoi.web.lines import ticket_view, title
from caunoi.web.setup.words import CARDS
from caunoi.web.who import actor

MOST = 8
# view, icon, words (English source)
PAGES = (
    *((f"desk:{name}", "message-circle", label) for name, label in TABS[1:]),
    ("desk:openings", "eye", gettext_noop("Identities disclosed")),
    *((view, icon, label) for view, icon, label, _text in CARDS),
    ("notices", "bell", gettext_noop("Notices")),
    ("away", "users", gettext_noop("Leave and deputies")),
    ("password", "lock", gettext_noop("Change the password")),
)


def _tickets(by: Actor, text: str) -> list[dict[str, Any]]:
    if not (view := ticket_view(by)):
        return []
    return [
        {
            "label": f"{ticket.code} · {title(ticket, by)}",
            "hint": word(STATE, ticket.state),
            "url": reverse(view, args=[ticket.code]),
            "icon": "file-text",
            "group": _("Tickets"),
        }
        for ticket in listed(by, Filters(text=text), size=MOST)[:MOST]
    ]


def _procedures(text: str) -> list[dict[str, Any]]:
    return [
        {
            "label": hit.procedure.name[:120],
            "hint": hit.procedure.code,
            "url": reverse("citizen:procedure", args=[hit.procedure.code]),
            "icon": "file-search",
            "group": _("Procedures"),
        }
        for hit in search(text, limit=4)
    ]


def _pages(by: Actor, text: str) -> list[dict[str, Any]]:
    parts = fold(text).split()
    return [
        {"label": _(label), "url": reverse(view), "icon": icon, "group": _("Pages")}
        for view, icon, label in PAGES
        if may_open(by, view) and all(part in fold(_(label)) for part in parts)
    ]


def items(request: HttpRequest) -> JsonResponse:
    """`?q=` → `{"items": [{label, hint, url, icon, group}]}`: tickets that may be seen by code, phone number or words,
    procedures, pages; of fewer than two characters nothing."""
    text, by = " ".join(request.GET.get("q", "").split())[:300], actor(request)
    if len(text) < 2:
        return JsonResponse({"items": []})
    return JsonResponse({"items": [*_pages(by, text), *_tickets(by, text), *_procedures(text)]})
