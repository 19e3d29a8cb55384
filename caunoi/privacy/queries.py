"""Who asked for what, what is kept about a person, and what may not be deleted now."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db import connection
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.timezone import now

from caunoi.answers.models import Answer
from caunoi.calls.models import Call, Dial
from caunoi.conversations.models import Callback, Contact, Conversation, Enclosure, Joining, Message, Outgoing, Receipt
from caunoi.conversations.queries.people import one_person
from caunoi.conversations.queries.raw import naming
from caunoi.directory.queries import calendar, option
from caunoi.events.actor import Actor, Role
from caunoi.events.rowsecurity import unlimited
from caunoi.events.visibility import visible
from caunoi.followers.models import Follower
from caunoi.lib.privacy.identity import Identity
from caunoi.lib.privacy.secret_links import hide
from caunoi.notifications.models import Subscription
from caunoi.privacy.models import Affected, Breach, DataRequest, Hold, Withdrawal
from caunoi.privacy.register import SENSITIVE
from caunoi.ratings.models import Rating
from caunoi.routing.models import Handover, Opening
from caunoi.tickets.lifecycle import ENDS, HANDLED
from caunoi.tickets.models import Note, Photo, Ticket, TicketCall
from caunoi.vault import blind

READER = Actor(name="supervisor", roles=frozenset({Role.SUPERVISOR}))
"""Whoever sees the whole centre but what is restricted."""
OPEN = (DataRequest.State.RECEIVED, DataRequest.State.GRANTED)


def requests(*, only_open: bool = False) -> QuerySet[DataRequest]:
    """All requests, those that are due first; or only those that are open."""
    rows = DataRequest.objects.order_by("due", "id")
    return rows.filter(state__in=OPEN) if only_open else rows


def past_requests(size: int = 100) -> list[DataRequest]:
    return list(DataRequest.objects.exclude(state__in=OPEN).order_by("-received")[:size])


def request(pk: int) -> DataRequest | None:
    return DataRequest.objects.filter(pk=pk).first()


def by_token(token: str) -> DataRequest | None:
    return DataRequest.objects.filter(token=token).first()


def by_address(token: str) -> DataRequest | None:
    """The request of an address that somebody was sent: of its page, or of its page with the file."""
    return DataRequest.objects.filter(Q(token=token) | Q(key=token)).first() if token else None


def account_of_deletion(receipt: int) -> tuple[str, str]:
    """The inbox by which a provider asked for somebody's deletion, and what it calls them."""
    row = Receipt.objects.select_related("inbox").get(pk=receipt)
    return row.inbox.label or row.inbox.name, str(row.raw.get("deletion", {}).get("user_id", ""))


def requests_of_ticket(ticket_id: int) -> list[DataRequest]:
    """What was asked by the link of a ticket, newest first."""
    return list(DataRequest.objects.filter(ticket=ticket_id).order_by("-id")[:20])


def notice_waits(pk: int) -> bool:
    """Whether a word about a request is still to be sent."""
    return Outgoing.objects.filter(once__startswith=f"data-request-{pk}-", state=Outgoing.State.QUEUED).exists()


def overdue(at: datetime | None = None) -> int:
    """How many requests wait for an answer, or to be carried out, past their time."""
    at = at or now()
    late = Q(due__lt=at) | Q(answered=None, answer_due__lt=at)
    return DataRequest.objects.filter(late, state__in=OPEN).count()


