from collections.abc import Collection
from datetime import timedelta

from django.db.models import Count, Q, QuerySet
from django.utils.timezone import now

from caunoi.channels.registry import channels
from caunoi.conversations.models import Inbox
from caunoi.conversations.queries import boxes, mailer, sends
from caunoi.followers.models import Follower
from caunoi.lib.crypto.envelope import digest
from caunoi.publication.models import Publication


def of_token(token: str) -> Follower | None:
    """The follower of a secret link."""
    rows = Follower.objects.select_related("publication__ticket", "conversation__inbox")
    return rows.filter(Q(token_index=digest(token)) | Q(token_plain=token)).first()


def now_of(publications: Collection[int]) -> QuerySet[Follower]:
    """Who follows these publications now."""
    return Follower.objects.filter(publication__in=publications, ended=None)


def joined(publication: Publication) -> int:
    """How many people have said that they have the same trouble."""
    return now_of([publication.pk]).filter(affected=True).count()


def joined_of(publications: Collection[int]) -> dict[int, int]:
    """How many people joined each publication, by its id."""
    rows = now_of(publications).filter(affected=True).values_list("publication").annotate(n=Count("id"))
    return dict(rows.order_by())


def asked_lately(email: str) -> int:
    """How many mails to confirm an address were sent within a day."""
    return Follower.objects.filter(email=email, confirmed=None, at__gte=now() - timedelta(days=1)).count()


def chats() -> list[str]:
    """The channels in whose chats one can follow a ticket."""
    able = {box.channel for box in boxes().values() if sends(box)}
    return [key for key, adapter in channels().items() if adapter.chat and key in able]


def mailbox() -> Inbox | None:
    """The inbox that mails to followers go out by, if there is one."""
    return mailer()
