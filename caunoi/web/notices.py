"""The bell on every page: the notifications that somebody has not looked at yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from caunoi.directives.models import Directive
from caunoi.directives.queries import visible_to as orders_of
from caunoi.events.actor import AGENCY, Actor, NotAllowedError, Role
from caunoi.notifications import actions, queries
from caunoi.notifications.models import Notification
from caunoi.notifications.notices import BY_NAME
from caunoi.reorganisation import queries as reorganisation
from caunoi.reorganisation.models import Act
from caunoi.web.access import may_open
from caunoi.web.errors import or_404
from caunoi.web.labels import CLOCK, localised_name, word
from caunoi.web.page import Page, render_page
from caunoi.web.paging import newest
from caunoi.web.setup import act_plan
from caunoi.web.who import actor

IN_BELL, MOST = 8, 99
PAGE = 50
URGENT = (
    "alarm.",
    "alert.fire",
    "alert.again",
    "sla.escalate",
    "directive.late",
    "handover.limit",
    "session.new_device",
    "key.alone",
    "identity.volume",
)
PERSONAL = {
    "session.new_device": "sessions",
    "person.hand_password": "password",
    "key.ask": "setup:keys",
    "key.alone": "setup:keys",
    "service.follow": "setup:keys",
    "service.close": "setup:keys",
    "factor.ask": "setup:person",
}  # what a notification to one person leads to


def place(by: Actor, code: str) -> str:
    """Where this reader opens a ticket."""
    if by.has(*AGENCY):
        return reverse("agency:ticket", args=[code])
    return reverse("board:ticket" if by.has(Role.LEADER) else "desk:ticket", args=[code])


def order_place(by: Actor, row: Directive) -> str:
    """Where this reader finds an order, also when it is over."""
    listed = "board:explanations" if row.kind == Directive.Kind.EXPLAIN else "board:directives"
    part = "?part=done" if row.done or row.withdrawn else ""
    return f"{reverse('agency:directives' if by.has(*AGENCY) else listed)}{part}#order-{row.pk}"


@dataclass(frozen=True, kw_only=True)
class NoticeLine:
    """A notification; `pk` leads to what it is about."""

    pk: int
    text: str
    at: datetime
    seen: bool
    urgent: bool


@dataclass(frozen=True, kw_only=True)
class BellPage(Page):
    """The newest that nobody has looked at; `count` goes no further than one above `most`."""

    template = "web/bell.html"

    lines: list[NoticeLine]
    count: int
    most: int
    newest: int


@dataclass(frozen=True, kw_only=True)
class NoticesPage(Page):
    template = "web/notices.html"

    lines: list[NoticeLine]
    older: str
    first: bool
    unseen: bool
    newest: int


@dataclass(frozen=True)
class ActPage(Page):
    """An act of reorganisation: `over` when it is in force, `withdrawn` the day of one that was taken back."""

    template = "web/act.html"

    act: Act
    lines: Sequence[act_plan.ActLine]
    over: bool = False
    withdrawn: date | None = None


def _line(row: Notification, seen: bool) -> NoticeLine:
    code = row.ticket.code if row.ticket else ""
    if row.directive and row.directive.ticket_id is None:
        code = f"“{row.directive.text[:60]}”"
    data = row.event.data
    code = code or data.get("name", "") or data.get("number", "") or data.get("label", "")
    code = code or data.get("device", "") or data.get("username", "") or data.get("code", "")
    if not code and row.ticket_id:
        code = _("(gone from here)")  # they see it no more
    day = date.fromisoformat(row.event.data["on"]) if row.notice.startswith("act.") else None
    clock = word(CLOCK, row.event.data.get("clock", ""))
    agency = localised_name(row.agency) or (_("several agencies") if day else _("the centre"))
    notice = BY_NAME.get(row.notice)
    text = (
        _(notice.text).format(code=code, agency=agency, clock=clock, day=day and f"{day:%d/%m/%Y}")
        if notice
        else row.notice
    )
    urgent = row.notice.startswith(URGENT)
    return NoticeLine(pk=row.pk, text=text[:1].upper() + text[1:], at=row.at, seen=seen, urgent=urgent)


def bell(request: HttpRequest) -> HttpResponse:
    """The bell and its short list, for htmx; it asks again when something happens."""
    by = actor(request)
    rows = list(queries.unseen(by)[: MOST + 1])
    lines = [_line(row, False) for row in rows[:IN_BELL]]
    return render_page(request, BellPage(lines=lines, count=len(rows), most=MOST, newest=rows[0].pk if rows else 0))


def listing(request: HttpRequest) -> HttpResponse:
    """All notifications of this member of staff, newest first."""
    by = actor(request)
    rows, older = newest(request, queries.mine(by), PAGE)
    look = queries.looked(by)
    lines = [_line(row, row.pk <= look.until or row.pk in look.also) for row in rows]
    page = NoticesPage(
        lines=lines,
        older=older,
        first="before" not in request.GET,
        unseen=not all(line.seen for line in lines),
        newest=rows[0].pk if rows else 0,
    )
    return render_page(request, page)


@require_POST
def seen(request: HttpRequest) -> HttpResponse:
    """Everything up to what the page showed has been looked at."""
    up_to = request.POST.get("up_to", "")
    actions.look(actor(request), up_to=int(up_to) if up_to.isdecimal() else None)
    if "HX-Request" in request.headers:
        return bell(request)
    return redirect("notices")


def go(request: HttpRequest, pk: int) -> HttpResponse:
    """To what a notice is about; it has been looked at thereby."""
    by = actor(request)
    row = or_404(queries.mine(by).filter(pk=pk).first())
    try:
        actions.look(by, pk)
    except NotAllowedError:
        raise Http404 from None
    if row.directive_id and (order := orders_of(by).filter(pk=row.directive_id).first()):
        return redirect(order_place(by, order))
    if row.notice.startswith("identity.volume"):
        return redirect("desk:openings" if may_open(by, "desk:openings") else "notices")
    if row.notice.startswith("alarm."):
        return redirect("desk:alarms" if may_open(by, "desk:alarms") else "notices")
    if row.notice.startswith("alert."):
        return redirect("board:alerts" if may_open(by, "board:alerts") else "notices")
    if row.notice.startswith("act."):
        return redirect("notices-act", row.event.subject_id)
    if view := PERSONAL.get(row.event.kind):
        whom = [row.event.data["username"]] if view == "setup:person" else []
        return redirect(view, *whom) if may_open(by, view) else redirect("notices")
    return redirect(place(by, row.ticket.code)) if row.ticket else redirect("notices")


def act(request: HttpRequest, pk: int) -> HttpResponse:
    """What an act of reorganisation changes, for those it moves; drafts are not shown."""
    row, taken_back = reorganisation.act(pk), reorganisation.withdrawn(pk)
    if taken_back:
        row, day, same = taken_back
        lines = act_plan.lines(row, reorganisation.lines(row)) if same else []
        return render_page(request, ActPage(row, lines, withdrawn=day))
    if row is None or row.state == row.State.DRAFT:
        raise Http404
    lines = act_plan.lines(row, reorganisation.lines(row))
    return render_page(request, ActPage(row, lines, over=row.state == row.State.IN_FORCE))
