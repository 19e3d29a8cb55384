"""A person struck out of what was written about the work on their tickets and calls; transcripts go as a whole."""

from collections.abc import Collection, Mapping

from django.db import transaction
from django.db.models import Q

from caunoi.events.erasing import strike
from caunoi.lib.privacy.identity import Identity
from caunoi.quality.models import Case, Remark, Score, Transcript, Verdict


@transaction.atomic
def erase(tickets: Collection[int], calls: Collection[int], identity: Identity) -> Mapping[str, int]:
    """Erase transcripts, and strike the person out of comments. How many rows."""
    cases = Case.objects.filter(Q(ticket__in=tickets) | Q(call__in=calls))
    return {
        "quality.transcript": Transcript.objects.filter(call__in=calls).delete()[0],
        "quality.score": strike(Score.objects.filter(case__in=cases), ["comment"], identity),
        "quality.verdict": strike(Verdict.objects.filter(case__in=cases), ["reason"], identity),
        "quality.remark": strike(Remark.objects.filter(case__in=cases), ["text", "decision"], identity),
    }
