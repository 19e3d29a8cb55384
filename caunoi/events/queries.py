from django.db import models
from django.db.models import QuerySet

from caunoi.events.models import Event


def history(subject: models.Model) -> QuerySet[Event]:
    """Everything that happened to one row, oldest first."""
    return Event.objects.filter(subject=subject._meta.model_name, subject_id=subject.pk).order_by("at", "id")


def histories(subject: str, ids: list[int]) -> QuerySet[Event]:
    """The same for many rows of one kind at once."""
    return Event.objects.filter(subject=subject, subject_id__in=ids).order_by("subject_id", "at", "id")


def backlog() -> int:
    """How many events wait for their reactions."""
    return Event.objects.filter(pending=True).count()
