from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from caunoi.events import rowsecurity


class EventsConfig(AppConfig):
    name = "caunoi.events"

    def ready(self) -> None:
        post_migrate.connect(_migrated, sender=self)


def _migrated(**_more: Any) -> None:
    """All tables are there: the migrations of every stage have run."""
    rowsecurity.apply()
