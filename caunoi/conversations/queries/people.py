"""Who is the same person as whom, and why."""

from collections.abc import Iterable

from django.db.models import QuerySet

from caunoi.conversations.models import Contact, ContactNote, Conversation, Joining
from caunoi.events.actor import CENTRE, Actor
from caunoi.events.visibility import visible
from caunoi.vault import blind

MOST = 5  # candidates


def one_person(contacts: Iterable[int]) -> set[int]:
    """Every contact of the people whose contacts these are."""
    roots = set()
    for pk, principal in Contact.objects.filter(pk__in=list(contacts)).values_list("id", "principal_id"):
        roots.add(principal or pk)
    return roots | set(Contact.objects.filter(principal__in=roots).values_list("id", flat=True))


def _seen(contacts: Iterable[int], by: Actor) -> QuerySet[Contact]:
    return visible(Contact.objects.filter(pk__in=list(contacts)), by)


def person(contact: Contact, by: Actor) -> list[Contact]:
    """All contacts that are proved to be one person with this one and that `by` may see, the oldest first."""
    return list(_seen(one_person([contact.pk]), by).order_by("id"))


def joinings(contact: Contact, by: Actor) -> list[Joining]:
    """Why they are one person."""
    ids = _seen(one_person([contact.pk]), by).values("pk")
    rows = Joining.objects.filter(undone=None, contact__in=ids, into__in=ids)
    return list(rows.select_related("contact", "into").order_by("id"))


def notes(contacts: Iterable[int], by: Actor) -> list[ContactNote]:
    """What to know before one speaks with the people whose contacts these are, the latest first."""
    if not by.has(*CENTRE):
        return []
    rows = ContactNote.objects.filter(contact__in=_seen(one_person(contacts), by).values("pk"))
    return list(rows.select_related("by", "contact").order_by("-id"))


def note(pk: int, by: Actor) -> ContactNote | None:
    seen = visible(Contact.objects.all(), by).values("pk")
    rows = ContactNote.objects.filter(pk=pk, contact__in=seen) if by.has(*CENTRE) else ContactNote.objects.none()
    return rows.select_related("contact").first()


def threads_of(contacts: Iterable[int], by: Actor, limit: int) -> list[Conversation]:
    """What these contacts wrote by any channel, the latest first."""
    rows = visible(Conversation.objects.filter(contact__in=list(contacts)), by).select_related("inbox")
    return list(rows.order_by("-latest", "-id")[:limit])


def candidates(contact: Contact, by: Actor) -> list[tuple[Contact, str]]:
    """Who may be the same person, and why: the same phone number or e-mail address, as somebody typed it. A person
    decides; names and words prove nothing."""
    members = one_person([contact.pk])
    reasons: dict[int, tuple[Contact, str]] = {}
    for why, value in (("phone", contact.phone), ("email", contact.email)):
        if value:
            rows = visible(Contact.objects.filter(blind.equal(Contact, why, value)), by).exclude(pk__in=members)
            for row in rows.order_by("-id")[:MOST]:
                reasons.setdefault(row.pk, (row, why))
    return list(reasons.values())[:MOST]


def contact(pk: int, by: Actor) -> Contact | None:
    return _seen([pk], by).first()


def of_number(number: str, by: Actor) -> list[Contact]:
    """Who has given this number (E.164), as far as `by` may see them, the latest first."""
    return list(visible(Contact.objects.filter(blind.equal(Contact, "phone", number)), by).order_by("-id")[:MOST])


def joining(pk: int, by: Actor) -> Joining | None:
    seen = visible(Contact.objects.all(), by).values("pk")
    return Joining.objects.filter(pk=pk, contact__in=seen, into__in=seen).select_related("contact", "into").first()


def served_earlier(number: str) -> bool:
    """Whether calls from this number (E.164) are served before others'."""
    return Contact.objects.filter(blind.equal(Contact, "phone", number), served_earlier=True).exists()
