from django.db import models

from caunoi.procedures.models import Import


class Plane(models.Model):
    """What we hold of a control plane, which is its key: the newest catalogue as it was signed, and what was wrong when
    it was last asked. The row of a key stays when another is named, so that its numbers never go back."""

    key = models.CharField(max_length=44, unique=True)  # base64
    number = models.PositiveIntegerField(default=0)
    document = models.BinaryField(default=bytes)
    signature = models.CharField(max_length=100, blank=True)
    answered = models.DateTimeField(null=True)  # when all that it shows was last read, and in order
    tried = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"catalogue {self.number}"


class PlaneEdition(models.Model):
    """An edition of common data that came in, whole and signed. Of procedures what becomes of it is its import's to
    say."""

    class State(models.TextChoices):
        WAITING = "waiting"  # for an administrator
        DONE = "done"
        DROPPED = "dropped"
        UNDONE = "undone"

    class Subject(models.TextChoices):
        PROCEDURES = "procedures"
        AREAS = "areas"
        HOLIDAYS = "holidays"

    plane = models.ForeignKey(Plane, models.PROTECT, related_name="editions", db_index=False)
    subject = models.CharField(max_length=10, choices=Subject.choices)
    number = models.PositiveIntegerField()
    issued = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True)
    document = models.BinaryField()  # as it was signed
    signature = models.CharField(max_length=100)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    raw = models.BinaryField(null=True)  # the one file that is for us, until it was decided on
    incoming = models.ForeignKey(Import, models.PROTECT, null=True, related_name="+")
    trail = models.JSONField(null=True)  # what it touched, before and after
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plane", "subject", "number"], name="edition_once")]

    def __str__(self) -> str:
        return f"edition {self.number} of {self.subject}"
