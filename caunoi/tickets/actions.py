"""What can be done to a ticket. The only file that writes its state, and every change is an event in the same transaction."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Value
from django.utils.timezone import now

from caunoi.calls.models import Call
from caunoi.conversations import queries as conversations
from caunoi.conversations.actions import begin
from caunoi.conversations.models import Contact, Conversation, Message
from caunoi.directory.models import Agency, Area, Category
from caunoi.events.actions import record
from caunoi.events.actor import STAFF, Actor
from caunoi.events.models import Event
from caunoi.lib import danger
from caunoi.lib.vietnamese import lexemes, nfc
from caunoi.tickets import lifecycle
from caunoi.tickets.lifecycle import HANDLED, State, Urgency
from caunoi.tickets.models import Note, Participant, Photo, Ticket, TicketCall, Words
from caunoi.tickets.numbering import number
from caunoi.tickets.report import Report, Told

COLUMNS = {"category", "area", "agency", "kind", "urgency", "summary", "address", "latitude", "longitude", "occurred"}
TEXTS = {"question", "reason", "text", "note"}
TOLD = {"category", "area", "kind", "urgency"}  # changes of these are told in the event, of the others only that
CODES = {"refuse": {"reason"}}  # given as a code of a table, not as words
AGAIN = timedelta(minutes=10)  # within which the same words of a citizen are the same act


def words(ticket: Ticket) -> Words:
    """The row that makes a ticket findable."""
    literal = lexemes([(ticket.summary, "A"), (ticket.text, "B"), (ticket.address, "C")])
    return Words(ticket=ticket, vector=Value(literal))


def _reindex(ticket: Ticket, changed: Iterable[str]) -> None:
    if {"summary", "address"} & set(changed):
        row = words(ticket)
        Words.objects.bulk_create([row], update_conflicts=True, unique_fields=["ticket"], update_fields=["vector"])


def draft(report: Report, *, by: Actor, at: datetime) -> Ticket:
    """A clean report as a new ticket, without code and conversation, not saved."""
    return Ticket(
        follow=secrets.token_urlsafe(15),
        kind=report.kind,
        urgency=report.urgency,
        channel=report.channel,
        text=report.text,
        summary=report.summary,
        address=report.address,
        latitude=report.latitude,
        longitude=report.longitude,
        occurred=report.occurred,
        received=at,
        touched=at,
        category_id=report.category_id,
        area_id=report.area_id,
        operator=by.name if by.has(*STAFF) else "",
    )


def _event(kind: str, ticket: Ticket, *, by: Actor, at: datetime, data: dict[str, Any]) -> Event:
    """An event of a ticket, unsaved."""
    subject_id = ticket.pk or 0
    return Event(at=at, kind=kind, subject="ticket", subject_id=subject_id, by=by.name, by_user=by.user_id, data=data)


def created(ticket: Ticket, *, by: Actor) -> Event:
    """The event of a new ticket, not saved."""
    known = {"category_id": ticket.category_id, "area_id": ticket.area_id}
    data = {"to": State.NEW, "channel": ticket.channel, **{k: v for k, v in known.items() if v is not None}}
    return _event("ticket.create", ticket, by=by, at=ticket.received, data=data)


def _contact(report: Report) -> dict[str, Any]:
    r = report.reporter
    return {"name": r.name, "phone": r.phone, "email": r.email, "address": r.address, "consent": report.consent}


@transaction.atomic
def take(report: Report, *, by: Actor, at: datetime | None = None) -> Ticket:
    """Make a ticket of a report: receipt, conversation and ticket in one transaction; the same report (`once`) again
    gives the ticket it became. Missing when there are no words."""
    report = report.clean()
    at = at or now()
    box = conversations.inbox(report.inbox or report.channel)
    conversation = begin(box, report.once, dict(report.raw), report.text, _contact(report), by=by, at=at)
    if conversation is None:
        receipt = conversations.receipt(box, report.once)
        return Ticket.objects.get(conversation__messages__receipt=receipt)
    ticket = draft(report, by=by, at=at)
    ticket.conversation, ticket.contact = conversation, conversation.contact
    number([ticket])
    ticket.save(force_insert=True)
    Photo.objects.bulk_create([Photo(ticket=ticket, attachment_id=pk) for pk in report.photos])
    created(ticket, by=by).save(force_insert=True)
    return ticket


def advance(
    ticket: Ticket, name: str, *, by: Actor, at: datetime, given: Mapping[str, Any]
) -> tuple[Event, list[Note]]:
    """Make a move on the ticket in memory; return the event and notes that tell of it, unsaved. The one place where the
    lifecycle meets the columns; `move` and `replay` both go through here."""
    given = {k: nfc(v).strip() if isinstance(v, str) else v for k, v in given.items() if v not in (None, "")}
    have = {*given, *(column for column in ("category",) if ticket.category_id)}
    step = lifecycle.check(name, State(ticket.state), by, have, ticket_id=ticket.pk, agency_id=ticket.agency_id)
    before, after = State(ticket.state), step.to(State(ticket.state), ticket.asked_from)
    data: dict[str, Any] = {"from": before, "to": after}
    notes = []
    for key, value in given.items():
        if isinstance(value, Agency | Area | Category | Ticket):
            data[key] = value.code
        elif isinstance(value, datetime):
            data[key] = value.isoformat()
        elif key in TEXTS - CODES.get(name, set()):
            notes.append(Note(kind=key, text=value, internal=key == "note"))
            continue
        elif key not in ("summary", "address"):
            data[key] = value
    for key in COLUMNS & set(given):
        setattr(ticket, key, given[key])
    if name == "accept":
        ticket.urgency = given.get("urgency") or (ticket.category.urgency if ticket.category else ticket.urgency)
        ticket.operator = ticket.operator or by.name
    elif name == "ask":
        ticket.asked_from = before
    elif name == "merge":
        ticket.merged_into = given["into"]
    elif name == "leg_return":
        data["agency"] = ticket.agency.code if ticket.agency else ""
        ticket.agency = None
    elif name == "refuse" and given["reason"] == "denunciation" and not ticket.restricted:
        ticket.restricted = data["restricts"] = True
    elif name == "reopen":
        ticket.reopened += before in HANDLED
        if danger.number(given["reason"]):
            ticket.urgency = data["urgency"] = Urgency.URGENT
    if after is State.ANSWERED:
        ticket.answered = ticket.answered or at
    ticket.closed = at if after is State.CLOSED else ticket.closed if before is after else None
    ticket.state, ticket.touched = after, at
    return _event(f"ticket.{name}", ticket, by=by, at=at, data=data), notes


def take_back(ticket: Ticket, event: Event, *, by: Actor, at: datetime) -> None:
    """Undo a move of a ticket that is locked; see undoing.py, which decides whether, and puts the rest back."""
    data = {"from": ticket.state, "to": event.data["from"], "event": event.pk}
    ticket.state, ticket.touched = State(event.data["from"]), at
    ticket.save()
    _event("ticket.undo", ticket, by=by, at=at, data=data).save(force_insert=True)


@transaction.atomic
def move(ticket: Ticket, name: str, *, by: Actor, at: datetime | None = None, **given: Any) -> Event:
    """Make a move of the lifecycle, with what it needs as rows and words (category=…, agency=…, reason=…, text=…).
    NotPossible, NotAllowed or Missing when it cannot be made; `ticket` is brought up to date either way."""
    ticket.refresh_from_db(
        from_queryset=Ticket.objects.select_for_update(of=("self",)).select_related("category", "agency")
    )
    event, notes = advance(ticket, name, by=by, at=at or now(), given=given)
    ticket.save()
    event.save(force_insert=True)
    for note in notes:
        note.ticket, note.event = ticket, event.pk
    Note.objects.bulk_create(notes)
    _reindex(ticket, given)
    return event


@transaction.atomic
def edit(ticket: Ticket, *, by: Actor, **changes: Any) -> Ticket:
    """Correct what is written about a ticket (COLUMNS, not agency). Deadlines do not move by it."""
    locked = Ticket.objects.select_for_update().get(pk=ticket.pk)
    given = {k: v for k, v in changes.items() if k in COLUMNS - {"agency"} and getattr(locked, k) != v}
    if not given:
        return locked
    for key, value in given.items():
        setattr(locked, key, value)
    locked.touched = now()
    locked.save()
    _reindex(locked, given)
    told: dict[str, Any] = {k: getattr(v, "code", v) for k, v in given.items() if k in TOLD}
    record("ticket.edit", locked, by=by, fields=sorted(given), **told)
    return locked


@transaction.atomic
def remark(ticket: Ticket, text: str, *, by: Actor, internal: bool = True) -> Note:
    """Add a remark to a ticket: of the staff for the staff, or of the citizen for whoever holds it. It becomes urgent where
    the citizen speaks of danger to life."""
    if not internal and danger.number(text):
        edit(ticket, by=by, urgency=Urgency.URGENT)
    event = record("ticket.remark", ticket, by=by, internal=internal)
    return Note.objects.create(ticket=ticket, event=event.pk, kind="note", text=nfc(text).strip(), internal=internal)


@transaction.atomic
def add(ticket: Ticket, text: str, *, by: Actor) -> Note | None:
    """What a citizen adds to a ticket; None for the words that they sent just now already (a second press, a reload)."""
    Ticket.objects.select_for_update(no_key=True).get(pk=ticket.pk)
    last = Note.objects.filter(ticket=ticket, kind__in=["note", "reason"], internal=False).order_by("-pk").first()
    if last and last.text == nfc(text).strip() and Event.objects.filter(pk=last.event, at__gt=now() - AGAIN).exists():
        return None
    return remark(ticket, text, by=by, internal=False)


def share(ticket: Ticket, agency: Agency, *, at: datetime | None = None) -> None:
    """Let an agency see a ticket from now on; doing it twice is doing it once."""
    Participant.objects.get_or_create(ticket=ticket, agency=agency, until=None, defaults={"since": at or now()})


def unshare(ticket: Ticket, agency: Agency, *, at: datetime | None = None) -> None:
    """An agency has nothing more to do with a ticket."""
    Participant.objects.filter(ticket=ticket, agency=agency, until=None).update(until=at or now())


@transaction.atomic
def add_photos(ticket: Ticket, attachments: Sequence[int], role: str, *, by: Actor) -> None:
    """Put pictures to a ticket; the same picture twice is once."""
    rows = [Photo(ticket=ticket, attachment_id=pk, role=role) for pk in attachments]
    Photo.objects.bulk_create(rows, ignore_conflicts=True)
    if rows:
        record("ticket.photos", ticket, by=by, role=role, count=len(rows))


@transaction.atomic
def link_call(ticket: Ticket, call: Call, *, by: Actor) -> None:
    """A call is about a ticket; saying it twice is once."""
    if TicketCall.objects.get_or_create(ticket=ticket, call=call, defaults={"by": by.name})[1]:
        record("ticket.call", ticket, by=by, call=call.pk)


@transaction.atomic
def unlink_call(ticket: Ticket, call: Call, *, by: Actor) -> None:
    """It was about something else."""
    if TicketCall.objects.filter(ticket=ticket, call=call).delete()[0]:
        record("ticket.uncall", ticket, by=by, call=call.pk)


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """What a told history became: `events` are the creation and then one a move, in order."""

    ticket: Ticket
    events: Sequence[Event]
    told: Told


def _insert(tickets: Sequence[Ticket]) -> None:
    """Save them in this order; what was merged into another of them is told so when that one is a row."""
    later = [(t, t.merged_into) for t in tickets if t.merged_into and t.merged_into.pk is None]
    for ticket, _ in later:
        ticket.merged_into = None
    Ticket.objects.bulk_create(tickets, batch_size=1000)
    for ticket, into in later:
        ticket.merged_into = into
    Ticket.objects.bulk_update([ticket for ticket, _ in later], ["merged_into"])


@transaction.atomic
def replay(histories: Iterable[Told]) -> list[Replayed]:
    """Write whole histories in bulk, each move checked as `move` checks it; nothing reacts to them. The rows are the
    same as single moves would have left (proved in tests/tickets/test_told_histories.py). A move may name another of these
    histories where it needs a ticket: merged `into` that one."""
    drafts = [(told, told.report.clean()) for told in histories]
    tickets = [draft(report, by=told.by, at=told.at) for told, report in drafts]
    number(tickets)
    became = {id(told): ticket for (told, _), ticket in zip(drafts, tickets, strict=True)}
    stories: list[tuple[Told, list[Event], list[tuple[int, Note]]]] = []
    for (told, report), ticket in zip(drafts, tickets, strict=True):
        ticket.contact = Contact(**_contact(report))
        events, notes = [created(ticket, by=told.by)], []
        for made in told.moves:
            given = {k: became[id(v)] if isinstance(v, Told) else v for k, v in made.given.items()}
            event, said = advance(ticket, made.name, by=made.by, at=made.at, given=given)
            notes += [(len(events), note) for note in said]
            events.append(event)
        stories.append((told, events, notes))
    Contact.objects.bulk_create([t.contact for t in tickets], batch_size=2000)
    for ticket, (told, _, _) in zip(tickets, stories, strict=True):
        box = conversations.inbox(told.report.inbox or told.report.channel)
        ticket.conversation = Conversation(inbox=box, contact=ticket.contact, address=told.report.once)
    Conversation.objects.bulk_create([t.conversation for t in tickets], batch_size=2000)
    heard = [
        Message(conversation=t.conversation, inbound=True, text=t.text, at=t.received, by=told.by.name)
        for t, (told, _, _) in zip(tickets, stories, strict=True)
    ]
    Message.objects.bulk_create(heard, batch_size=2000)
    _insert(tickets)
    Words.objects.bulk_create([words(t) for t in tickets], batch_size=1000)
    every: list[Event] = []
    for ticket, (_, events, _) in zip(tickets, stories, strict=True):
        for event in events:
            event.subject_id, event.pending, event.recorded = ticket.pk, False, event.at
        every += events
    Event.objects.bulk_create(every, batch_size=2000)
    rows, photos = [], []
    for ticket, (told, events, notes) in zip(tickets, stories, strict=True):
        for index, note in notes:
            note.ticket, note.event = ticket, events[index].pk
            rows.append(note)
        photos += [Photo(ticket=ticket, attachment_id=pk) for pk in told.report.photos]
    Note.objects.bulk_create(rows, batch_size=2000)
    Photo.objects.bulk_create(photos, batch_size=2000)
    return [Replayed(ticket=t, events=e, told=told) for t, (told, e, _) in zip(tickets, stories, strict=True)]
