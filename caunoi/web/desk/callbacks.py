"""Whom we must call back: take it, call, say how it went; undone for as long as nobody else has it."""

from collections.abc import Container, Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import islice

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from caunoi.accounts.queries import by_name, names, people
from caunoi.calls import queries as calls
from caunoi.calls.models import Call
from caunoi.conversations import actions, queries
from caunoi.conversations.models import Callback
from caunoi.directory.queries import option
from caunoi.events.actor import CENTRE, Actor, NotAllowedError, Role
from caunoi.events.models import Event
from caunoi.lib.numbers.phone import display
from caunoi.ratings.queries import may_call
from caunoi.tickets import proofs
from caunoi.tickets import queries as tickets
from caunoi.tickets.lifecycle import NotPossibleError
from caunoi.tickets.models import Ticket
from caunoi.tickets.proofs import PROOF
from caunoi.tickets.showings import show_contacts
from caunoi.web import sheets
from caunoi.web.desk.calls import CallLine, call_line, message_words
from caunoi.web.desk.survey import Survey, survey_of
from caunoi.web.drafts import undone
from caunoi.web.errors import or_404
from caunoi.web.labels import CALLBACK_REASON, choices, word
from caunoi.web.lines import Line, pressing_lines
from caunoi.web.page import Page, Tab, render_page
from caunoi.web.paging import id_in
from caunoi.web.who import actor

PAGE = 50
STATE = {
    "open": gettext_noop("Waiting"),
    "claimed": gettext_noop("Taken"),
    "done": gettext_noop("Reached"),
    "given_up": gettext_noop("Given up"),
}
DONE = 20
TABS = (
    ("all", gettext_noop("All")),
    ("mine", gettext_noop("Mine")),
    ("free", gettext_noop("Not taken yet")),
    ("late", gettext_noop("Overdue")),
    ("tried", gettext_noop("Not reached yet")),
)
DONE_TO_IT = {
    "callback.claim": gettext_noop("Taken"),
    "callback.release": gettext_noop("Given back"),
    "callback.assign": gettext_noop("Assigned to a colleague"),
    "callback.try": gettext_noop("Nobody answered"),
    "callback.note": gettext_noop("Noted"),
    "callback.finish": gettext_noop("Reached"),
    "callback.reopen": gettext_noop("Opened again"),
}


@dataclass(frozen=True, kw_only=True)
class CallbackLine:
    """A call-back in a list: desk/_callback_line.html."""

    row: Callback
    number: str
    reason: str
    operator: str


@dataclass(frozen=True)
class CallbackFilters:
    """What narrows the list, as it was chosen: `q` a number, a name or a ticket's code."""

    q: str
    reason: str
    queue: str

    def among(self, by: Actor) -> tuple[str, Q]:
        """What of `q` is a number or name, and which rows they leave."""
        typed, rows = self.q, Q()
        if ticket := tickets.find(by, self.q) if self.q else None:
            typed, rows = "", queries.about_ticket(ticket.pk)
        if self.reason == "message":
            rows &= calls.left_message()
        elif self.reason:
            rows &= Q(reason=self.reason)
        return typed, rows & calls.of_queue(self.queue) if self.queue else rows


@dataclass(frozen=True)
class Attempt:
    """Something that was done about a call-back: its page lists them."""

    at: datetime
    words: str
    who: str


@dataclass(frozen=True, kw_only=True)
class CallbacksPage(Page):
    """`first` and `next` are addresses of pages, `filtered` says that some may be left out."""

    template = "desk/callbacks.html"

    rows: list[CallbackLine]
    done: list[CallbackLine]
    count: int
    tabs: list[Tab]
    part: str
    filters: CallbackFilters
    filtered: bool
    reasons: list[tuple[str, str]]
    queues: list[tuple[str, str]]
    first: str
    next: str
    me: int | None
    sheets: list[dict[str, str]]


@dataclass(frozen=True)
class LeftMessage:
    """A message that a caller left: desk/_sound.html."""

    call: Call
    hear: bool
    awaited: bool
    words: str


@dataclass(frozen=True, kw_only=True)
class CodeReading:
    """A code to be read to the citizen on the phone: desk/_code_reading.html. `own`: this reader handled the ticket;
    `over`: nobody waits for one any more; `digits` once they were asked for, apart to be read."""

    own: bool
    over: bool
    digits: str
    minutes: int


