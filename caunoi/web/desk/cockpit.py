"""The supervisor's cockpit: who waits now, how the service is, what everybody on duty does, and what is wrong."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from caunoi.calls import queries
from caunoi.calls.actions.presence import NO_ANSWER
from caunoi.conversations.queries import callback_counts
from caunoi.lib.numbers.phone import display
from caunoi.lib.vietnamese.writing import sort_key
from caunoi.statistics.half_hours import HALF_HOUR, CallFigures, Hours, table, total
from caunoi.statistics.periods import VIETNAM, midnight
from caunoi.web.desk.on_duty import LineHealth, line_health
from caunoi.web.labels import PAUSES, PLACE, SUPERVISE, word
from caunoi.web.page import Page, Tab, render_page
from caunoi.web.templatetags.caunoi_ui import percent
from caunoi.web.who import actor

LONG_WAIT = timedelta(seconds=60)  # of a caller
LONG_RING = timedelta(seconds=15)  # of a phone that nobody picks up
FEW_CALLS = 20  # below so many, a share says less than the counts
SHOWN = 30  # waiting callers
MARK = {
    "available": "on-time",
    "ringing": "new",
    "talking": "on-call",
    "after_call": "due-soon",
    "break": "due-soon",
    "unreachable": "overdue",
    "off": "refused",
}
ORDER = tuple(MARK)
ALARM = {
    "link": gettext_noop("No connection to the telephone exchange"),
    "wait": gettext_noop("A caller has waited for more than a minute"),
    "nobody": gettext_noop("Callers wait and nobody is free"),
    "ring": gettext_noop("A phone rings and nobody picks it up"),
    "in_vain": gettext_noop("Did not pick up and is rung no more"),
    "unreachable": gettext_noop("The exchange does not reach the desk phone"),
}
TABS = (
    ("cockpit", gettext_noop("Now")),
    ("half-hours", gettext_noop("Half hours")),
    ("roster", gettext_noop("People needed")),
)


@dataclass(frozen=True, kw_only=True)
class CockpitAlarm:
    """Something that a supervisor should look at: what, whom it is about, since when."""

    kind: str
    text: str
    name: str = ""
    since: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class WaitingLine:
    """A caller in the queue; `call_id` None where this reader may not open the call, whose number is then hidden."""

    call_id: int | None
    number: str
    queue: str
    seconds: int
    ringing: int


@dataclass(frozen=True, kw_only=True)
class PlaceLine:
    """Somebody on duty. `call_id` None: on no call, or on one that this reader may not open. `talking`: there is a call
    to listen to."""

    username: str
    name: str
    state: str
    label: str
    mark: str
    since: datetime
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

    at: datetime
    tabs: list[Tab]
    waiting: list[WaitingLine]
    count: int
    longest: int
    figures: list[ServiceFigure]
    places: list[PlaceLine]
    counts: list[tuple[str, str, int]]
    alarms: list[CockpitAlarm]
    callbacks: int
    line: LineHealth
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
    if floor.waiting and not floor.count("available") and not floor.count("ringing"):
        add("nobody", since=floor.waiting[0].since)
    for place in floor.places:
        if place.state == "ringing" and floor.at - place.since > LONG_RING:
            add("ring", str(place.user), place.since)
        elif place.state == "break" and place.reason == NO_ANSWER:
            add("in_vain", str(place.user), place.since)
        elif place.state == "unreachable":
            add("unreachable", str(place.user), place.since)
    return result


def _seconds(floor: queries.Floor, since: datetime) -> int:
    return max(0, int((floor.at - since).total_seconds()))


def show(request: HttpRequest) -> HttpResponse:
    """Now: everything in one live part."""
    by = actor(request)
    floor, line = queries.floor(), line_health()
    first = floor.waiting[:SHOWN]
    ids = [one.call_id for one in first] + [place.call_id for place in floor.places if place.call_id]
    calls = {call.pk: call for call in queries.among(by, ids)}
    numbers = {pk: display(call.phone) if call.phone else "" for pk, call in calls.items()}
    places = [
        PlaceLine(
            username=place.user.username,
            name=str(place.user),
            state=place.state,
            label=word(PLACE, place.state) + (f": {word(PAUSES, place.reason)}" if place.reason else ""),
            mark=MARK[place.state],
            since=place.since,
            seconds=_seconds(floor, place.since),
            call_id=place.call_id if place.call_id in calls else None,
            number=numbers.get(place.call_id or 0, ""),
            talking=place.state == "talking" and place.call_id in calls,
        )
        for place in floor.places
    ]
    page = CockpitPage(
        at=floor.at,
        tabs=tabs("cockpit"),
        waiting=[
            WaitingLine(
                call_id=one.call_id if one.call_id in calls else None,
                number=numbers.get(one.call_id, ""),
                queue=one.queue,
                seconds=_seconds(floor, one.since),
                ringing=one.ringing,
            )
            for one in first
        ],
        count=len(floor.waiting),
        longest=int(floor.longest),
        figures=_figures(floor.at),
        places=sorted(places, key=lambda one: (ORDER.index(one.state), sort_key(one.name))),
        counts=[(word(PLACE, state), MARK[state], floor.count(state)) for state in ORDER if floor.count(state)],
        alarms=_alarms(floor, line),
        callbacks=callback_counts(by)["all"],
        line=line,
        supervise=[(code, word(SUPERVISE, code)) for code in SUPERVISE],
    )
    return render_page(request, page)


@require_POST
def act(request: HttpRequest) -> HttpResponse:
    """Listen, whisper, barge, take over (`act`) on the call of an operator (`operator`); refused with the reason. The
    command port carries out what is not refused."""
    username, wish = request.POST.get("operator", ""), request.POST.get("act", "")
    if wish not in SUPERVISE:
        raise Http404
    place = next((one for one in queries.floor().places if one.user.username == username), None)
    if place is None or place.state != "talking" or not queries.among(actor(request), [place.call_id or 0]):
        messages.error(request, _("This call is over, or you may not listen to it."))
    elif not line_health().ok:
        messages.error(request, _("The telephone exchange is not connected at the moment."))
    else:
        messages.error(request, _("This exchange cannot do that yet: ask the operator, or use the desk phone's keys."))
    return redirect("desk:cockpit")
