import secrets
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from caunoi import moves
from caunoi.answers import assist, summary
from caunoi.answers.assist import Kind
from caunoi.answers.models import Citation
from caunoi.answers.queries import citations, final
from caunoi.conversations import queries as conversations
from caunoi.conversations.actions import look
from caunoi.conversations.queries.channels import channel_name
from caunoi.directory import queries as directory
from caunoi.events.actor import SYSTEM, Actor
from caunoi.jobs import replica
from caunoi.lib.numbers.phone import display
from caunoi.notifications.queries import untold
from caunoi.publication import queries as publication
from caunoi.publication.models import Publication
from caunoi.ratings import flags
from caunoi.routing import queries as routing
from caunoi.sla.queries import deadlines, pressing
from caunoi.tickets import actions, correspondence, queries
from caunoi.tickets.lifecycle import MOVES, OPEN, NotPossibleError
from caunoi.tickets.models import Ticket
from caunoi.tickets.showings import show_ticket
from caunoi.tickets.undoing import undoable, unsay_reply
from caunoi.triage.actions import note_likes
from caunoi.triage.likes import like, of_ticket
from caunoi.triage.queries import understand
from caunoi.web import talk
from caunoi.web.access import may_open, page_of
from caunoi.web.case import ClockLine, Hold, Leg, clock_lines, current_holder, custody, get_ticket
from caunoi.web.citizen import follow
from caunoi.web.citizen.own import Own
from caunoi.web.desk.calls import CallLine
from caunoi.web.desk.calls import of_ticket as calls_of
from caunoi.web.desk.custody import OneTimeLinkLine, link_lines
from caunoi.web.desk.draft import entries
from caunoi.web.desk.queue import list_query
from caunoi.web.desk.whose import SNOOZES, OwnerLine, owner_line
from caunoi.web.drafts import fresh, keep, left, undone, writers
from caunoi.web.help import Help
from caunoi.web.help import offered as offered_help
from caunoi.web.inputs import message_error, text_in
from caunoi.web.labels import (
    KIND,
    URGENCY,
    area_choices,
    because,
    category_choices,
    choices,
    moved_on,
    word,
)
from caunoi.web.likes import LikeLine, like_lines
from caunoi.web.lines import Line, line, pressing_lines
from caunoi.web.moves import MoveForm, offered
from caunoi.web.offers import Gate, fill, gate_of, offers_of, taken_at_once
from caunoi.web.orders import OrderLine
from caunoi.web.orders import of_ticket as orders_of
from caunoi.web.page import Page, render_page
from caunoi.web.selects import LineInput, LongSelect, choose
from caunoi.web.story import PictureLinks, Step, for_staff, pictures
from caunoi.web.talk import Outlook, TalkLine
from caunoi.web.transfers import Origin, TransferLine, origin, transfer_line
from caunoi.web.who import actor


class Details(forms.Form):
    """What is written about a ticket and may be corrected; its deadlines do not move by it."""

    summary = forms.CharField(
        label=gettext_lazy("Summary in one sentence"), required=False, max_length=300, widget=LineInput
    )
    category = forms.ChoiceField(label=gettext_lazy("Category"), required=False, widget=LongSelect)
    area = forms.ChoiceField(label=gettext_lazy("Commune"), required=False, widget=LongSelect)
    address = forms.CharField(label=gettext_lazy("Address"), required=False, max_length=300, widget=LineInput)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), widget=LongSelect)
    urgency = forms.ChoiceField(label=gettext_lazy("Urgency"), widget=LongSelect)

    def __init__(self, ticket: Ticket, data: Any = None) -> None:
        initial = {
            "summary": ticket.summary,
            "address": ticket.address,
            "kind": ticket.kind,
            "urgency": ticket.urgency,
            "category": ticket.category.code if ticket.category else "",
            "area": ticket.area.code if ticket.area else "",
        }
        super().__init__(data, initial=initial, prefix="details")
        choose(
            self,
            category=category_choices(_("Not yet chosen")),
            area=area_choices(_("Not known")),
            kind=choices(KIND),
            urgency=choices(URGENCY),
        )

    def rows(self) -> dict[str, Any]:
        """The changes as the action takes them."""
        result = dict(self.cleaned_data)
        result["category"] = directory.category(result["category"])
        result["area"] = directory.area(result["area"]) if result["area"] else None
        return result