@dataclass(frozen=True, kw_only=True)
class CallbackPage(Page):
    """`mine`: this reader has taken it; `about` is the ticket that it is about; `reading`: a code is to be read out;
    `colleagues`: to whom this reader may assign it."""

    template = "desk/callback.html"

    row: Callback
    line: CallbackLine
    messages_left: list[LeftMessage]
    mine: bool
    open: bool
    calls: list[CallLine]
    tickets: list[Line]
    about: Ticket | None
    survey: Survey | None
    reading: CodeReading | None
    attempts: list[Attempt]
    colleagues: list[tuple[str, str]]


def _line(row: Callback, operators: dict[str, str], messages: Container[int]) -> CallbackLine:
    """A call-back in a list; who left a message did more than miss us."""
    return CallbackLine(
        row=row,
        number=display(row.phone),
        reason=word(CALLBACK_REASON, "message" if row.pk in messages else row.reason),
        operator=operators.get(row.operator, row.operator),
    )


def _table(request: HttpRequest, form: sheets.Export) -> HttpResponseBase:
    """Everybody who waits, and who was called or given up before, as a file."""
    head = [
        _("Phone"),
        _("Reason"),
        _("State"),
        _("Asked for"),
        _("Due"),
        _("Tries"),
        _("Operator"),
        _("Done"),
        _("Outcome"),
    ]

    by = actor(request)
    typed, among = _filters(request).among(by)

    def rows() -> Iterator[sheets.Cells]:
        for queryset in (
            queries.callbacks(by, number=typed, among=among),
            queries.callbacks_done(by, typed, among),
        ):
            for row in queryset.iterator(1000):
                yield (
                    display(row.phone),
                    word(CALLBACK_REASON, row.reason),
                    word(STATE, row.state),
                    row.asked,
                    row.due,
                    row.attempts,
                    names({row.operator}).get(row.operator, row.operator),
                    row.ended,
                    row.outcome,
                )

    return sheets.sheet(form, "callbacks", head, islice(rows(), sheets.MOST), by=by)


def _filters(request: HttpRequest) -> CallbackFilters:
    return CallbackFilters(**{each.name: request.GET.get(each.name, "").strip() for each in fields(CallbackFilters)})


def listing(request: HttpRequest) -> HttpResponseBase:
    if form := sheets.export_format(request):
        return _table(request, form)
    by, filters, after = actor(request), _filters(request), id_in(request, "after")
    typed, among = filters.among(by)
    part = next((code for code, _label in TABS if code == request.GET.get("part")), "all")
    begin = queries.callback(after, by)
    rows = list(queries.callbacks(by, part, number=typed, among=among, after=begin)[: PAGE + 1])
    page, done = rows[:PAGE], list(queries.callbacks_done(by, typed, among)[:DONE]) if begin is None else []
    show_contacts([row.contact for row in (*page, *done)], by=by, place="callbacks")
    operators = names({row.operator for row in (*page, *done) if row.operator})
    left = calls.messages(by, [row.pk for row in (*page, *done)])
    counts = queries.callback_counts(by, typed, among)
    params = {"part": part} | {name: value for name, value in vars(filters).items() if value}
    return render_page(
        request,
        CallbacksPage(
            rows=[_line(row, operators, left) for row in page],
            done=[_line(row, operators, left) for row in done],
            count=counts[part],
            tabs=[
                Tab(_(label), "?" + urlencode(params | {"part": code}), active=code == part, count=counts[code])
                for code, label in TABS
            ],
            part=part,
            filters=filters,
            filtered=any(vars(filters).values()),
            reasons=choices(CALLBACK_REASON),
            queues=[(queue, queue) for queue in calls.queues()],
            first="?" + urlencode(params) if begin else "",
            next="?" + urlencode(params | {"after": page[-1].pk}) if len(rows) > PAGE else "",
            me=by.user_id,
            sheets=sheets.links(request),
        ),
    )


def _get_callback(pk: int, by: Actor) -> Callback:
    return or_404(queries.callback(pk, by))


def show(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _get_callback(pk, actor(request)))


@require_POST
def read_code(request: HttpRequest, pk: int) -> HttpResponse:
    """The six digits, for who has taken the call-back and has the citizen on the phone."""
    by = actor(request)
    row = _get_callback(pk, by)
    about = tickets.of_id(by, row.subject_id) if row.reason == PROOF and row.subject_id else None
    if about is None or not by.is_person(row.operator_user):
        messages.error(request, _("Take the call-back first, and ring the number."))
        return redirect("desk:callback", pk)
    try:
        digits = proofs.read_out(about, by=by)
    except NotAllowedError:
        messages.error(request, _("You handled this ticket yourself: a colleague reads out the code."))
    except NotPossibleError:
        messages.error(request, _("Nobody waits for a code any more. Let them ask for another one."))
    else:
        response = _page(request, row, digits)
        response["Cache-Control"] = "private, no-store"
        return response
    return redirect("desk:callback", pk)


