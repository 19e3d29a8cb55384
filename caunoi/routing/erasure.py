"""A person struck out of what agencies wrote to each other about their tickets; the custody stays."""

from collections.abc import Collection, Mapping

from django.db import transaction

from caunoi.events.actions import erase as erase_evidence
from caunoi.events.actor import SYSTEM
from caunoi.events.erasing import strike
from caunoi.lib.privacy.identity import Identity
from caunoi.routing.models import Handover, Opening

TEXTS = ("note", "reason", "asked_reason", "refusal", "answer")


@transaction.atomic
def erase(tickets: Collection[int], identity: Identity) -> Mapping[str, int]:
    """Strike the person of these tickets out of hand-overs, and erase why their identity was opened where that names
    them. How many rows."""
    openings = Opening.objects.filter(ticket__in=tickets)
    naming = [row.pk for row in openings if identity.strike(row.reason) != row.reason]
    return {
        "routing.handover": strike(Handover.objects.filter(ticket__in=tickets), TEXTS, identity),
        "routing.opening": erase_evidence("opening", naming, by=SYSTEM),
    }
