"""A person struck out of leaders' orders about their tickets."""

from collections.abc import Collection, Mapping

from django.db import transaction

from caunoi.directives.models import Directive
from caunoi.events.erasing import strike
from caunoi.lib.privacy.identity import Identity


@transaction.atomic
def erase(tickets: Collection[int], identity: Identity) -> Mapping[str, int]:
    """Strike the person of these tickets out of orders and explanations. How many rows."""
    return {"directives.directive": strike(Directive.objects.filter(ticket__in=tickets), ["text", "answer"], identity)}
