"""What the threads of a worker put into the queue, while its event loop works it."""

import asyncio
import threading

from django.db import connections, transaction
from procrastinate.contrib.django import app

from caunoi.jobs import queue

TASK = "caunoi.sla.tasks.recount_open"
THREADS, EACH = 6, 30


def in_worker(story):
    """Run a story in a thread of a process whose loop has the queue open; returns what it raised."""
    raised = []

    def told():
        try:
            story()
        except Exception as error:
            raised.append(error)
        finally:
            connections.close_all()

    async def ask_meanwhile(threads):
        while any(thread.is_alive() for thread in threads):
            await asyncio.gather(*(app.job_manager.get_job_status_async(1) for _ in range(8)), return_exceptions=True)

    async def live(threads):
        async with app.open_async():
            for thread in threads:
                thread.start()
            await asyncio.wait_for(ask_meanwhile(threads), 60)

    with app.replace_connector(queue.connector()):
        asyncio.run(live([threading.Thread(target=told) for _ in range(THREADS)]))
    return raised


def test_many_threads_put_into_the_queue_while_the_worker_asks_it(jobs):
    def story():
        for _ in range(EACH):
            app.tasks[TASK].defer()

    assert in_worker(story) == []
    assert len(jobs.waiting(TASK)) == THREADS * EACH


def test_what_a_worker_undoes_was_never_put_into_the_queue(jobs):
    def story():
        with transaction.atomic():
            app.tasks[TASK].defer()
            transaction.set_rollback(True)

    assert in_worker(story) == []
    assert jobs.waiting(TASK) == []
