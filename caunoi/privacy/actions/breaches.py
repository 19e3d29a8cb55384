"""A breach of personal data, from the discovery to the end: assessed, reported, told to whom it touched."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext, override
from django.utils.translation import gettext_noop as _

from caunoi.conversations.actions import Saying, ask_callback, say_all
from caunoi.conversations.models import Contact, Conversation
from caunoi.conversations.queries import senders, ways
from caunoi.directory.queries import option
from caunoi.events.actions import record
from caunoi.events.actor import SYSTEM, Actor, NotAllowedError, Role
from caunoi.lib.vietnamese.writing import nfc
from caunoi.privacy import queries
from caunoi.privacy.models import Affected, Breach
from caunoi.privacy.register import SENSITIVE
from caunoi.tickets.lifecycle import MissingDataError

KINDS = {
    "name": _("Names"),
    "contact": _("Phone numbers and addresses"),
    "words": _("What people reported"),
    "location": _("Places of people, from their phones"),
    "voice": _("Recordings of voices"),
    "photo": _("Photos"),
    "id": _("Numbers of identity papers"),
    "account": _("Accounts of the staff"),
}
SUBJECT = _("About your personal data")
UNTOLD = ("under_way", "not_reached", "waiting")
TEXTS = ("title", "what", "cause", "assessment", "measures", "authority", "authority_number", "late_reason", "letter")


class NotReadyError(MissingDataError):
    """A step of it lacks what came before."""


def _keeps(by: Actor) -> None:
    if not by.has(Role.ADMIN, Role.SUPERVISOR):
        raise NotAllowedError("breaches")


def touches_sensitive(row: Breach) -> bool:
    """Whether positions or voices were touched: then the authority and the people are told within 72 hours of the
    discovery whatever the harm (Decree 356/2025, article 29.1)."""
    return not SENSITIVE.isdisjoint(row.kinds)


def must_report(row: Breach) -> bool:
    """Whether the authority must be told, or may have to be: it is not assessed yet (Law 91/2025, article 23.1)."""
    return row.harm != Breach.Harm.NONE or touches_sensitive(row)


def must_tell(row: Breach) -> bool:
    """Whether the people who were touched must be told: of positions and voices by the law, of serious harm by the
    house's own rule."""
    return row.harm == Breach.Harm.SERIOUS or touches_sensitive(row)


@transaction.atomic
def discover(title: str, what: str, discovered: datetime, *, by: Actor, **values: Any) -> Breach:
    """Write down that a breach was discovered: the authority's clock runs from then."""
    _keeps(by)
    if lacking := {name for name, text in (("title", title), ("what", what)) if not text.strip()}:
        raise MissingDataError(lacking)
    row = Breach.objects.create(
        title=nfc(title).strip(),
        what=nfc(what).strip(),
        discovered=discovered,
        authority_due=_due(discovered),
        by=by.name,
        **values,
    )
    record("breach.discover", row, by=by)
    return row


def _due(discovered: datetime) -> datetime:
    return discovered + timedelta(hours=int(option("breach_hours")))


@transaction.atomic
def correct(row: Breach, *, discovered: datetime, by: Actor, **values: Any) -> Breach:
    """What was written down first was wrong: the clock runs from another moment, which the record keeps beside the one
    before. NotReadyError once it was reported or closed."""
    _keeps(by)
    before = Breach.objects.select_for_update().get(pk=row.pk)
    if before.reported:
        raise NotReadyError({"authority"})
    values |= {"discovered": discovered, "authority_due": _due(discovered)}
    return _write(row, "breach.correct", values, by, discovered_before=before.discovered.isoformat())


def _write(row: Breach, kind: str, values: Mapping[str, Any], by: Actor, **more: Any) -> Breach:
    clean = {k: nfc(v).strip() if k in TEXTS else v for k, v in values.items()}
    if not Breach.objects.filter(pk=row.pk, closed=None).update(**clean):
        raise NotReadyError({"closed"})
    row.refresh_from_db()
    record(kind, row, by=by, fields=sorted(clean), **more)
    return row


@transaction.atomic
def assess(row: Breach, *, by: Actor, **values: Any) -> Breach:
    """What happened, whom it may harm, what was done about it. MissingDataError while the harm is not assessed."""
    _keeps(by)
    if not values.get("harm"):
        raise MissingDataError({"harm"})
    return _write(row, "breach.assess", values | {"assessed": now()}, by)