@dataclass(frozen=True, kw_only=True)
class TicketThread:
    """What was written back and forth about a ticket; `complained`: about its answer. `suggestions` are tickets that it
    may have to do with, and why."""

    talk: list[TalkLine]
    outlook: Outlook
    once: str
    suggestions: list[tuple[Ticket, str]]
    complained: bool


@dataclass(frozen=True)
class LeftDraft:
    """What somebody wrote into a form that is gone: desk/_left.html."""

    form: str
    label: str
    text: str
    id: str


@dataclass(frozen=True, kw_only=True)
class DeskTicketPage(Page):
    """`open_move` is the move whose form was sent and refused; `error` and `typed` are of the reply; `untold` says why
    the citizen was not notified; `sums_up`: a summary may be asked for; `list_query` belongs to the queue beside it;
    `take`: what is sure, taken by one key; `owner`: whose it is, while the centre sees to it."""

    template = "desk/ticket.html"

    list_query: str
    ticket: Ticket
    line: Line
    kind: str
    channel: str
    phone: str
    story: list[Step]
    pictures: dict[str, list[PictureLinks]]
    moves: list[MoveForm]
    about: str
    writers: list[str]
    left: list[LeftDraft]
    open_move: str
    details: Details
    clocks: list[ClockLine]
    holder: Hold
    legs: list[Leg]
    links: list[OneTimeLinkLine]
    help: Help | None
    orders: list[OrderLine]
    because: list[dict[str, str]]
    publication: Publication | None
    citations: list[Citation]
    untold: str
    thread: TicketThread | None
    transfer: TransferLine | None
    origin: Origin | None
    gate: Gate | None
    take: str
    sums_up: bool
    owner: OwnerLine | None
    snoozes: list[tuple[str, str]]
    error: str
    typed: str


@dataclass(frozen=True, kw_only=True)
class AroundPage(Page):
    """What else there is about the person and the place, and what may be the same; `action` joins."""

    template = "desk/_around.html"

    calls: list[CallLine]
    earlier: list[Line]
    nearby: list[Line]
    likes: list[LikeLine]
    action: str


def _thread(ticket: Ticket, by: Actor) -> TicketThread | None:
    """What was written back and forth, where its channel is one for that."""
    if not talk.talks(ticket):
        return None
    thread = conversations.conversation(ticket.conversation_id, SYSTEM)  # the ticket is theirs, each message is asked
    assert thread is not None
    look(thread)
    return TicketThread(
        talk=talk.lines(thread, by, ticket),
        outlook=talk.outlook(thread),
        once=secrets.token_urlsafe(12),
        suggestions=queries.suggestions(ticket, by),
        complained=queries.complained(ticket),
    )


def _left(request: HttpRequest, ticket: Ticket, form_names: Collection[str]) -> list[LeftDraft]:
    """What this person wrote into forms that are gone because somebody else moved the ticket on."""
    rows = [row for row in left(request, f"ticket-{ticket.pk}", form_names) if row.form in MOVES or row.form == "say"]
    texts = {
        row.form: max(
            (v for k, v in row.fields.items() if isinstance(v, str) and not k.endswith("-chosen")), key=len, default=""
        )
        for row in rows
    }
    return [
        LeftDraft(form, _(MOVES[form].label) if form in MOVES else _("Write to them"), text, f"left-{form}")
        for form, text in texts.items()
        if text.strip()
    ]


