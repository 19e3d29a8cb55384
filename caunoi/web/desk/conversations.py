"""Threads whose last words belong to no ticket: read, answered, made a ticket, linked to one, or let go."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from caunoi.conversations import actions, queries
from caunoi.conversations.models import Conversation, Message
from caunoi.conversations.queries.channels import channel_icon, channel_name
from caunoi.lib.numbers.phone import display
from caunoi.tickets import correspondence
from caunoi.tickets import queries as tickets
from caunoi.tickets.models import Ticket
from caunoi.tickets.showings import show_contacts
from caunoi.web import talk
from caunoi.web.desk.tabs import tabs
from caunoi.web.drafts import undone, writers
from caunoi.web.errors import or_404
from caunoi.web.inputs import message_error, text_in
from caunoi.web.page import Page, Tab, render_page
from caunoi.web.talk import Outlook, TalkLine
from caunoi.web.who import actor

PAGE = 25


@dataclass(frozen=True, kw_only=True)
class ThreadLine:
    """A thread in the list: with whom, and its last words."""

    row: Conversation
    name: str
    words: str
    icon: str
    channel: str


@dataclass(frozen=True, kw_only=True)
class ConversationsPage(Page):
    """The left column alone: what is looked for, and one page of threads."""

    template = "desk/conversations.html"

    rows: list[ThreadLine]
    older: str
    first: bool
    q: str
    tabs: list[Tab]
    query: str


@dataclass(frozen=True, kw_only=True)
class ThreadRefusal:
    """Why no ticket was made, or none linked; `other`: its code is of another person's, who would read this."""

    make: str = ""
    link: str = ""
    code: str = ""
    other: bool = False


@dataclass(frozen=True, kw_only=True)
class ConversationPage(ConversationsPage):
    """With the thread that is open: `words` are those a ticket would begin with, `error` and `typed` of the reply."""

    template = "desk/conversation.html"

    thread: Conversation
    line: ThreadLine
    talk: list[TalkLine]
    outlook: Outlook
    error: str
    typed: str
    once: str
    wrong: ThreadRefusal
    words: str
    loose: list[Message]
    earlier: list[Ticket]
    about: str
    writers: list[str]


def _after(text: str) -> queries.Place | None:
    """Where the page before ended, as its link says; None for what is no such place."""
    parts = text.split("~")
    try:
        return queries.Place(unread=parts[0] == "1", latest=datetime.fromisoformat(parts[1]), id=int(parts[2]))
    except (ValueError, IndexError):
        return None


def thread_line(row: Conversation) -> ThreadLine:
    contact = row.contact
    return ThreadLine(
        row=row,
        name=contact.name or (display(contact.phone) if contact.phone else "") or row.to,
        words=getattr(row, "words", "") or "",
        icon=channel_icon(row.inbox.channel),
        channel=channel_name(row.inbox.channel),
    )


def listing(request: HttpRequest) -> ConversationsPage:
    """The left column for this request."""
    text = text_in(request.GET, "q", 100)
    rows = queries.loose(actor(request), text, after=_after(request.GET.get("after", "")), size=PAGE)
    page, older = rows[:PAGE], ""
    if len(rows) > PAGE:
        last = page[-1]
        assert last.latest is not None
        place = f"{int(last.unread)}~{last.latest.isoformat()}~{last.pk}"
        older = "?" + urlencode({"q": text, "after": place})
    show_contacts([row.contact for row in page], by=actor(request), place="conversations")
    return ConversationsPage(
        rows=[thread_line(row) for row in page],
        older=older,
        first="after" not in request.GET,
        q=text,
        tabs=tabs("conversations", actor(request)),
        query=f"?{request.GET.urlencode()}" if request.GET else "",
    )


def show(request: HttpRequest) -> HttpResponse:
    return render_page(request, listing(request))


def _get_conversation(request: HttpRequest, pk: int) -> Conversation:
    return or_404(queries.conversation(pk, actor(request)))


def detail(request: HttpRequest, pk: int) -> HttpResponse:
    return page(request, _get_conversation(request, pk))


def page(
    request: HttpRequest, row: Conversation, *, error: str = "", typed: str = "", wrong: ThreadRefusal | None = None
) -> HttpResponse:
    actions.look(row)
    by = actor(request)
    show_contacts([row.contact], by=by, place="conversation")
    loose = queries.loose_messages(row)
    content = ConversationPage(
        **vars(listing(request)),
        thread=row,
        line=thread_line(row),
        talk=talk.lines(row, by),
        outlook=talk.outlook(row),
        error=error,
        typed=typed,
        once=secrets.token_urlsafe(12),
        wrong=wrong or ThreadRefusal(),
        words="\n".join(m.text for m in loose if m.text),
        loose=loose,
        earlier=tickets.of_person(row.contact, by),
        about=f"thread-{row.pk}",
        writers=writers(request, f"thread-{row.pk}"),
    )
    return render_page(request, content, status=422 if error or wrong else 200)


@require_POST
def say(request: HttpRequest, pk: int) -> HttpResponse:
    row, text = _get_conversation(request, pk), text_in(request.POST, "say")
    if error := message_error(text):
        return page(request, row, error=error, typed=text)
    once = request.POST.get("once", "")[:40] or secrets.token_urlsafe(12)
    if actions.say(row, text, by=actor(request), once=f"reply:{once}", wait=settings.HOLD_SECONDS):
        undo = f"undo:{reverse('desk:unsay', args=[once])}"
        messages.success(request, _("It is on its way."), extra_tags=undo)
    return redirect(reverse("desk:conversation", args=[pk]) + "#form-reply")


@require_POST
def make(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a ticket of it."""
    row, words = _get_conversation(request, pk), text_in(request.POST, "words")
    if not words:
        return page(request, row, wrong=ThreadRefusal(make=_("Write in a sentence what it is about.")))
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
        return page(request, row, wrong=ThreadRefusal(link=_("There is no ticket of this code."), code=typed))
    if ticket.contact_id not in queries.one_person([row.contact_id]) and "sure" not in request.POST:
        other = _(
            "As far as we know somebody else reported it. What is said here will stand on their page as their own."
        )
        return page(request, row, wrong=ThreadRefusal(link=other, code=typed, other=True))
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
