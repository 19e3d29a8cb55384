"""Who is one person with whom, and why."""

from collections.abc import Iterable

from django.db.models import Q

from caunoi.conversations.models import (
    Contact,
    Joining,
)


def one_person(contacts: Iterable[int]) -> set[int]:
    """Every contact of the people whose contacts these are."""
    roots = set()
    for pk, principal in Contact.objects.filter(pk__in=list(contacts)).values_list("id", "principal_id"):
        roots.add(principal or pk)
    return roots | set(Contact.objects.filter(principal__in=roots).values_list("id", flat=True))


def person(contact: Contact) -> list[Contact]:
    """All contacts that are proved to be one person with this one, the oldest first."""
    return list(Contact.objects.filter(pk__in=one_person([contact.pk])).order_by("id"))


def joinings(contact: Contact) -> list[Joining]:
    """Why they are one person."""
    ids = one_person([contact.pk])
    rows = Joining.objects.filter(undone=None).filter(Q(contact__in=ids) | Q(into__in=ids))
    return list(rows.select_related("contact", "into").order_by("id"))


def candidates(contact: Contact, limit: int = 5) -> list[tuple[Contact, str]]:
    """Who may be the same person, and why: the same phone number or e-mail address, as somebody typed it. A person
    decides; names and words prove nothing."""
    known = one_person([contact.pk])
    found: dict[int, tuple[Contact, str]] = {}
    for why, value in (("phone", contact.phone), ("email", contact.email)):
        if value:
            for row in Contact.objects.filter(**{why: value}).exclude(pk__in=known).order_by("-id")[:limit]:
                found.setdefault(row.pk, (row, why))
    return list(found.values())[:limit]


def contact(pk: int) -> Contact | None:
    return Contact.objects.filter(pk=pk).first()


def joining(pk: int) -> Joining | None:
    return Joining.objects.filter(pk=pk).select_related("contact", "into").first()
