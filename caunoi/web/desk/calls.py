"""The log of calls, one call, its recording, and what comes of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from caunoi.calls import actions, queries
from caunoi.calls.actions import BadNoteError
from caunoi.calls.models import Call, CallLeg, CallNote, CallQuality, CallResult
from caunoi.calls.sound_quality import Sound
from caunoi.conversations.actions import serve_earlier as put_earlier
from caunoi.conversations.models import Callback
from caunoi.conversations.queries import callback
from caunoi.conversations.queries import served_earlier as served_earlier_of
from caunoi.conversations.queries.people import of_number
from caunoi.events.actor import Actor, NotAllowedError, Role
from caunoi.lib.numbers.phone import display
from caunoi.quality.queries import transcripts
from caunoi.tickets import actions as tickets
from caunoi.tickets import queries as ticket_queries
from caunoi.tickets.models import Ticket
from caunoi.tickets.showings import show_contacts
from caunoi.web import sheets
from caunoi.web.access import may_open
from caunoi.web.desk.gaps import GapLine, gap_line, gap_lines
from caunoi.web.desk.on_duty import OnDuty, on_duty, operator_choices
from caunoi.web.errors import or_404
from caunoi.web.labels import (
    BREAKS,
    CALLING_OUT,
    DIRECTION,
    ON_THE_LINE,
    ONE_WAY,
    OUTCOME,
    RECORDING_TROUBLES,
    SOUND_TROUBLES,
    choices,
    word,
)
from caunoi.web.lines import Line, pressing_lines
from caunoi.web.page import Page, Tab, render_page
from caunoi.web.paging import cursor
from caunoi.web.sounds import sound
from caunoi.web.who import actor

TABS = (("", gettext_noop("All")), ("missed", gettext_noop("Missed")), ("answered", gettext_noop("Picked up")))


@dataclass(frozen=True, kw_only=True)
class CallLine:
    """A call in a list: desk/_call_line.html. `number` is empty where it is hidden."""

    call: Call
    number: str
    way: str
    icon: str
    outcome: str
    mark: str
    operator: str


@dataclass(frozen=True, kw_only=True)
class LoggedCall(CallLine):
    """A call in the log, with the tickets of it that one may see; `result`: what came of it, once somebody said so."""

    recorded: bool
    result: str
    tickets: list[Ticket]


@dataclass(frozen=True, kw_only=True)
class CallFilters:
    """What narrows the log, as it was typed."""

    number: str
    operator: str
    outcome: str
    direction: str
    day: str


@dataclass(frozen=True, kw_only=True)
class CallsPage(Page):
    template = "desk/calls.html"

    gaps: list[GapLine]
    rows: list[LoggedCall]
    filters: CallFilters
    filtered: bool
    tabs: list[Tab]
    query: str
    first: bool
    older: str
    operators: list[tuple[str, str]]
    outcomes: list[tuple[str, str]]
    directions: list[tuple[str, str]]
    exports: bool
    on_duty: list[OnDuty]
    breaks: list[tuple[str, str]]
    sets_others: bool


@dataclass(frozen=True)
class RungPhone:
    """A phone that rang in a call."""

    leg: CallLeg
    outcome: str
    who: str


@dataclass(frozen=True, kw_only=True)
class SoundNote:
    """How a call was heard at a phone in the browser: `wrong` in words; lost packets in per cent, delays in
    milliseconds."""

    who: str
    wrong: list[str]
    lost: int
    jitter: int
    round_trip: int


@dataclass(frozen=True, kw_only=True)
class CallPage(Page):
    """`hear` allows its sound, which is a `message` that was left or a recording, and may be `awaited` still; `words`
    are those of a message, as a machine heard them; `result` is what came of it, of `results` this reader may say
    which; `filled` says that nobody listened, and where it was read; `people` (contact, name): who gave its number;
    `earlier_served`: this number's calls are served before others'."""

    template = "desk/call.html"

    call: Call
    line: CallLine
    legs: list[RungPhone]
    tickets: list[Line]
    earlier: list[Line]
    others: list[CallLine]
    people: list[tuple[int, str]]
    callback: Callback | None
    hear: bool
    awaited: bool
    message: bool
    words: str
    note: CallNote | None
    result: str
    results: list[tuple[str, str]]
    filled: str
    sounds: list[SoundNote]
    heard_badly: list[str]
    earlier_served: bool


def call_line(call: Call) -> CallLine:
    """A call as a line of a list."""
    missed = call.direction == "in" and call.state == "ended" and call.outcome in queries.MISSED
    way = "phone-missed" if missed else "phone-incoming" if call.direction == "in" else "phone-outgoing"
    over = call.state == "ended"
    going_on = ON_THE_LINE if call.direction == "in" else CALLING_OUT
    return CallLine(
        call=call,
        number=display(call.phone) if call.phone else call.caller if call.direction == "in" else call.dialled,
        way=word(DIRECTION, call.direction),
        icon=way,
        outcome=word(OUTCOME, call.outcome) if over else word(going_on, call.state),
        mark="new" if not over else "answered" if call.outcome == "answered" else "refused" if missed else "closed",
        operator=str(call.operator) if call.operator else "",
    )


def _filters(request: HttpRequest) -> tuple[CallFilters, queries.Filters]:
    typed = CallFilters(**{field.name: request.GET.get(field.name, "").strip() for field in fields(CallFilters)})
    try:
        day = date.fromisoformat(typed.day) if typed.day else None
    except ValueError:
        day = None
    return typed, queries.Filters(**{**vars(typed), "day": day})


def log(request: HttpRequest) -> HttpResponse:
    by = actor(request)
    typed, filters = _filters(request)
    before = cursor(request.GET.get("before", ""))
    rows = queries.page(by, filters, before=before)
    page, more = rows[: queries.PAGE], len(rows) > queries.PAGE
    keep = request.GET.copy()
    keep.pop("before", None)
    query = keep.urlencode()
    keep.pop("outcome", None)
    rest = keep.urlencode()
    last = page[-1] if page else None
    linked = ticket_queries.of_calls([call.pk for call in page], by)
    return render_page(
        request,
        CallsPage(
            gaps=gap_lines() if before is None else [],
            rows=[
                LoggedCall(
                    **vars(call_line(call)),
                    recorded=bool(call.sound),
                    result=result_label(call.note.result) if hasattr(call, "note") else "",
                    tickets=linked.get(call.pk, []),
                )
                for call in page
            ],
            filters=typed,
            filtered=any(vars(typed).values()),
            tabs=[
                Tab(_(label), f"?outcome={code}" + (f"&{rest}" if rest else ""), active=typed.outcome == code)
                for code, label in TABS
            ],
            query=f"?{query}" if query else "",
            first=before is None,
            older=f"?{query}&before={last.began.isoformat()}_{last.pk}".replace("+", "%2B") if more and last else "",
            operators=operator_choices(),
            outcomes=[
                ("missed", _("Missed")),
                ("heard_badly", _("Heard badly")),
                ("unnoted", _("Nobody said what came of it")),
                *choices(OUTCOME),
            ],
            directions=choices(DIRECTION),
            exports=may_open(by, "desk:calls-csv"),
            on_duty=on_duty(),
            breaks=choices(BREAKS),
            sets_others=may_open(by, "desk:presence-of"),
        ),
    )


def _call(request: HttpRequest, pk: int) -> Call:
    return or_404(queries.find(actor(request), pk))


def show(request: HttpRequest, pk: int) -> HttpResponse:
    by, call = actor(request), _call(request, pk)
    linked = ticket_queries.of_calls([call.pk], by).get(call.pk, [])
    pks = {ticket.pk for ticket in linked}
    earlier = ticket_queries.of_phone(call.phone, by, 6) if call.phone else []
    legs, gap, written = queries.legs(call), queries.gap(call.gap_id), queries.note_of(call)
    people = of_number(call.phone, by) if call.phone else []
    show_contacts(people, by=by, place="call")
    page = CallPage(
        call=call,
        line=call_line(call),
        legs=[RungPhone(leg, word(OUTCOME, leg.outcome), str(leg.user or leg.name)) for leg in legs],
        tickets=pressing_lines(linked, by),
        earlier=pressing_lines((ticket for ticket in earlier if ticket.pk not in pks), by),
        others=[call_line(other) for other in queries.of_phone(call.phone, by, but=call.pk)],
        people=[(one.pk, one.name) for one in people],
        callback=callback(call.callback_id, by),
        hear=ticket_queries.may_hear(call, by),
        awaited=queries.awaited(call),
        message=call.outcome == "voicemail",
        words=message_words([call], by).get(call.pk, ""),
        note=written,
        result=result_label(written.result) if written else "",
        results=[(row.code, result_label(row)) for row in queries.results()] if may_note(call, by) else [],
        filled=gap_line(gap).words if gap else "",
        sounds=[_sound_note(row) for row in queries.qualities(call)],
        heard_badly=heard_badly(call),
        earlier_served=bool(call.phone) and served_earlier_of(call.phone),
    )
    return render_page(request, page)


def may_note(call: Call, by: Actor) -> bool:
    """Whether somebody may say what came of a call: who talked in it, and supervisors."""
    own = by.has(Role.OPERATOR) and by.is_person(call.operator_id)
    return bool(call.connected) and (own or by.has(Role.SUPERVISOR))


def result_label(row: CallResult) -> str:
    return row.label_en if get_language() == "en" else row.label


def message_words(calls: Iterable[Call], by: Actor) -> dict[int, str]:
    """The words of messages that this reader may hear, by call."""
    ids = [call.pk for call in calls if call.outcome == "voicemail" and ticket_queries.may_hear(call, by)]
    return {pk: row.text for pk, row in transcripts(ids).items()}


@require_POST
def note(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what came of a call, and a line about it."""
    by, call = actor(request), _call(request, pk)
    result = queries.result(request.POST.get("result", ""))
    if result is None:
        messages.error(request, _("Choose what came of the call."))
        return redirect("desk:call", call.pk)
    try:
        actions.note_call(call, result, request.POST.get("line", ""), by=by)
    except NotAllowedError:
        raise PermissionDenied from None
    except BadNoteError as error:
        words = _("Nobody has talked in it.") if error.code == "talking" else _("This line is too long.")
        messages.error(request, words)
    else:
        messages.success(request, _("Saved."))
    return redirect("desk:call", call.pk)


