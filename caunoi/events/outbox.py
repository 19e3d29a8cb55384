"""Events, to the tasks that follow them: at least once, in batches, surviving kill -9.

A batch is claimed by a conditional update under SKIP LOCKED, so several workers share the work; a claim that its worker
did not live to finish runs out after LEASE. A reaction that fails is handed to the queue, which tries it again with
back-off, and holds up nobody else.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache
from time import sleep

from django.conf import settings
from django.db import OperationalError, close_old_connections, transaction
from django.db.models import Q
from django.utils.module_loading import import_string
from django.utils.timezone import now

from caunoi.events.models import Event
from caunoi.jobs import queue

log = logging.getLogger(__name__)

type Reaction = Callable[[Event], None]

BATCH = 100
LEASE = timedelta(seconds=30)
QUIET, BUSY = 0.1, 0.0


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
    for event in batch:
        for number, reaction in enumerate(reactions().get(event.kind, ())):
            try:
                with transaction.atomic():
                    reaction(event)
            except OperationalError:
                raise  # the database is away: the claim runs out and the batch comes again
            except Exception:
                log.exception("reaction failed: %s to %s %s", reaction.__name__, event.kind, event.pk)
                retry.defer(event_id=event.pk, number=number)
    if batch:
        Event.objects.filter(pk__in=[e.pk for e in batch]).update(pending=False)
    return len(batch)


@queue.task(retry=8)
def retry(event_id: int, number: int) -> None:
    """Try one failed reaction again."""
    event = Event.objects.get(pk=event_id)
    reactions()[event.kind][number](event)


def pump(stop: Callable[[], bool]) -> None:
    """Drain for ever, until `stop()` says so; a database that went away is waited for."""
    while not stop():
        try:
            close_old_connections()
            done = drain()
        except OperationalError as error:
            log.warning("outbox: database away, trying again: %s", error)
            done = 0
            sleep(1)
        sleep(BUSY if done else QUIET)
