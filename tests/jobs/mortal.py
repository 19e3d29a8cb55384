"""Workers that die: a process of its own that forks a worker for each line it reads, for a fork costs milliseconds
where a start of Python and Django costs seconds.

A line is {"database", "media", "task", "spare"}. With a task it is put into the queue and worked by a real worker,
whose process ends (os._exit) instead of sending statement number `spare` + 1 of the task; after its last, instead of
telling the queue that the job is done. Without `spare` nothing dies. Without a task the worker looks for what dead ones
left, and works the queue. Answered by {"exit", "statements", "rescued"}."""

import asyncio
import json
import logging
import os
import sys
import time
from urllib.parse import quote

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection, connections  # noqa: E402
from django.db.backends.signals import connection_created  # noqa: E402
from procrastinate.contrib.django import app  # noqa: E402
from procrastinate.manager import JobManager  # noqa: E402

from caunoi.jobs import queue, worker  # noqa: E402

DEAD = 9


def prepare(database, media):
    app.perform_import_paths()
    app.periodic_registry.periodic_tasks.clear()  # its own clock would begin other tasks meanwhile
    connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = database
    os.environ["DATABASE_URL"] = url(connection.settings_dict)  # what a task has done by a process of its own
    settings.MEDIA_ROOT = media
    settings.HOLD_SECONDS = 0.0


def url(place):
    who = quote(place["USER"], safe="") + (f":{quote(place['PASSWORD'], safe='')}" if place["PASSWORD"] else "")
    return f"postgresql://{who}@{quote(place['HOST'], safe='')}:{place['PORT']}/{place['NAME']}"


def work(name, spare, tell):
    done, finish = 0, JobManager.finish_job

    def gate(execute, sql, params, many, context):
        nonlocal done
        if done == spare:
            os._exit(DEAD)
        done += 1
        tell(statements=done)
        return execute(sql, params, many, context)

    async def finishing(self, *args, **kwargs):
        if done == spare:
            os._exit(DEAD)
        return await finish(self, *args, **kwargs)

    def watch(connection, **_):
        if gate not in connection.execute_wrappers:  # it outlives a connection
            connection.execute_wrappers.append(gate)

    app.tasks[name].defer(timestamp=int(time.time()))
    connections.close_all()
    connection_created.connect(watch)
    JobManager.finish_job = finishing
    queue.run()


def rescue(tell):
    async def look():
        async with app.open_async():
            return await worker.rescue()

    with app.replace_connector(queue.connector()):
        tell(rescued=asyncio.run(look()))
    queue.run()


def forked(database, media, task, spare):
    """One worker's life."""
    out, into = os.pipe()
    pid = os.fork()
    if pid:
        os.close(into)
        with os.fdopen(out) as said:
            facts = {}
            for line in said:
                facts |= json.loads(line)
        return {"statements": 0, "rescued": [], **facts, "exit": os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}
    os.close(out)

    def tell(**fact):
        os.write(into, (json.dumps(fact) + "\n").encode())

    code = 1
    try:
        prepare(database, media)
        work(task, spare, tell) if task else rescue(tell)
        code = 0
    except Exception:
        logging.exception("a mortal worker")
    finally:
        os._exit(code)


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    for line in sys.stdin:
        print(json.dumps(forked(**json.loads(line))), flush=True)
