"""A published ticket: its whole story, for everybody."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now

from caunoi.answers.queries import citations, final
from caunoi.conversations.queries.channels import channel_name
from caunoi.followers import queries as followers
from caunoi.publication import queries
from caunoi.sla.queries import handle
from caunoi.tickets.lifecycle import HANDLED, OPEN, State
from caunoi.tickets.queries import disputed
from caunoi.web.case import current_holder
from caunoi.web.citizen.cacheable import cacheable
from caunoi.web.citizen.register import item
from caunoi.web.labels import localised_name
from caunoi.web.lines import mark
from caunoi.web.masks import in_words
from caunoi.web.story import for_public, picture, refused_publicly, reopening


def shared(photos: dict[str, list[dict[str, str]]]) -> str:
    """The photo that a shared link shows: after the work, else of the report; all of them were looked at."""
    found = [*photos["after"], *photos["report"]]
    return f"{settings.PUBLIC_URL}{found[0]['url']}" if found else ""


@cacheable
def show(request: HttpRequest, code: str) -> HttpResponse:
    publication = queries.find(code)
    if publication is None:
        withdrawn = queries.withdrawn(code)
        if withdrawn:
            told = {"code": withdrawn.ticket.code, "note": withdrawn.note}
            return render(request, "citizen/withdrawn.html", told, status=410)
        raise Http404
    row = publication.ticket
    if row.code != code:
        return redirect("citizen:ticket", row.code)
    deadline = handle(row)
    shown: dict[str, list[dict[str, str]]] = {role: [] for role in ("report", "before", "after")}
    for role, attachment in queries.photos(publication):
        shown[role].append(picture(attachment))
    story, answer = for_public(row), final(row) if row.answered else None
    context: dict[str, Any] = {
        "publication": publication,
        "words": {name: in_words(getattr(publication, name)) for name in ("title", "text", "answer", "place")},
        "ticket": row,
        "line": item(publication, {row.pk: deadline} if deadline else {}),
        "mark": mark(row, deadline, promised=True),
        "late_again": row.state in HANDLED
        and deadline
        and deadline.late
        and deadline.met
        and deadline.due
        and deadline.met <= deadline.due,
        "disputed": disputed(row),
        "reopening": reopening(story),
        "category": localised_name(row.category),
        "agency": localised_name(row.agency),
        "deadline": deadline,
        "printed": now(),
        "story": story,
        "pictures": shown,
        "joined": followers.joined(publication),
        "open": row.state in OPEN,
        "refusal": refused_publicly(row) if row.state == State.REFUSED else "",
        "goes_on": row.merged_into if row.merged_into and queries.find(row.merged_into.code) else None,
        "held": current_holder(row) | {"until": deadline.promised if deadline else None},
        "exact": (publication.latitude, publication.longitude) == (row.latitude, row.longitude),
        "share": shared(shown),
        "mails": followers.mailbox() is not None,
        "chats": [channel_name(name) for name in followers.chats()],
        "citations": citations(answer),
        "answered": (answer.approved if answer else None) or row.answered,
    }
    return render(request, "citizen/ticket.html", context)
