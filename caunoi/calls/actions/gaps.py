"""Times in which nobody listened to an exchange: opened when the link is lost, closed when it is back, then filled in
from what the exchange wrote down itself. Filling in again changes nothing."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.timezone import now

from caunoi.calls import gap_reading, queries
from caunoi.calls.actions.absorbing import absorb
from caunoi.calls.gap_reading import UnreadLogError
from caunoi.calls.models import Call, CallLeg, Gap, Link
from caunoi.conversations.models import Inbox
from caunoi.events.actions import record
from caunoi.events.actor import SYSTEM
from caunoi.telephony import calls as reducer
from caunoi.telephony.calls import State
from caunoi.telephony.events import CallEvent, Lost, Outcome

NOTES = 3  # of places, a minute apart
UNNOTICED = timedelta(seconds=30)  # a link may be lost for so long before it is seen
LATE = timedelta(minutes=3)  # an exchange may write a call's record so long after it
TRIED = timedelta(days=1)  # for so long it is tried again what could not be read


def open_gap(link: Link, since: datetime, reason: str) -> None:
    """Nobody listens from now on, unless that is known."""
    sure = [places for at, places in link.places if datetime.fromisoformat(at) <= since - UNNOTICED]
    values = {"since": since, "reason": reason[:200], "places": sure[-1] if sure else {}}
    Gap.objects.get_or_create(inbox_id=link.inbox_id, until=None, defaults=values)


def close_gap(box: Inbox, until: datetime) -> None:
    """Somebody listens again; what was missed can be read."""
    gap = Gap.objects.select_for_update().filter(inbox=box, until=None).first()
    if gap:
        gap.until = max(until, gap.since)
        gap.save(update_fields=["until"])
        record("gap.close", gap, by=SYSTEM)


def note_places() -> None:
    """How far the logs have come of the exchanges to which somebody listens: what stands before that is known."""
    for link in queries.links():
        if queries.holds(link) and (places := gap_reading.places(queries.settings(link.inbox))):
            notes = [*link.places, [now().isoformat(), places]][-NOTES:]
            Link.objects.filter(pk=link.pk, up_since=link.up_since).update(places=notes)


def fill_in(gap: Gap) -> int:
    """Read what happened in a gap and add it to what is known; how many calls were learnt by it. Where that cannot be
    done the gap says why."""
    if gap.until is None:
        return 0
    settings = queries.settings(gap.inbox)
    try:
        events = gap_reading.read(settings, gap)
    except UnreadLogError as error:
        Gap.objects.filter(pk=gap.pk, filled=None).update(trouble=str(error)[:200])
        return 0
    return _add(gap, events, settings)


@transaction.atomic
def _add(gap: Gap, events: Iterable[CallEvent], settings: Mapping[str, Any]) -> int:
    gap = Gap.objects.select_for_update().select_related("inbox").get(pk=gap.pk)
    rows = absorb(gap.inbox, _unknown(gap, reducer.fold(events), settings))
    learnt = Call.objects.filter(pk__in=[row.pk for row in rows], gap=None).update(gap=gap)
    gap.filled, gap.trouble, gap.calls = now(), "", gap.calls + learnt
    gap.save(update_fields=["filled", "trouble", "calls"])
    return learnt


def _unknown(gap: Gap, calls: Mapping[str, reducer.Call], settings: Mapping[str, Any]) -> list[reducer.Call]:
    """Of these calls those of which something was missed. One whose end nobody wrote down has ended unseen, unless it
    is one that goes on."""
    rows = {row.call_id: row for row in Call.objects.filter(inbox=gap.inbox, call_id__in=list(calls))}
    legs = CallLeg.objects.filter(call__inbox=gap.inbox, leg_id__in=list(calls)).exclude(leg_id__in=list(rows))
    phones = set(legs.values_list("leg_id", flat=True))  # that the log takes for callers: a queue entered by a phone
    result = []
    for call_id, call in calls.items():
        row = rows.get(call_id)
        if call_id in phones or (row and _complete(row)):
            continue
        if not call.connected_at and not (row and row.connected):
            for event in gap_reading.message(settings, call_id, call.seen_at):
                call = reducer.reduce(call, event)
        if not call.ended_at and row is None and gap.until and call.seen_at < gap.until:
            call = reducer.reduce(call, Lost(call_id=call_id, at=call.seen_at))
        result.append(call)
    return result


def _complete(row: Call) -> bool:
    """Whether it was heard to its end."""
    return row.state == State.ENDED and "ended_at" in row.facts and row.outcome != Outcome.UNKNOWN


def fill_gaps() -> int:
    """Read again what was not read, or what the exchange may have written since; how many calls were learnt."""
    at = now()
    unread = Q(filled=None, until__gt=at - TRIED) | Q(until__gt=at - LATE)
    return sum(fill_in(gap) for gap in Gap.objects.select_related("inbox").filter(unread).order_by("id"))
