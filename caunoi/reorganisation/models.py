from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Act(models.Model):
    """A decision of the state by which agencies or areas are renamed, merged, split or abolished from a day on. `units`
    are those that begin (as lib.succession.Unit has them), `choices` what people decided (question → id), `moved` how
    much went where when it was carried out."""

    class State(models.TextChoices):
        DRAFT = "draft"
        SCHEDULED = "scheduled"
        IN_FORCE = "in_force"
        DROPPED = "dropped"

    number = models.CharField(max_length=60)  # of the legal document: "1662/NQ-UBTVQH15"
    title = models.CharField(max_length=300)
    signed = models.DateField(null=True, blank=True)
    on = models.DateField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    units = models.JSONField(default=list)
    choices = models.JSONField(default=dict)
    moved = models.JSONField(default=dict)
    by = models.CharField(max_length=150)
    made = models.DateTimeField()
    scheduled = models.DateTimeField(null=True, blank=True)
    scheduled_by = models.CharField(max_length=150, blank=True)
    starts = models.DateTimeField(
        null=True, blank=True
    )  # not before this: of one of today or the past, so it can be stopped
    reason = models.CharField(max_length=300, blank=True, db_default="")  # why it is of the past
    carried_out = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["on"], condition=Q(state="scheduled"), name="act_scheduled")]

    def __str__(self) -> str:
        return self.number


class Line(models.Model):
    """One change of an act: these units end, those (by code, the main one first) follow."""

    act = models.ForeignKey(Act, models.CASCADE, related_name="lines")
    kind = models.CharField(max_length=10)  # rename, merge, split, abolish
    what = models.CharField(max_length=10)  # area, agency
    ends = ArrayField(models.BigIntegerField())
    heirs = ArrayField(models.CharField(max_length=40))

    def __str__(self) -> str:
        return f"{self.kind} {self.what} {self.ends} → {self.heirs}"
