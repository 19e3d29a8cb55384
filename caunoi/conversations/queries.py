from functools import cache

from django.db.models import Count, Max, Q, QuerySet

from caunoi.conversations.models import Contact, Draft, Inbox, Receipt


@cache
def inbox(name: str) -> Inbox:
    """An inbox by its name. Inbox.DoesNotExist when there is none."""
    return Inbox.objects.get(name=name)


def has_inbox(name: str) -> bool:
    """Whether there is an inbox of this name."""
    try:
        inbox(name)
    except Inbox.DoesNotExist:
        return False
    return True


def receipt(box: Inbox, external_id: str) -> Receipt:
    """One receipt. Receipt.DoesNotExist when it never came."""
    return Receipt.objects.get(inbox=box, external_id=external_id)


def receipts(name: str) -> QuerySet[Receipt]:
    """What came in by an inbox, newest first."""
    return Receipt.objects.filter(inbox__name=name).order_by("-id")


def draft(token: str) -> Draft | None:
    return Draft.objects.filter(token=token).first()


def inboxes() -> QuerySet[Inbox]:
    """Every inbox with `received` (how many receipts), `last` (when) and `unreadable` (how many)."""
    unreadable = Count("receipt", filter=Q(receipt__state="unreadable"))
    return Inbox.objects.annotate(received=Count("receipt"), last=Max("receipt__at"), unreadable=unreadable).order_by(
        "id"
    )


def unread(name: str) -> QuerySet[Receipt]:
    """What an inbox holds that nobody could read, newest first."""
    return receipts(name).filter(state="unreadable")


def agreed() -> dict[int, int]:
    """Version of the consent text → how many contacts agreed to it."""
    rows = Contact.objects.exclude(consent=None).values_list("consent").annotate(Count("id"))
    return dict(rows.order_by())
