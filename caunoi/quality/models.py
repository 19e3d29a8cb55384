from django.db import models
from django.db.models import Q

from caunoi.calls.models import Call
from caunoi.quality.scoring import Criterion, card
from caunoi.tickets.models import Ticket


class Scorecard(models.Model):
    """The criteria, in versions: the newest is for new samples, older ones stay with what they scored."""

    version = models.PositiveIntegerField(unique=True)
    rows = models.JSONField()  # scoring.Criterion.row() of each
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"scorecard {self.version}"

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        return card(self.rows)


class Sample(models.Model):
    """A drawing with its parameters, so that anybody can repeat it (sampling.draw)."""

    card = models.ForeignKey(Scorecard, models.PROTECT, related_name="samples")
    since = models.DateTimeField()
    until = models.DateTimeField()
    size = models.PositiveIntegerField()  # asked for
    least = models.PositiveSmallIntegerField()  # of every operator
    double = models.PositiveSmallIntegerField()  # percent that two people score
    seed = models.CharField(max_length=40)
    population = models.PositiveIntegerField()  # answers it was drawn from
    calls = models.BooleanField(default=False, db_default=False)  # … and calls that became no ticket
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"sample {self.pk}: {self.size} by {self.seed}"


class Case(models.Model):
    """An answer that was drawn: of a ticket, or in a call that became none. `pair`: two people score it, and neither
    sees the other's score before both are done. `calibrated`: since when everybody who scores is to score it, to learn
    to score alike."""

    sample = models.ForeignKey(Sample, models.CASCADE, related_name="cases", db_index=False)
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="quality_cases", null=True, blank=True)
    call = models.ForeignKey(Call, models.CASCADE, related_name="quality_cases", null=True, blank=True)
    order = models.PositiveIntegerField()
    operator = models.CharField(max_length=150)  # whose answer it is, as drawn
    operator_user = models.BigIntegerField(null=True, blank=True)  # … the person
    channel = models.CharField(max_length=20)
    field = models.CharField(max_length=40, blank=True)
    answered = models.DateTimeField()
    pair = models.BooleanField(default=False)
    calibrated = models.DateTimeField(null=True, blank=True)
    result = models.FloatField(null=True, blank=True)  # 0–100 once it is settled; kept by actions
    settled = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sample", "ticket"], name="each_ticket_once_a_sample"),
            models.UniqueConstraint(fields=["sample", "call"], name="each_call_once_a_sample"),
            models.CheckConstraint(condition=Q(ticket=None) ^ Q(call=None), name="case_of_ticket_or_call"),
        ]
        indexes = [
            models.Index(fields=["operator", "-settled"], name="case_operator"),
            models.Index(fields=["sample", "order"], name="case_order"),
        ]

    def __str__(self) -> str:
        return f"case {self.order} of sample {self.sample_id}"

    @property
    def needs(self) -> int:
        """How many finished scores make a result."""
        return 2 if self.pair or self.calibrated else 1

    @property
    def verdict_or_none(self) -> "Verdict | None":
        return getattr(self, "verdict", None)


class Score(models.Model):
    """How one person scored one case; a draft until `at`."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="scores", db_index=False)
    by = models.CharField(max_length=150)
    by_user = models.BigIntegerField(null=True, blank=True)  # the person, whatever name they acted under
    points = models.JSONField(default=dict)
    comment = models.TextField(blank=True)
    total = models.FloatField(null=True, blank=True)
    saved = models.DateTimeField()
    at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "by"], name="one_score_a_person"),
            models.UniqueConstraint(fields=["case", "by_user"], name="score_once_by_a_person"),
        ]
        indexes = [models.Index(fields=["by", "-id"], name="score_by")]

    def __str__(self) -> str:
        return f"{self.by} on {self.case_id}: {self.total}"


class Verdict(models.Model):
    """The score that replaces the single ones: agreed in a calibration, or decided after a reply."""

    class Why(models.TextChoices):
        CALIBRATION = "calibration"
        REPLY = "reply"

    case = models.OneToOneField(Case, models.CASCADE, related_name="verdict")
    why = models.CharField(max_length=12, choices=Why.choices)
    points = models.JSONField()
    total = models.FloatField(null=True, blank=True)
    reason = models.TextField(blank=True)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"verdict on {self.case_id}: {self.total}"


class Remark(models.Model):
    """A remark about a case, or (coaching) to an operator. A reply is open until `decided`."""

    class Kind(models.TextChoices):
        DISCUSSION = "discussion"  # between those who score
        REPLY = "reply"  # of the operator, against the score
        COACHING = "coaching"  # of the supervisor, for the operator's eyes

    kind = models.CharField(max_length=12, choices=Kind.choices)
    case = models.ForeignKey(Case, models.CASCADE, null=True, blank=True, related_name="remarks")
    operator = models.CharField(max_length=150)
    operator_user = models.BigIntegerField(null=True, blank=True)  # … the person
    text = models.TextField()
    by = models.CharField(max_length=150)
    at = models.DateTimeField()
    decided = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=150, blank=True)
    decision = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(kind="reply"), name="one_reply_a_case"),
            models.CheckConstraint(condition=Q(kind="coaching") | Q(case__isnull=False), name="remark_on_a_case"),
        ]
        indexes = [models.Index(fields=["operator", "-id"], name="remark_operator")]

    def __str__(self) -> str:
        return f"{self.kind} by {self.by}"


class Transcript(models.Model):
    """A machine's transcript of a call. Personal data are masked for whoever need not know them."""

    row_door = "call"

    call = models.OneToOneField(Call, models.CASCADE, related_name="transcript")
    text = models.TextField()
    model = models.CharField(max_length=100)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"transcript of {self.call_id}"
