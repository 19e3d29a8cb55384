"""Events, to the tasks that follow them: at least once, in batches, surviving kill -9.

A batch is claimed by a conditional update under SKIP LOCKED, so several workers share the work; a claim that its worker
did not live to finish expires after LEASE. A reaction that fails is written down as a Failure, is tried again with
longer and longer pauses, and holds up nobody else; one that fails to the last stays listed until somebody decides.
Reactions that can take many events at once (Together) do.
"""

import logging
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import cache, update_wrapper
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils.module_loading import import_string
from django.utils.timezone import now

from caunoi.events.models import Event, Failure
from caunoi.jobs import away, queue
from caunoi.jobs.attempts import attempts
from caunoi.jobs.lookout import Pump
from caunoi.jobs.pauses import pause

log = logging.getLogger(__name__)

type Reaction = Callable[[Event], None]

BATCH, RETRIES = 200, 20  # events, failed reactions at once
LEASE = timedelta(seconds=60)
TRIES = 30  # of a reaction: for nearly two hours
WAITS = f"""(EXISTS (
    SELECT 1 FROM events_event WHERE pending AND (claimed IS NULL OR claimed < now() - interval '{LEASE.seconds} s')
) OR EXISTS (SELECT 1 FROM events_failure WHERE due <= now()))"""  # noqa: S608

_CODE = f"{Path(__file__).parents[1]}/"


@contextmanager
def unhurried() -> Iterator[None]:
    """A transaction whose commit does not wait for the disk. Only for work that is repeated when the machine dies too
    soon, because the mark that it is done is lost with it: reading receipts, reacting to events. Whatever leaves the
    product after that (a message sent) is claimed by a commit that waits, for all before it too."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            # LOCAL: a session's would stay with the connection that a pooler gives to somebody else next
            cursor.execute("SET LOCAL synchronous_commit = off")
        yield


class Together:
    """A reaction that takes many events at the cost of one. All in one transaction; where that fails, each alone."""

    def __init__(self, many: Callable[[Sequence[Event]], None]) -> None:
        self.many = many
        update_wrapper(self, many)

    def __call__(self, event: Event) -> None:
        self.many([event])


@cache
def reactions() -> Mapping[str, tuple[Reaction, ...]]:
    table: Mapping[str, tuple[Reaction, ...]] = import_string(settings.EVENT_REACTIONS)
    return table


def claim() -> list[Event]:
    """Take the oldest pending events for ourselves for as long as LEASE."""
    with unhurried():
        free = Q(claimed=None) | Q(claimed__lt=now() - LEASE)
        rows = Event.objects.filter(free, pending=True).order_by("id").select_for_update(skip_locked=True)
        batch = list(rows[:BATCH])
        Event.objects.filter(pk__in=[e.pk for e in batch]).update(claimed=now())
    return batch


def drain() -> int:
    """React to one batch, and try again what failed; return how many reactions that may have been."""
    batch = claim()
    for reaction, events in _by_reaction(batch):
        _react(reaction, events)
    if batch:
        with unhurried():
            Event.objects.filter(pk__in=[e.pk for e in batch]).update(pending=False)
    return len(batch) + try_again()


def try_again() -> int:
    """Retry the failed reactions that are due, each in one transaction with its row, so that a dying worker leaves it
    unchanged. Returns their number."""
    due = Failure.objects.filter(due__lte=now()).order_by("due").values_list("pk", flat=True)[:RETRIES]
    for pk in list(due):
        with unhurried():
            row = Failure.objects.select_for_update(skip_locked=True).filter(pk=pk, due__lte=now()).first()
            if row is not None:
                _once_more(row)
    return len(due)


def _once_more(row: Failure) -> None:
    event = Event.objects.get(pk=row.event_id)
    reaction = next((one for one in reactions().get(event.kind, ()) if path(one) == row.reaction), None)
    if reaction is None:
        row.due, row.error = None, "LookupError: this release has no such reaction"
        row.save()
        return
    try:
        with transaction.atomic():
            reaction(event)
    except Exception as error:
        if away.lost(error):
            raise
        _write_down(row, error)
    else:
        row.delete()


def _by_reaction(batch: Sequence[Event]) -> list[tuple[Reaction, list[Event]]]:
    """Each reaction with the events it follows, in the order that the table gives for every one of them."""
    events: dict[Reaction, list[Event]] = {}
    place: dict[Reaction, int] = {}
    for event in batch:
        for number, reaction in enumerate(reactions().get(event.kind, ())):
            events.setdefault(reaction, []).append(event)
            place[reaction] = max(number, place.get(reaction, 0))
    return sorted(events.items(), key=lambda item: place[item[0]])


def _react(reaction: Reaction, events: Sequence[Event]) -> None:
    """Each event by itself, unless the reaction takes them Together."""

    def fail(event: Event, error: Exception) -> None:
        row, _ = Failure.objects.get_or_create(event=event, reaction=path(reaction))
        _write_down(row, error)

    for batch in [events] if isinstance(reaction, Together) else [[event] for event in events]:
        for attempt in attempts(batch, fail):
            with attempt as part, unhurried():
                if isinstance(reaction, Together):
                    reaction.many(part)
                else:
                    reaction(*part)


def _write_down(row: Failure, error: Exception) -> None:
    """One more failure: the first is tried again at once, the others wait, the last is left to people."""
    whole = None if row.tries else error  # the traceback is logged once
    log.error("reaction failed: %s to event %s: %r", row.reaction, row.event_id, error, exc_info=whole)
    wait = timedelta(seconds=pause(row.tries - 1) if row.tries else 0)
    row.tries, row.latest = row.tries + 1, now()
    row.due = row.latest + wait if row.tries < TRIES else None
    row.error = f"{type(error).__name__} ({_place(error)})"  # no message: it may hold somebody's words
    row.save()


def _place(error: BaseException) -> str:
    """The last place in our code that it passed, `tickets/correspondence.py:120`."""
    frames = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(error.__traceback__)]
    return [f"{name.removeprefix(_CODE)}:{line}" for name, line in frames if name.startswith(_CODE)][-1]


def path(reaction: Reaction) -> str:
    """The dotted path that identifies a reaction, wherever it stands in the table."""
    name = getattr(reaction, "__name__", type(reaction).__name__)
    return f"{getattr(reaction, '__module__', '')}.{name}"


@queue.task()
def retry(event_id: int, number: int) -> None:
    """Retries were once queued by their place in the table; for one that still waits, all the event's reactions are
    tried, since the table may have changed. Reactions check what has been done already."""
    if event := Event.objects.filter(pk=event_id).first():
        for reaction in reactions().get(event.kind, ()):
            _react(reaction, [event])


pump = Pump("outbox", drain)
wake = pump.wake  # something was recorded and committed: look now
