from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from caunoi.directory.attached import Attached
from caunoi.directory.models import Agency, Category, Valid
from caunoi.routing.models import Handover
from caunoi.tickets.models import Ticket


class Target(Valid):
    """How long a clock may run: the most specific row wins (category × urgency × kind × agency; empty = any)."""

    clock = models.CharField(max_length=14)
    category = models.ForeignKey(Category, models.CASCADE, null=True, blank=True)
    urgency = models.CharField(max_length=10, blank=True)
    kind = models.CharField(max_length=10, blank=True)
    agency = models.ForeignKey(Agency, models.CASCADE, null=True, blank=True)
    days = models.PositiveSmallIntegerField(null=True, blank=True)
    minutes = models.PositiveIntegerField(null=True, blank=True)
    calendar = models.SlugField(default="office")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(days__gte=1, minutes=None) | Q(days=None, minutes__gte=1),
                name="target_in_days_or_minutes",
            )
        ]

    def __str__(self) -> str:
        amount = f"{self.days} d" if self.days else f"{self.minutes} min"
        return f"{self.clock} {self.category or '*'}: {amount} {self.calendar}"


class Deadline(models.Model):
    """What one clock says of one ticket (or of one leg of its custody): stored, and always computable again."""

    class State(models.TextChoices):
        RUNNING = "running"
        PAUSED = "paused"
        MET = "met"
        BREACHED = "breached"

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="deadlines", db_index=False)
    leg = models.ForeignKey(Handover, models.CASCADE, null=True, blank=True, related_name="deadlines")
    clock = models.CharField(max_length=14)
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True)
    target = models.ForeignKey(Target, models.PROTECT, null=True, blank=True)
    fixed = models.BooleanField(default=False)  # the target stays whatever is edited later (accepted, or a leg's own)
    extra_days = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State.choices)
    started = models.DateTimeField()
    due = models.DateTimeField(null=True, blank=True)  # none while paused
    first_due = models.DateTimeField(null=True, blank=True, db_column="due_first")  # before anything was granted
    last_due = models.DateTimeField(
        null=True, blank=True, db_column="first_due"
    )  # the last one known, also while paused
    again = models.DateTimeField(null=True, blank=True)  # when the ticket was opened again, the last time …
    promise = models.DateTimeField(null=True, blank=True)  # … and the due promised since then; none while paused
    met = models.DateTimeField(null=True, blank=True)
    late = models.BooleanField(default=False)
    wake = models.DateTimeField(null=True, blank=True)  # when the next rung of the ladder notifies
    told = ArrayField(models.CharField(max_length=40), default=list, db_default=[])  # rungs that notified in this run

    objects = Attached["Deadline"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "clock", "leg"], nulls_distinct=False, name="one_deadline_a_clock"
            )
        ]
        indexes = [
            models.Index(fields=["due"], condition=Q(state="running"), name="deadline_running"),
            models.Index(fields=["wake"], condition=Q(wake__isnull=False), name="deadline_wake"),
            models.Index(fields=["id"], condition=Q(first_due=None, target__isnull=False), name="deadline_unfilled"),
            models.Index(fields=["clock", "ticket"], include=["due", "met", "late", "state"], name="deadline_clock"),
        ]

    def __str__(self) -> str:
        return f"{self.clock} of {self.ticket_id}: {self.state}"

    @property
    def promised(self) -> datetime | None:
        """By when the citizen was promised the answer: of a ticket that was opened again, counted from then. Figures
        use the first due."""
        return self.promise if self.again else self.due


class Due(models.Model):
    """The handling deadline of a ticket moved, and when that became known: what a figure about a past day needs.
    Append-only; `due` is none while the clock stands still."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="dues", db_index=False)
    at = models.DateTimeField()
    before = models.DateTimeField(null=True, blank=True)
    due = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["ticket", "id"], name="due_history")]

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.due}"


class Rung(Valid):
    """A step of a clock's escalation: after so much of its time, or so long past its due, to whom. While there is no
    row at all, ladder.DEFAULT counts."""

    clock = models.CharField(max_length=14)
    percent = models.PositiveSmallIntegerField(
        null=True, blank=True
    )  # of the time between start and due; 0 = warn_percent
    minutes = models.PositiveIntegerField(null=True, blank=True)  # by the clock, after the due
    to = models.CharField(max_length=12)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(percent__isnull=False, minutes=None) | Q(percent=None, minutes__isnull=False),
                name="rung_before_or_after_the_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.clock} → {self.to}"


class Escalation(models.Model):
    """A rung that notified: of which deadline, when it fell, when it notified, whom. Kept for reports."""

    deadline = models.ForeignKey(Deadline, models.CASCADE, related_name="escalations", db_index=False)
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="escalations", db_index=False)
    clock = models.CharField(max_length=14)
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True)
    rung = models.CharField(max_length=40)  # its code
    to = models.CharField(max_length=12)
    started = models.DateTimeField()  # of the run: a clock that restarts escalates again
    due = models.DateTimeField()
    fell = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["deadline", "started", "rung"], name="each_rung_once_a_run")]
        indexes = [
            models.Index(fields=["ticket", "at"], name="escalation_ticket"),
            models.Index(fields=["at"], name="escalation_at"),
        ]

    def __str__(self) -> str:
        return f"{self.rung} of {self.ticket_id}"


class Recount(models.Model):
    """The recalculation of open deadlines after a calendar or a ladder changed: its progress, so that it resumes where
    it was cut off."""

    event = models.BigIntegerField(unique=True)
    asked = models.DateTimeField()
    day = models.DateField(null=True, blank=True)  # only deadlines that run over it; none = all
    after = models.BigIntegerField(default=0)  # the last ticket done
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    moved = models.PositiveIntegerField(default=0)
    finished = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.done} of {self.total}"
