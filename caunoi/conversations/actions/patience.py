"""How long to wait before a provider is tried again."""

import random

from django.utils.timezone import now

from caunoi.conversations.models import Inbox

FIRST_WAIT, LONGEST_WAIT = 15.0, 3600.0  # seconds
LONGEST_PATIENCE = 600.0  # seconds between two looks whether a provider is back


def pause(attempts: int) -> float:
    """Seconds until the next try: doubling, with jitter so that a queue does not come back all at once."""
    return float(min(FIRST_WAIT * 2 ** min(attempts, 10), LONGEST_WAIT) * random.uniform(0.7, 1.3))


def patience(box: Inbox) -> float:
    """Seconds to leave a provider alone: the longer it has been away, the longer, so that few messages are tried on
    it."""
    since = Inbox.objects.values_list("trouble_since", flat=True).get(pk=box.pk)
    away = (now() - since).total_seconds() if since else 0.0
    return float(min(away * random.uniform(0.4, 0.6), LONGEST_PATIENCE))
