"""Events, to the tasks that follow them: at least once, in batches, surviving kill -9.

A batch is claimed by a conditional update under SKIP LOCKED, so several workers share the work; a claim that its worker
did not live to finish runs out after LEASE. A reaction that fails is handed to the queue, which tries it again with
back-off, and holds up nobody else. Reactions that can take many events at once (Together) do.
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

from caunoi.events.models import Event
from caunoi.jobs import queue
from caunoi.jobs.lookout import SLOW

log = logging.getLogger(__name__)

type Reaction = Callable[[Event], None]

BATCH = 200
LEASE = timedelta(seconds=60)
WAITS = f"""EXISTS (
    SELECT 1 FROM events_event WHERE pending AND (claimed IS NULL OR claimed < now() - interval '{LEASE.seconds} s')
)"""  # noqa: S608
AGAIN = {"40001", "40P01"}  # serialization failure, deadlock: the database is there, somebody else was first

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
    """React to one batch; return how many events it held."""
    batch = claim()
    for reaction, events in _asked(batch):
        if not (isinstance(reaction, Together) and _together(reaction, events)):
            for event in events:
                _alone(reaction, event)
    if batch:
        Event.objects.filter(pk__in=[e.pk for e in batch]).update(pending=False)
    return len(batch)


def _asked(batch: Sequence[Event]) -> list[tuple[Reaction, list[Event]]]:
    """Each reaction with the events it follows, in the order that the table gives for every one of them."""
    found: dict[Reaction, list[Event]] = {}
    place: dict[Reaction, int] = {}
    for event in batch:
        for number, reaction in enumerate(reactions().get(event.kind, ())):
            found.setdefault(reaction, []).append(event)
            place[reaction] = max(number, place.get(reaction, 0))
    return sorted(found.items(), key=lambda item: place[item[0]])


def _lost(error: OperationalError) -> bool:
    """Whether the database is away: then the claim runs out and the batch comes again."""
    return getattr(error.__cause__, "sqlstate", None) not in AGAIN


def _together(reaction: Together, events: Sequence[Event]) -> bool:
    if len(events) == 1:
        return False
    try:
        with transaction.atomic():
            reaction.many(events)
    except OperationalError as error:
        if _lost(error):
            raise
        return False
    except Exception:
        log.exception("reaction failed for many: %s; each alone", _name(reaction))
        return False
    return True


def _alone(reaction: Reaction, event: Event) -> None:
    try:
        with transaction.atomic():
            reaction(event)
    except Exception as error:
        if isinstance(error, OperationalError) and _lost(error):
            raise
        log.exception("reaction failed: %s to %s %s", _name(reaction), event.kind, event.pk)
        retry.defer(event_id=event.pk, number=reactions()[event.kind].index(reaction))


def _name(reaction: Reaction) -> str:
    return getattr(reaction, "__name__", type(reaction).__name__)


@queue.task(retry=8)
def retry(event_id: int, number: int) -> None:
    """Try one failed reaction again."""
    event = Event.objects.get(pk=event_id)
    reactions()[event.kind][number](event)


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
