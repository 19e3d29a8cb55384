from django.db import models

from caunoi.directory.models import Agency
from caunoi.tickets.models import Ticket


class Answer(models.Model):
    """What an agency or the centre replies to the citizen."""

    class State(models.TextChoices):
        SUBMITTED = "submitted"
        APPROVED = "approved"
        REVISED = "revised"  # sent back to be written better

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="answers")
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True)  # none = the centre
    text = models.TextField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.SUBMITTED)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()
    approved_by = models.CharField(max_length=150, blank=True)
    approved = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["ticket", "-id"], name="answer_ticket")]

    def __str__(self) -> str:
        return f"answer to {self.ticket_id} ({self.state})"
