"""Events, to the tasks that follow them: at least once, in batches, surviving kill -9.

A batch is claimed by a conditional update under SKIP LOCKED, so several workers share the work; a claim that its worker
did not live to finish runs out after LEASE. A reaction that fails is written down as a Failure, is tried again with
longer and longer pauses, and holds up nobody else; one that fails to the last stays listed until somebody decides.
Reactions that can take many events at once (Together) do.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import cache, update_wrapper
from time import sleep

from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, connection, transaction
from django.db.models import Q
from django.utils.module_loading import import_string
from django.utils.timezone import now

from caunoi.events.models import Event, Failure
from caunoi.jobs import queue
from caunoi.jobs.lookout import SLOW
from caunoi.jobs.pauses import pause

log = logging.getLogger(__name__)

type Reaction = Callable[[Event], None]

BATCH, RETRIES = 200, 20  # events, failed reactions at once
LEASE = timedelta(seconds=60)
TRIES = 30  # of a reaction: for nearly two hours
WAITS = f"""(EXISTS (
    SELECT 1 FROM events_event WHERE pending AND (claimed IS NULL OR claimed < now() - interval '{LEASE.seconds} s')
) OR EXISTS (SELECT 1 FROM events_failure WHERE due <= now()))"""  # noqa: S608
AWAY = ("08", "57P", "53", "25006")  # the connection broke, the server stops or is full, or only reads

_woken = threading.Event()


_thread = threading.local()


def unhurried() -> None:
    """Let this thread's commits not wait for the disk. Only for work that comes again when the machine dies before it is
    there, because what says that it is done is lost with it: reading receipts, reacting to events. What is handed to the
    world after that (a message sent) is claimed by a commit that waits, and so for all before it."""
    connection.ensure_connection()
    if getattr(_thread, "connection", None) is not connection.connection:
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit = off")
        _thread.connection = connection.connection


def wake() -> None:
    """Something was recorded and committed: look now."""
    _woken.set()


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
    with transaction.atomic():
        free = Q(claimed=None) | Q(claimed__lt=now() - LEASE)
        batch = list(
            Event.objects.filter(free, pending=True).order_by("id").select_for_update(skip_locked=True)[:BATCH]
        )
        Event.objects.filter(pk__in=[e.pk for e in batch]).update(claimed=now())
    return batch


def drain() -> int:
    """React to one batch, and try again what failed; return how many reactions that may have been."""
    batch = claim()
    for reaction, events in _asked(batch):
        if not (isinstance(reaction, Together) and _together(reaction, events)):
            for event in events:
                _alone(reaction, event)
    if batch:
        Event.objects.filter(pk__in=[e.pk for e in batch]).update(pending=False)
    return len(batch) + try_again()


def try_again() -> int:
    """Try the failed reactions whose time has come once more, each in one transaction with its row, so that a worker that
    dies leaves it as it was. Returns how many there were."""
    due = Failure.objects.filter(due__lte=now()).order_by("due").values_list("pk", flat=True)[:RETRIES]
    for pk in list(due):
        with transaction.atomic():
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
        if _lost(error):
            raise
        _write_down(row, error)
    else:
        row.delete()


def _asked(batch: Sequence[Event]) -> list[tuple[Reaction, list[Event]]]:
    """Each reaction with the events it follows, in the order that the table gives for every one of them."""
    found: dict[Reaction, list[Event]] = {}
    place: dict[Reaction, int] = {}
    for event in batch:
        for number, reaction in enumerate(reactions().get(event.kind, ())):
            found.setdefault(reaction, []).append(event)
            place[reaction] = max(number, place.get(reaction, 0))
    return sorted(found.items(), key=lambda item: place[item[0]])


def _lost(error: Exception) -> bool:
    """Whether the database is away: then the claim runs out and the batch comes again. An operational error of any other
    kind (a deadlock, a row too long for an index) is the reaction's own."""
    if isinstance(error, InterfaceError):
        return True
    state = getattr(error.__cause__, "sqlstate", None) or ""
    return isinstance(error, OperationalError) and (not state or state.startswith(AWAY))


def _together(reaction: Together, events: Sequence[Event]) -> bool:
    if len(events) == 1:
        return False
    try:
        with transaction.atomic():
            reaction.many(events)
    except Exception as error:
        if _lost(error):
            raise
        log.warning("reaction failed for many: %s; each alone: %r", path(reaction), error)
        return False
    return True


def _alone(reaction: Reaction, event: Event) -> None:
    try:
        with transaction.atomic():
            reaction(event)
    except Exception as error:
        if _lost(error):
            raise
        row, _ = Failure.objects.get_or_create(event=event, reaction=path(reaction))
        _write_down(row, error)


def _write_down(row: Failure, error: Exception) -> None:
    """One more failure: the first is tried again at once, the others wait, the last is left to people."""
    whole = None if row.tries else error  # where it failed is told once
    log.error("reaction failed: %s to event %s: %r", row.reaction, row.event_id, error, exc_info=whole)
    wait = timedelta(seconds=pause(row.tries - 1) if row.tries else 0)
    row.tries, row.latest = row.tries + 1, now()
    row.due = row.latest + wait if row.tries < TRIES else None
    first, *_ = str(error).replace("\0", "").splitlines() or [""]  # PostgreSQL's second holds the row's own words
    row.error = f"{type(error).__name__}: {first}"[:500]
    row.save()


def path(reaction: Reaction) -> str:
    """The dotted path by which a reaction is kept, whatever stands before it in the table."""
    name = getattr(reaction, "__name__", type(reaction).__name__)
    return f"{getattr(reaction, '__module__', '')}.{name}"


@queue.task()
def retry(event_id: int, number: int) -> None:
    """Retries were queued by their place in the table once; what still waits so is tried with all that follow the event,
    for which of them it was may have changed since. Reactions check what has been done already."""
    if event := Event.objects.filter(pk=event_id).first():
        for reaction in reactions().get(event.kind, ()):
            _alone(reaction, event)


def pump(stop: Callable[[], bool]) -> None:
    """Drain for ever, until `stop()` says so; a database that went away is waited for."""
    while not stop():
        _woken.clear()
        try:
            close_old_connections()
            unhurried()
            done = drain()
        except (OperationalError, InterfaceError) as error:
            log.warning("outbox: database away, trying again: %s", error)
            done = 0
            sleep(1)
        if not done:
            _woken.wait(SLOW)
