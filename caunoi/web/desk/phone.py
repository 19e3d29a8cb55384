"""The operator's own phone: who calls now, being there or not, and calling out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from django.contrib import messages
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext
from django.views.decorators.http import require_POST

from caunoi.accounts.queries import names, person
from caunoi.calls import actions, queries
from caunoi.calls.actions.after_call import LONGEST_LINE
from caunoi.calls.actions.dialling import PATIENCE
from caunoi.calls.models import Call, Dial
from caunoi.calls.operator_states import OF_WORD, OperatorState
from caunoi.conversations.models import Callback
from caunoi.conversations.queries import callback, callback_waiting
from caunoi.conversations.queries.people import notes, of_number
from caunoi.events.actor import SYSTEM, Actor, NotAllowedError
from caunoi.lib.languages import LANGUAGES
from caunoi.lib.numbers.phone import display
from caunoi.statistics.periods import VIETNAM, midnight
from caunoi.tickets import actions as linking
from caunoi.tickets import queries as tickets
from caunoi.tickets.reasons import EMERGENCY
from caunoi.tickets.showings import show_contacts
from caunoi.web.access import may_open
from caunoi.web.desk.calls import CallLine, call_line, may_note, result_label
from caunoi.web.desk.control import SERVICES, ControlPanel, DirectoryLine, directory, panel, trouble_words, watched
from caunoi.web.desk.on_duty import LineHealth, PresenceLabel, line_health, on_duty, presence_label, state_words
from caunoi.web.errors import or_404
from caunoi.web.labels import BREAKS, choices
from caunoi.web.lines import Line, pressing_lines
from caunoi.web.page import Page, render_page
from caunoi.web.who import actor

MOST = 3  # earlier tickets and calls on the card
STILL = timedelta(minutes=5)  # for which a call asks what came of it, once its operator is available again
NO_PHONE = {
    "no_extension": gettext_noop("Your account has no extension yet: an administrator enters it under People."),
    "no_browser_phone": gettext_noop("Your extension is not a browser phone: Setup, Inboxes names those that are."),
    "no_number": gettext_noop("This number cannot be called."),
    "no_pbx": gettext_noop("No telephone exchange is set up. Dial by hand."),
    "pbx_down": gettext_noop("The telephone exchange is not connected at the moment. Dial by hand."),
    "late": gettext_noop("The telephone exchange did not take it in time. Please try again."),
}


@dataclass(frozen=True, kw_only=True)
class PresenceOrder:
    """What another person set an operator to, and why."""

    who: str
    what: str
    why: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who gave the number of a call: the contact that did so last, all their names, the language they speak ("": not
    said) and what was noted of them last."""

    contact: int
    names: str
    language: str
    note: str


@dataclass(frozen=True, kw_only=True)
class WrapUp:
    """The call that was just talked: what may come of it, and which of these is `likely` (""): a guess by its
    tickets. `text`: the line that was written about it already; `at_it`: its ticket is being written."""

    line: CallLine
    caller: Caller | None
    tickets: Sequence[Line]
    results: Sequence[tuple[str, str]]
    likely: str
    text: str
    at_it: bool


@dataclass(frozen=True, kw_only=True)
class PhonePage(Page):
    """One's own state and, while there is one, the call `now` with what its number said before: its `caller`, how many
    `times` it called today, the `tickets` of this call, the `earlier` ones; `seconds` it has waited or been talked on;
    `at_it`: its ticket is being written. `wrap_up`: the call before, in the time after it. `order`: what a supervisor
    set one to; `missing`: for a supervisor, who did not pick up; `in_browser`: one's phone is a page of the browser.
    `control`: what can be done with the call; `notices`: that a supervisor took one over."""

    template = "desk/phone.html"
    parts = ("desk/_phone.html",)

    me: PresenceLabel
    left: int  # milliseconds of the time after a call
    order: PresenceOrder | None
    missing: list[str]
    breaks: list[tuple[str, str]]
    line: LineHealth
    now: CallLine | None = None
    caller: Caller | None = None
    times: int = 0
    seconds: int = 0
    tickets: Sequence[Line] = ()
    wrap_up: WrapUp | None = None
    at_it: bool = False
    earlier: Sequence[Line] = ()
    others: Sequence[CallLine] = ()
    callback: Callback | None = None
    control: ControlPanel | None = None
    notices: Sequence[str] = ()
    in_browser: bool = False


