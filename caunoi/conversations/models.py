from django.db import models
from django.db.models import Q
from django.utils.timezone import now


class Inbox(models.Model):
    """One account on one channel: the web form, a Zalo OA, a mailbox, the counter."""

    name = models.SlugField(max_length=40, unique=True)
    channel = models.CharField(max_length=20)
    label = models.CharField(max_length=100, blank=True)
    config = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.name


class Receipt(models.Model):
    """Whatever came in, raw and once: written before it is acknowledged, understood afterwards, never lost."""

    class State(models.TextChoices):
        WAITING = "waiting"
        READ = "read"
        UNREADABLE = "unreadable"

    inbox = models.ForeignKey(Inbox, models.PROTECT, db_index=False)
    external_id = models.CharField(max_length=200)
    at = models.DateTimeField(default=now)
    raw = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    trouble = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["inbox", "external_id"], name="each_receipt_once")]
        indexes = [models.Index(fields=["id"], condition=~Q(state="read"), name="receipt_unread")]

    def __str__(self) -> str:
        return f"{self.inbox_id}/{self.external_id}"


class Contact(models.Model):
    """Somebody who wrote or called. Two contacts are one person only on proof."""

    name = models.CharField(max_length=120, blank=True)
    phone = models.CharField(max_length=16, blank=True)  # E.164
    email = models.CharField(max_length=254, blank=True)
    address = models.CharField(max_length=300, blank=True)
    consent = models.PositiveIntegerField(null=True, blank=True)  # version of the text agreed to

    class Meta:
        indexes = [models.Index(fields=["phone"], condition=~Q(phone=""), name="contact_phone")]

    def __str__(self) -> str:
        return self.name or self.phone or "–"


class Conversation(models.Model):
    """The thread with one address on one inbox."""

    inbox = models.ForeignKey(Inbox, models.PROTECT)
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="conversations")
    address = models.CharField(max_length=200)  # the contact's address on this channel; the web form's own id

    class Meta:
        constraints = [models.UniqueConstraint(fields=["inbox", "address"], name="one_conversation_per_address")]

    def __str__(self) -> str:
        return f"{self.inbox_id}:{self.address}"


class Message(models.Model):
    """What one side said."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="messages")
    receipt = models.ForeignKey(Receipt, models.PROTECT, null=True, blank=True)
    inbound = models.BooleanField()
    text = models.TextField()
    at = models.DateTimeField(default=now)
    by = models.CharField(max_length=150, blank=True)

    def __str__(self) -> str:
        return self.text[:40]


class Draft(models.Model):
    """A report being written: survives reloads, the back button and the loss of cookies; kept for a week."""

    token = models.CharField(max_length=32, unique=True)
    data = models.JSONField(default=dict)
    touched = models.DateTimeField(default=now)
    sent = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["touched"], name="draft_touched")]

    def __str__(self) -> str:
        return self.token[:6]
