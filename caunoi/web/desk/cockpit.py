"""The supervisor's cockpit: who waits now, how the service is, what everybody on duty does, and what is wrong."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from caunoi.accounts.queries import person
from caunoi.calls import actions, queries
from caunoi.calls.models import Gap
from caunoi.calls.operator_states import OperatorState, Word
from caunoi.conversations.queries import callback_counts
from caunoi.events.actor import Actor
from caunoi.lib.numbers.phone import display
from caunoi.lib.vietnamese.writing import sort_key
from caunoi.statistics.half_hours import HALF_HOUR, CallFigures, Hours, table, total
from caunoi.statistics.periods import VIETNAM, midnight
from caunoi.web.desk.control import trouble_words
from caunoi.web.desk.gaps import LOOKED_BACK, gap_line
from caunoi.web.desk.gaps import MOST as MOST_GAPS
from caunoi.web.desk.on_duty import MARK, LineHealth, OnDuty, line_health, on_duty_line
from caunoi.web.labels import PRESENCE, SUPERVISE, word
from caunoi.web.page import Page, Tab, render_page
from caunoi.web.templatetags.caunoi_ui import percent
from caunoi.web.who import actor

LONG_WAIT = timedelta(seconds=60)  # of a caller
LONG_RING = timedelta(seconds=15)  # of a phone that nobody picks up
FEW_CALLS = 20  # below so many, a share says less than the counts
MOST = 30  # waiting callers
ORDER = tuple(map(OperatorState, "ready ringing talking after_call break away unreachable signed_out".split()))
ALARM = {
    "link": gettext_noop("No connection to the telephone exchange"),
    "wait": gettext_noop("A caller has waited for more than a minute"),
    "nobody": gettext_noop("Callers wait and nobody is free"),
    "ring": gettext_noop("A phone rings and nobody picks it up"),
    "in_vain": gettext_noop("Did not pick up and is rung no more"),
    "unreachable": gettext_noop("The exchange does not reach the phone"),
}
TABS = (
    ("cockpit", gettext_noop("Now")),
    ("half-hours", gettext_noop("Half hours")),
    ("roster", gettext_noop("People needed")),
    ("workload", gettext_noop("Tickets by colleague")),
)


@dataclass(frozen=True, kw_only=True)
class CockpitAlarm:
    """Something that a supervisor should look at: what, whom it is about, since when, and how many call-backs came of
    it that are not made yet."""

    kind: str
    text: str
    name: str = ""
    since: datetime | None = None
    callbacks: int = 0


@dataclass(frozen=True, kw_only=True)
class WaitingCaller:
    """A caller in the queue; `call_id` None where this reader may not open the call, whose number is then hidden."""

    call_id: int | None
    number: str
    queue: str
    seconds: int


@dataclass(frozen=True, kw_only=True)
class OperatorLine(OnDuty):
    """Somebody on duty. `call_id` None: on no call, or on one that this reader may not open. `talking`: there is a call
    to listen to."""

    seconds: int
    call_id: int | None
    number: str
    talking: bool


@dataclass(frozen=True, kw_only=True)
class ServiceFigure:
    """The service of a span in words."""

    title: str
    level: str
    offered: int
    answered: int
    abandoned: int
    at_once: int
    wait: float | None
    longest: float


@dataclass(frozen=True, kw_only=True)
class CockpitPage(Page):
    """`waiting` are the first of `count`, `longest` the seconds that the first has waited; `counts` how many people do
    what."""

    template = "desk/cockpit.html"

    tabs: list[Tab]
    waiting: list[WaitingCaller]
    count: int
    longest: int
    figures: list[ServiceFigure]
    operators: list[OperatorLine]
    counts: list[tuple[str, str, int]]
    alarms: list[CockpitAlarm]
    callbacks: int
    supervise: list[tuple[str, str]]


def tabs(here: str) -> list[Tab]:
    """The pages of the telephone's supervision."""
    return [Tab(_(label), reverse(f"desk:{name}"), active=name == here) for name, label in TABS]


def share(part: int, whole: int) -> str:
    """A share of calls; of few, as counts."""
    if not whole:
        return "–"
    if whole < FEW_CALLS:
        return _("%(part)s of %(whole)s") % {"part": part, "whole": whole}
    return percent(part / whole, 1)


def _figure(title: str, row: CallFigures) -> ServiceFigure:
    return ServiceFigure(
        title=title,
        level=share(row.fast, row.offered),
        offered=row.offered,
        answered=row.answered,
        abandoned=row.abandoned - row.at_once,
        at_once=row.at_once,
        wait=row.average_wait,
        longest=row.longest,
    )


