"""One visibility: threads, persons and calls are as visible as the tickets they are about."""

from django.conf import settings
from django.db.models import Model, QuerySet
from django.utils.module_loading import import_string

from caunoi.events.actor import Actor


def visible[M: Model](rows: QuerySet[M], by: Actor) -> QuerySet[M]:
    """The rows that an actor may see, by the door in settings.DOORS for their model."""
    result: QuerySet[M] = import_string(settings.DOORS[rows.model._meta.label_lower])(rows, by)
    return result
