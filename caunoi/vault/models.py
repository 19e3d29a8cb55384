from django.db import models

from caunoi.vault.data_keys import DataKey
from caunoi.vault.fields import SealedText

__all__ = ["DataKey", "SharedKey"]


class SharedKey(models.Model):
    """A key file of the installation; every host's is a copy of it (shared_keys.py)."""

    name = models.CharField(max_length=20, unique=True)
    text = SealedText("secrets", bound="name")
    changed = models.DateTimeField()  # whole seconds, also the file's time of change

    def __str__(self) -> str:
        return self.name
