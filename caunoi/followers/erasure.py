"""A person who follows others' tickets, forgotten."""

from collections.abc import Collection, Mapping

from django.db import transaction
from django.db.models import Q

from caunoi.followers.models import Follower


@transaction.atomic
def erase(contacts: Collection[int], emails: Collection[str]) -> Mapping[str, int]:
    """Forget what these people follow, by their chats and addresses. How many rows."""
    mine = Q(conversation__contact__in=contacts) | Q(email__in=[email for email in emails if email])
    return {"followers.follower": Follower.objects.filter(mine).delete()[0]}
