"""What can be done to a ticket. The only file that writes its state, and every change is an event in the same
transaction."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Value
from django.utils.module_loading import import_string
from django.utils.timezone import now

from caunoi.calls.models import Call
from caunoi.conversations import queries as conversations
from caunoi.conversations.actions import begin
from caunoi.conversations.models import Contact, Conversation, Inbox, Message
from caunoi.directory.models import Agency
from caunoi.events import writing
from caunoi.events.actions import record
from caunoi.events.actor import STAFF, Actor
from caunoi.events.actor import Kind as ActorKind
from caunoi.events.models import Event
from caunoi.lib.messages import danger
from caunoi.lib.vietnamese.writing import lexemes, nfc
from caunoi.tickets import datum, lifecycle
from caunoi.tickets.datum import DatumKind
from caunoi.tickets.lifecycle import State, Urgency
from caunoi.tickets.models import Note, Participant, Photo, Ticket, TicketCall, Words
from caunoi.tickets.numbering import number
from caunoi.tickets.report import History, Report

EDITABLE = datum.COLUMNS - {"agency"} | {"address", "latitude", "longitude", "occurred"}
CODES = {"category", "area", "kind", "urgency"}  # an event names these; of the others only that they changed
AGAIN = timedelta(minutes=10)  # within which the same words of a citizen are the same act


def _words(ticket: Ticket) -> Words:
    """The row that makes a ticket findable."""
    literal = lexemes([(ticket.summary, "A"), (ticket.text, "B"), (ticket.address, "C")])
    return Words(ticket=ticket, vector=Value(literal))


def index(tickets: Iterable[Ticket]) -> None:
    """Make tickets findable by their words as they are now."""
    rows = [_words(ticket) for ticket in tickets]
    Words.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["ticket"], update_fields=["vector"], batch_size=1000
    )


def _reindex(ticket: Ticket, changed: Iterable[str]) -> None:
    if ticket.pk is not None and {"summary", "address"} & set(changed):
        index([ticket])


class Opening(NamedTuple):
    """What a ticket begins with: a clean report in a conversation."""

    report: Report
    conversation: Conversation
    by: Actor
    at: datetime


def _draft(opening: Opening) -> Ticket:
    report, thread, by, at = opening
    return Ticket(
        follow=secrets.token_urlsafe(15),
        kind=report.kind,
        urgency=report.urgency,
        channel=report.channel,
        restricted=_is_confidential(report, by),
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
        conversation=thread,
        contact=thread.contact,
    )


def _is_confidential(report: Report, by: Actor) -> bool:
    """Whether its words keep it from everybody but the custodians, where nobody was asked."""
    unasked = by.kind in (ActorKind.CITIZEN, ActorKind.APP, ActorKind.SERVICE) and not report.ordinary
    return unasked and import_string(settings.CONFIDENCE)(report.text) is not None


def _contact(report: Report) -> dict[str, Any]:
    r = report.reporter
    return {"name": r.name, "phone": r.phone, "email": r.email, "address": r.address, "consent": report.consent}


def _inbox(report: Report) -> Inbox:
    return conversations.inbox(report.inbox) if report.inbox else conversations.inbox_of(report.channel)


@writing.act
def take(report: Report, *, by: Actor, at: datetime | None = None) -> Ticket:
    """Make a ticket of a report: receipt, conversation and ticket in one transaction; the same report (`once`) again
    returns the ticket it became. MissingDataError when there are no words."""
    report = report.clean()
    at = at or now()
    box = _inbox(report)
    conversation = begin(box, report.once, dict(report.raw), report.text, _contact(report), by=by, at=at)
    if conversation is None:
        receipt = conversations.receipt(box, report.once)
        return Ticket.objects.get(conversation__messages__receipt=receipt)
    (ticket,) = open_in([Opening(report, conversation, by, at)])
    return ticket


def open_in(openings: Sequence[Opening]) -> list[Ticket]:
    """New tickets of these reports, numbered in this order."""
    tickets = [_draft(each) for each in openings]
    number(tickets)
    for ticket, (report, _, by, at) in zip(tickets, openings, strict=True):
        writing.insert(ticket)
        writing.insert_all([Photo(ticket=ticket, attachment_id=pk) for pk in report.photos], of=ticket, once=True)
        ids = {"category_id": ticket.category_id, "area_id": ticket.area_id}
        codes: dict[str, Any] = {k: v for k, v in ids.items() if v is not None}
        record("ticket.create", ticket, by=by, at=at, to=State.NEW, channel=ticket.channel, **codes)
    return tickets


def take_past(histories: Sequence[History]) -> list[Ticket]:
    """The tickets with which these histories began, as `take` makes them but without receipts: nothing came in. In a
    batch (`writing.together`). MissingDataError when there are no words."""
    openings = []
    for history in histories:
        report = history.report.clean()
        contact = writing.insert(Contact(**_contact(report)))
        thread = writing.insert(Conversation(inbox=_inbox(report), contact=contact, address=report.once))
        writing.insert(Message(conversation=thread, inbound=True, text=report.text, at=history.at, by=history.by.name))
        openings.append(Opening(report, thread, history.by, history.at))
    return open_in(openings)


def _hold(ticket: Ticket) -> None:
    """Lock a ticket until the end of the transaction, and bring it up to date."""
    if ticket.pk is not None:
        ticket.refresh_from_db(
            from_queryset=Ticket.objects.select_for_update(of=("self",)).select_related("category", "agency")
        )


@writing.act
def move(ticket: Ticket, name: str, *, by: Actor, at: datetime | None = None, **move_input: Any) -> Event:
    """Make a move of the lifecycle, with what it needs as rows and words (category=…, agency=…, reason=…, text=…).
    NotPossibleError, NotAllowedError or MissingDataError when it cannot be made; `ticket` is brought up to date either
    way. Input that no row of the lifecycle declares is a fact of the move's owner, for the event: codes and numbers;
    TypeError for words, which never reach it."""
    _hold(ticket)
    at = at or now()
    values = {k: nfc(v).strip() if isinstance(v, str) else v for k, v in move_input.items() if v not in (None, "")}
    have = {*values, *(column for column in ("category",) if ticket.category_id)}
    row = lifecycle.check(name, State(ticket.state), by, have, ticket_id=ticket.pk, agency_id=ticket.agency_id)
    before, after = State(ticket.state), row.to(State(ticket.state), ticket.asked_from)
    data: dict[str, Any] = {"from": before, "to": after}
    notes = []
    for key, value in values.items():
        spec = row.takes.get(key) or lifecycle.DATA.get(key)
        if spec is None and isinstance(value, str):
            raise TypeError(f"{name}: {key} would put words into the event")
        if spec is not None and spec.kind is DatumKind.WORDS:
            notes.append(Note(ticket=ticket, kind=key, text=value, internal=not spec.citizen))
        elif spec is None or spec.kind is not DatumKind.LINE:
            data[key] = getattr(value, "code", value)
        if key in datum.COLUMNS:
            setattr(ticket, key, value)
    if row.effect:
        data |= import_string(row.effect)(ticket, before, values, by)
    if after is State.ANSWERED:
        ticket.answered = ticket.answered or at
    ticket.closed = at if after is State.CLOSED else ticket.closed if before is after else None
    ticket.state, ticket.touched = after, at
    writing.save(ticket)
    event = record(row.event, ticket, by=by, at=at, **data)
    writing.insert_all(notes, of=ticket, event=event)
    _reindex(ticket, values)
    return event


def take_back(ticket: Ticket, event: Event, *, by: Actor, at: datetime) -> None:
    """Undo a move of a ticket that is locked; see undoing.py, which decides whether, and puts the rest back."""
    data: dict[str, Any] = {"from": ticket.state, "to": event.data["from"], "event": event.pk}
    ticket.state, ticket.touched = State(event.data["from"]), at
    ticket.save()
    record("ticket.undo", ticket, by=by, at=at, **data)


@writing.act
def edit(ticket: Ticket, *, by: Actor, at: datetime | None = None, **changes: Any) -> Ticket:
    """Correct what is written about a ticket (EDITABLE); its deadlines stay."""
    locked = ticket if ticket.pk is None else Ticket.objects.select_for_update().get(pk=ticket.pk)
    values = {k: v for k, v in changes.items() if k in EDITABLE and getattr(locked, k) != v}
    if not values:
        return locked
    for key, value in values.items():
        setattr(locked, key, value)
    locked.touched = at or now()
    writing.save(locked)
    _reindex(locked, values)
    codes: dict[str, Any] = {k: getattr(v, "code", v) for k, v in values.items() if k in CODES}
    record("ticket.edit", locked, by=by, at=at, fields=sorted(values), **codes)
    return locked


@writing.act
def remark(ticket: Ticket, text: str, *, by: Actor, internal: bool = True) -> Note:
    """Add a remark to a ticket: from the staff for the staff, or from the citizen for its holder. It becomes urgent
    where the citizen speaks of danger to life."""
    if not internal and danger.number(text):
        edit(ticket, by=by, urgency=Urgency.URGENT)
    event = record("ticket.remark", ticket, by=by, internal=internal)
    return Note.objects.create(ticket=ticket, event=event.pk, kind="note", text=nfc(text).strip(), internal=internal)


@writing.act
def add(ticket: Ticket, text: str, *, by: Actor) -> Note | None:
    """Add a citizen's remark; None for words that they have just sent (a second press, a reload)."""
    Ticket.objects.select_for_update(no_key=True).get(pk=ticket.pk)
    last = Note.objects.filter(ticket=ticket, kind__in=["note", "reason"], internal=False).order_by("-pk").first()
    if last and last.text == nfc(text).strip() and Event.objects.filter(pk=last.event, at__gt=now() - AGAIN).exists():
        return None
    return remark(ticket, text, by=by, internal=False)


