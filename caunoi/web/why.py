"""Why this deadline? In sentences: which target and calendar won, each day that was counted, every pause, extension and
late change of the calendar. Days are worded as `caunoi deadline` words them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.timezone import now
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from caunoi.accounts.queries import names
from caunoi.directory import queries as directory
from caunoi.events.models import Event
from caunoi.events.queries import history
from caunoi.lib.worktime.counting import local
from caunoi.lib.worktime.worktrace import clock, day, length, trace_days, trace_work
from caunoi.sla.clocks import Fact
from caunoi.sla.models import Deadline
from caunoi.sla.readings import Explained, explained
from caunoi.tickets.models import Ticket
from caunoi.web.case import get_ticket
from caunoi.web.labels import CLOCK, localised_name, word
from caunoi.web.lines import mark
from caunoi.web.page import Page, render_page
from caunoi.web.targets import lasting, scope


@dataclass(frozen=True, kw_only=True)
class ClockReasons:
    """Why one clock is due when it is; `open` shows the counted days at once."""

    title: str
    row: Deadline
    mark: str
    target: str
    days: list[str]
    open: bool
    extended: list[str]
    facts: list[str]


@dataclass(frozen=True, kw_only=True)
class WhyPage(Page):
    template = "web/why.html"
    parts = ("case/why.html",)

    ticket: Ticket
    reasons: list[ClockReasons]
    back: str


def language() -> str:
    return "en" if get_language() == "en" else "vi"


def moment(at: datetime | None) -> str:
    """`17:00 thứ Sáu 21/8/2026`, never "today": a reason is read later too."""
    return f"{clock(at)} {day(local(at).date(), language=language())}" if at else ""


def _target(one: Explained) -> str:
    target = one.row.target
    assert target is not None
    calendars = dict(directory.calendars().values_list("code", "name"))
    parts = {
        "length": lasting(target),
        "scope": scope(target),
        "number": target.pk,
        "calendar": calendars.get(one.calendar.code, one.calendar.code),
    }
    target_text = _("%(length)s for: %(scope)s (target no. %(number)s), by the calendar “%(calendar)s”.") % parts
    fixed_text = (
        _("The ticket has been accepted: later edits do not move it.")
        if one.row.fixed
        else _("Not accepted yet: it still follows the category and the urgency.")
    )
    return f"{target_text} {fixed_text}"


def _days(one: Explained) -> list[str]:
    """The counting, day by day, as `caunoi deadline` prints it."""
    target, start, calendar = one.row.target, one.reading.started, one.calendar
    assert target is not None
    if target.days is not None:
        return trace_days(calendar, start, target.days + one.spec.extra_days, language=language())
    lines = trace_work(calendar, start, timedelta(minutes=target.minutes or 0), language=language())
    if one.spec.extra_days:
        due = calendar.add(start, timedelta(minutes=target.minutes or 0))
        lines += trace_days(calendar, due, one.spec.extra_days, language=language())
    return lines


def _facts(one: Explained) -> list[str]:
    lines, paused = [], None
    for fact in one.reading.trace:
        if fact.what == "paused":
            paused = fact
        lines += _fact(fact, paused, one)
    return lines


def _fact(fact: Fact, paused: Fact | None, one: Explained) -> list[str]:
    at = moment(fact.at)
    match fact.what:
        case "started":
            return [_("The clock started: %(at)s.") % {"at": at}]
        case "paused":
            return [_("It was paused at %(at)s, waiting.") % {"at": at}]
        case "resumed":
            waited = one.calendar.between(paused.at, fact.at) if paused else timedelta()
            parts = {"at": at, "waited": length(waited, language=language()), "due": moment(fact.due)}
            return [_("It resumed at %(at)s after %(waited)s of working time: due %(due)s.") % parts]
        case "reopened":
            return [_("Reopened %(at)s: the first deadline stays, %(due)s.") % {"at": at, "due": moment(fact.due)}]
    return [_("Met %(at)s.") % {"at": at}]


def _extended(one: Explained, events: Sequence[Event]) -> list[str]:
    """Extensions, from the history, with who granted them."""
    if not one.spec.extra_days:
        return []
    granted = [e for e in events if e.kind in ("ticket.leg_grant_extension", "handover.grant_extension")]
    people = names({e.by for e in granted})
    return [
        _("%(days)s more working days, granted by %(who)s, %(at)s.")
        % {"days": e.data.get("days", one.spec.extra_days), "who": people.get(e.by, e.by), "at": moment(e.at)}
        for e in granted
    ]


def _recounts(events: Sequence[Event]) -> list[str]:
    result = []
    for event in events:
        if event.kind == "sla.recount" and event.data.get("after"):
            data, on = event.data, parse_date(event.data.get("day") or "")
            parts = {
                "at": moment(event.at),
                "day": day(on, language=language()) if on else _("the calendar"),
                "before": moment(parse_datetime(data["before"])) if data.get("before") else "–",
                "after": moment(parse_datetime(data["after"])),
            }
            result.append(_("Recalculated %(at)s, because of %(day)s: from %(before)s to %(after)s.") % parts)
    return result


def clock_reasons(ticket: Ticket) -> list[ClockReasons]:
    """Every clock of a ticket with its reasons, what runs first."""
    events, reasons = list(history(ticket)), []
    for one in explained(ticket, now()):
        whole = one.row.clock == "handle" and one.row.leg_id is None
        agency = localised_name(one.row.agency) if one.row.leg_id else ""
        reasons.append(
            ClockReasons(
                title=f"{word(CLOCK, one.row.clock)}{f' · {agency}' if agency else ''}",
                row=one.row,
                mark=mark(ticket, one.row),
                target=_target(one),
                days=_days(one),
                open=whole,
                extended=_extended(one, events),
                facts=[*_facts(one), *(_recounts(events) if whole else [])],
            )
        )
    return sorted(reasons, key=lambda f: (not f.open, f.row.state == "met"))


def show(request: HttpRequest, code: str, back: str) -> HttpResponse:
    """The reasons as a page, or as the piece of one that unfolds; `back` is the view of the ticket."""
    ticket = get_ticket(request, code)
    page = WhyPage(ticket=ticket, reasons=clock_reasons(ticket), back=reverse(back, args=[ticket.code]))
    return render_page(request, page, part="case/why.html" if "HX-Request" in request.headers else "")
