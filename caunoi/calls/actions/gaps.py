"""Times in which nobody listened to an exchange: opened when the link is lost, closed when it is back, then filled in
from what the exchange wrote down itself. Filling in again changes nothing."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import batched
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils.timezone import now

from caunoi.calls import gap_reading, queries
from caunoi.calls.actions.absorbing import FORGOTTEN, absorb
from caunoi.calls.gap_reading import UnreadLogError
from caunoi.calls.models import Call, CallLeg, Gap, Link
from caunoi.conversations.models import Inbox
from caunoi.events.actions import record
from caunoi.events.actor import SYSTEM
from caunoi.telephony import calls as reducer
from caunoi.telephony.calls import State
from caunoi.telephony.events import Lost, Outcome

NOTES = 3  # of places, a minute apart
UNNOTICED = timedelta(seconds=30)  # a link may be lost for so long before it is seen
LATE = timedelta(minutes=3)  # an exchange may write a call's record so long after it
TRIED = timedelta(days=1)  # for so long it is tried again what could not be read
SETTLED = timedelta(seconds=30)  # in which the bridge has written down what it hears
AT_ONCE = 200  # calls, while which the inbox waits


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
    done the gap says why. What was added before it broke off stays."""
    gap = Gap.objects.select_related("inbox").get(pk=gap.pk)
    if gap.until is None:
        return 0
    settings = queries.settings(gap.inbox)
    try:
        calls = reducer.fold(gap_reading.read(settings, gap))
    except UnreadLogError as error:
        Gap.objects.filter(pk=gap.pk, filled=None).update(trouble=str(error)[:200])
        return 0
    noticed = set(gap.endless) if gap.filled and gap.filled < now() - SETTLED else set()
    learnt, endless = 0, list[str]()
    for part in batched(calls.values(), AT_ONCE):
        missed, open_ids = _missed(gap, part, settings)
        if new := [call for call in missed if call.call_id not in open_ids - noticed]:
            learnt += _add(gap, new, open_ids & noticed)
        endless += open_ids - noticed
    Gap.objects.filter(pk=gap.pk).update(filled=now(), trouble="", endless=sorted(endless))
    return learnt


def _missed(
    gap: Gap, calls: Sequence[reducer.Call], settings: Mapping[str, Any]
) -> tuple[list[reducer.Call], set[str]]:
    """Of these calls those of which something was missed, and the ids of those among them whose end nobody wrote down
    and which have no row."""
    ids = [call.call_id for call in calls]
    rows = {row.call_id: row for row in Call.objects.filter(inbox=gap.inbox, call_id__in=ids)}
    earliest = min(gap.since, *(call.began_at for call in calls)) - FORGOTTEN
    legs = CallLeg.objects.filter(call__inbox=gap.inbox, call__began__gte=earliest, leg_id__in=set(ids) - set(rows))
    phones = set(legs.values_list("leg_id", flat=True))  # that the log takes for callers: a queue entered by a phone
    missed: list[reducer.Call] = []
    endless: set[str] = set()
    for call in calls:
        row = rows.get(call.call_id)
        if call.call_id in phones or (row and _complete(row)):
            continue
        if not call.connected_at and not (row and row.connected):
            for event in gap_reading.message(settings, call.call_id, call.seen_at):
                call = reducer.reduce(call, event)
        if not call.ended_at and row is None and gap.until and call.seen_at < gap.until:
            endless.add(call.call_id)
        missed.append(call)
    return missed, endless


@transaction.atomic
def _add(gap: Gap, calls: Sequence[reducer.Call], endless: Collection[str]) -> int:
    """Add calls, those of `endless` as ended unseen unless somebody has heard of them by now; how many were learnt. A
    call that goes on after the gap is the bridge's."""
    box = Inbox.objects.select_for_update(no_key=True).get(pk=gap.inbox_id)  # nobody else writes a call meanwhile
    ids = [call.call_id for call in calls]
    there = set(Call.objects.filter(inbox=box, call_id__in=ids).values_list("call_id", flat=True))
    new = [
        reducer.reduce(call, Lost(call_id=call.call_id, at=call.seen_at)) if call.call_id in endless else call
        for call in calls
        if call.call_id not in endless or call.call_id not in there
    ]
    rows = [
        row.pk
        for row in absorb(box, new)
        if (gap.until and row.began < gap.until) or (row.state == State.ENDED and row.call_id not in there)
    ]
    learnt = Call.objects.filter(pk__in=rows, gap=None).update(gap=gap)
    if learnt:
        Gap.objects.filter(pk=gap.pk).update(calls=F("calls") + learnt)
    return learnt


def _complete(row: Call) -> bool:
    """Whether it was heard to its end."""
    return row.state == State.ENDED and "ended_at" in row.facts and row.outcome != Outcome.UNKNOWN


def fill_gaps() -> int:
    """Read again what was not read, or what the exchange may have written since; how many calls were learnt."""
    at = now()
    unread = (Q(filled=None) | ~Q(endless=[])) & Q(until__gt=at - TRIED) | Q(until__gt=at - LATE)
    return sum(fill_in(gap) for gap in Gap.objects.select_related("inbox").filter(unread).order_by("id"))
