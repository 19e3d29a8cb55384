from django.db import models
from django.utils.timezone import now


class StoredFile(models.Model):
    """A file of the store as it was written: what lies there today is compared with it."""

    name = models.CharField(max_length=255, primary_key=True)
    size = models.BigIntegerField()  # bytes
    digest = models.BinaryField(max_length=32)  # SHA-256
    at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return self.name
