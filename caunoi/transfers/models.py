from django.db import models
from django.db.models import Q

from caunoi.tickets.models import Ticket
from caunoi.vault.fields import SealedJSON
from caunoi.vault.queries import Purpose


class Transfer(models.Model):
    """A ticket handed to the installation of another province: until that has signed for it, and what became of it."""

    row_door = "ticket"

    class State(models.TextChoices):
        WAITING = "waiting"  # for a receipt, or for leave to take it back
        RECEIVED = "received"
        RETURNED = "returned"
        WITHDRAWN = "withdrawn"

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="transfers")
    key = models.CharField(max_length=32, unique=True)  # by which both sides name the hand-over
    cell = models.CharField(max_length=2)
    province = models.CharField(max_length=200)  # what the catalogue called it then
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()
    report = SealedJSON(Purpose.IDENTITIES, bound="key")  # what is sent; nothing once it is over
    files = models.JSONField(default=list)  # the attachments of its pictures, in the report's order
    digest = models.CharField(max_length=64)  # of the report
    recalled = models.BooleanField(default=False)  # somebody wants it back
    departed = models.BooleanField(default=False)  # it may have arrived there
    attempts = models.PositiveIntegerField(default=0)
    due = models.DateTimeField()  # the next try
    claimed = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=20, blank=True)  # a code of queries.TROUBLES
    number = models.CharField(max_length=40, blank=True)  # there
    receipt = SealedJSON(Purpose.LINKS, bound="key")  # the signed document; it holds the address to follow
    ended = models.DateTimeField(null=True, blank=True)
    erased = models.DateTimeField(null=True, blank=True)  # who reported it is erased here: they are to know of it there
    erasure_noted = models.DateTimeField(null=True, blank=True)  # … and do

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket"], condition=Q(state="waiting"), name="one_transfer_at_a_time")
        ]
        indexes = [
            models.Index(fields=["due"], condition=Q(state="waiting"), name="transfer_due"),
            models.Index(
                fields=["due"], condition=Q(erased__isnull=False, erasure_noted=None), name="transfer_erasure_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} → {self.cell} ({self.state})"


class Arrival(models.Model):
    """A report that the installation of another province handed over. Without a ticket it was taken back before it had
    come, and is not taken any more."""

    row_door = "ticket"

    cell = models.CharField(max_length=2)
    province = models.CharField(max_length=200)
    key = models.CharField(max_length=32)
    ticket = models.OneToOneField(Ticket, models.CASCADE, null=True, blank=True, related_name="arrival")
    number = models.CharField(max_length=40, blank=True)  # there
    digest = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()
    # that it is not ours after all is to be said there
    due = models.DateTimeField(null=True, blank=True)
    claimed = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    trouble = models.CharField(max_length=20, blank=True)
    returned = models.DateTimeField(null=True, blank=True)  # … and was
    erasure_asked = models.DateTimeField(null=True, blank=True)  # there, by who reported it

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cell", "key"], name="each_arrival_once")]
        indexes = [models.Index(fields=["due"], condition=Q(due__isnull=False), name="arrival_due")]

    def __str__(self) -> str:
        return f"{self.cell} → {self.ticket_id}"


class Rejection(models.Model):
    """How many missives of an hour were not taken, and why; from which cell, where one of the catalogue says so. None
    of them is stored."""

    hour = models.DateTimeField()
    why = models.CharField(max_length=20)
    cell = models.CharField(max_length=2, blank=True)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["hour", "why", "cell"], name="rejections_an_hour")]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H} {self.why}: {self.count}"
