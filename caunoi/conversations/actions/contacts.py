"""One person over several channels: joined on proof or by an operator, never guessed, and un-joined without loss."""

from collections.abc import Collection

from django.db import connection, transaction
from django.db.models import Q
from django.utils.timezone import now

from caunoi.conversations.models import Contact, ContactNote, Joining
from caunoi.events.actions import record
from caunoi.events.actor import CENTRE, SYSTEM, Actor, Kind, NotAllowedError, RefusedError, Role
from caunoi.lib import locks
from caunoi.lib.vietnamese.writing import nfc
from caunoi.vault import blind

LONGEST_NOTE = 1000  # characters


class BadNoteError(RefusedError):
    """It is longer than LONGEST_NOTE."""


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


@transaction.atomic
def correct(contact: Contact, *, by: Actor, **changes: str) -> list[str]:
    """What somebody is called, reached by and speaks instead (name, E.164 phone, email, language), as they say
    themselves or the centre's staff hears; a number that a provider vouched for stays. Which of these changed; not what
    they were. NotAllowedError."""
    if by.kind is not Kind.CITIZEN and not by.has(*CENTRE):
        raise NotAllowedError("centre_only")
    changed = {k: v for k, v in changes.items() if getattr(contact, k) != v and not (k == "phone" and contact.verified)}
    for field, value in changed.items():
        setattr(contact, field, value)
    if changed:
        contact.save(update_fields=list(changed))
        record("contact.correct", contact, by=by, fields=sorted(changed))
    return sorted(changed)


@transaction.atomic
def note_person(contact: Contact, text: str, *, by: Actor) -> ContactNote | None:
    """Something to know before one speaks with them; None without words. NotAllowedError, BadNoteError."""
    if not by.has(*CENTRE):
        raise NotAllowedError("centre_only")
    text = nfc(text).strip()
    if not text:
        return None
    if len(text) > LONGEST_NOTE:
        raise BadNoteError
    Contact.objects.select_for_update(no_key=True).get(pk=contact.pk)
    own = ContactNote.objects.filter(contact=contact, by_id=by.user_id)
    if same := next((note for note in own if note.text == text), None):
        return same
    note = ContactNote.objects.create(contact=contact, text=text, by_id=by.user_id)
    record("contact.note", contact, by=by, note=note.pk)
    return note


@transaction.atomic
def strike_note(note: ContactNote, *, by: Actor) -> bool:
    """Take a note away, by who wrote it or a supervisor; its words are nowhere any more. False when that was done
    before. NotAllowedError."""
    if not (by.has(Role.SUPERVISOR) or (by.has(*CENTRE) and by.is_person(note.by_id))):
        raise NotAllowedError("own_note")
    if not ContactNote.objects.filter(pk=note.pk).delete()[0]:
        return False
    record("contact.strike_note", note.contact, by=by, note=note.pk)
    return True


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
