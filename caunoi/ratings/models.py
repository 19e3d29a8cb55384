from django.db import models
from django.utils.timezone import now

from caunoi.directory.models import Agency
from caunoi.tickets.models import Ticket


class Rating(models.Model):
    """How content the citizen is with one answer. Who rated is nobody's to read; agencies see groups only."""

    class Grade(models.TextChoices):
        SATISFIED = "satisfied"
        ACCEPTABLE = "acceptable"
        DISSATISFIED = "dissatisfied"

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="ratings")
    round = models.PositiveSmallIntegerField(default=0)  # how often the ticket had been reopened
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True)
    grade = models.CharField(max_length=12, choices=Grade.choices)
    reasons = models.JSONField(default=list)
    comment = models.TextField(blank=True)
    at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "round"], name="one_rating_an_answer")]
        indexes = [models.Index(fields=["agency", "at"], name="rating_agency")]

    def __str__(self) -> str:
        return f"{self.grade} for {self.ticket_id}"