def page(
    request: HttpRequest,
    ticket: Ticket,
    *,
    sent: MoveForm | None = None,
    details: Details | None = None,
    error: str = "",
    typed: str = "",
) -> HttpResponse:
    by = actor(request)
    show_ticket(ticket, by=by, place="desk")
    clocks = list(deadlines(ticket))
    handle = next((d for d in clocks if d.clock == "handle" and d.leg_id is None), None)
    legs, orders = custody(ticket, by, clocks), orders_of(ticket, by)
    forms, thread = offered(ticket, by, {sent.name: sent} if sent else None), _thread(ticket, by)
    says = {"say"} if thread and thread.outlook.open else set()
    is_unread = ticket.state == "new" and ticket.category is None
    understanding = understand("\n".join(filter(None, (ticket.summary, ticket.text)))) if is_unread else None
    offers = offers_of(understanding) if understanding else []
    for form in forms:
        fill(form, offers)
    story = for_staff(ticket, by, orders)
    sums_up = assist.offers(Kind.SUMMARY, ticket, by) and summary.is_long(
        entries(ticket, story, thread.talk if thread else [])
    )
    whole = DeskTicketPage(
        list_query=list_query(request),
        ticket=ticket,
        line=line(ticket, pressing(clocks), by),
        kind=word(KIND, ticket.kind),
        channel=channel_name(ticket.channel),
        phone=display(ticket.contact.phone) if ticket.contact.phone else "",
        story=story,
        pictures=pictures(ticket),
        moves=forms,
        about=f"ticket-{ticket.pk}",
        writers=writers(request, f"ticket-{ticket.pk}"),
        left=_left(request, ticket, {form.name for form in forms} | says),
        open_move=sent.name if sent else "",
        details=details or Details(ticket),
        clocks=clock_lines(ticket, clocks),
        holder=current_holder(ticket, legs, handle),
        legs=legs,
        links=link_lines(ticket, [leg.row for leg in legs]),
        help=offered_help(ticket, by, [leg.row for leg in legs]),
        orders=orders,
        because=[because(p) for p in routing.propose(ticket)] if ticket.state in ("new", "accepted") else [],
        publication=publication.publication_of(ticket),
        citations=citations(final(ticket)) if ticket.answered else [],
        untold=untold(ticket) if ticket.state != "new" else "",  # no news worth a message yet
        thread=thread,
        transfer=transfer_line(ticket),
        origin=origin(ticket),
        gate=gate_of(understanding) if understanding else None,
        take=taken_at_once(understanding, offers) if understanding and not sent else "",
        sums_up=sums_up,
        owner=owner_line(ticket, by) if ticket.state in queries.AT_CENTRE and may_open(by, "desk:assign") else None,
        snoozes=choices(SNOOZES),
        error=error,
        typed=typed,
    )
    return render_page(request, whole, status=422 if sent or details or error else 200)


def show(request: HttpRequest, code: str) -> HttpResponse:
    return page(request, get_ticket(request, code))


def as_citizen(request: HttpRequest, code: str) -> HttpResponse:
    """What the citizen sees, to read only: nothing on it opens the ticket."""
    ticket = get_ticket(request, code)
    flags.staff_opened(ticket)
    return follow.page(request, Own(ticket=ticket))


def around(request: HttpRequest, code: str) -> HttpResponse:
    """What else there is about the person and the place, for the ticket's page, which does not wait for it."""
    ticket, by = get_ticket(request, code), actor(request)
    likes = like(of_ticket(ticket), by, but=ticket.pk) if ticket.state in OPEN else []
    may = any(move.name == "merge" for move in moves.possible(ticket, by))
    if may and (earlier := [one.ticket for one in likes if one.ticket.pk < ticket.pk]):
        replica.note(lambda: note_likes(ticket, earlier), otherwise=None)
    content = AroundPage(
        likes=like_lines(likes, by, before=ticket.pk, may=may),
        action=reverse("desk:move", args=[ticket.code, "merge"]),
        calls=calls_of(ticket, by),
        earlier=pressing_lines(queries.earlier(ticket, by), by),
        nearby=pressing_lines(queries.nearby(ticket, by), by),
    )
    return render_page(request, content)


