"""Imported files, their oddities, and which ticket came of which row."""

from django.db import models
from django.db.models import Q


class Batch(models.Model):
    """One file: looked at, carried out, undone. `plan` is what it would change or changed, with the old values:
    personal, so it is deleted with the file after a while, and nothing can be undone from then on."""

    class State(models.TextChoices):
        WAITING = "waiting"  # for a worker to read it
        READY = "ready"  # the plan can be looked at
        APPLYING = "applying"
        DONE = "done"
        FAILED = "failed"  # `error` says why; nothing was changed
        DROPPED = "dropped"
        UNDOING = "undoing"
        UNDONE = "undone"

    what = models.CharField(max_length=10, choices=[(w, w) for w in ("agencies", "people", "tickets")])
    file_name = models.CharField(max_length=200)
    stored = models.CharField(max_length=100, blank=True)  # where the file lies; empty: given each time, or forgotten
    digest = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict)  # mapping.Mapping
    heading = models.JSONField(default=dict)  # {names, header, columns, sheets}
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    line = models.PositiveIntegerField(default=0)  # the last one that was carried out
    plan = models.JSONField(null=True)
    counts = models.JSONField(default=dict)
    error = models.JSONField(default=dict)  # {problem, text}
    by = models.CharField(max_length=150)
    by_user = models.BigIntegerField(null=True)
    at = models.DateTimeField(auto_now_add=True)
    touched = models.DateTimeField(auto_now=True)
    applied = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["touched"], condition=Q(state__in=["applying", "undoing"]), name="batch_at_work"),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.state})"


class Oddity(models.Model):
    """Something strange in a line (oddities.py); of a line that was left out all its cells, so that it can be corrected
    and imported again."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="oddities")
    line = models.PositiveIntegerField()
    problem = models.CharField(max_length=30)
    field = models.CharField(max_length=20, blank=True)
    text = models.CharField(max_length=200, blank=True)
    suggest = models.CharField(max_length=40, blank=True)
    out = models.BooleanField(default=False)
    cells = models.JSONField(null=True)

    class Meta:
        ordering = ["line", "id"]

    def __str__(self) -> str:
        return f"line {self.line}: {self.problem}"


class Imported(models.Model):
    """A row of an old system and the ticket that it became: brought in once, whatever is interrupted or sent again."""

    source = models.CharField(max_length=40)
    key = models.CharField(max_length=80)
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="rows")
    ticket = models.BigIntegerField(unique=True)
    digest = models.CharField(max_length=32)  # of the row, to see that it says something else now
    event = models.BigIntegerField()  # the last one of its history; a later one means that somebody works on it

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "key"], name="each_old_ticket_once")]

    def __str__(self) -> str:
        return f"{self.source}:{self.key}"
