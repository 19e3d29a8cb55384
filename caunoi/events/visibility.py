"""One visibility: what lies before tickets on the way (threads, people, calls) is behind the door of the tickets it is
about."""

from django.conf import settings
from django.db.models import Model, QuerySet
from django.utils.module_loading import import_string

from caunoi.events.actor import Actor


def visible[M: Model](rows: QuerySet[M], by: Actor) -> QuerySet[M]:
    """Of these rows those that an actor may see, as the door says that settings.DOORS names for their model."""
    found: QuerySet[M] = import_string(settings.DOORS[rows.model._meta.label_lower])(rows, by)
    return found
