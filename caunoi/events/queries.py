from collections.abc import Collection

from django.db import models
from django.db.models import Count, F, QuerySet

from caunoi.events import writing
from caunoi.events.models import Event, Failure
from caunoi.events.relations import relation

EVENTS = relation(Event, "id at recorded kind subject subject_id by by_user data")


def history(subject: models.Model) -> QuerySet[Event]:
    """Everything that happened to one row, oldest first."""
    return Event.objects.filter(subject=subject._meta.model_name, subject_id=subject.pk).order_by("at", "id")


def last(subject: models.Model, kind: str) -> Event | None:
    """The last event of a kind that happened to one row."""
    if subject.pk is None:
        return next((event for event in reversed(writing.rows_of(subject, Event)) if event.kind == kind), None)
    return history(subject).filter(kind=kind).last()


def histories(subject: str, ids: list[int]) -> QuerySet[Event]:
    """The events of several subjects of one kind, by subject."""
    return Event.objects.filter(subject=subject, subject_id__in=ids).order_by("subject_id", "at", "id")


def latest(subjects: Collection[str], *, before: int | None = None, size: int = 50) -> list[Event]:
    """What happened to rows of these kinds, newest first; `before` is the id of the last one seen. Such rows are rare:
    `id + 0` keeps PostgreSQL from walking all events from the end."""
    events = Event.objects.filter(subject__in=subjects)
    if before is not None:
        events = events.filter(id__lt=before)
    return list(events.order_by((F("id") + 0).desc())[:size])


def event(pk: int) -> Event | None:
    return Event.objects.filter(pk=pk).first()


def backlog() -> int:
    """How many events wait for their reactions."""
    return Event.objects.filter(pending=True).count()


def failures() -> QuerySet[Failure]:
    """Reactions that failed and have not succeeded since, with their events; newest first."""
    return Failure.objects.select_related("event").order_by("-pk")


def failing() -> tuple[int, int]:
    """How many of them are still tried by themselves, and how many wait for somebody."""
    counts = Failure.objects.aggregate(again=Count("due"), all=Count("pk"))
    return counts["again"], counts["all"] - counts["again"]
