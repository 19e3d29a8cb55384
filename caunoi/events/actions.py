from datetime import datetime
from typing import Any

from django.db import models
from django.utils.timezone import now

from caunoi.events.actor import Actor
from caunoi.events.models import Event


def record(kind: str, subject: models.Model, *, by: Actor, at: datetime | None = None, **data: Any) -> Event:
    """Append what happened to `subject`, in the caller's transaction; flow.py says what follows once it is committed."""
    return Event.objects.create(
        at=at or now(),
        kind=kind,
        subject=subject._meta.model_name,
        subject_id=subject.pk,
        by=by.name,
        by_user=by.user_id,
        data=data,
    )
