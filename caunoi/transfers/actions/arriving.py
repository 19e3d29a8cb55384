"""What another cell says to this one, checked, done once, and answered with what this one signs."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils.dateparse import parse_datetime
from django.utils.timezone import now

from caunoi.conversations.actions import make_inbox
from caunoi.conversations.queries import has_inbox
from caunoi.directory.queries import categories
from caunoi.events.actions import record
from caunoi.events.actor import SYSTEM, citizen
from caunoi.files import actions as files
from caunoi.files.pictures import BadPictureError
from caunoi.lib import missives
from caunoi.lib.missives import Kind, Missive, MissiveError, Parting, Signed
from caunoi.lib.numbers import phone
from caunoi.lib.vietnamese.writing import fold
from caunoi.tickets import actions as tickets
from caunoi.tickets.lifecycle import Kind as TicketKind
from caunoi.tickets.lifecycle import State, Urgency
from caunoi.tickets.models import Note, Ticket
from caunoi.tickets.report import Report, Reporter
from caunoi.transfers import queries
from caunoi.transfers.actions import leaving
from caunoi.transfers.models import Arrival
from caunoi.transfers.neighbours import Neighbourhood, name_of, neighbourhood

CHANNEL = "cell"
LABEL = "Tỉnh khác chuyển đến"
OUTSIDE = "outside"  # the reason of a refusal by which what another province handed over goes back there
COUNT = """
INSERT INTO transfers_rejection (hour, why, cell, count) VALUES (date_trunc('hour', now()), %s, %s, 1)
ON CONFLICT (hour, why, cell) DO UPDATE SET count = transfers_rejection.count + 1
"""

log = logging.getLogger(__name__)
type Pictures = Callable[[], Sequence[bytes]]


def hear(signed: Signed, pictures: Pictures) -> Signed:
    """The answer to what a cell says. The same again is answered the same, and nothing is done twice. MissiveError."""
    place = neighbourhood()
    if place is None:
        raise MissiveError("recipient")
    kinds = (Kind.TRANSFER, Kind.WITHDRAWAL, Kind.RETURN, Kind.ERASURE)
    missive = missives.read(signed, kinds, recipient=place.own, catalogue=place.catalogue, at=now())
    if missive.sender.code == place.own:
        raise MissiveError("sender", place.own)
    if not has_inbox(CHANNEL):  # for good, whatever becomes of the missive: who reads an inbox remembers it
        make_inbox(CHANNEL, CHANNEL, label=LABEL)
    with transaction.atomic():
        match missive.kind:
            case Kind.TRANSFER:
                answer = _take(missive, pictures)
            case Kind.WITHDRAWAL:
                answer = _withdraw(missive)
            case Kind.ERASURE:
                answer = _note_erasure(missive)
            case _:
                row = leaving.come_back(missive)
                answer = (Kind.NOTED, {"digest": row.digest})
    return _write(place, missive, *answer)


def reject(error: MissiveError) -> None:
    """Count what was not taken; a flood of it fills neither disk nor log."""
    log.debug("a missive of %s was not taken: %s", error.sender or "a stranger", error.code)
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [error.code, error.sender])


def _write(place: Neighbourhood, missive: Missive, kind: Kind, content: Mapping[str, Any]) -> Signed:
    ends = {"sender": place.own, "recipient": missive.sender.code}
    return missives.write(kind, content, id=missive.id, at=now(), key=place.signer(), **ends)


def _row(missive: Missive) -> Arrival:
    """The row of a hand-over, which is made once; locked."""
    ours = {"cell": missive.sender.code, "key": missive.id}
    Arrival.objects.get_or_create(**ours, defaults={"province": name_of(missive.sender), "at": now()})
    return Arrival.objects.select_for_update(of=("self",)).select_related("ticket").get(**ours)


def _receipt(row: Arrival, ticket: Ticket) -> tuple[Kind, dict[str, Any]]:
    values = {"digest": row.digest, "number": ticket.code, "follow": queries.own_address(ticket)}
    return Kind.RECEIPT, {**values, "received": row.at.isoformat()}


def _take(missive: Missive, pictures: Pictures) -> tuple[Kind, dict[str, Any]]:
    parting, digest = missives.read_report(missive)
    row = _row(missive)
    if row.digest not in ("", digest):
        raise MissiveError("changed", missive.sender.code)
    if row.ticket:
        return _receipt(row, row.ticket)
    if row.digest:  # taken back before it came
        return Kind.VOID, {"digest": digest}
    ticket = tickets.take(_report(missive, parting, _stored(missive, parting, pictures())), by=citizen())
    event = record("ticket.arrive", ticket, by=SYSTEM, cell=row.cell)
    Note.objects.create(ticket=ticket, event=event.pk, kind="reason", text=parting.why, internal=True)
    row.ticket, row.number, row.digest = ticket, parting.number, digest
    row.save()
    return _receipt(row, ticket)


def _withdraw(missive: Missive) -> tuple[Kind, dict[str, Any]]:
    """What is here stays: the receipt says so. What is not here will not be taken."""
    digest = missive.text("digest", 64)
    row = _row(missive)
    if row.ticket:
        return _receipt(row, row.ticket)
    row.digest = digest
    row.save(update_fields=["digest"])
    return Kind.VOID, {"digest": digest}


def _note_erasure(missive: Missive) -> tuple[Kind, dict[str, Any]]:
    """Who reported it has asked there to be erased: here it becomes a request of its own (privacy), decided here."""
    rows = Arrival.objects.select_for_update(of=("self",)).select_related("ticket")
    row = rows.filter(cell=missive.sender.code, key=missive.id).first()
    if row is None or missive.content.get("digest") != row.digest:
        raise MissiveError("answer", missive.sender.code)
    if row.ticket and row.erasure_asked is None:
        row.erasure_asked = now()
        row.save(update_fields=["erasure_asked"])
        record("ticket.ask_erase", row.ticket, by=SYSTEM, cell=row.cell)
    return Kind.NOTED, {"digest": row.digest}


def _stored(missive: Missive, parting: Parting, pictures: Sequence[bytes]) -> list[int]:
    """The pictures that the report names, each as its digest says."""
    by_digest = {sha256(data).hexdigest(): data for data in pictures}
    if by_digest.keys() != set(parting.files):
        raise MissiveError("files", missive.sender.code)
    try:
        return [files.store(by_digest[one], by=SYSTEM).pk for one in dict.fromkeys(parting.files)]
    except BadPictureError as error:
        raise MissiveError("busy" if error.code == "busy" else "files", missive.sender.code) from None


def _report(missive: Missive, parting: Parting, photos: Sequence[int]) -> Report:
    """Custody begins now, and the clocks run by this province's rules: of theirs only what it was about counts."""
    person, sender = parting.person or missives.Person(), missive.sender
    number = phone.parse(person.phone) if person.phone else None
    return Report(
        text=parting.text,
        channel=CHANNEL,
        once=f"{sender.code}:{missive.id}",
        raw=dict(missive.content),
        kind=TicketKind(parting.kind) if parting.kind in set(TicketKind) else TicketKind.REPORT,
        urgency=Urgency.URGENT if parting.urgency == Urgency.URGENT else Urgency.NORMAL,
        category_id=_category(parting.category),
        address=parting.address,
        latitude=parting.latitude,
        longitude=parting.longitude,
        occurred=_moment(parting.occurred),
        summary=parting.summary,
        reporter=Reporter(name=person.name, phone=(number.e164 or "") if number else "", email=person.email),
        photos=photos,
    )


def _category(name: str) -> int | None:
    """Ours of the same name, marks and capitals aside, if there is one."""
    same = [one.pk for one in categories() if fold(one.name) == fold(name)]
    return same[0] if len(same) == 1 else None


def _moment(text: str) -> datetime | None:
    try:
        at = parse_datetime(text)
    except ValueError:
        return None
    return at if at and at.tzinfo else None


@transaction.atomic
def send_back(ticket: Ticket) -> bool:
    """It was refused here because it lies outside: whoever handed it over is to know. Not at once: it can be undone."""
    row = Arrival.objects.select_for_update().filter(ticket=ticket, returned=None, due=None).first()
    if row is None or ticket.state != State.REFUSED:
        return False
    row.due = now() + timedelta(seconds=settings.HOLD_SECONDS)
    row.save(update_fields=["due"])
    return True
