"""A person erased from their tickets: their words, places and photos go, what was done and when stays."""

import secrets
from collections.abc import Collection, Mapping

from django.db import transaction
from django.utils.timezone import now

from caunoi.events.actions import record
from caunoi.events.actor import Actor, Kind
from caunoi.events.models import Event
from caunoi.files import actions as files
from caunoi.lib.privacy.identity import ERASED, Identity
from caunoi.tickets.actions import index
from caunoi.tickets.models import Device, Note, OneTimeCode, Photo, Ticket

COLUMNS = ["text", "summary", "address", "latitude", "longitude", "touched", "follow", "follow_index", "follow_plain"]
THEIRS = {Kind.CITIZEN, Kind.APP}  # who wrote what goes as a whole


@transaction.atomic
def erase(tickets: Collection[int], identity: Identity, *, by: Actor, wholly: bool = True) -> Mapping[str, int]:
    """Erase a person from their tickets: `wholly` with all their words, places and photos; else only who they are. The
    link to follow them leads nowhere any more. Returns how many rows of each table."""
    rows = list(Ticket.objects.select_for_update().filter(pk__in=tickets))
    for ticket in rows:
        ticket.text = ERASED if wholly else identity.strike(ticket.text)
        ticket.summary = identity.strike(ticket.summary)
        ticket.address = "" if wholly else identity.strike(ticket.address)
        if wholly:
            ticket.latitude = ticket.longitude = None
        ticket.follow, ticket.follow_plain, ticket.touched = secrets.token_urlsafe(15), None, now()
        ticket.save(update_fields=COLUMNS)  # one by one: the link is sealed to its row
    counts = {"tickets.ticket": len(rows), "tickets.note": _notes(tickets, identity, wholly=wholly)}
    counts["tickets.device"] = Device.objects.filter(ticket__in=tickets).delete()[0]
    counts["tickets.onetimecode"] = OneTimeCode.objects.filter(ticket__in=tickets).delete()[0]
    if wholly:
        counts["tickets.photo"] = _photos(tickets)
    index(rows)
    for ticket in rows:
        record("ticket.erase", ticket, by=by)
    return counts


def _notes(tickets: Collection[int], identity: Identity, *, wholly: bool) -> int:
    notes = list(Note.objects.filter(ticket__in=tickets))
    events = Event.objects.in_bulk([note.event for note in notes])
    for note in notes:
        event = events.get(note.event)
        own = event is not None and event.actor_kind in THEIRS
        note.text = ERASED if own and wholly else identity.strike(note.text)
    Note.objects.bulk_update(notes, ["text"], batch_size=500)
    return len(notes)


def _photos(tickets: Collection[int]) -> int:
    """What they sent; the photos of the work stay."""
    photos = Photo.objects.filter(ticket__in=tickets, role=Photo.Role.REPORT)
    pictures = list(photos.values_list("attachment", flat=True))
    count = photos.delete()[0]
    files.remove_unused(pictures)
    return count
