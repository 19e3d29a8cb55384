from django.db import models
from django.db.models.functions import Now


class PeriodicTask(models.Model):
    """How a periodic task is doing: one row a task, written by whichever worker runs it.

    Whether it runs at this moment only the queue knows: a killed worker writes nothing here.
    """

    task = models.CharField(primary_key=True, max_length=128)
    since = models.DateTimeField(db_default=Now())  # the first time that a worker knew of it
    started = models.DateTimeField(null=True)
    succeeded = models.DateTimeField(null=True)
    took = models.FloatField(null=True)  # seconds, the last time that it succeeded
    failures = models.PositiveIntegerField(default=0)  # since it last succeeded, killed workers among them
    failed = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True, default="")

    def __str__(self) -> str:
        return self.task


class Lease(models.Model):
    """Who does what only one process may do at a time, on whatever host (jobs/leases.py)."""

    name = models.CharField(primary_key=True, max_length=40)
    holder = models.CharField(max_length=32)
    host = models.CharField(max_length=120)
    since = models.DateTimeField()
    until = models.DateTimeField()  # by the database's clock

    def __str__(self) -> str:
        return f"{self.name}: {self.host}"


class Release(models.Model):
    """A release that brought the tables up to date, and the oldest whose code may still serve them
    (host/releases.py)."""

    version = models.CharField(primary_key=True, max_length=32)
    serves_from = models.CharField(max_length=32)
    at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.version