def answer_due(received: datetime) -> datetime:
    """By when somebody must be answered: working days."""
    return calendar("office").add_days(received, int(option("privacy_answer_days")))


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One person, with the keys of all that is theirs."""

    contacts: Sequence[int]
    tickets: Sequence[int]
    threads: Sequence[int]
    calls: Sequence[int]
    phones: Sequence[str] = ()
    identity: Identity = field(default_factory=Identity)
    own: int | None = None  # the ticket by whose own page they asked


def contacts_of_all(rows: Collection[DataRequest]) -> dict[int, list[Contact]]:
    """Whose data each of these requests is about, the oldest first."""
    people = Contact.objects.in_bulk(sorted({pk for row in rows for pk in row.contacts}))
    return {row.pk: [people[pk] for pk in sorted(row.contacts) if pk in people] for row in rows}


def contacts_of(row: DataRequest) -> list[Contact]:
    """Whose data it is about, the oldest first."""
    return list(Contact.objects.filter(pk__in=row.contacts).order_by("pk"))


def whole_person(contacts: Collection[int]) -> list[int]:
    """These contacts, and those that are proved to be one person with them."""
    return sorted(one_person(contacts)) if contacts else []


def proved_person(contacts: Collection[int]) -> list[int]:
    """These contacts, and those that are one person with them by more than the word of somebody of the staff: what may
    be given to one of them."""
    members, fresh = set(contacts), set(contacts)
    rows = Joining.objects.filter(undone=None).exclude(proof="operator")
    while fresh:
        pairs = rows.filter(Q(contact__in=fresh) | Q(into__in=fresh)).values_list("contact_id", "into_id")
        fresh = {end for pair in pairs for end in pair} - members
        members |= fresh
    return sorted(members)


@unlimited()
def hidden_people(row: DataRequest, visible: Collection[int]) -> tuple[int, int]:
    """How many people a request is about, and how many it may be about, who are not among those that are shown."""
    mine, others = contacts_of(row), may_be_theirs(row)
    return len({one.pk for one in mine}.difference(visible)), len({one.pk for one in others}.difference(visible))


@unlimited()
def tickets_at_work(contacts: Collection[int]) -> int:
    """How many tickets forbid to delete these people, those included that are hidden from the reader."""
    return len(at_work(contacts))


def may_be_theirs(row: DataRequest) -> list[Contact]:
    """Other contacts with the same number or address, or found by somebody to be one person with them: perhaps theirs,
    a person decides."""
    mine = contacts_of(row)
    phones = {one.phone for one in mine if one.phone} | ({row.reach} if row.reach.startswith("+") else set())
    emails = {one.email for one in mine if one.email} | ({row.reach} if "@" in row.reach else set())
    same = blind.within(Contact, "phone", phones) | blind.within(Contact, "email", emails)
    same |= Q(pk__in=whole_person(row.contacts))
    return list(Contact.objects.filter(same).exclude(pk__in=row.contacts).order_by("-pk")[:50])


def numbers(contacts: Collection[int]) -> list[tuple[str, bool]]:
    """The numbers of these contacts, and whether each is proved to be theirs: a provider vouched for it, or they called
    from it about a ticket of theirs."""
    mine = Contact.objects.filter(pk__in=contacts)
    called = {call.phone for call in Call.objects.filter(tickets__ticket__contact__in=contacts)} - {""}
    vouched = {one.phone for one in mine if one.verified}
    every = sorted({one.phone for one in mine if one.phone} | called)
    return [(phone, phone in called or phone in vouched) for phone in every]


def subject(contacts: Collection[int], phones: Collection[str] = (), identity: Identity | None = None) -> Subject:
    """Everything of these contacts; `phones` (E.164) are proved to be theirs."""
    tickets = list(Ticket.objects.filter(contact__in=contacts).values_list("pk", flat=True))
    calls = Call.objects.filter(Q(tickets__ticket__in=tickets) | blind.within(Call, "phone", phones))
    return Subject(
        contacts=list(contacts),
        tickets=tickets,
        threads=list(Conversation.objects.filter(contact__in=contacts).values_list("pk", flat=True)),
        calls=sorted(set(calls.values_list("pk", flat=True))),
        phones=list(phones),
        identity=identity or Identity(),
    )


def givable(person: Subject, own: int | None) -> Subject:
    """What of a person's may be given to them as a file: of what is restricted, the ticket alone by whose own page they
    asked (`own`). Who denounces somebody is told to nobody else, be it for the reason that they share a number."""
    tickets = Ticket.objects.filter(Q(restricted=False) | Q(pk=own), pk__in=person.tickets)
    people, calls = Contact.objects.filter(pk__in=person.contacts), Call.objects.filter(pk__in=person.calls)
    mine = {pk for (pk,) in Ticket.objects.filter(pk=own or 0).values_list("contact")}
    about = TicketCall.objects.filter(ticket=own).values("call")
    return replace(
        person,
        contacts=[
            pk for pk in person.contacts if pk in mine | set(visible(people, READER).values_list("pk", flat=True))
        ],
        tickets=list(tickets.values_list("pk", flat=True)),
        calls=sorted(
            {
                *visible(calls, READER).values_list("pk", flat=True),
                *calls.filter(pk__in=about).values_list("pk", flat=True),
            }
        ),
        own=own,
    )


def _messages(person: Subject) -> QuerySet[Message]:
    """What was exchanged with them, without what belongs to a restricted ticket that is not `own`."""
    rows = Message.objects.filter(conversation__in=person.threads)
    thread = Ticket.objects.filter(pk=person.own or 0).values("conversation")
    own = Q(exchange__ticket=person.own) if person.own else Q(pk=None)
    own |= Q(exchange=None, conversation__in=thread)
    return rows.filter(own | Q(pk__in=visible(rows, READER).values("pk")))


def _sent(person: Subject) -> QuerySet[Outgoing]:
    """What was sent to them, likewise."""
    rows = Outgoing.objects.filter(Q(conversation__in=person.threads) | Q(message__conversation__in=person.threads))
    thread = Ticket.objects.filter(pk=person.own or 0).values("conversation")
    own = Q(message__exchange__ticket=person.own) if person.own else Q(pk=None)
    own |= Q(message=None, conversation__in=thread)
    return rows.filter(own | Q(pk__in=visible(rows, READER).values("pk")))


def at_work(contacts: Collection[int]) -> list[str]:
    """The codes of tickets that are still being handled: nobody can mend a lamp whose place was erased."""
    over = set(ENDS) | set(HANDLED)
    rows = Ticket.objects.filter(contact__in=contacts).exclude(state__in=over)
    return list(rows.order_by("pk").values_list("code", flat=True))


def holds() -> QuerySet[Hold]:
    return Hold.objects.filter(ended=None).order_by("-since")


def hold(pk: int) -> Hold | None:
    return Hold.objects.filter(pk=pk, ended=None).first()


@unlimited()
def on_hold(contacts: Collection[int]) -> list[Hold]:
    """What forbids to delete these people now."""
    tickets = Ticket.objects.filter(contact__in=contacts).values("pk")
    return list(holds().filter(Q(contact__in=contacts) | Q(ticket__in=tickets)))


@unlimited()
def kept_people() -> set[int]:
    """The contacts of whom nothing is deleted by the clock: on hold, or asked about meanwhile."""
    rows = list(holds())
    people = {row.contact for row in rows if row.contact is not None}
    tickets = [row.ticket for row in rows if row.ticket is not None]
    people |= set(Ticket.objects.filter(pk__in=tickets).values_list("contact", flat=True))
    for contacts in DataRequest.objects.filter(state__in=OPEN).values_list("contacts", flat=True):
        people |= set(contacts)
    return set(whole_person(people))


def kept_calls(people: Collection[int]) -> list[int]:
    return list(Call.objects.filter(tickets__ticket__contact__in=people).values_list("pk", flat=True))


def traces(identity: Identity) -> dict[str, int]:
    """In how many rows of each table something of a person still stands: numbers, addresses and ids, that are theirs
    alone. Reads the whole database, and opens what came in; of what lies sealed, who has the number or address."""
    marks = [f"%{mark.replace('%', '')}%" for mark in identity.sure]
    counts: dict[str, int] = {}
    if not marks:
        return counts
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            name = connection.ops.quote_name(table)
            cursor.execute(f"SELECT count(*) FROM {name} AS r WHERE r::text ILIKE ANY(%s)", [marks])  # noqa: S608
            if count := cursor.fetchone()[0]:
                counts[table] = count
    same = blind.within(Contact, "phone", identity.phones) | blind.within(Contact, "email", identity.emails)
    for rows in (
        Contact.objects.filter(same),
        Call.objects.filter(blind.within(Call, "phone", identity.phones)),
        Dial.objects.filter(blind.within(Dial, "number", identity.phones)),
        Outgoing.objects.filter(blind.within(Outgoing, "address", {*identity.phones, *identity.emails})),
        Callback.objects.filter(blind.within(Callback, "phone", identity.phones)),
        Conversation.objects.filter(
            blind.starting(Conversation, "address", {*identity.phones, *identity.emails, *identity.others})
        ),
    ):
        if count := rows.count():
            counts[rows.model._meta.db_table] = count
    if count := len(naming(Receipt.objects.all(), identity)):
        counts[Receipt._meta.db_table] = max(count, counts.get(Receipt._meta.db_table, 0))
    return counts


def _ticket(ticket: Ticket) -> dict[str, Any]:
    """A ticket as its citizen may have it: what is for the staff only stays with the staff."""
    notes = Note.objects.filter(ticket=ticket, internal=False).order_by("pk")
    legs = Handover.objects.filter(ticket=ticket).select_related("agency").order_by("pk")
    answers = Answer.objects.filter(ticket=ticket, state=Answer.State.APPROVED).order_by("pk")
    return {
        "code": ticket.code,
        "state": ticket.state,
        "kind": ticket.kind,
        "channel": ticket.channel,
        "text": ticket.text,
        "summary": ticket.summary,
        "address": ticket.address,
        "latitude": ticket.latitude,
        "longitude": ticket.longitude,
        "category": ticket.category.name if ticket.category else "",
        "area": ticket.area.name if ticket.area else "",
        "received": ticket.received,
        "answered": ticket.answered,
        "closed": ticket.closed,
        "notes": [note.text for note in notes],
        "answers": [{"at": one.approved or one.at, "text": one.text} for one in answers],
        "agencies": [{"agency": leg.agency.name, "since": leg.sent, "until": leg.ended} for leg in legs],
        "ratings": list(Rating.objects.filter(ticket=ticket).values("at", "grade", "reasons", "comment")),
        "identity_opened": list(Opening.objects.filter(ticket=ticket).order_by("at").values("at", "agency__name")),
        "browsers_notified": Subscription.objects.filter(ticket=ticket).count(),
    }


def _contact(contact: Contact) -> dict[str, Any]:
    return {
        "name": contact.name,
        "phone": contact.phone,
        "phone_verified": contact.verified,
        "email": contact.email,
        "address": contact.address,
        "language": contact.language,
        "consent_version": contact.consent,
        "notes": [{"at": note.at, "text": note.text} for note in contact.notes.all()],
    }


def _notice(sent: Outgoing) -> dict[str, Any]:
    """What was sent to them, without the links in it: the file lies about for longer than they hold."""
    return {
        "at": sent.at,
        "inbox__channel": sent.inbox.channel,
        "address": sent.address,
        "text": hide(sent.text or ""),
        "state": sent.state,
    }


def everything(person: Subject) -> dict[str, Any]:
    """All that is kept about a person and theirs to have, as JSON takes it but for times."""
    contacts = Contact.objects.filter(pk__in=person.contacts).prefetch_related("notes").order_by("pk")
    tickets = Ticket.objects.filter(pk__in=person.tickets).select_related("category", "area").order_by("pk")
    messages = _messages(person).order_by("at", "pk")
    calls = Call.objects.filter(pk__in=person.calls).order_by("began")
    callbacks = visible(Callback.objects.filter(contact__in=person.contacts), READER).order_by("asked")
    sent = _sent(person)
    following = Follower.objects.filter(
        Q(conversation__in=person.threads) | Q(email__in=[mail for mail in person.identity.emails if mail])
    )
    return {
        "made": now(),
        "contacts": [_contact(one) for one in contacts],
        "consents_withdrawn": list(
            Withdrawal.objects.filter(contact__in=person.contacts).order_by("at").values("version", "at")
        ),
        "tickets": [_ticket(one) for one in tickets],
        "messages": list(
            messages.values("at", "inbound", "text", "quoted", "subject_line", "latitude", "longitude", "removed")
        ),
        "notices": [_notice(one) for one in sent.select_related("inbox").order_by("at")],
        "calls": [
            {name: getattr(one, name) for name in ("began", "direction", "phone", "waited", "talked", "outcome")}
            for one in calls
        ],
        "callbacks": [
            {name: getattr(one, name) for name in ("asked", "phone", "reason", "text", "state", "ended")}
            for one in callbacks
        ],
        "follows": list(following.order_by("at").values("at", "email", "publication__ticket__code")),
        "requests": list(
            DataRequest.objects.filter(contacts__overlap=list(person.contacts)).values("received", "kind", "state")
        ),
    }


def files_of(person: Subject) -> list[tuple[str, str]]:
    """(name in the package, name in our storage) of the pictures they sent, with reports and in messages, and of
    recordings of their calls."""
    photos = Photo.objects.filter(ticket__in=person.tickets, role=Photo.Role.REPORT).order_by("pk")
    enclosures = Enclosure.objects.filter(
        message__in=_messages(person).values("pk"), message__inbound=True, attachment__isnull=False
    ).order_by("pk")
    pictures = [*photos.values_list("attachment__name", flat=True)]
    pictures += enclosures.values_list("attachment__name", flat=True)
    names = [(f"photo-{n}.webp", f"{name}.webp") for n, name in enumerate(dict.fromkeys(pictures), 1)]
    sounds = (
        Call.objects.filter(pk__in=person.calls).exclude(sound="").order_by("began").values_list("sound", flat=True)
    )
    return names + [(f"call-{n}.{sound.rpartition('.')[2]}", sound) for n, sound in enumerate(sounds, 1)]


def breaches() -> QuerySet[Breach]:
    return Breach.objects.order_by("-discovered", "-id")


def breach(pk: int) -> Breach | None:
    return Breach.objects.filter(pk=pk).first()


def unreported(at: datetime | None = None) -> int:
    """How many breaches must be reported to the authority and were not in time."""
    late = Breach.objects.filter(reported=None, closed=None, authority_due__lt=at or now())
    return late.exclude(Q(harm=Breach.Harm.NONE) & ~_sensitive()).count()


def untold(at: datetime | None = None) -> int:
    """How many breaches of positions or voices the people were not told of in time: they have the authority's 72 hours
    too (Decree 356/2025, article 29.1 a)."""
    return Breach.objects.filter(_sensitive(), notified=None, closed=None, authority_due__lt=at or now()).count()


def _sensitive() -> Q:
    return reduce(or_, (Q(kinds__contains=[kind]) for kind in sorted(SENSITIVE)))


def people_of(breaches: Collection[Breach]) -> dict[int, int]:
    """How many people each of these breaches touched."""
    rows = Affected.objects.filter(breach__in=[row.pk for row in breaches]).order_by()
    return dict(rows.values_list("breach").annotate(Count("pk")))


@unlimited()
def standings(row: Breach) -> list[tuple[bool, bool, str, int]]:
    """Of how many people touched: whether a person told them, whether they were written to, and how far the last way
    that was tried has come."""
    sent = Outgoing.objects.filter(once=OuterRef("once")).values(last=Coalesce("instead__state", "state"))
    rows = Affected.objects.filter(breach=row).order_by()
    rows = rows.annotate(
        by_person=Q(told_at__isnull=False), written=~Q(once=""), last=Coalesce(Subquery(sent[:1]), Value(""))
    )
    return list(rows.values_list("by_person", "written", "last").annotate(Count("pk")))


def affected(row: Breach, most: int) -> list[tuple[Affected, Contact | None, Outgoing | None]]:
    """The first so many who were touched, with what we sent each: the last way that was tried. Without a person who is
    hidden from the reader."""
    rows = list(Affected.objects.filter(breach=row).order_by("pk")[:most])
    people = Contact.objects.in_bulk([one.contact for one in rows])
    keys = [one.once for one in rows if one.once]
    sent: dict[str, Outgoing] = {}
    with unlimited():
        for out in Outgoing.objects.filter(once__in=keys).select_related("instead", "inbox"):
            sent[out.once] = out.instead or out
    return [(one, people.get(one.contact), sent.get(one.once)) for one in rows]


def touched(
    codes: Collection[str] = (),
    category: str = "",
    area: str = "",
    channel: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[int]:
    """The contacts whose tickets a breach touched: by code, or by field, commune, channel and time of receipt. Nobody
    where nothing narrows it down: they are all written to."""
    if not (codes or category or area or channel or since or until):
        return []
    rows = Ticket.objects.all()
    if codes:
        rows = rows.filter(code__in=codes)
    narrowed = {"category__code": category, "area__code": area, "channel": channel}
    rows = rows.filter(**{name: value for name, value in narrowed.items() if value})
    if since:
        rows = rows.filter(received__gte=since)
    if until:
        rows = rows.filter(received__lt=until)
    return sorted(set(rows.values_list("contact", flat=True)))


def existing_codes(codes: Iterable[str]) -> set[str]:
    """Those of these codes that a ticket has."""
    return set(Ticket.objects.filter(code__in=list(codes)).values_list("code", flat=True))


def codes_of(contact: int) -> list[str]:
    """The codes of somebody's tickets, newest first."""
    return list(Ticket.objects.filter(contact=contact).order_by("-pk").values_list("code", flat=True)[:20])


@unlimited()
def has_tickets(contact: int) -> bool:
    """Whether somebody has a ticket, be it hidden from the reader."""
    return Ticket.objects.filter(contact=contact).exists()


def code_of(ticket: int | None) -> str:
    """A ticket's code; empty without one."""
    return Ticket.objects.filter(pk=ticket).values_list("code", flat=True).first() or "" if ticket else ""


def coded(code: str) -> Ticket | None:
    """The ticket of a code, whoever asks: for what the law has to be done about it."""
    return Ticket.objects.filter(code=code).first()


def affected_row(pk: int) -> Affected | None:
    return Affected.objects.select_related("breach").filter(pk=pk).first()
