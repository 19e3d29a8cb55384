from django.db import models
from django.utils.timezone import now

from caunoi.directory.models import Agency
from caunoi.tickets.models import Ticket


class Draw(models.Model):
    """The seed of a month's phone survey, stored before anybody is drawn by it."""

    month = models.DateField()  # its first day
    percent = models.PositiveSmallIntegerField()
    seed = models.CharField(max_length=64)  # hex
    made = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["month", "percent"], name="one_draw_a_month_and_share")]

    def __str__(self) -> str:
        return f"{self.month:%m/%Y}: {self.percent}%"


class Invitation(models.Model):
    """A citizen was asked, once, what they think of one answer: the base of response rates."""

    class How(models.TextChoices):
        MESSAGE = "message"  # by the channel they came by
        PAGE = "page"  # their follow page asks
        PHONE = "phone"  # drawn for the phone survey

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="invitations", db_index=False)
    round = models.PositiveSmallIntegerField(default=0)
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, db_index=False)
    how = models.CharField(max_length=8, choices=How.choices)
    draw = models.ForeignKey(Draw, models.PROTECT, null=True, blank=True)
    at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "round"], name="asked_once_an_answer")]
        indexes = [models.Index(fields=["agency", "at"], name="invitation_agency")]

    def __str__(self) -> str:
        return f"{self.ticket_id} asked by {self.how}"


class Batch(models.Model):
    """So many ratings of one agency that none can be told apart. Published grades are sums of whole batches, and a
    rating is in one at most; so no subtraction of published figures isolates fewer."""

    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, db_index=False)
    at = models.DateTimeField()  # when it was full
    satisfied = models.PositiveIntegerField()
    acceptable = models.PositiveIntegerField()
    dissatisfied = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["agency", "at"], name="batch_agency")]

    def __str__(self) -> str:
        return f"{self.satisfied}/{self.acceptable}/{self.dissatisfied} for {self.agency_id}"


class Rating(models.Model):
    """How satisfied the citizen is with one answer. Who rated is secret; agencies see batches only."""

    class Grade(models.TextChoices):
        SATISFIED = "satisfied"
        ACCEPTABLE = "acceptable"
        DISSATISFIED = "dissatisfied"

    class How(models.TextChoices):
        PAGE = "page"
        LINK = "link"
        REPLY = "reply"
        PHONE = "phone"

    class Proof(models.TextChoices):
        """By what it was proved that the citizen rated."""

        LINK = "link"  # the private link, or one of a message
        CODE = "code"  # a one-time code, sent or read out
        PHONE = "phone"  # an operator rang the number on file and asked
        REPLY = "reply"  # it came from the address that had been written to
        APP = "app"  # the private link, in an app or on another site
        ACCOUNT = "account"  # an account elsewhere, which has verified the number or address on file

    class Verdict(models.TextChoices):
        """What became of a rating that did not count at once."""

        NONE = ""
        ACCEPTED = "accepted"
        REFUSED = "refused"

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="ratings")
    round = models.PositiveSmallIntegerField(default=0)  # how often the ticket had been reopened
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, db_index=False)
    grade = models.CharField(max_length=12, choices=Grade.choices)
    reasons = models.JSONField(default=list)
    comment = models.TextField(blank=True)
    how = models.CharField(max_length=5, choices=How.choices, default=How.PAGE, db_default=How.PAGE)
    proof = models.CharField(
        max_length=7, choices=Proof.choices, default="", db_default="", blank=True
    )  # of older rows `how` says it
    flags = models.JSONField(default=list, db_default=[])  # why it did not count at once (flags.py)
    counted = models.BooleanField(default=True, db_default=True)  # in every measure, or in none
    verdict = models.CharField(
        max_length=8, choices=Verdict.choices, default=Verdict.NONE, db_default=Verdict.NONE, blank=True
    )
    verdict_at = models.DateTimeField(null=True)
    verdict_by = models.CharField(max_length=150, db_default="", default="", blank=True)
    verdict_reason = models.TextField(db_default="", default="", blank=True)
    batch = models.ForeignKey(
        Batch, models.SET_NULL, null=True, blank=True, related_name="ratings", db_index=False
    )  # shown in
    at = models.DateTimeField(default=now)
    read_at = models.DateTimeField(null=True)  # when a reviewer had read the reasons and the comment
    read_by = models.CharField(max_length=150, db_default="", default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "round"], condition=~models.Q(verdict="refused"), name="one_rating_that_stands"
            )
        ]
        indexes = [
            models.Index(
                fields=["id"], condition=models.Q(read_at=None) & ~models.Q(grade="satisfied"), name="rating_unread"
            ),
            models.Index(fields=["agency", "at"], name="rating_agency"),
            models.Index(fields=["id"], condition=models.Q(counted=False, verdict=""), name="rating_flagged"),
            models.Index(fields=["agency", "id"], condition=models.Q(batch=None), name="rating_unbatched"),
        ]

    def __str__(self) -> str:
        return f"{self.grade} for {self.ticket_id}"


class Refutation(models.Model):
    """A citizen showed by a photo that the answer is not true: a refuted closure, recorded against its agency."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="refutations", db_index=False)
    round = models.PositiveSmallIntegerField()  # of the answer refuted
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, db_index=False)
    at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "round"], name="each_answer_refuted_once")]
        indexes = [models.Index(fields=["agency", "at"], name="refutation_agency")]

    def __str__(self) -> str:
        return f"{self.ticket_id} refuted"