@require_POST
def serve_earlier(request: HttpRequest, pk: int) -> HttpResponse:
    """Whether the next calls from this number are served before others'."""
    call = _call(request, pk)
    if call.phone:
        put_earlier(call.phone, request.POST.get("earlier") == "yes", by=actor(request))
        messages.success(request, _("Saved; counts from the next call on."))
    return redirect("desk:call", call.pk)


def heard_badly(call: Call) -> list[str]:
    """What was wrong with the sound of a call, as far as the exchange and the recording tell."""
    one_way = [word(ONE_WAY, call.one_way)] if call.one_way else []
    return one_way + ([word(RECORDING_TROUBLES, call.sound_trouble)] if call.sound_trouble else [])


def _sound_note(row: CallQuality) -> SoundNote:
    figures = {field.name: getattr(row, field.name) for field in fields(Sound)}
    return SoundNote(
        who=str(row.user or ""),
        wrong=[word(SOUND_TROUBLES, trouble) for trouble in Sound(**figures).troubles()],
        lost=round(row.lost * 100),
        jitter=round((row.jitter or 0) * 1000),
        round_trip=round((row.round_trip or 0) * 1000),
    )


@require_POST
def link(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a call was about a ticket, by its code; or, with `un`, that it was not."""
    by, call = actor(request), _call(request, pk)
    ticket = ticket_queries.find(by, request.POST.get("code", ""))
    if ticket is None:
        messages.error(request, _("There is no ticket with this code. Check the digits."))
    elif request.POST.get("un"):
        tickets.unlink_call(ticket, call, by=by)
        messages.success(request, _("%(code)s and the call are no longer linked.") % {"code": ticket.code})
    else:
        tickets.link_call(ticket, call, by=by)
        messages.success(request, _("Linked to %(code)s.") % {"code": ticket.code})
    return redirect("desk:call", call.pk)


def recording(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The sound of a call, to those who may hear it; that they did is written down."""
    by, call = actor(request), _call(request, pk)
    if not call.sound:
        raise Http404
    answer = sound(request, call.sound)
    if answer.status_code == 200 or answer.get("Content-Range", "").startswith("bytes 0-"):
        actions.listened(call, by=by)
    return answer


def of_ticket(ticket: Ticket, by: Actor) -> list[CallLine]:
    """The calls about a ticket, as its page shows them."""
    return [call_line(call) for call in ticket_queries.calls(ticket, by)]


def table(request: HttpRequest) -> HttpResponseBase:
    """What the filters leave, as CSV; taking it is written down."""
    by, export = actor(request), sheets.export(request, "csv")
    _, filters = _filters(request)
    if export.reason:
        actions.exported(by=by)
    rows = _cells(queries.filtered(by, filters).prefetch_related("legs").iterator(2000))
    return sheets.sheet(export, "calls", next(rows), rows, by=by)


def _cells(calls: Iterable[Call]) -> Iterator[sheets.Cells]:
    yield (
        "began",
        "direction",
        "number",
        "dialled",
        "queue",
        "outcome",
        "waited",
        "talked",
        "operator",
        "rung",
        "transferred_to",
        "recording",
        "filled_in",
        "call",
    )
    for call in calls:
        number = call.phone or (call.caller if call.direction == "in" else call.dialled)
        yield (
            localtime(call.began).isoformat(timespec="seconds"),
            call.direction,
            number,
            call.dialled,
            call.queue,
            call.outcome if call.state == "ended" else call.state,
            round(call.waited),
            round(call.talked),
            call.operator.username if call.operator else "",
            " ".join(leg.name for leg in call.legs.all()),
            call.transferred_to,
            reverse("desk:recording", args=[call.pk]) if call.sound else "",
            "yes" if call.gap_id else "",
            call.pk,
        )
