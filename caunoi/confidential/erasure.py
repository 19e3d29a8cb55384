"""A person asked for everything of theirs to be erased. What they told in confidence is for custodians to erase, and
that there is such a case is nobody else's: so they are told, and nothing is counted."""

from collections.abc import Collection, Mapping

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop, override

from caunoi.confidential.custodians import tell_all
from caunoi.confidential.lanes import State
from caunoi.confidential.models import Case, Entry
from caunoi.lib.privacy.identity import Identity

NOTE = gettext_noop(
    "Whoever reported this asked for everything about them to be erased. Close and erase it, or say why not."
)


@transaction.atomic
def ask(tickets: Collection[int], identity: Identity) -> Mapping[str, int]:
    """A note in each case that came of these tickets, or bears the number or address of the person; custodians are
    told."""
    cases = [row for row in Case.objects.exclude(state=State.ERASED) if _is_theirs(row, tickets, identity)]
    with override("vi"):
        Entry.objects.bulk_create(Entry(case=row, kind=Entry.Kind.NOTE, text=gettext(NOTE)) for row in cases)
    if cases:
        tell_all(
            gettext_noop("Something is to be decided about what was reported in confidence"),
            reverse("confidential:home"),
        )
    return {}


def _is_theirs(row: Case, tickets: Collection[int], identity: Identity) -> bool:
    words = row.words
    ways = {words.get("phone"), words.get("email")} - {"", None}
    return row.ticket_id in tickets or not ways.isdisjoint({*identity.phones, *identity.emails})
