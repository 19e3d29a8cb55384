from django.contrib.postgres.indexes import BTreeIndex
from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from caunoi.conversations.models import Conversation
from caunoi.directory.models import Category
from caunoi.tickets.models import Ticket


class Edition(models.Model):
    """A model that was trained on what people decided here. The newest that was taken proposes; the bytes of those that
    can propose no more are gone."""

    class Outcome(models.TextChoices):
        TAKEN = "taken"
        WORSE = "worse"  # than the one before, on decisions that neither had seen
        DEAF = "deaf"  # it misses emergencies, complaints or denunciations that the one before notices

    data = models.BinaryField(null=True)
    base = models.CharField(max_length=64)  # digest of the starter model of the release that trained it
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    card = models.JSONField()  # figures of the exam: exam.Exam
    until = models.BigIntegerField()  # the newest ticket that it learnt from
    at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return f"edition {self.pk}: {self.outcome}"


class Reading(models.Model):
    """What was proposed of a ticket's words when it came in, and what people decided: codes, no words. `proposed` has
    for each matter [value, probability, sure | perhaps | silent], `decided` a value for each that a person decided."""

    row_door = "ticket"

    ticket = models.OneToOneField(Ticket, models.CASCADE, primary_key=True, related_name="reading")
    edition = models.ForeignKey(Edition, models.SET_NULL, null=True, blank=True)  # none: the starter model
    proposed = models.JSONField()
    decided = models.JSONField(default=dict)
    at = models.DateTimeField(default=now)
    settled = models.DateTimeField(null=True, blank=True)  # when a person decided first

    class Meta:
        indexes = [BTreeIndex(fields=["settled"], name="reading_settled", condition=Q(settled__isnull=False))]

    def __str__(self) -> str:
        return f"reading of {self.ticket_id}"


class Likeness(models.Model):
    """That somebody was shown `other` as what may be the same as a ticket, and could join it. Whether they did is what
    the ticket says."""

    row_door = "ticket"

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="likenesses", db_index=False)
    other = models.ForeignKey(Ticket, models.CASCADE, related_name="+")
    at = models.DateTimeField(default=now)  # when it was shown first

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "other"], name="each_likeness_once")]
        indexes = [BTreeIndex(fields=["at"], name="likeness_at")]

    def __str__(self) -> str:
        return f"{self.ticket_id} like {self.other_id}"


class Limit(models.Model):
    """From which probability on a category is sure; where there is no row the model's own limit counts."""

    category = models.OneToOneField(Category, models.CASCADE, primary_key=True, related_name="+")
    sure = models.FloatField()
    by = models.CharField(max_length=150)
    at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(sure__gte=0.5, sure__lte=1), name="limit_is_a_probability")]

    def __str__(self) -> str:
        return f"{self.category_id}: {self.sure}"


class Figure(models.Model):
    """How many proposals of a kind people decided in a month, and in how many they agreed: counted from readings."""

    month = models.DateField()
    matter = models.CharField(max_length=12)
    channel = models.CharField(max_length=20)
    value = models.CharField(max_length=40)  # what was proposed
    certainty = models.CharField(max_length=8)
    decided = models.PositiveIntegerField()
    agreed = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["month", "matter", "channel", "value", "certainty"], name="one_figure_of_a_kind"
            )
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.matter} {self.value}: {self.agreed} of {self.decided}"


class Alarm(models.Model):
    """An emergency in what somebody wrote: it rings until a person has it. Ids and codes only; the words lie where they
    were written (`source`: "message:7", "ticket:7", "note:7"). What is written on in the same conversation while it
    rings is a row that hangs on the `first`, and has no ring of its own."""

    class Outcome(models.TextChoices):
        REAL = "real"
        NO_EMERGENCY = "no_emergency"

    source = models.CharField(max_length=40, unique=True)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="alarms")
    ticket = models.ForeignKey(Ticket, models.CASCADE, null=True, blank=True, related_name="alarms")
    first = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="others")
    gate = models.CharField(max_length=20)  # triage.heads.EMERGENCIES
    number = models.CharField(max_length=3)  # to call
    p = models.FloatField()  # that it is one
    certain = models.BooleanField()  # so likely, or by a rule, that the citizen is told to call
    restricted = models.BooleanField(default=False)  # in confidence: it rings with custodians alone
    raised = models.DateTimeField(default=now)
    level = models.PositiveSmallIntegerField(default=0)  # how far it has climbed: queries.LEVELS
    climbs = models.DateTimeField(null=True, blank=True)  # when it climbs next, unless somebody has it by then
    acknowledged = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.CharField(max_length=150, blank=True)
    acknowledged_user = models.BigIntegerField(null=True, blank=True)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "restricted"],
                condition=Q(acknowledged=None, first=None),
                name="one_alarm_rings_a_conversation",
            )
        ]
        indexes = [
            models.Index(fields=["raised"], condition=Q(acknowledged=None), name="alarm_open"),
            models.Index(fields=["climbs"], condition=Q(climbs__isnull=False), name="alarm_climbs"),
        ]

    def __str__(self) -> str:
        return f"{self.number} of {self.source}"
