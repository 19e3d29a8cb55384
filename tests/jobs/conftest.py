import asyncio
from types import SimpleNamespace

import pytest
from asgiref.sync import sync_to_async
from django.db import connection, connections

from caunoi.jobs import worker


@pytest.fixture
def jobs(work):
    """The queue as other workers leave it."""

    def sql(statement, *values):
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def die(name):
        """A job that a worker began before it died."""
        (job,) = sql("SELECT id FROM procrastinate_jobs WHERE task_name = %s ORDER BY id LIMIT 1", name)[0]
        (dead,) = sql(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 h') RETURNING id"
        )[0]
        sql("UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE id = %s", dead, job)

    def rescue():
        async def look():
            try:
                return await worker.rescue()
            finally:
                await sync_to_async(connections.close_all)()

        return asyncio.run(look())

    def waiting(name=None):
        return [
            row
            for row in sql("SELECT task_name, status::text, scheduled_at > now() FROM procrastinate_jobs ORDER BY id")
            if name in (None, row[0])
        ]

    return SimpleNamespace(sql=sql, die=die, rescue=rescue, waiting=waiting)