@transaction.atomic
def report(row: Breach, authority: str, number: str, at: datetime, late_reason: str = "", *, by: Actor) -> Breach:
    """It was reported to the authority at this time; after the deadline with a reason."""
    _keeps(by)
    lacking = set() if authority.strip() else {"authority"}
    if at > row.authority_due and not late_reason.strip():
        lacking.add("late_reason")
    if lacking:
        raise MissingDataError(lacking)
    values = {"authority": authority, "authority_number": number, "reported": at, "late_reason": late_reason}
    return _write(row, "breach.report", values, by)


@transaction.atomic
def touch(row: Breach, contacts: Collection[int], *, by: Actor) -> int:
    """These people were touched by it; how many were not known before. NotReadyError once it is closed."""
    _keeps(by)
    if not Breach.objects.select_for_update().filter(pk=row.pk, closed=None).exists():
        raise NotReadyError({"closed"})
    before = set(Affected.objects.filter(breach=row).values_list("contact", flat=True))
    fresh = sorted(set(contacts) - before)
    if fresh:
        Affected.objects.bulk_create((Affected(breach=row, contact=pk) for pk in fresh), ignore_conflicts=True)
        record("breach.touch", row, by=by, people=len(fresh))
    return len(fresh)


@transaction.atomic
def tell(row: Breach, letter: str, *, by: Actor) -> int:
    """Send everybody touched the letter by the way they used, once; whom no channel reaches is called. How many
    messages. The letter names nobody."""
    _keeps(by)
    if not letter.strip():
        raise MissingDataError({"letter"})
    _write(row, "breach.tell", {"letter": letter, "notified": now()}, by)
    waiting = {
        one.contact: one for one in Affected.objects.select_for_update().filter(breach=row, once="", told_at=None)
    }
    with override("vi"):
        subject = gettext(SUBJECT)  # the title is for the staff
    threads: dict[int, Conversation] = {}
    for thread in Conversation.objects.filter(contact__in=waiting).select_related("inbox", "contact").order_by("pk"):
        if not thread.public:
            threads[thread.contact_id] = thread
    able, sayings, people = senders(), [], Contact.objects.in_bulk(list(waiting))
    for pk, one in waiting.items():
        own, contact = threads.get(pk), people.get(pk)
        way = next(iter(ways(own, able)), None) if own else None
        one.once = f"breach-{row.pk}-{pk}"
        if own and way:
            sayings.append(Saying(conversation=own, text=row.letter, once=one.once, title=subject, way=way))
        elif contact and contact.phone:
            ask_callback(phone=contact.phone, reason="asked", by=SYSTEM, contact=contact, text=row.letter)
    Affected.objects.bulk_update(waiting.values(), ["once"])
    return len(say_all(sayings, by=by))


@transaction.atomic
def note_told(one: Affected, *, by: Actor) -> None:
    """A person has told them: by telephone, by letter, at the door."""
    _keeps(by)
    if Affected.objects.filter(pk=one.pk, told_at=None).update(told_at=now(), told_by=by.name):
        record("breach.told", one.breach, by=by, contact=one.contact)


@transaction.atomic
def close(row: Breach, lessons: str, *, by: Actor) -> Breach:
    """It is over. MissingDataError while it is not assessed, not reported though it must be, or not told to each who
    must be told: by a message that reached them, or by a person."""
    _keeps(by)
    lacking = {name for name, there in (("harm", row.harm), ("lessons", lessons.strip())) if not there}
    if must_report(row) and row.reported is None:
        lacking.add("authority")
    if must_tell(row):
        counts = people(row)
        if row.notified is None or not sum(counts.values()) or any(counts[name] for name in UNTOLD):
            lacking.add("letter")
    if lacking:
        raise NotReadyError(lacking)
    _write(row, "breach.close", {"lessons": nfc(lessons).strip(), "closed": now()}, by)
    return row


def people(row: Breach) -> Mapping[str, int]:
    """How many of those touched a letter has reached, is under way to, could not reach, and how many were told by
    somebody or not at all yet."""
    counts = dict.fromkeys(("reached", "under_way", "not_reached", "by_person", "waiting"), 0)
    for by_person, written, state, count in queries.standings(row):
        counts[_standing(by_person=by_person, written=written, state=state)] += count
    return counts


def standing(one: Affected, state: str) -> str:
    """How far one person has been told, by the state of the message to them."""
    return _standing(by_person=one.told_at is not None, written=bool(one.once), state=state)


def _standing(*, by_person: bool, written: bool, state: str) -> str:
    if by_person:
        return "by_person"
    if not written:
        return "waiting"
    if state in ("sent", "delivered", "read"):
        return "reached"
    return "under_way" if state == "queued" else "not_reached"
