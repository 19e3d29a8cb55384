"""The state of the bridge's link to a PBX, as the desk shows it."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.timezone import now

from caunoi.calls.actions.gaps import close_gap, open_gap
from caunoi.calls.actions.telling import tell_link
from caunoi.calls.models import Link
from caunoi.conversations.actions import in_trouble, well
from caunoi.conversations.models import Inbox


@transaction.atomic
def up(box: Inbox, since: datetime) -> None:
    """Record that the exchange is connected. What happened since somebody listened last is a gap."""
    row = Link.objects.select_for_update().filter(inbox=box).first()
    if row and row.up_since:  # the bridge before did not live to say that it is gone
        open_gap(row, row.seen, "")
    close_gap(box, since)
    values = {"up_since": since, "down_since": None, "reason": "", "seen": now()}
    row, _ = Link.objects.update_or_create(inbox=box, defaults=values)
    Link.objects.filter(pk=row.pk).update(connects=F("connects") + 1)
    well(Inbox.objects.get(pk=box.pk))
    tell_link()


@transaction.atomic
def down(box: Inbox, since: datetime, reason: str, *, ours: bool = True) -> None:
    """The link is lost, or never was; the first moment and the latest reason count. `ours`: whether the caller held it
    until then; else nobody has listened since the one before was last seen."""
    row, _ = Link.objects.select_for_update().get_or_create(inbox=box)
    if row.up_since:
        open_gap(row, since if ours else min(since, row.seen), reason)
    values = {"up_since": None, "down_since": row.down_since or since, "reason": reason[:200], "seen": now()}
    Link.objects.filter(inbox=box).update(**values)
    in_trouble(box, reason)
    tell_link()


def alive(box: Inbox, *, events: int = 0, lag: float | None = None) -> None:
    """The bridge is there, whatever the link does; it heard of so many events since it said so last, the latest of them
    `lag` seconds after it was."""
    counts = {"events": F("events") + events} if events else {}
    Link.objects.filter(inbox=box).update(seen=now(), **counts, **({} if lag is None else {"lag": lag}))


def serve(box: Inbox, queues: Iterable[str]) -> None:
    """The queues whose members the bridge keeps from now on; those before have been emptied."""
    Link.objects.filter(inbox=box).update(queues=" ".join(queues))
