from django.db import models

from caunoi.directory.models import Agency
from caunoi.events.models import Event
from caunoi.tickets.models import Ticket


class Notification(models.Model):
    """One person or group told of one event, once. `notice` names the words (notices.py); to the citizen of the ticket,
    to an agency, or to the centre."""

    event = models.ForeignKey(Event, models.CASCADE, db_constraint=False)
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="notifications")
    notice = models.CharField(max_length=40)
    audience = models.CharField(max_length=10)
    recipient = models.CharField(max_length=60)  # "citizen", "centre", "agency:12": what makes (event, notice) unique
    agency = models.ForeignKey(Agency, models.CASCADE, null=True, blank=True)
    at = models.DateTimeField()
    seen = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "notice", "recipient"], name="each_recipient_told_once")
        ]
        indexes = [
            models.Index(fields=["agency", "-id"], condition=models.Q(seen=None), name="notification_agency"),
            models.Index(fields=["audience", "-id"], condition=models.Q(seen=None), name="notification_audience"),
        ]

    def __str__(self) -> str:
        return f"{self.notice} to {self.recipient}"
