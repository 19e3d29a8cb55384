"""One visibility: whoever may not see a ticket sees no thread, person or call that it is about."""

from django.conf import settings
from django.db.models import Model, QuerySet
from django.utils.module_loading import import_string

from caunoi.events.actor import Actor


def visible[M: Model](rows: QuerySet[M], by: Actor) -> QuerySet[M]:
    """Those of these rows that an actor may see, by the door in settings.DOORS for their model."""
    result: QuerySet[M] = import_string(settings.DOORS[rows.model._meta.label_lower])(rows, by)
    return result
