from django.db import models
from django.db.models import Q

from caunoi.directory.models import Agency
from caunoi.procedures.models import Version
from caunoi.tickets.models import Ticket


class Answer(models.Model):
    """What an agency or the centre replies to the citizen."""

    row_door = "ticket"

    class State(models.TextChoices):
        SUBMITTED = "submitted"
        APPROVED = "approved"
        REVISED = "revised"  # sent back to be written better

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="answers", db_index=False)
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True)  # none = the centre
    text = models.TextField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.SUBMITTED)
    by = models.CharField(max_length=150)
    by_user = models.BigIntegerField(null=True, blank=True)  # the person; none: a link, an import, unknown
    at = models.DateTimeField()
    approved_by = models.CharField(max_length=150, blank=True)
    approved = models.DateTimeField(null=True, blank=True)
    by_machine = models.BooleanField(default=False, db_default=False)  # words that a machine drafted are left in it

    class Meta:
        indexes = [models.Index(fields=["ticket", "-id"], name="answer_ticket")]

    def __str__(self) -> str:
        return f"answer to {self.ticket_id} ({self.state})"


class MachineDraft(models.Model):
    """That a machine was asked for words beside a ticket, and what became of them. The words are not kept: `marks` lets
    them be known again in what people send."""

    row_door = "ticket"

    class Kind(models.TextChoices):
        ANSWER_DRAFT = "answer_draft"  # keys of the AI register
        SUMMARY = "summary"

    class Fate(models.TextChoices):
        LEFT = "left"
        CHANGED = "changed"
        TAKEN = "taken"

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="machine_drafts")
    kind = models.CharField(max_length=12, choices=Kind)
    at = models.DateTimeField()
    by_user = models.BigIntegerField(null=True, blank=True)
    refused = models.CharField(max_length=20, blank=True)  # why there were no words
    dropped = models.PositiveSmallIntegerField(default=0)
    marks = models.JSONField(default=list)  # per sentence (marks.py)
    fate = models.CharField(max_length=7, choices=Fate, default=Fate.LEFT)

    class Meta:
        indexes = [models.Index(fields=["at"], name="machine_draft_at")]

    def __str__(self) -> str:
        return f"{self.kind} for {self.ticket_id} ({self.fate})"


class Template(models.Model):
    """An answer written beforehand, for questions that come again and again."""

    name = models.CharField(max_length=150, unique=True)
    text = models.TextField()
    active = models.BooleanField(default=True)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Citation(models.Model):
    """Which version of a procedure an answer or a template rests on; `said` is its text at that time.

    `newer` is the version in force where it differs, `changed` the fields that differ, `wrong` whether the advice would
    be another today; all empty while the cited version still applies.
    """

    answer = models.ForeignKey(Answer, models.CASCADE, null=True, related_name="citations", db_index=False)
    template = models.ForeignKey(Template, models.CASCADE, null=True, related_name="citations")
    version = models.ForeignKey(Version, models.PROTECT, related_name="citations")
    said = models.TextField()
    at = models.DateTimeField()
    newer = models.ForeignKey(Version, models.PROTECT, null=True, related_name="+")
    changed = models.JSONField(default=list)
    wrong = models.BooleanField(default=False)
    called_for = models.PositiveIntegerField(default=0)  # the version for which the citizen was to be called
    settled = models.BooleanField(default=False)  # a reviewer has dealt with it

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(answer=None, template__isnull=False) | Q(answer__isnull=False, template=None),
                name="citation_of_an_answer_or_a_template",
            ),
            models.UniqueConstraint(fields=["answer", "version"], name="each_version_cited_once"),
        ]
        indexes = [models.Index(fields=["id"], condition=Q(wrong=True, settled=False), name="citation_wrong")]

    def __str__(self) -> str:
        return f"citation of {self.version_id}"
