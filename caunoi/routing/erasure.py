"""A person struck out of what agencies wrote to each other about their tickets; the custody stays."""

from collections.abc import Collection, Mapping

from django.db import transaction

from caunoi.events.erasing import strike
from caunoi.lib.privacy.identity import Identity
from caunoi.routing.models import Handover, Opening

TEXTS = ("note", "reason", "asked_reason", "refusal", "answer")


@transaction.atomic
def erase(tickets: Collection[int], identity: Identity) -> Mapping[str, int]:
    """Strike the person of these tickets out of hand-overs, and out of why their identity was opened. How many rows."""
    return {
        "routing.handover": strike(Handover.objects.filter(ticket__in=tickets), TEXTS, identity),
        "routing.opening": strike(Opening.objects.filter(ticket__in=tickets), ["reason"], identity),
    }