def _figures(at: datetime) -> list[ServiceFigure]:
    """The last half hour up to now, this half hour and today, from one reading of today's calls."""
    since = midnight(at.astimezone(VIETNAM).date())
    (lately,) = table(Hours(since=at - HALF_HOUR, until=at, at=at), "", time=False)
    today = table(Hours(since=since, until=since + timedelta(days=1), at=at), "half_hour", time=False)
    begins = since + HALF_HOUR * ((at - since) // HALF_HOUR)
    key = begins.astimezone(VIETNAM).strftime("%Y-%m-%dT%H:%M")
    this = next((row for row in today if row.key == key), CallFigures(key=key))
    return [
        _figure(_("The last 30 minutes"), lately),
        _figure(_("Since %(time)s") % {"time": f"{begins.astimezone(VIETNAM):%H:%M}"}, this),
        _figure(_("Today"), total(today)),
    ]


def _alarms(floor: queries.Floor, line: LineHealth) -> list[CockpitAlarm]:
    result = []

    def add(kind: str, name: str = "", since: datetime | None = None) -> None:
        result.append(CockpitAlarm(kind=kind, text=_(ALARM[kind]), name=name, since=since))

    if line.ok is False:
        add("link", since=line.since)
    if floor.waiting and floor.at - floor.waiting[0].since > LONG_WAIT:
        add("wait", since=floor.waiting[0].since)
    if floor.waiting and not floor.count(OperatorState.READY) and not floor.count(OperatorState.RINGING):
        add("nobody", since=floor.waiting[0].since)
    for one in floor.operators:
        reading, name = one.reading, str(one.user)
        if reading.state is OperatorState.UNREACHABLE:
            add("unreachable", name, reading.since)
        elif reading.state is OperatorState.RINGING and floor.at - (reading.since or floor.at) > LONG_RING:
            add("ring", name, reading.since)
        elif reading.state is OperatorState.BREAK and reading.reason == Word.NO_ANSWER:
            add("in_vain", name, reading.since)
    return result


def _gap_alarms(gaps: Iterable[Gap], by: Actor) -> list[CockpitAlarm]:
    """Times in which nobody listened: those not filled in, and those of whose callers some wait for a call-back; the
    newest few."""
    over = [gap for gap in gaps if gap.until]
    waiting = queries.callbacks_by_gap(by, over)
    left = [gap for gap in over if gap.pk in waiting or not gap.filled]
    return [
        CockpitAlarm(kind="gap", text=gap_line(gap).words, callbacks=waiting.get(gap.pk, 0)) for gap in left[:MOST_GAPS]
    ]


def _seconds(floor: queries.Floor, since: datetime | None) -> int:
    return max(0, int((floor.at - since).total_seconds())) if since else 0


def show(request: HttpRequest) -> HttpResponse:
    """Now: everything in one live part."""
    by = actor(request)
    floor = queries.floor()
    first = floor.waiting[:MOST]
    ids = [one.call_id for one in first] + [one.reading.call for one in floor.operators if one.reading.call]
    calls = {call.pk: call for call in queries.among(by, ids)}
    numbers = {pk: display(call.phone) if call.phone else "" for pk, call in calls.items()}
    operators = [
        OperatorLine(
            **vars(on_duty_line(one)),
            seconds=_seconds(floor, one.reading.since),
            call_id=one.reading.call if one.reading.call in calls else None,
            number=numbers.get(one.reading.call or 0, ""),
            talking=one.reading.state is OperatorState.TALKING and one.reading.call in calls,
        )
        for one in floor.operators
    ]
    page = CockpitPage(
        tabs=tabs("cockpit"),
        waiting=[
            WaitingCaller(
                call_id=one.call_id if one.call_id in calls else None,
                number=numbers.get(one.call_id, ""),
                queue=one.queue,
                seconds=_seconds(floor, one.since),
            )
            for one in first
        ],
        count=len(floor.waiting),
        longest=int(floor.longest),
        figures=_figures(floor.at),
        operators=sorted(operators, key=lambda one: (ORDER.index(OperatorState(one.state)), sort_key(one.name))),
        counts=[(word(PRESENCE, state), MARK[state], floor.count(state)) for state in ORDER if floor.count(state)],
        alarms=[*_alarms(floor, line_health()), *_gap_alarms(queries.gaps(floor.at - LOOKED_BACK), by)],
        callbacks=callback_counts(by)["all"],
        supervise=[(code, word(SUPERVISE, code)) for code in SUPERVISE],
    )
    return render_page(request, page)


@require_POST
def act(request: HttpRequest) -> HttpResponse:
    """Listen, whisper, barge, take over (`act`) on the call of an operator (`operator`): one's own desk phone rings,
    and the operator reads it. Refused with the reason."""
    by, wish = actor(request), request.POST.get("act", "")
    user = person(request.POST.get("operator", ""))
    if wish not in SUPERVISE or user is None:
        raise Http404
    reading = queries.operator_now(user).reading
    talks = reading.call if reading.state is OperatorState.TALKING else None
    call = queries.find(by, talks or 0)
    if call is None:
        messages.error(request, _("This call is over, or you may not listen to it."))
        return redirect("desk:cockpit")
    try:
        actions.ask_command(call, wish, by=by, operator=user)
    except actions.CommandRefusedError as refused:
        messages.error(request, trouble_words(refused.code))
    else:
        messages.success(request, _("Your phone rings; the operator reads that you are there."))
    return redirect("desk:cockpit")