def share(ticket: Ticket, agency: Agency, *, at: datetime | None = None) -> None:
    """Let an agency see a ticket from now on; doing it twice is doing it once."""
    writing.ensure(ticket, Participant, {"agency": agency, "until": None}, {"since": at or now()})


def unshare(ticket: Ticket, agency: Agency, *, at: datetime | None = None) -> None:
    """An agency has nothing more to do with a ticket."""
    writing.update(ticket, Participant, {"agency": agency, "until": None}, until=at or now())


@writing.act
def add_photos(ticket: Ticket, attachments: Sequence[int], role: str, *, by: Actor, at: datetime | None = None) -> None:
    """Add pictures to a ticket; the same picture twice is once."""
    rows = [Photo(ticket=ticket, attachment_id=pk, role=role) for pk in attachments]
    writing.insert_all(rows, of=ticket, once=True)
    if rows:
        record("ticket.photos", ticket, by=by, at=at, role=role, count=len(rows))


@writing.act
def link_call(ticket: Ticket, call: Call, *, by: Actor) -> None:
    """A call is about a ticket; saying it twice is once."""
    if TicketCall.objects.get_or_create(ticket=ticket, call=call, defaults={"by": by.name})[1]:
        record("ticket.call", ticket, by=by, call=call.pk)


@writing.act
def unlink_call(ticket: Ticket, call: Call, *, by: Actor) -> None:
    """It was about something else."""
    if TicketCall.objects.filter(ticket=ticket, call=call).delete()[0]:
        record("ticket.uncall", ticket, by=by, call=call.pk)
