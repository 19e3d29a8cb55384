"""Periodic tasks: when each last succeeded, when it is late, and catching up on what was missed or failed."""

from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import wraps
from time import monotonic
from typing import Any

from croniter import croniter
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import F
from django.utils.timezone import now
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from caunoi.jobs.models import PeriodicTask
from caunoi.jobs.pauses import LONGEST, pause

MISSED = timedelta(seconds=90)  # a run that has not begun so long after its time is caught up
SOON, LATE = timedelta(minutes=5), timedelta(hours=1)  # the least and the most that a run may lag and not be overdue


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a periodic task is doing. `every` and `took` in seconds; `failures` since the last success."""

    task: str
    every: int
    last_success: datetime | None
    took: float | None
    running_since: datetime | None
    failures: int
    error: str
    next: datetime
    overdue: bool


def short(name: str) -> str:
    """A task's name without package and module: `sla.sweep` for `caunoi.sla.tasks.sweep`."""
    return name.removeprefix("caunoi.").replace(".tasks.", ".")


def tasks() -> dict[str, str]:
    """The full names of all periodic tasks with their cron lines."""
    app.perform_import_paths()  # type: ignore[no-untyped-call]
    return {one.task.name: one.cron for one in app.periodic_registry.periodic_tasks.values()}


def tracked(name: str, function: Callable[[int], None]) -> Callable[[int], None]:
    """Wrap a task so that its start, success and failure are recorded."""

    @wraps(function)
    def keeping(timestamp: int) -> None:
        _note(name, started=now())
        began = monotonic()
        try:
            function(timestamp)
        except Exception as error:
            mark_failed([name], f"{type(error).__name__}: {error}")
            raise
        _note(name, succeeded=now(), took=round(monotonic() - began, 3), failures=0, error="")

    return keeping


def _note(name: str, **values: Any) -> None:
    row = PeriodicTask(task=name, since=now(), **values)
    PeriodicTask.objects.bulk_create([row], update_conflicts=True, update_fields=[*values], unique_fields=["task"])


def mark_failed(names: Collection[str], why: str) -> None:
    """One more failure of each of these tasks."""
    rows = PeriodicTask.objects.filter(task__in=names)
    rows.update(failures=F("failures") + 1, failed=now(), error=" ".join(why.split())[:300])


def register() -> None:
    """A worker has started: from now on every task has a time since which it may be overdue."""
    PeriodicTask.objects.bulk_create([PeriodicTask(task=name) for name in tasks()], ignore_conflicts=True)


def standings(at: datetime | None = None) -> list[Standing]:
    """How all periodic tasks are doing, by name."""
    at = at or now()
    rows, busy = PeriodicTask.objects.in_bulk(), _jobs()
    return sorted((_standing(n, c, rows.get(n), busy.get(n, ""), at) for n, c in tasks().items()), key=lambda s: s.task)


def _standing(name: str, cron: str, row: PeriodicTask | None, status: str, at: datetime) -> Standing:
    every = interval(cron, at)
    row = row or PeriodicTask(task=name, since=_installed())
    lag = min(max(timedelta(seconds=every), SOON), LATE)
    return Standing(
        task=short(name),
        every=every,
        last_success=row.succeeded,
        took=row.took,
        running_since=row.started if status == "doing" else None,
        failures=row.failures,
        error=row.error,
        next=_tick(cron, at, back=False),
        overdue=_missed(row, _tick(cron, at - lag)),
    )


def _installed() -> datetime:
    """When the table was created: no worker can have run before."""
    applied: datetime = MigrationRecorder.Migration.objects.filter(app="jobs").earliest("applied").applied
    return applied


def _missed(row: PeriodicTask, tick: datetime) -> bool:
    return row.since < tick and (row.succeeded is None or row.succeeded < tick)


def _tick(cron: str, at: datetime, *, back: bool = True) -> datetime:
    times = croniter(cron, at.timestamp())
    tick: float = times.get_prev(float) if back else times.get_next(float)
    return datetime.fromtimestamp(tick, UTC)


def interval(cron: str, at: datetime) -> int:
    """Seconds between two runs of a schedule."""
    times = croniter(cron, at.timestamp())
    first: float = times.get_next(float)
    second: float = times.get_next(float)
    return round(second - first)


def _jobs() -> dict[str, str]:
    """The tasks that have a job in the queue, with its status: `doing` before `todo`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT task_name, min(status::text) FROM procrastinate_jobs"
            " WHERE status IN ('todo', 'doing') AND queueing_lock IS NOT NULL GROUP BY 1"
        )
        return dict(cursor.fetchall())


def catch_up(at: datetime | None = None) -> list[str]:
    """Queue what should have run and did not: the product was off at its hour, it failed, or its job was lost. What
    fails again waits longer each time. Returns the names of the tasks."""
    at = at or now()
    _forget_failures()
    names = list(_due(at))
    for name in names:
        with suppress(AlreadyEnqueued):
            app.tasks[name].defer(timestamp=int(at.timestamp()))
    return names


def _forget_failures() -> None:
    """Delete failed jobs: our own table records the failure."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM procrastinate_jobs WHERE status IN ('failed', 'aborted') AND queueing_lock = ANY(%s)",
            [[*tasks()]],
        )


def _due(at: datetime) -> Iterator[str]:
    rows, busy = PeriodicTask.objects.in_bulk(), _jobs()
    for name, cron in tasks().items():
        row = rows.get(name)
        if row is None or name in busy or not _missed(row, _tick(cron, at - MISSED)):
            continue
        wait = pause(row.failures, max(LONGEST, interval(cron, at) // 24))
        if row.failed is None or at >= row.failed + timedelta(seconds=wait):
            yield name
