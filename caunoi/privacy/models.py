from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from caunoi.privacy.clocks import RequestKind


class DataRequest(models.Model):
    """Somebody asks to see, correct or delete what is kept about them, or whatever else the law gives them, with the
    law's clocks (clocks.py).

    `contacts` are theirs by proof, `phones` (E.164) the numbers proved to be theirs, `marks` further words by which
    they can be recognised; what could lead to them is emptied once they are erased. `holders`: those by whose ways
    alone the address of the file is sent (empty: any of them); `widened_by`: who of the staff added people to whoever
    asked. `progress` is {stage: {table: rows}} of what was erased, so that it resumes after the last stage that was
    done, and is the certificate."""

    class State(models.TextChoices):
        RECEIVED = "received"
        GRANTED = "granted"  # a worker carries it out
        DONE = "done"
        DECLINED = "declined"
        CANCELLED = "cancelled"  # by who asked

    class Via(models.TextChoices):
        LINK = "link"  # the page of their own ticket
        PAGE = "page"  # the public one
        STAFF = "staff"
        PROVIDER = "provider"  # Zalo or Facebook passed it on
        CELL = "cell"  # another province did, which had handed over their report

    class Proof(models.TextChoices):
        LINK = "link"
        CODE = "code"  # a one-time code, sent to the ticket's own number
        ACCOUNT = "account"  # an account elsewhere, which has verified the number or address on file
        STAFF = "staff"  # an operator has made sure
        PROVIDER = "provider"
        CELL = "cell"
        NONE = ""

    token = models.CharField(max_length=32, unique=True)  # of the page on which they read how it stands
    key = models.CharField(  # of the same page with the file, where whoever has `token` may not have that
        max_length=32, blank=True, default="", db_default="", db_index=True
    )
    kind = models.CharField(max_length=10, choices=[(k.value, k.value) for k in RequestKind])
    via = models.CharField(max_length=10, choices=Via.choices)
    proof = models.CharField(max_length=10, choices=Proof.choices, blank=True)
    contacts = ArrayField(models.BigIntegerField(), default=list)
    holders = ArrayField(models.BigIntegerField(), default=list, db_default=[])
    widened_by = models.BigIntegerField(null=True, blank=True)
    phones = ArrayField(models.CharField(max_length=16), default=list)
    marks = ArrayField(models.CharField(max_length=120), default=list)
    ticket = models.BigIntegerField(null=True, blank=True)  # by whose link they asked
    name = models.CharField(max_length=120, blank=True)  # as they gave it, where no contact is known
    reach = models.CharField(max_length=254, blank=True)  # a number or an address to answer to
    text = models.TextField(blank=True)
    received = models.DateTimeField(default=now)
    answer_due = models.DateTimeField()
    answered = models.DateTimeField(null=True, blank=True)  # they were told that and how it is dealt with
    due = models.DateTimeField()
    first_due = models.DateTimeField(null=True, blank=True)  # before the extension
    extension_reason = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    reason = models.TextField(blank=True)  # of the decision
    decided = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=150, blank=True)
    progress = models.JSONField(default=dict)
    finished = models.DateTimeField(null=True, blank=True)
    package = models.CharField(max_length=120, blank=True)  # where the file of everything lies in our storage
    package_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["due"], condition=Q(state__in=["received", "granted"]), name="data_request_open"),
            models.Index(fields=["-received"], name="data_request_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk} ({self.state})"


class Hold(models.Model):
    """Nothing of a person, or of a ticket, is deleted meanwhile: a court, an inspection, a dispute."""

    ticket = models.BigIntegerField(null=True, blank=True)
    contact = models.BigIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=300)
    since = models.DateTimeField(default=now)
    by = models.CharField(max_length=150)
    ended = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ticket=None) ^ Q(contact=None), name="hold_on_a_ticket_or_a_person")
        ]

    def __str__(self) -> str:
        return f"hold on {self.ticket or self.contact}"


class Term(models.Model):
    """How long a kind of data (retention.py) is kept, on what ground. Nothing is deleted before somebody has switched
    it on: what is gone is gone."""

    kind = models.SlugField(max_length=40, unique=True)
    days = models.PositiveIntegerField()
    source = models.CharField(max_length=300, blank=True)
    active = models.BooleanField(default=False)
    ran = models.DateTimeField(null=True, blank=True)
    deleted = models.PositiveIntegerField(default=0)  # the last time

    def __str__(self) -> str:
        return f"{self.kind}: {self.days} days"


class Breach(models.Model):
    """Personal data that was seen, changed or lost by whom it should not: from the discovery to the end. `kinds` are
    codes of breaches.KINDS. Kept for five years at least from its end (Decree 356/2025, article 29.1 c)."""

    class Harm(models.TextChoices):
        OPEN = ""
        NONE = "none"
        POSSIBLE = "possible"
        SERIOUS = "serious"

    title = models.CharField(max_length=200)
    began = models.DateTimeField(null=True, blank=True)  # as far as is known
    ended = models.DateTimeField(null=True, blank=True)
    discovered = models.DateTimeField()
    what = models.TextField()
    cause = models.TextField(blank=True)
    kinds = models.JSONField(default=list)
    harm = models.CharField(max_length=10, choices=Harm.choices, blank=True, default=Harm.OPEN)
    assessment = models.TextField(blank=True)
    measures = models.TextField(blank=True)
    assessed = models.DateTimeField(null=True, blank=True)
    authority_due = models.DateTimeField()
    authority = models.CharField(max_length=200, blank=True)  # whom it was reported to
    authority_number = models.CharField(max_length=80, blank=True)
    reported = models.DateTimeField(null=True, blank=True)
    late_reason = models.TextField(blank=True)
    letter = models.TextField(blank=True)  # what people are told
    notified = models.DateTimeField(null=True, blank=True)
    closed = models.DateTimeField(null=True, blank=True)
    lessons = models.TextField(blank=True)
    by = models.CharField(max_length=150)
    made = models.DateTimeField(default=now)

    class Meta:
        indexes = [models.Index(fields=["authority_due"], condition=Q(reported=None, closed=None), name="breach_due")]

    def __str__(self) -> str:
        return self.title


class Affected(models.Model):
    """A person who was touched by a breach, and how they were told. `once` is the key of the message in the queue of
    what we send; `told_by` says how a person told them who cannot be written to."""

    breach = models.ForeignKey(Breach, models.CASCADE, related_name="people", db_index=False)
    contact = models.BigIntegerField()
    once = models.CharField(max_length=80, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)
    told_by = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["breach", "contact"], name="each_person_once_a_breach")]

    def __str__(self) -> str:
        return f"{self.contact} in {self.breach_id}"


class Withdrawal(models.Model):
    """Somebody agreed to a version of the consent text and agrees no more."""

    contact = models.BigIntegerField()
    version = models.PositiveIntegerField()
    at = models.DateTimeField(default=now)
    request = models.ForeignKey(DataRequest, models.CASCADE, related_name="withdrawals")

    def __str__(self) -> str:
        return f"{self.contact} from version {self.version}"
