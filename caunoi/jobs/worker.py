"""Works the queue until it is stopped, and takes over what other workers left.

A worker beats every HEARTBEAT; one that has not for STALLED is dead, and any other puts its jobs back into the queue:
at its start and every LOOK. A worker that is asked to stop waits PATIENCE for its jobs, then hands them back; one that
was declared dead stops, so that no job runs twice at once.
"""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from asgiref.sync import sync_to_async
from django.utils.timezone import now
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Status

from caunoi.host import database
from caunoi.host.beat import EVERY
from caunoi.jobs import away, clock, queue
from caunoi.jobs.pauses import pause

log = logging.getLogger(__name__)

LANES = 4  # jobs at once: a long one, or one that hangs, does not stop the clock
HEARTBEAT, STALLED, LOOK = 10.0, 45.0, 10.0  # seconds
PATIENCE = 4.0  # seconds; less than the supervisor's FAREWELL
QUICK = 3  # so many times a job of a dead worker is put back at once; then it waits, for it may be what killed them
ALIVE = (
    "SELECT count(*) FROM procrastinate_workers WHERE id = %(id)s AND last_heartbeat > now() - interval '1 s' * %(age)s"
)


def serve(ending: Callable[[], None], alive: Callable[[], None] = lambda: None) -> None:
    """Work the queue until SIGTERM or SIGINT; `ending` is called as soon as it comes, `alive` every few seconds. Ends
    the process when a job does not end in time, and with 1 when the database goes away: whoever starts it again waits
    for that."""
    for name in ("procrastinate.worker", "procrastinate.worker.worker", "procrastinate.utils", "asyncio"):
        logging.getLogger(name).addFilter(_in_a_line)
    try:
        asyncio.run(_serve(ending, alive))
    except ConnectorException as error:
        log.warning("queue: database away, ending to be started again: %s", _reason(error))
        sys.exit(1)


def _in_a_line(record: logging.LogRecord) -> bool:
    """A lost database is nobody's mistake: log it without a traceback."""
    error = record.exc_info[1] if record.exc_info else None
    if error is not None and away.passing(error):
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        record.msg = f"{record.getMessage().splitlines()[0]}: {_reason(error)}"
        record.args, record.exc_info = None, None
    return True


def _reason(error: BaseException) -> str:
    return database.reason(error.__cause__ or error)


async def _serve(ending: Callable[[], None], alive: Callable[[], None]) -> None:
    with app.replace_connector(queue.connector()):
        async with app.open_async():
            app.perform_import_paths()  # type: ignore[no-untyped-call]
            worker: Any = app._worker(
                concurrency=LANES,
                delete_jobs="successful",
                install_signal_handlers=False,
                update_heartbeat_interval=HEARTBEAT,
                stalled_worker_timeout=STALLED,
            )
            worker.app.tasks = queue.TasksOfAll(worker.app.tasks)
            working = asyncio.create_task(worker.run())
            stop = asyncio.Event()
            for number in (signal.SIGTERM, signal.SIGINT):
                asyncio.get_running_loop().add_signal_handler(number, stop.set)
            tending, stopping = asyncio.create_task(_tend(worker)), asyncio.create_task(stop.wait())
            beating = asyncio.create_task(_beat(alive))
            await asyncio.wait({working, tending, stopping}, return_when=asyncio.FIRST_COMPLETED)
            ending()
            beating.cancel()
            tending.cancel()
            stopping.cancel()
            worker.stop()
            done, _ = await asyncio.wait({working}, timeout=PATIENCE)
            if not done and worker.worker_id is not None:
                log.warning("a job did not end in %g s: handed back", PATIENCE)
                await app.job_manager.unregister_worker(worker.worker_id)
                os._exit(0)  # its thread cannot be stopped otherwise; what it had not committed is undone
            await working


async def _beat(alive: Callable[[], None]) -> None:
    while True:
        alive()
        await asyncio.sleep(EVERY)


async def _tend(worker: Any) -> None:
    await _in_thread(clock.register)
    while True:
        try:
            if worker.worker_id is not None:
                await _still_alive(worker.worker_id)
            await rescue()
            for name in await _in_thread(clock.catch_up):
                log.info("catching up with %s", name)
        except Exception as error:
            if isinstance(error, ConnectorException) or away.passing(error):
                log.warning("queue: database away, trying again: %s", _reason(error))
            else:
                log.exception("queue: what dead workers left cannot be looked for")
        await asyncio.sleep(LOOK)


async def _in_thread[**P, T](function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Ask Django's database something, in a thread."""
    return await sync_to_async(queue.closing(function), thread_sensitive=False)(*args, **kwargs)


async def _still_alive(pk: int) -> None:
    """Ends the process when others must take us for dead: it was frozen, or its heart stopped while a job hangs."""
    row = await app.connector.execute_query_one_async(ALIVE, id=pk, age=STALLED)
    if not row["count"]:
        log.error("this worker was taken for dead; ending, to be started again")
        os._exit(1)


async def rescue() -> list[str]:
    """Put the jobs of dead workers back into the queue; returns their tasks' names."""
    names = []
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED):
        assert job.id
        wait = pause(job.attempts - QUICK) if job.attempts >= QUICK else 0
        try:
            await app.job_manager.retry_job_by_id_async(job.id, retry_at=now() + timedelta(seconds=wait))
        except UniqueViolation:  # the next of its kind waits already
            await app.job_manager.finish_job_by_id_async(job.id, Status.ABORTED, delete_job=True)
        names.append(job.task_name)
        log.warning("the worker of %s died; it runs again", job.task_name)
    if names:
        await _in_thread(clock.mark_failed, names, "its worker died")
    await app.job_manager.prune_stalled_workers(STALLED)
    return names
