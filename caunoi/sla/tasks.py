from collections.abc import Sequence
from datetime import date
from time import monotonic

from caunoi.directory.queries import SECONDS, forget
from caunoi.events.models import Event
from caunoi.events.outbox import Together
from caunoi.jobs import queue
from caunoi.sla import actions, queries, watch
from caunoi.sla import recount as counting
from caunoi.tickets.models import Ticket

SLICE = 2.0  # seconds of counting in one job, so that other jobs have their turn
FILLING = 10.0  # seconds a minute: a million deadlines take less than an hour


@Together
def refresh(events: Sequence[Event]) -> None:
    """Recalculate the tickets' deadlines from their histories."""
    tickets = Ticket.objects.select_related("category", "agency")
    actions.refresh_all(list(tickets.filter(pk__in={e.subject_id for e in events})))


def recount(event: Event) -> None:
    """A calendar or the ladder changed: recalculate open deadlines, in jobs of their own, for they are many."""
    day = event.data.get("date")
    counting.ask(event.pk, event.at, date.fromisoformat(day) if day else None)
    recount_open.defer()
    recount_touched.configure(schedule_in={"seconds": int(SECONDS) + 2}).defer(since=event.pk)


@queue.task(retry=8)
def recount_open() -> None:
    """Recalculate for a while, then let other jobs have their turn."""
    forget()
    until = monotonic() + SLICE
    while counting.step():
        if monotonic() > until:
            recount_open.defer()
            return


@queue.task(retry=8)
def recount_touched(since: int) -> None:
    """A process may have used the old calendar for a few seconds longer: what moved meanwhile is done once more."""
    forget()
    for pk in queries.moved_since(since):
        actions.refresh(Ticket.objects.get(pk=pk))


@queue.every("* * * * *")
def sweep(timestamp: int) -> None:
    """Every minute, mark what has become late, escalate, resume recalculations that were cut off, and fill in for a
    while what an earlier release did not write."""
    while watch.sweep():
        pass
    while watch.escalate():
        pass
    if queries.recounts().filter(finished=None).exists():
        recount_open.defer()
    until = monotonic() + FILLING
    while watch.fill() and monotonic() < until:
        pass
