from django.db import models
from django.db.models import Q

from caunoi.directory.models import Agency, Category, Valid
from caunoi.routing.models import Handover
from caunoi.tickets.models import Ticket


class Target(Valid):
    """How long a clock may run: the row that says most wins (category × urgency × kind × agency; empty = any)."""

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
    """What one clock says of one ticket (or of one leg of its custody): kept, and always computable anew."""

    class State(models.TextChoices):
        RUNNING = "running"
        PAUSED = "paused"
        MET = "met"
        BREACHED = "breached"

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="deadlines")
    leg = models.ForeignKey(Handover, models.CASCADE, null=True, blank=True, related_name="deadlines")
    clock = models.CharField(max_length=14)
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True)
    target = models.ForeignKey(Target, models.PROTECT, null=True, blank=True)
    fixed = models.BooleanField(default=False)  # the target stays whatever is edited later (accepted, or a leg's own)
    extra_days = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State.choices)
    started = models.DateTimeField()
    due = models.DateTimeField(null=True, blank=True)  # none while paused
    first_due = models.DateTimeField(null=True, blank=True)  # the last due known, kept while paused
    met = models.DateTimeField(null=True, blank=True)
    late = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "clock", "leg"], nulls_distinct=False, name="one_deadline_a_clock"
            )
        ]
        indexes = [
            models.Index(fields=["due"], condition=Q(state="running"), name="deadline_running"),
            models.Index(fields=["clock", "ticket"], include=["due", "met", "late", "state"], name="deadline_clock"),
        ]

    def __str__(self) -> str:
        return f"{self.clock} of {self.ticket_id}: {self.state}"
