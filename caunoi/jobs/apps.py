from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db.backends.signals import connection_created

from caunoi.host import database


class JobsConfig(AppConfig):
    name = "caunoi.jobs"

    def ready(self) -> None:
        if not settings.POOLED:
            connection_created.connect(_connected, sender=None)


def _connected(connection: Any, **_more: Any) -> None:
    connection.connection.execute(database.WATCHFUL)
