"""How the channels are doing: what waits, what was refused, what did not arrive."""

from datetime import timedelta
from typing import Any

from django.db.models import Count, Max, Min, OuterRef, QuerySet, Subquery, Sum
from django.utils.timezone import now

from caunoi.channels.base import Reach
from caunoi.channels.registry import channel, channels
from caunoi.conversations.models import (
    Forgery,
    Inbox,
    Outgoing,
    Receipt,
)
from caunoi.directory.queries import Fresh
from caunoi.events.actor import SYSTEM, Actor
from caunoi.events.visibility import visible

DEAD = [Outgoing.State.FAILED, Outgoing.State.EXPIRED]


def undelivered(by: Actor) -> QuerySet[Outgoing]:
    """What did not arrive in any way and a person must look at, newest first. What holds a secret of one of the staff
    stands beside that person instead."""
    return (
        visible(Outgoing.objects.filter(state__in=DEAD, instead=None, dropped=None, secret=""), by)
        .select_related("inbox", "conversation__contact", "message__conversation__contact")
        .order_by("-id")
    )


def forgeries() -> list[tuple[str, int]]:
    """Inbox and how many calls to it were not the provider's, ever."""
    rows = Forgery.objects.values_list("inbox__name").annotate(total=Sum("count")).order_by("inbox__name")
    return [(name, total) for name, total in rows]


def backlog() -> dict[str, int]:
    """How much waits to be read (waiting), could not be read (unreadable), waits to be sent (queued), was not
    delivered (dead)."""
    unread = dict(Receipt.objects.exclude(state="read").order_by().values_list("state").annotate(Count("id")))
    return {
        "waiting": unread.get("waiting", 0),
        "unreadable": unread.get("unreadable", 0),
        "queued": Outgoing.objects.filter(state="queued").count(),
        "dead": undelivered(SYSTEM).count(),
    }


def forged_lately(box: Inbox) -> int:
    """How many calls of the last day were forged: a wrong secret shows here."""
    since = now() - timedelta(days=1)
    return Forgery.objects.filter(inbox=box, hour__gte=since).aggregate(total=Sum("count"))["total"] or 0


def waiting_to_go(box: Inbox | None = None) -> int:
    """How many messages wait to be sent, by an inbox or by all."""
    waiting = Outgoing.objects.filter(state="queued")
    return (waiting.filter(inbox=box) if box else waiting).count()


def health() -> list[dict[str, Any]]:
    """Every inbox with a channel: last in, last out, what waits, what could not be read or delivered."""
    out = Outgoing.objects.filter(inbox=OuterRef("pk")).order_by().values("inbox")
    receipts = Receipt.objects.filter(inbox=OuterRef("pk"))
    waiting = receipts.order_by().values("inbox").annotate(n=Count("id")).values("n")
    rows = Inbox.objects.order_by("id").annotate(
        last_in=Subquery(receipts.order_by("-id").values("at")[:1]),
        last_out=Subquery(out.exclude(sent=None).annotate(at_last=Max("sent")).values("at_last")),
        queued=Subquery(out.filter(state="queued").annotate(n=Count("id")).values("n")),
        oldest=Subquery(out.filter(state="queued").annotate(first=Min("at")).values("first")),
        dead=Subquery(
            out.filter(state__in=DEAD, instead=None, dropped=None, secret="").annotate(n=Count("id")).values("n")
        ),
        waiting=Subquery(waiting.filter(state="waiting")),
        unreadable=Subquery(waiting.filter(state="unreadable")),
    )
    return [{"inbox": box, "adapter": channel(box.channel)} for box in rows]


def _troubles() -> list[str]:
    rows = Inbox.objects.exclude(trouble="").filter(active=True).order_by("id")
    return [box.label or box.name for box in rows]


troubles: Fresh[list[str]] = Fresh(_troubles)
"""The inboxes that do not work, for every page of the staff."""


def _writes_to_people() -> bool:
    ways = (Reach.CHAT, Reach.SMS, Reach.MAIL)
    names = [name for name, adapter in channels().items() if adapter.reach in ways]
    return Inbox.objects.filter(channel__in=names, active=True).exists()


writes_to_people: Fresh[bool] = Fresh(_writes_to_people)
"""Whether there is any inbox by which citizens can be written to: SMS, mail or a chat."""
