"""What alerts watch: each reading is a measure of `statistics`, or a count of a list that has its own page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.utils.translation import gettext_noop as _

from caunoi.calls.models import Call
from caunoi.conversations.queries import undelivered
from caunoi.directory.queries import option
from caunoi.events.actor import SYSTEM
from caunoi.events.queries import backlog
from caunoi.sla.queries import overdue_by_agency
from caunoi.statistics import outlook
from caunoi.statistics.counts import Row
from caunoi.statistics.figures import grouped
from caunoi.statistics.limits import WEEKS, rises
from caunoi.statistics.measures import CALLS, CONTACTS, COUNT, HOURS, MEASURES, RATING_GROUPS, SECONDS, TALLIED
from caunoi.statistics.measures import SHARE as MEASURED_SHARE
from caunoi.statistics.periods import VIETNAM, midnight
from caunoi.statistics.scope import NARROW, Scope
from caunoi.statistics.spans import GROUPED

type Values = dict[str, float]
type Only = Mapping[str, str]

GROUPS = ("", "agency", "branch", "category", "area", "channel", "reason", "hop")
BACK = timedelta(days=7)  # a shorter window is compared with the same one a week before, on the same weekdays


@dataclass(frozen=True, kw_only=True)
class Ask:
    """The question to a reading: [since, until), by which group, narrowed to which codes. `then`: as it was known at
    `until`, which is past."""

    since: datetime
    until: datetime
    by: str = ""
    only: Only = field(default_factory=dict)
    then: bool = False

    def scope(self) -> Scope:
        hour = self.until.replace(minute=0, second=0, microsecond=0)
        moment = hour if hour == self.until else hour + timedelta(hours=1)  # past figures are known to the hour
        made = Scope(since=self.since, until=self.until, at=self.until, as_of=moment if self.then else None)
        return made.narrowed(self.only)

    def earlier(self) -> "Ask":
        """The question for comparison: the same length, a week or its own length before; as known then."""
        shift = max(BACK, self.until - self.since)
        return replace(self, since=self.since - shift, until=self.until - shift, then=True)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """`read(ask)`: the value by group code, "" for the whole; groups of few are left out. `windowed`: counts what came
    in the window, and has a past; else it is as of now. `narrow`: the codes it may be narrowed to. English sources."""

    name: str
    label: str
    unit: str
    by: tuple[str, ...]
    read: Callable[[Ask], Values]
    windowed: bool = True
    narrow: tuple[str, ...] = ()


def _rows(ask: Ask) -> list[Row]:
    return grouped(ask.scope(), [ask.by])[ask.by]


def received(ask: Ask) -> Values:
    return {row.key: float(row.total) for row in _rows(ask)} or {"": 0.0}


def late_share(ask: Ask) -> Values:
    """Per cent late of those due; groups of few are left out."""
    small = option("small_number")
    return {r.key: r.missed / r.fallen * 100 for r in _rows(ask) if r.fallen >= small}


def overdue(ask: Ask) -> Values:
    rows = overdue_by_agency(SYSTEM)
    if ask.by == "agency":
        return {code: float(count) for code, count, _first in rows}
    return {"": float(sum(count for _code, count, _first in rows))}


def abandoned(ask: Ask) -> Values:
    """Per cent of incoming calls whose caller hung up; empty for few calls."""
    calls = Call.objects.filter(direction="in", state="ended", began__gte=ask.since, began__lt=ask.until)
    counts = calls.aggregate(all=Count("pk"), lost=Count("pk", filter=Q(outcome__in=["abandoned", "timeout"])))
    return {"": counts["lost"] / counts["all"] * 100} if counts["all"] >= option("small_number") else {}


def lost_messages(ask: Ask) -> Values:
    return {"": float(undelivered(SYSTEM).count())}


def events_waiting(ask: Ask) -> Values:
    return {"": float(backlog())}


def measured(name: str) -> Callable[[Ask], Values]:
    """The reader of a measure: shares in per cent; groups of few are left out, except from counts."""
    measure = MEASURES[name]
    scale, counts = (100 if measure.unit == MEASURED_SHARE else 1), name in TALLIED

    def read(ask: Ask) -> Values:
        small, rows = option("small_number"), measure.read(ask.scope(), ask.by)
        return {
            row["key"]: row["value"] * scale
            for row in rows
            if row["value"] is not None and (counts or (row["of"] or 0) >= small)
        }

    return read


def _of(name: str) -> Reading:
    measure = MEASURES[name]
    narrow = () if measure.groups == CALLS else ("agency",) if measure.groups == RATING_GROUPS else NARROW
    unit = {MEASURED_SHARE: SHARE, HOURS: _("hours"), SECONDS: _("seconds"), CONTACTS: _("times")}.get(measure.unit)
    return Reading(
        name=name,
        label=measure.title,
        unit=unit or (_("calls") if measure.unit == COUNT else TICKETS),
        by=tuple(by for by in GROUPS if by in measure.groups),
        read=measured(name),
        narrow=narrow,
    )


def change(now: Values, then: Values, small: float) -> Values:
    """By how many per cent each group moved; groups that were small before are left out. Pure."""
    return {key: (value / then[key] - 1) * 100 for key, value in now.items() if then.get(key, 0) >= max(small, 1e-9)}


def risen(ask: Ask) -> Values:
    """The groups that brought more tickets than the limit of such days, on the day of `until` or the one before: how
    many."""
    today = ask.until.astimezone(VIETNAM).date()
    earliest = today - timedelta(weeks=WEEKS, days=1)
    counts = outlook.daily(ask.scope().within(midnight(earliest), ask.until), ask.by)
    first = min((day for by_day in counts.values() for day in by_day), default=today)
    result = rises(counts, [today - timedelta(days=1), today], outlook.off, begun=first)
    return {rise.key: float(rise.count) for rise in reversed(result)}


TICKETS, SHARE = _("tickets"), _("per cent")
GROUPINGS = ("", *GROUPED)
LIMITED = "received"  # the reading with control limits
READINGS: Mapping[str, Reading] = {
    r.name: r
    for r in (
        Reading(name=LIMITED, label=_("Tickets received"), unit=TICKETS, by=GROUPINGS, read=received, narrow=NARROW),
        Reading(
            name="overdue",
            label=_("Tickets open past their deadline"),
            unit=TICKETS,
            by=("", "agency"),
            windowed=False,
            read=overdue,
        ),
        Reading(
            name="late_share",
            label=_("Share late of those due"),
            unit=SHARE,
            by=GROUPINGS,
            read=late_share,
            narrow=NARROW,
        ),
        Reading(name="abandoned", label=_("Share of callers who gave up"), unit=SHARE, by=("",), read=abandoned),
        Reading(
            name="undelivered",
            label=_("Messages that did not arrive"),
            unit=_("messages"),
            by=("",),
            windowed=False,
            read=lost_messages,
        ),
        Reading(
            name="backlog",
            label=_("Events that wait for the worker"),
            unit=_("events"),
            by=("",),
            windowed=False,
            read=events_waiting,
        ),
        *(_of(name) for name in MEASURES if name != "tickets"),  # which are what is received
    )
}