@require_POST
def move(request: HttpRequest, code: str, move: str) -> HttpResponse:
    """Make a move; back to the form, with everything as it was typed, when it cannot be made."""
    ticket, by = get_ticket(request, code), actor(request)
    if move not in {m.name for m in moves.possible(ticket, by)}:
        messages.error(request, moved_on())
        undone(request)
        return redirect("desk:ticket", ticket.code)
    form = MoveForm(ticket, move, by, request.POST, request.FILES)
    if not form.make():
        return page(request, ticket, sent=form)
    is_open = queries.find(by, ticket.code) is not None  # what is confidential is out of their hands
    can_undo = undoable(ticket, by) and is_open
    undo = f"undo:{reverse('desk:undo', args=[ticket.code])}" if can_undo else ""
    messages.success(request, form.confirmation(), extra_tags=undo)
    return redirect("desk:ticket", ticket.code) if is_open else redirect("desk:queue")


@require_POST
def undo(request: HttpRequest, code: str) -> HttpResponse:
    """Undo what one has just done: the ticket is as it was, and the citizen's message is not sent."""
    ticket = get_ticket(request, code)
    try:
        unsent = moves.undo(ticket, by=actor(request))
    except NotPossibleError:
        messages.error(request, _("This can no longer be undone: somebody has acted upon it, or it is too long ago."))
    else:
        if unsent:
            messages.success(request, _("Undone: %(code)s is as it was before.") % {"code": ticket.code})
        else:
            messages.warning(
                request, _("Undone, but the citizen had already been notified. Write to them with the correction.")
            )
    return redirect("desk:ticket", ticket.code)


@require_POST
def unsay(request: HttpRequest, once: str) -> HttpResponse:
    """Take back a message to a citizen before it goes; its words are in the box again."""
    draft = unsay_reply(once, by=actor(request))
    if draft is None:
        messages.error(request, _("It has already been sent and cannot be undone."))
    else:
        about, text = draft
        keep(fresh(actor(request).user_id or 0, about, "say"), {"say": text})
        messages.success(request, _("Not sent. Your words are in the box again."))
    return redirect(page_of(request))


@require_POST
def details(request: HttpRequest, code: str) -> HttpResponse:
    ticket = get_ticket(request, code)
    form = Details(ticket, request.POST)
    if not form.is_valid():
        return page(request, ticket, details=form)
    moves.edit(ticket, by=actor(request), **form.rows())
    messages.success(request, _("Saved."))
    return redirect("desk:ticket", ticket.code)


@require_POST
def say(request: HttpRequest, code: str) -> HttpResponse:
    """Write to the citizen by the channel they came by."""
    ticket, text = get_ticket(request, code), text_in(request.POST, "say")
    if error := message_error(text):
        return page(request, ticket, error=error, typed=text)
    once = request.POST.get("once", "")[:40] or secrets.token_urlsafe(12)
    if correspondence.reply(ticket, text, once=once, by=actor(request)):
        undo = f"undo:{reverse('desk:unsay', args=[once])}"
        messages.success(request, _("It is on its way."), extra_tags=undo)
    return redirect(reverse("desk:ticket", args=[ticket.code]) + "#form-reply")


@require_POST
def split(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """A message is about something else: it gets a ticket of its own."""
    ticket = get_ticket(request, code)
    by = actor(request)
    message = conversations.message_of(ticket.conversation_id, pk, by)
    made = correspondence.split(message, by=by) if message else None
    if made is None:
        messages.error(request, _("Somebody else has dealt with this meanwhile."))
        return redirect("desk:ticket", ticket.code)
    messages.success(request, _("Saved as %(code)s.") % {"code": made.code})
    return redirect("desk:ticket", made.code)


@require_POST
def remark(request: HttpRequest, code: str) -> HttpResponse:
    ticket = get_ticket(request, code)
    if text := request.POST.get("text", "").strip():
        actions.remark(ticket, text, by=actor(request))
        assist.note_use(ticket, text)
    return redirect("desk:ticket", ticket.code)
