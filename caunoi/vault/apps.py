from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import import_string


class VaultConfig(AppConfig):
    name = "caunoi.vault"

    def ready(self) -> None:
        post_migrate.connect(make_missing, sender=self)


def make_missing(**signal: Any) -> None:
    """Purposes that came with a release, and tables that a test emptied, get their keys."""
    import_string("caunoi.vault.queries.forget")()
    import_string("caunoi.vault.actions.make_keys")()
