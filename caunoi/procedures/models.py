"""Procedures (TTHC) in versions, what the province adds to them, and what people asked."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F

from caunoi.directory.models import Area
from caunoi.procedures.record import Record


class Import(models.Model):
    """One imported file: stored raw until it is applied, with the plan that was shown and its oddities."""

    class State(models.TextChoices):
        WAITING = "waiting"  # for a worker to read it
        READY = "ready"  # the plan can be looked at
        APPLYING = "applying"
        DONE = "done"
        FAILED = "failed"  # `error` says why; nothing was changed
        DROPPED = "dropped"
        UNDOING = "undoing"
        UNDONE = "undone"

    file_name = models.CharField(max_length=200)
    raw = models.BinaryField(null=True)
    digest = models.CharField(max_length=64)
    kind = models.CharField(max_length=10, blank=True)  # list, full
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    effective_from = models.DateField()
    retires = models.BooleanField(default=True)  # whether procedures that the file no longer has are retired
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    plan = models.JSONField(null=True)  # see procedures/plan.py
    oddities = models.JSONField(default=list)  # of record.Oddity
    error = models.CharField(max_length=500, blank=True)
    trail = models.JSONField(null=True)  # what it touched, before and after (see actions/undoing.py); none: no way back
    by = models.CharField(max_length=150)
    by_user = models.BigIntegerField(null=True)
    at = models.DateTimeField(auto_now_add=True)
    applied = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.file_name} ({self.state})"


class Procedure(models.Model):
    """One administrative procedure, by the national code; never deleted, its code never given again.

    `name` to `audience` repeat the version in force, for lists and search.
    """

    code = models.CharField(max_length=8, unique=True)
    name = models.TextField()
    folded = models.TextField()
    sort = models.TextField()
    field = models.CharField(max_length=200, blank=True)
    levels = ArrayField(models.CharField(max_length=60), default=list)
    audience = ArrayField(models.CharField(max_length=120), default=list)
    agency = models.TextField(blank=True)
    current = models.OneToOneField("Version", models.PROTECT, null=True, related_name="+")
    retired = models.DateField(null=True, blank=True)
    successor = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="predecessors")
    source = models.CharField(
        max_length=200, blank=True
    )  # which list it belongs to: retired when that no longer has it
    listed = models.JSONField(null=True)  # the last list's row, as Record content
    full_digest = models.CharField(max_length=64, blank=True)  # of the last full record
    changed = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = [models.Index(fields=["field", "sort"], name="procedure_field")]

    def __str__(self) -> str:
        return f"{self.code} {self.name[:60]}"


class Version(models.Model):
    """A procedure's content on [effective_from, effective_to): that of a Record."""

    procedure = models.ForeignKey(Procedure, models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    decision = models.CharField(max_length=200, blank=True)
    effective_from = models.DateField()
    effective_to = models.DateField(null=True, blank=True)
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()
    source = models.ForeignKey(Import, models.PROTECT, null=True, related_name="versions")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["procedure", "number"], name="each_version_once"),
            models.CheckConstraint(
                condition=models.Q(effective_to=None) | models.Q(effective_to__gte=F("effective_from")),
                name="version_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.procedure_id} version {self.number}"

    @property
    def record(self) -> Record:
        return Record.of(self.content)


class Note(models.Model):
    """What the province adds: which counter, which phone, what to bring; imports leave it alone."""

    procedure = models.ForeignKey(Procedure, models.CASCADE, related_name="notes")
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True)  # none = everywhere in the province
    text = models.TextField(max_length=2000)
    phone = models.CharField(max_length=20, blank=True)
    active = models.BooleanField(default=True)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"note on {self.procedure_id}"


class Synonym(models.Model):
    """A citizen's word and what the procedures call it: "sổ đỏ" → "giấy chứng nhận quyền sử dụng đất"."""

    word = models.CharField(max_length=100, unique=True)
    meaning = models.CharField(max_length=300)
    note = models.CharField(max_length=300, blank=True)
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"{self.word} = {self.meaning}"


class Question(models.Model):
    """One search: the words, the codes found, the one picked. Reviewers write notes and synonyms from it."""

    class Asker(models.TextChoices):
        STAFF = "staff"
        CITIZEN = "citizen"

    text = models.CharField(max_length=500)
    folded = models.CharField(max_length=500)
    at = models.DateTimeField()
    asker = models.CharField(max_length=10, choices=Asker.choices)
    place = models.CharField(max_length=20, blank=True)  # which page or API asked
    found = ArrayField(models.CharField(max_length=8), default=list)
    score = models.FloatField(default=0)
    picked = models.CharField(max_length=8, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["at"], name="question_at"),
            models.Index(fields=["folded"], name="question_folded"),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class SearchIndex(models.Model):
    """An index of the procedures in force, built once for all processes of a release; committed with what it rests on.

    `release`: what code and data made it; `stamp`: of which procedures (finding.py); `took`: seconds."""

    release = models.CharField(max_length=64)
    stamp = models.CharField(max_length=64)
    at = models.DateTimeField()
    took = models.FloatField()
    body = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["release", "-id"], name="search_index_newest")]

    def __str__(self) -> str:
        return f"search index {self.pk}"
