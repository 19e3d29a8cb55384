from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from caunoi.events.actor import Kind, kind_of


class Event(models.Model):
    """What happened: append-only; history, outbox, audit and statistics in one row.

    Holds ids and codes only; personal text lives in rows that can be erased. A trigger refuses changes and deletions;
    `pending` and `claimed` are the outbox's own.
    """

    at = models.DateTimeField(default=now)
    recorded = models.DateTimeField(null=True, default=now)  # when it became known; none in rows older than the column
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=20)
    subject_id = models.BigIntegerField()
    by = models.CharField(max_length=150)  # only for show; the next three say who it was
    by_kind = models.CharField(max_length=10, blank=True, default="", db_default="")  # empty in older rows
    by_user = models.BigIntegerField(null=True)
    behalf_user = models.BigIntegerField(null=True)  # whom a deputy acted for; none in older rows
    data = models.JSONField(default=dict)
    pending = models.BooleanField(default=True)
    claimed = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["subject", "subject_id", "id"], name="event_history"),
            models.Index(fields=["id"], condition=Q(pending=True), name="event_pending"),
            models.Index(fields=["kind", "at"], name="event_kind_at"),
        ]

    @property
    def actor_kind(self) -> Kind:
        """What kind of actor recorded this event."""
        return Kind(self.by_kind) if self.by_kind else kind_of(self.by, self.by_user)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.kind} {self.subject}:{self.subject_id} by {self.by}"


class Seal(models.Model):
    """The events with ids in (`after`, `last`] as they were when they were sealed, chained to the seal before
    (seals.py). `digest` and `previous` are hex; `prints` holds for every event its id and the first eight bytes of its
    digest, so that the first one that does not fit can be named."""

    number = models.BigIntegerField(primary_key=True)  # from 0, without gaps
    after = models.BigIntegerField()
    last = models.BigIntegerField()
    count = models.PositiveIntegerField()
    at = models.DateTimeField()
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)
    prints = models.BinaryField()

    def __str__(self) -> str:
        return f"seal {self.number} of {self.count} events"


class Failure(models.Model):
    """A reaction to an event that failed and has not succeeded since. `due` is its next try; without one it waits for
    somebody's decision."""

    event = models.ForeignKey(Event, models.PROTECT, related_name="failures", db_index=False)
    reaction = models.CharField(max_length=120)  # dotted path
    since = models.DateTimeField(default=now)
    latest = models.DateTimeField(default=now)
    tries = models.PositiveIntegerField(default=0)
    due = models.DateTimeField(null=True)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "reaction"], name="failure_once")]
        indexes = [models.Index(fields=["due"], condition=Q(due__isnull=False), name="failure_due")]

    def __str__(self) -> str:
        return f"{self.reaction} of {self.event_id}: {self.error}"
