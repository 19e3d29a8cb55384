from django.contrib.postgres.fields import ArrayField
from django.db import models

from caunoi.accounts.models import User
from caunoi.directives.models import Directive
from caunoi.directory.models import Agency
from caunoi.events.models import Event
from caunoi.tickets.models import Ticket
from caunoi.vault.fields import DigestOf, SealedText
from caunoi.vault.queries import Purpose


class Notification(models.Model):
    """One group told of one event, once. `notice` names the words (notices.py), `audience` who it is for; of a ticket,
    or of a leader's order."""

    event = models.ForeignKey(Event, models.CASCADE, db_constraint=False, db_index=False)
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


class Subscription(models.Model):
    """A browser of a citizen that wants to hear of a ticket (Web Push). `endpoint` is its push service's address for
    it; the keys seal what is sent, so that only this browser reads it."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="subscriptions", db_index=False)
    endpoint = SealedText(Purpose.SECRETS, before="endpoint_plain", db_column="endpoint_sealed")
    endpoint_index = DigestOf("endpoint")
    endpoint_plain = models.TextField(null=True, editable=False, db_column="endpoint")  # noqa: DJ001 -- in older rows
    p256dh = models.CharField(max_length=100)
    auth = SealedText(Purpose.SECRETS, before="auth_plain", db_column="auth_sealed")
    auth_plain = models.CharField(  # noqa: DJ001 -- in older rows
        max_length=30, null=True, editable=False, db_column="auth"
    )
    language = models.CharField(max_length=5)
    made = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "endpoint_plain"], name="each_browser_once_a_ticket")]
        indexes = [models.Index(fields=["ticket", "endpoint_index"], name="browser_of_ticket")]

    def __str__(self) -> str:
        return f"a browser on {self.ticket_id}"


class Push(models.Model):
    """One notice to one browser, sent at most once."""

    class State(models.TextChoices):
        WAITING = "waiting"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="pushes", db_index=False)
    notification = models.ForeignKey(Notification, models.CASCADE, related_name="pushes")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subscription", "notification"], name="each_browser_pushed_once")
        ]

    def __str__(self) -> str:
        return f"{self.notification_id} to {self.subscription_id}: {self.state}"


class StaffBrowser(models.Model):
    """A browser of somebody of the staff that wants to hear of emergencies though no page of ours is open (Web Push);
    whoever uses it last has it."""

    user = models.ForeignKey(User, models.CASCADE, related_name="browsers")
    endpoint = SealedText(Purpose.SECRETS)
    endpoint_index = DigestOf("endpoint")
    p256dh = models.CharField(max_length=100)
    auth = SealedText(Purpose.SECRETS)
    language = models.CharField(max_length=5)
    made = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["endpoint_index"], name="each_staff_browser_once")]

    def __str__(self) -> str:
        return f"a browser of {self.user_id}"


class AlarmPush(models.Model):
    """One step of an alarm (that it rings, climbs, is silent) to one browser of the staff, sent at most once."""

    browser = models.ForeignKey(StaffBrowser, models.CASCADE, related_name="pushes", db_index=False)
    event = models.ForeignKey(Event, models.CASCADE, db_constraint=False)
    state = models.CharField(max_length=8, choices=Push.State.choices, default=Push.State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["browser", "event"], name="each_staff_browser_pushed_once")]

    def __str__(self) -> str:
        return f"{self.event_id} to {self.browser_id}: {self.state}"
