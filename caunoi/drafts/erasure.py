"""What the staff typed about a person and did not send yet, forgotten."""

from collections.abc import Collection, Mapping

from django.db import transaction
from django.db.models import Q

from caunoi.drafts.models import Draft
from caunoi.events.erasing import mentioning
from caunoi.lib.privacy.identity import Identity


@transaction.atomic
def erase(about: Collection[str], identity: Identity) -> Mapping[str, int]:
    """Forget drafts about these tickets and threads (`ticket-12`, `thread-7`), and those that name the person. How
    many rows."""
    naming = mentioning(Draft.objects.all(), "fields", identity).values_list("pk", flat=True)
    return {"drafts.draft": Draft.objects.filter(Q(about__in=about) | Q(pk__in=list(naming))).delete()[0]}
