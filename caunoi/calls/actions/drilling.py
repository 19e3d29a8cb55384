"""A drill: for some minutes one exchange is left alone, as if it were gone, and all goes by the other."""

from datetime import datetime

from django.db import transaction

from caunoi.calls.actions.telling import tell_link
from caunoi.calls.models import Link
from caunoi.conversations.models import Inbox
from caunoi.events.actions import record
from caunoi.events.actor import Actor, administrators_only


@transaction.atomic
def begin_drill(box: Inbox, until: datetime, *, by: Actor) -> None:
    """Leave an inbox's exchange alone until then. Its queues keep their operators; what it does meanwhile is filled in
    afterwards, as after any gap."""
    administrators_only(by)
    if Link.objects.filter(inbox=box).exclude(drill_until=until).update(drill_until=until):
        record("inbox.drill", box, by=by, until=until.isoformat())
        tell_link()


@transaction.atomic
def end_drill(box: Inbox, *, by: Actor) -> None:
    """Take it back before the time is over."""
    administrators_only(by)
    if Link.objects.filter(inbox=box).exclude(drill_until=None).update(drill_until=None):
        record("inbox.drill", box, by=by, until="")
        tell_link()
