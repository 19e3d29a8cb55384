from typing import Any
from weakref import WeakSet

import psycopg
from django.apps import AppConfig
from django.conf import settings
from django.db.backends.signals import connection_created

from caunoi.host import database


class JobsConfig(AppConfig):
    name = "caunoi.jobs"

    def ready(self) -> None:
        if not settings.POOLED:
            connection_created.connect(_connected, sender=None)


_watchful: WeakSet[psycopg.Connection[Any]] = WeakSet()


def _connected(connection: Any, **_more: Any) -> None:
    """A connection comes from the pool again and again (jobs/pool.py), and is told once."""
    own = connection.connection
    if own not in _watchful:
        own.execute(database.WATCHFUL)
        _watchful.add(own)
