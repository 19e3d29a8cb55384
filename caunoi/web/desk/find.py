from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from caunoi.procedures.queries import search
from caunoi.tickets.queries import Filters, listed
from caunoi.web.labels import STATE, word
from caunoi.web.lines import title
from caunoi.web.who import actor


def items(request: HttpRequest) -> JsonResponse:
    """What Ctrl-K finds: tickets by code, phone number or words, and procedures."""
    text = request.GET.get("q", "")
    rows = listed(actor(request), Filters(text=text), size=8) if len(text.strip()) > 1 else []
    hits = search(text, limit=4) if len(text.strip()) > 2 else ()
    procedures = [
        {
            "label": hit.procedure.name[:120],
            "hint": hit.procedure.code,
            "url": reverse("citizen:procedure", args=[hit.procedure.code]),
            "icon": "file-search",
            "group": _("Procedures"),
        }
        for hit in hits
    ]
    return JsonResponse(
        {
            "items": [
                {
                    "label": f"{t.code} · {title(t)}",
                    "hint": word(STATE, t.state),
                    "url": reverse("desk:ticket", args=[t.code]),
                    "icon": "file-text",
                    "group": _("Tickets"),
                }
                for t in rows[:8]
            ]
            + procedures
        }
    )
