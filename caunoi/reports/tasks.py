from collections.abc import Callable

from caunoi.events.models import Event
from caunoi.jobs import queue
from caunoi.reports import actions, alerts, digests, queries, recalls
from caunoi.reports.models import Report


def make(event: Event) -> None:
    """Read a report's figures, for the first time or again: in a job of its own, for it may take a while."""
    prepare.defer(pk=event.subject_id)


def issue(event: Event) -> None:
    """A report was signed off."""
    seal.defer(pk=event.subject_id)


def mark(event: Event) -> None:
    """A report is no longer valid: mark its copies."""
    stamp.defer(pk=event.subject_id)


@queue.task()
def stamp(pk: int) -> None:
    row = queries.report_row(pk)
    if row is not None:
        recalls.stamp(row)


@queue.task()
def prepare(pk: int) -> None:
    _work(pk, actions.prepare)


@queue.task()
def seal(pk: int) -> None:
    _work(pk, actions.seal)


def _work(pk: int, do: Callable[..., None]) -> None:
    row = queries.report_row(pk)
    if row is None:
        return
    try:
        do(row, progress=_progress(row, do))
    except Exception as error:
        actions.failed(row, f"{type(error).__name__}: {error}")
        raise


def _progress(row: Report, do: Callable[..., None]) -> Callable[[int], None]:
    """Records progress; not for `seal`, whose single transaction cannot be seen before its end."""
    return (lambda percent: None) if do is actions.seal else (lambda percent: actions.at(row, percent))


@queue.every("* * * * *")
def tell_leaders(timestamp: int) -> None:
    """Every minute, send the digests that are due."""
    digests.send()


@queue.every("* * * * *")
def watch_alerts(timestamp: int) -> None:
    """Every minute, look at every alert."""
    alerts.watch()
