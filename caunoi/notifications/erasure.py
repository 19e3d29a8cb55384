"""The browsers of a person forgotten; that they were notified, of what and when, stays."""

from collections.abc import Collection, Mapping

from django.db import transaction

from caunoi.notifications.models import Subscription


@transaction.atomic
def erase(tickets: Collection[int]) -> Mapping[str, int]:
    """Forget the browsers that wanted to hear of these tickets, with what was pushed to them. How many rows."""
    return {"notifications.subscription": Subscription.objects.filter(ticket__in=tickets).delete()[0]}
