"""One person over several channels: joined on proof or by an operator, never guessed, and un-joined without loss."""

from collections.abc import Collection

from django.db import connection, transaction
from django.db.models import Q
from django.utils.timezone import now

from caunoi.conversations.models import Contact, Joining
from caunoi.events.actions import record
from caunoi.events.actor import CENTRE, SYSTEM, Actor, NotAllowedError
from caunoi.lib import locks
from caunoi.vault import blind


def vouch(contact: Contact, phone: str) -> None:
    """A provider vouches that a number (E.164) is somebody's; whoever else has proved it is the same person."""
    if contact.verified and contact.phone == phone:
        return
    contact.phone, contact.verified = phone, now()
    contact.save(update_fields=["phone", "verified"])
    others = Contact.objects.filter(blind.equal(Contact, "phone", phone), verified__isnull=False).exclude(pk=contact.pk)
    same = others.order_by("id").first()
    if same is not None:
        join(contact, same, proof="phone", by=SYSTEM)


def correct(contact: Contact, **changes: str) -> None:
    """What somebody says of themselves instead (name, E.164 phone, email); a number that a provider vouched for
    stays."""
    changed = {k: v for k, v in changes.items() if getattr(contact, k) != v and not (k == "phone" and contact.verified)}
    for field, value in changed.items():
        setattr(contact, field, value)
    if changed:
        contact.save(update_fields=list(changed))


@transaction.atomic
def serve_earlier(phone: str, earlier: bool, *, by: Actor) -> bool:
    """Whether calls from this number (E.164) are served before others'; for who cannot wait. Why is not kept. False
    where it was so. NotAllowedError."""
    if not by.has(*CENTRE):
        raise NotAllowedError("centre_only")
    _lock()
    rows = list(Contact.objects.filter(blind.equal(Contact, "phone", phone)).order_by("id"))
    if not rows and earlier:
        rows = [Contact.objects.create(phone=phone)]
    changed = [row for row in rows if row.served_earlier is not earlier]
    Contact.objects.filter(pk__in=[row.pk for row in changed]).update(served_earlier=earlier)
    for row in changed:
        record("contact.serve", row, by=by, earlier=earlier)
    return bool(changed)


@transaction.atomic
def join(contact: Contact, into: Contact, *, proof: str, by: Actor) -> Joining | None:
    """Two contacts are one person: on `phone` (verified), `link` (signed, sent by us) or because an `operator` says so.
    None when they are already. What was un-joined by a person is not joined again by the product."""
    if proof == "operator" and not by.has(*CENTRE):
        raise NotAllowedError("centre_only")
    _lock()
    if contact.pk == into.pk or into.pk in component(contact.pk):
        return None
    pair = Q(contact=contact, into=into) | Q(contact=into, into=contact)
    if by == SYSTEM and Joining.objects.filter(pair, undone__isnull=False).exists():
        return None
    row = Joining.objects.create(contact=contact, into=into, proof=proof, by=by.name)
    _settle(component(contact.pk))
    record("contact.join", contact, by=by, into=into.pk, proof=proof)
    return row


@transaction.atomic
def part(joining: Joining, *, by: Actor) -> bool:
    """They are not one person after all; False when that was undone before."""
    if not by.has(*CENTRE):
        raise NotAllowedError("centre_only")
    _lock()
    if not Joining.objects.filter(pk=joining.pk, undone=None).update(undone=now(), undone_by=by.name):
        return False
    for pk in (joining.contact_id, joining.into_id):
        _settle(component(pk))
    record("contact.part", joining.contact, by=by, into=joining.into_id)
    return True


def component(pk: int) -> set[int]:
    """All contacts that are one person with this one, by the joinings in force."""
    members, fresh = {pk}, {pk}
    while fresh:
        rows = Joining.objects.filter(Q(contact__in=fresh) | Q(into__in=fresh), undone=None)
        near = {end for pair in rows.values_list("contact_id", "into_id") for end in pair}
        fresh = near - members
        members |= fresh
    return members


def _settle(members: Collection[int]) -> None:
    """The oldest of them stands for all."""
    first = min(members)
    Contact.objects.filter(pk__in=members).exclude(pk=first).update(principal_id=first)
    Contact.objects.filter(pk=first).update(principal=None)


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [locks.JOINS_PEOPLE])
