"""What alerts watch: each reading is a measure of `statistics`, or a count of a list that has a page of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q
from django.utils.translation import gettext_noop as _

from caunoi.calls.models import Call
from caunoi.conversations.queries import undelivered
from caunoi.directory.queries import option
from caunoi.events.actor import SYSTEM
from caunoi.events.queries import backlog
from caunoi.sla.queries import overdue_by_agency
from caunoi.statistics.counts import Row
from caunoi.statistics.figures import grouped
from caunoi.statistics.scope import Scope

type Values = dict[str, float]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """`read(since, until, by)`: the value of each group's code, "" being the whole. `windowed`: counts what came in the
    window; else it is as of now. English sources."""

    name: str
    label: str
    unit: str
    by: tuple[str, ...]
    windowed: bool
    read: Callable[[datetime, datetime, str], Values]


def _rows(since: datetime, until: datetime, by: str) -> list[Row]:
    return grouped(Scope(since=since, until=until, at=until), [by])[by]


def received(since: datetime, until: datetime, by: str) -> Values:
    return {row.key: float(row.total) for row in _rows(since, until, by)} or {"": 0.0}


def late_share(since: datetime, until: datetime, by: str) -> Values:
    """Per cent late of those whose time is up; groups of few say nothing."""
    small = option("small_number")
    return {r.key: r.missed / r.fallen * 100 for r in _rows(since, until, by) if r.fallen >= small}


def overdue(since: datetime, until: datetime, by: str) -> Values:
    rows = overdue_by_agency(SYSTEM)
    if by == "agency":
        return {code: float(count) for code, count, _first in rows}
    return {"": float(sum(count for _code, count, _first in rows))}


def abandoned(since: datetime, until: datetime, by: str) -> Values:
    """Per cent of incoming calls whose caller hung up; of few calls nothing is said."""
    calls = Call.objects.filter(direction="in", state="ended", began__gte=since, began__lt=until)
    found = calls.aggregate(all=Count("pk"), lost=Count("pk", filter=Q(outcome__in=["abandoned", "timeout"])))
    return {"": found["lost"] / found["all"] * 100} if found["all"] >= option("small_number") else {}


def lost_messages(since: datetime, until: datetime, by: str) -> Values:
    return {"": float(undelivered().count())}


def events_waiting(since: datetime, until: datetime, by: str) -> Values:
    return {"": float(backlog())}


TICKETS, SHARE = _("tickets"), _("per cent")
GROUPS = ("", "agency", "category", "area", "channel")
READINGS: Mapping[str, Reading] = {
    r.name: r
    for r in (
        Reading(name="received", label=_("Tickets received"), unit=TICKETS, by=GROUPS, windowed=True, read=received),
        Reading(name="overdue", label=_("Tickets open past their deadline"), unit=TICKETS, by=("", "agency"), windowed=False, read=overdue),
        Reading(name="late_share", label=_("Share late of those due"), unit=SHARE, by=GROUPS, windowed=True, read=late_share),
        Reading(name="abandoned", label=_("Share of callers who gave up"), unit=SHARE, by=("",), windowed=True, read=abandoned),
        Reading(name="undelivered", label=_("Messages that did not arrive"), unit=_("messages"), by=("",), windowed=False, read=lost_messages),
        Reading(name="backlog", label=_("Events that wait for the worker"), unit=_("events"), by=("",), windowed=False, read=events_waiting),
    )
}  # fmt: skip
