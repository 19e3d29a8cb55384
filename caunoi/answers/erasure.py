"""A person struck out of the answers to them; what was answered stays."""

from collections.abc import Collection, Mapping

from django.db import transaction

from caunoi.answers.models import Answer, MachineDraft
from caunoi.events.erasing import strike
from caunoi.lib.privacy.identity import Identity


@transaction.atomic
def erase(tickets: Collection[int], identity: Identity) -> Mapping[str, int]:
    """Strike the person of these tickets out of their answers, and forget by what words of a machine about them would
    be known again. How many rows."""
    drafts = MachineDraft.objects.filter(ticket__in=tickets).exclude(marks=[])
    return {
        "answers.answer": strike(Answer.objects.filter(ticket__in=tickets), ["text"], identity),
        "answers.machinedraft": drafts.update(marks=[]),
    }
