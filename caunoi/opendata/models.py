from django.db import models
from django.utils.timezone import now


class Edition(models.Model):
    """One whole export of the register. It is served only while nothing has been recalled since: `recalls` is the
    register's number of recalls when it was read."""

    at = models.DateTimeField(default=now)  # the register as it was at this time
    folder = models.CharField(max_length=60)  # in HOME/open-data
    recalls = models.BigIntegerField()
    rows = models.BigIntegerField()
    files = models.JSONField()  # [{name, bytes, sha256}]
    seconds = models.FloatField()

    def __str__(self) -> str:
        return self.folder