def _reading(row: Callback, about: Ticket | None, by: Actor, digits: str) -> CodeReading | None:
    if row.reason != PROOF or about is None:
        return None
    return CodeReading(
        own=proofs.reads_own(about.pk, by),
        over=proofs.waiting_call(about.pk) is None,
        digits=" ".join(digits),
        minutes=option("code_minutes"),
    )


def _page(request: HttpRequest, row: Callback, digits: str = "") -> HttpResponse:
    """One call-back, with what this number called and reported about before."""
    by = actor(request)
    left = calls.messages(by, [row.pk])
    words = message_words(left.get(row.pk, ()), by)
    about = tickets.of_id(by, row.subject_id) if row.subject == "ticket" and row.subject_id else None
    page = CallbackPage(
        row=row,
        line=_line(row, names({row.operator}), left),
        messages_left=[
            LeftMessage(call, tickets.may_hear(call, by), calls.awaited(call), words.get(call.pk, ""))
            for call in left.get(row.pk, ())
        ],
        mine=by.is_person(row.operator_user),
        open=row.state in ("open", "claimed"),
        calls=[call_line(call) for call in calls.of_phone(row.phone, by, limit=8)],
        tickets=pressing_lines(tickets.of_phone(row.phone, by, 5), by),
        about=about,
        survey=survey_of(about, by) if row.reason == "survey" and about else None,
        reading=_reading(row, about, by, digits),
        attempts=_attempts(row),
        colleagues=[(one.username, str(one)) for one in by_name(people()) if one.as_actor().has(*CENTRE)]
        if by.has(Role.SUPERVISOR)
        else [],
    )
    return render_page(request, page)


def _attempts(row: Callback) -> list[Attempt]:
    done = [event for event in queries.attempts(row) if event.kind in DONE_TO_IT]
    who = names({event.by for event in done})
    return [Attempt(event.at, _(_words(event)), who.get(event.by, event.by)) for event in done]


def _words(event: Event) -> str:
    given_up = event.kind == "callback.finish" and not event.data.get("reached", True)
    return STATE["given_up"] if given_up else DONE_TO_IT[event.kind]


@require_POST
def act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """claim, release, assign, reached, tried, give_up, reopen."""
    by, outcome = actor(request), request.POST.get("outcome", "").strip()[:1000]
    row = _get_callback(pk, by)
    undo = f"undo:{reverse('desk:callback-act', args=[row.pk, 'reopen'])}"
    number = display(row.phone)
    if act not in ("release", "assign") and not may_call(row, by):
        undone(request)
        messages.error(request, _("You handled this ticket yourself: a colleague makes this call."))
        return redirect("desk:callback", row.pk)
    try:
        match act:
            case "claim":
                actions.claim_callback(row, by=by)
                undone(request)  # words that were typed already are still to be sent
                return redirect("desk:callback", row.pk)
            case "release":
                actions.release_callback(row, by=by)
            case "assign":
                somebody = or_404(people().filter(username=request.POST.get("user", "")).first())
                actions.assign_callback(row, somebody, by=by)
                messages.success(
                    request,
                    _("%(number)s is %(name)s's to call.") % {"number": number, "name": somebody},
                )
            case "reached":
                actions.finish_callback(row, outcome, by=by)
                messages.success(request, _("Done: we reached %(number)s.") % {"number": number}, extra_tags=undo)
            case "tried":
                row = actions.try_callback(row, outcome, by=by)
                if row.state == Callback.State.GIVEN_UP:
                    words = _("Called %(n)s times without an answer; given up: %(number)s.")
                    messages.success(request, words % {"number": number, "n": row.attempts}, extra_tags=undo)
                else:
                    words = _("Noted: nobody answered at %(number)s. It is due again at %(at)s.")
                    at = f"{localtime(row.due):%H:%M}" if row.due else "–"
                    messages.success(request, words % {"number": number, "at": at})
            case "give_up":
                actions.finish_callback(row, outcome, by=by, reached=False)
                messages.success(request, _("Given up: %(number)s.") % {"number": number}, extra_tags=undo)
            case "reopen":
                actions.reopen_callback(row, by=by)
                messages.success(request, _("Open again: %(number)s.") % {"number": number})
            case _:
                raise Http404
    except NotAllowedError as error:
        raise PermissionDenied from error
    except actions.AlreadyTakenError:
        messages.error(request, _("Somebody else has it by now, or it is done."))
        undone(request)
    return redirect("desk:callbacks")