@dataclass(frozen=True, kw_only=True)
class DirectoryPage(Page):
    """Whom a call can be led to; `part` of the call's card, or a page of its own."""

    template = "desk/directory.html"
    parts = ("desk/_directory.html",)

    call: Call
    colleagues: list[DirectoryLine]
    duty: list[DirectoryLine]
    emergency: list[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class DialPage(Page):
    """How far a call out is; `no` says why nothing is dialled."""

    template = "desk/_dial.html"

    no: str = ""
    dial: Dial | None = None
    text: str = ""
    failed: bool = False
    over: bool = False
    call: Call | None = None


def _bar(request: HttpRequest, trouble: str = "") -> PhonePage:
    by, user = actor(request), request.user
    assert user.is_authenticated
    call = queries.ringing(user.pk)
    me = presence_label(queries.operator_now(user))
    page = PhonePage(
        me=me,
        left=max(0, ceil((me.ends - now()).total_seconds() * 1000)) if me.ends else 0,
        order=_order(user.pk),
        missing=[one.name for one in on_duty() if one.rung_in_vain] if may_open(by, "desk:presence-of") else [],
        breaks=choices(BREAKS),
        line=line_health(),
        in_browser=queries.browser_phone_box(user) is not None,
    )
    if call is None:
        return replace(page, notices=watched(user, None), wrap_up=_wrap_up(request, me))
    own = queries.dial_of(call) if not call.phone else None  # before the citizen's phone is rung
    if own:
        call.phone = own.number
    linked = tickets.of_calls([call.pk], by).get(call.pk, [])
    earlier = tickets.of_phone(call.phone, by, MOST + len(linked)) if call.phone else []
    of_it = {ticket.pk for ticket in linked}
    today = midnight(now().astimezone(VIETNAM).date())
    return replace(
        page,
        now=call_line(call),
        caller=_caller(call, by),
        times=queries.times_since(call.phone, today, by) if call.phone and call.direction == "in" else 0,
        seconds=max(0, int((now() - (call.connected or call.began)).total_seconds())),
        tickets=pressing_lines(linked, by),
        at_it=_is_writing(request, call),
        earlier=pressing_lines([ticket for ticket in earlier if ticket.pk not in of_it][:MOST], by),
        others=[call_line(other) for other in queries.of_phone(call.phone, by, but=call.pk, limit=MOST)],
        callback=callback_waiting(call.phone, by) if call.phone else None,
        control=panel(call, user, by, trouble),
    )


def _caller(call: Call, by: Actor) -> Caller | None:
    """Who gave the number of a call; whoever reads it is written down."""
    people = of_number(call.phone, by) if call.phone else []
    if not people:
        return None
    first = next((one for one in people if one.name), people[0])
    noted = notes((one.pk for one in people), by)
    show_contacts({first, *(one.contact for one in noted[:1])}, by=by, place="call")
    latest, *others = dict.fromkeys(one.name for one in people if one.name) or [""]
    words = ngettext("%(name)s, and another name", "%(name)s, and %(n)s other names", len(others))
    return Caller(
        contact=first.pk,
        names=words % {"name": latest, "n": len(others)} if others else latest,
        language=next((LANGUAGES.get(one.language, "") for one in people if one.language), ""),
        note=noted[0].text or "" if noted else "",
    )


def _is_writing(request: HttpRequest, call: Call) -> bool:
    return f"call={call.pk}" in request.headers.get("HX-Current-URL", "")


def _wrap_up(request: HttpRequest, me: PresenceLabel) -> WrapUp | None:
    """In the time after a call; and for a while after it, as long as nobody has said what came of it and its operator
    has not gone on by an act of their own."""
    by, user_id = actor(request), request.user.pk or 0
    last = queries.last_talk(user_id)
    call = queries.find(by, last.pk) if last else None
    if call is None or call.ended is None or not may_note(call, by):
        return None
    note = queries.note_of(call)
    if not me.ends and (note or call.ended < now() - STILL or _has_gone_on(user_id, call.ended)):
        return None
    linked = tickets.of_calls([call.pk], by).get(call.pk, [])
    if note:
        likely = note.result.code
    elif call.transferred_to:
        likely = "passed_on"
    else:
        made = any(ticket.received >= call.began for ticket in linked)
        likely = "ticket" if made else "state" if linked else ""
    return WrapUp(
        line=call_line(call),
        caller=_caller(call, by),
        tickets=pressing_lines(linked, by),
        results=[(row.code, result_label(row)) for row in queries.results()],
        likely=likely,
        text=note.line if note else "",
        at_it=_is_writing(request, call),
    )


def _has_gone_on(user_id: int, since: datetime) -> bool:
    state = queries.presence(user_id)
    return state is None or (state.by != SYSTEM.name and state.since >= since)


def _order(user_id: int) -> PresenceOrder | None:
    row = queries.unread(user_id)
    if row is None:
        return None
    state = OF_WORD[row.statement.word]
    who = names({row.by}).get(row.by, row.by)
    return PresenceOrder(who=who, what=state_words(state, row.reason), why=row.why, at=row.since)


def bar(request: HttpRequest) -> HttpResponse:
    """The fragment in the header with the pop-up of a call; a page of its own without scripts."""
    return render_page(request, _bar(request), part="desk/_phone.html" if request.headers.get("HX-Request") else "")


@require_POST
def presence(request: HttpRequest) -> HttpResponse:
    """I am available, on a break ("break meal"), off; I take "more" time after a call; I have "read" what a supervisor
    set me to."""
    user, by = request.user, actor(request)
    assert user.is_authenticated
    state, _space, reason = request.POST.get("state", "").partition(" ")
    try:
        if state == "more":
            actions.prolong(user, by=by)
        elif state == "read":
            actions.acknowledge(user, by=by)
        else:
            actions.set_presence(user, state, by=by, reason=reason)
    except ValueError:
        raise Http404 from None
    return bar(request) if request.headers.get("HX-Request") else redirect("desk:phone")


@require_POST
def presence_of(request: HttpRequest, username: str) -> HttpResponse:
    """A supervisor puts somebody on duty, on a break ("break meal") or off duty, and says why."""
    user = or_404(person(username))
    state, _space, reason = request.POST.get("state", "").partition(" ")
    why = request.POST.get("why", "").strip()
    if not why:
        messages.error(request, _("Say in a few words why: %(name)s will read it.") % {"name": user})
        return redirect("desk:calls")
    try:
        actions.set_presence(user, state, by=actor(request), reason=reason, why=why)
    except ValueError:
        raise Http404 from None
    return redirect("desk:calls")


@require_POST
def steer(request: HttpRequest, pk: int) -> HttpResponse:
    """Do something with my call: `act`, and `to` whom (or a `number` as typed), or `digits`."""
    by, post = actor(request), request.POST
    call = or_404(queries.find(by, pk))
    trouble = ""
    try:
        actions.ask_command(
            call,
            post.get("act", ""),
            by=by,
            to=post.get("number", "").strip() or post.get("to", ""),
            digits=post.get("digits", ""),
        )
    except actions.CommandRefusedError as refused:
        trouble = trouble_words(refused.code)
    except ValueError:
        raise Http404 from None
    if request.headers.get("HX-Request"):
        unfolded = replace(_bar(request, trouble), at_it=False)  # what came of it is to be seen
        return render_page(request, unfolded, part="desk/_phone.html")
    if trouble:
        messages.error(request, trouble)
    return redirect("desk:phone")


@require_POST
def about(request: HttpRequest, pk: int) -> HttpResponse:
    """My call is about this ticket (`code`); with `un` it is not."""
    by, call = actor(request), or_404(queries.find(actor(request), pk))
    ticket = or_404(tickets.find(by, request.POST.get("code", "")))
    if request.POST.get("un"):
        linking.unlink_call(ticket, call, by=by)
    else:
        linking.link_call(ticket, call, by=by)
    if request.headers.get("HX-Request"):
        return render_page(request, replace(_bar(request), at_it=False), part="desk/_phone.html")
    return redirect("desk:ticket", ticket.code)


@require_POST
def wrap_up(request: HttpRequest, pk: int) -> HttpResponse:
    """What came of my call (`result`), with a `line` about it; I am available again."""
    user, by = request.user, actor(request)
    assert user.is_authenticated
    call = or_404(queries.find(by, pk))
    result = or_404(queries.result(request.POST.get("result", "")))
    try:
        actions.note_call(call, result, request.POST.get("line", "")[:LONGEST_LINE], by=by)
    except (NotAllowedError, actions.BadNoteError):
        raise Http404 from None
    is_last = queries.last_talk(user.pk) == call  # an old page ends no other call's time
    if is_last and queries.operator_now(user).reading.state is OperatorState.AFTER_CALL:
        actions.set_presence(user, "available", by=by)
    return bar(request) if request.headers.get("HX-Request") else redirect("desk:phone")


def directory_of(request: HttpRequest, pk: int) -> HttpResponse:
    """Whom my call can be led to."""
    user = request.user
    assert user.is_authenticated
    call = or_404(queries.find(actor(request), pk))
    colleagues, duty = directory(user)
    emergency = [(number, _(EMERGENCY[number])) for number in SERVICES]
    page = DirectoryPage(call=call, colleagues=colleagues, duty=duty, emergency=emergency)
    return render_page(request, page, part="desk/_directory.html" if request.headers.get("HX-Request") else "")


def _about(request: HttpRequest) -> models.Model | None:
    """What a call out is about: a ticket by its code, a call-back by its id."""
    if code := request.POST.get("ticket"):
        return tickets.find(actor(request), code)
    if pk := request.POST.get("callback"):
        return callback(int(pk), actor(request)) if pk.isdecimal() else None
    return None


@require_POST
def dial(request: HttpRequest) -> HttpResponse:
    """Ring my desk phone, then this number."""
    user = request.user
    assert user.is_authenticated
    try:
        row = actions.ask_dial(user, request.POST.get("number", ""), by=actor(request), about=_about(request))
    except actions.NoPhoneError as refused:
        return render_page(request, DialPage(no=_(NO_PHONE[refused.code])))
    return render_page(request, _progress(row))


def dialled(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a call out is."""
    row = or_404(queries.dial(pk, request.user.pk or 0))
    return render_page(request, _progress(row))


def _progress(row: Dial) -> DialPage:
    failed = row.state == Dial.State.FAILED
    late = row.state == Dial.State.ASKED and row.asked < now() - 2 * PATIENCE
    call = queries.dialled(row)
    over = failed or late or (call is not None and call.state == "ended")
    if failed or late:
        trouble = "late" if late else row.trouble
        text = _(NO_PHONE[trouble]) if trouble in NO_PHONE else _("The telephone exchange refused: %s") % trouble
    elif (
        call
        and over
        and call.outcome == "no_answer"
        and not any(leg.outcome == "answered" for leg in queries.legs(call))
    ):
        text = _("Your phone was not picked up, so nobody was called.")
    elif call and call.state == "waiting" and call.phone:
        text = _("The phone of %(number)s rings.") % {"number": display(call.phone)}
    elif call:
        text = call_line(call).outcome
    else:
        text = _("Your phone rings. Pick it up, then %(number)s is called.") % {"number": display(row.number)}
    return DialPage(dial=row, text=text, failed=failed or late, over=over, call=call)
