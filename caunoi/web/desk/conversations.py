"""Threads whose last words belong to no ticket: read, answered, made a ticket, linked to one, or let go."""

import secrets
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from caunoi.conversations import actions, queries
from caunoi.conversations.models import Conversation
from caunoi.conversations.queries.channels import channel_icon, channel_name
from caunoi.lib.numbers.phone import display
from caunoi.tickets import correspondence
from caunoi.tickets import queries as tickets
from caunoi.web import talk
from caunoi.web.desk.tabs import tabs
from caunoi.web.drafts import undone, writers
from caunoi.web.errors import or_404
from caunoi.web.refresh import refreshed
from caunoi.web.who import actor

PAGE = 25
LONGEST = 4000


def _after(text: str) -> queries.Place | None:
    """Where the page before ended, as its link says; None for what is no such place."""
    parts = text.split("~")
    try:
        return queries.Place(unread=parts[0] == "1", latest=datetime.fromisoformat(parts[1]), id=int(parts[2]))
    except (ValueError, IndexError):
        return None


def _line(row: Conversation) -> dict[str, Any]:
    contact = row.contact
    return {
        "row": row,
        "name": contact.name or (display(contact.phone) if contact.phone else "") or row.to,
        "words": getattr(row, "words", "") or "",
        "icon": channel_icon(row.inbox.channel),
        "channel": channel_name(row.inbox.channel),
    }


def listing(request: HttpRequest) -> dict[str, Any]:
    """The left column for this request."""
    text = request.GET.get("q", "").replace("\0", "").strip()[:100]
    rows = queries.loose(actor(request), text, after=_after(request.GET.get("after", "")), size=PAGE)
    page, older = rows[:PAGE], ""
    if len(rows) > PAGE:
        last = page[-1]
        assert last.latest is not None
        place = f"{int(last.unread)}~{last.latest.isoformat()}~{last.pk}"
        older = "?" + urlencode({"q": text, "after": place})
    return {
        "rows": [_line(row) for row in page],
        "older": older,
        "first": "after" not in request.GET,
        "q": text,
        "tabs": tabs("conversations", actor(request)),
        "query": f"?{request.GET.urlencode()}" if request.GET else "",
    }


def show(request: HttpRequest) -> HttpResponse:
    return render(request, "desk/conversations.html", listing(request))


def _get_conversation(request: HttpRequest, pk: int) -> Conversation:
    return or_404(queries.conversation(pk, actor(request)))


def detail(request: HttpRequest, pk: int) -> HttpResponse:
    return page(request, _get_conversation(request, pk))


def page(
    request: HttpRequest, row: Conversation, *, error: str = "", typed: str = "", wrong: dict[str, str] | None = None
) -> HttpResponse:
    actions.look(row)
    by = actor(request)
    loose = queries.loose_messages(row)
    context = listing(request) | {
        "thread": row,
        "line": _line(row),
        "talk": talk.lines(row, by),
        "outlook": talk.outlook(row),
        "error": error,
        "typed": typed,
        "once": secrets.token_urlsafe(12),
        "wrong": wrong or {},
        "words": (wrong or {}).get("words", "") or "\n".join(m.text for m in loose if m.text),
        "loose": loose,
        "earlier": tickets.of_person(row.contact, by),
        "about": f"thread-{row.pk}",
        "writers": writers(request, f"thread-{row.pk}"),
    }
    return render(request, refreshed(request, "desk/conversation.html"), context, status=422 if error or wrong else 200)


@require_POST
def say(request: HttpRequest, pk: int) -> HttpResponse:
    row, text = _get_conversation(request, pk), request.POST.get("say", "").replace("\0", "").strip()
    if not text or len(text) > LONGEST:
        wrong = (
            _("Please write something first.")
            if not text
            else _("Please shorten this to %(limit)s characters.") % {"limit": LONGEST}
        )
        return page(request, row, error=wrong, typed=text)
    once = request.POST.get("once", "")[:40] or secrets.token_urlsafe(12)
    if actions.say(row, text, by=actor(request), once=f"reply:{once}", wait=settings.HOLD_SECONDS):
        undo = f"undo:{reverse('desk:unsay', args=[once])}"
        messages.success(request, _("It is on its way."), extra_tags=undo)
    return redirect(reverse("desk:conversation", args=[pk]) + "#form-reply")


@require_POST
def make(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a ticket of it."""
    row, words = _get_conversation(request, pk), request.POST.get("words", "").replace("\0", "").strip()
    if not words:
        return page(request, row, wrong={"make": _("Write in a sentence what it is about.")})
    ticket = correspondence.make_ticket(row, words, by=actor(request))
    if ticket is None:
        messages.error(request, _("Somebody else has dealt with this meanwhile."))
        undone(request)
        return redirect("desk:conversation", pk)
    messages.success(request, _("Saved as %(code)s.") % {"code": ticket.code})
    return redirect("desk:ticket", ticket.code)


@require_POST
def link(request: HttpRequest, pk: int) -> HttpResponse:
    """It belongs to a ticket that there is."""
    row, typed = _get_conversation(request, pk), request.POST.get("code", "").strip()
    ticket = tickets.find(actor(request), typed)
    if ticket is None:
        return page(request, row, wrong={"link": _("There is no ticket of this code."), "code": typed})
    if ticket.contact_id not in queries.one_person([row.contact_id]) and "sure" not in request.POST:
        other = _(
            "As far as we know somebody else reported it. What is said here will stand on their page as their own."
        )
        return page(request, row, wrong={"link": other, "code": typed, "other": "1"})
    correspondence.link(row, ticket)
    messages.success(request, _("It is now with %(code)s.") % {"code": ticket.code})
    return redirect("desk:ticket", ticket.code)


@require_POST
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    row = _get_conversation(request, pk)
    if actions.dismiss(row, by=actor(request)):
        undo = f"undo:{reverse('desk:conversation-restore', args=[pk])}"
        messages.success(request, _("Dismissed: it needs no ticket."), extra_tags=undo)
    return redirect("desk:conversations")


@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    actions.restore(_get_conversation(request, pk), by=actor(request))
    return redirect("desk:conversation", pk)
