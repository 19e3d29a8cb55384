from django.contrib.postgres.fields import ArrayField
from django.db import models

from caunoi.directives.models import Directive
from caunoi.directory.models import Agency
from caunoi.events.models import Event
from caunoi.tickets.models import Ticket


class Notification(models.Model):
    """One group told of one event, once. `notice` names the words (notices.py), `audience` who it is for; of a ticket, or
    of a leader's order."""

    event = models.ForeignKey(Event, models.CASCADE, db_constraint=False)
    ticket = models.ForeignKey(Ticket, models.CASCADE, null=True, blank=True, related_name="notifications")
    directive = models.ForeignKey(Directive, models.CASCADE, null=True, blank=True, related_name="notifications")
    notice = models.CharField(max_length=40)
    audience = models.CharField(max_length=10)
    recipient = models.CharField(max_length=60)  # "citizen", "centre", "agency:12": what makes (event, notice) unique
    agency = models.ForeignKey(Agency, models.CASCADE, null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "notice", "recipient"], name="each_recipient_told_once")
        ]
        indexes = [
            models.Index(fields=["audience", "agency", "-id"], name="notification_for"),
        ]

    def __str__(self) -> str:
        return f"{self.notice} to {self.recipient}"


class Look(models.Model):
    """What a member of staff (or a deputy, "x for y") has looked at: everything up to a notice, and some after it."""

    reader = models.CharField(max_length=150, primary_key=True)
    until = models.BigIntegerField(default=0)
    also = ArrayField(models.BigIntegerField(), default=list)

    def __str__(self) -> str:
        return f"{self.reader} up to {self.until}"
