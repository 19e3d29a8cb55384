"""Every showing of an identity is a record: who of the staff, or which program, saw a reporter's name, number or
address, and when.

One event a person or program, ticket (or contact) and ⚙showing_minutes, of a subject of its own, so that a ticket's
history stays what happened to it. Nothing follows it. Those who look at very many in an hour are noticed by a task, not
by the page.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.timezone import now

from caunoi.accounts.queries import names
from caunoi.conversations.models import Contact
from caunoi.directory.models import Agency
from caunoi.directory.queries import option
from caunoi.events.actor import SYSTEM, Actor, Kind, Role
from caunoi.events.models import Event
from caunoi.events.outbox import unhurried
from caunoi.events.queries import EVENTS
from caunoi.tickets.models import Ticket

SHOW, VOLUME = "identity.show", "identity.volume"
OF_TICKET, OF_CONTACT = "showing", "showing.contact"
OF_PERSON, OF_PROGRAM = "showing.person", "showing.program"
HOUR = timedelta(hours=1)
REMEMBERED = 20_000  # showings that a process knows to be written down
_written: dict[tuple[str, str, int], datetime] = {}  # who, subject and its id → when
LOOKS = f"""SELECT by_user, max("by"), count(DISTINCT (subject, subject_id)) FROM {EVENTS} e
    WHERE kind = '{SHOW}' AND at > %s GROUP BY by_user, CASE WHEN by_user IS NULL THEN "by" END
    HAVING count(*) > %s"""  # noqa: S608


@dataclass(frozen=True, kw_only=True)
class Showing:
    """That somebody saw who reported: as what, of which agency (None = the hotline's centre), never who."""

    at: datetime
    role: Role
    agency: Agency | None


@dataclass(frozen=True, kw_only=True)
class Looks:
    """How many different tickets and people somebody was shown: a person (OF_PERSON, the user's id) or a program
    (OF_PROGRAM, the account's id), by the `name` that events have."""

    of: tuple[str, int]
    name: str
    count: int


def show_ticket(ticket: Ticket, *, by: Actor, place: str) -> None:
    """Record that this person is shown who reported a ticket; `place` is a page's or the API's name."""
    _show(OF_TICKET, [ticket.pk], by, place)


def show_contacts(contacts: Collection[Contact | None], *, by: Actor, place: str) -> None:
    """Record that this person is shown these people, of no ticket or of several."""
    _show(OF_CONTACT, list(dict.fromkeys(one.pk for one in contacts if one is not None)), by, place)


def _show(subject: str, ids: Collection[int], by: Actor, place: str) -> None:
    if not ids or not (by.kind is Kind.SERVICE or (by.kind is Kind.PERSON and by.user_id is not None)):
        return
    who = by.name if by.user_id is None else str(by.user_id)
    at, past = now(), timedelta(minutes=option("showing_minutes"))
    ids = [pk for pk in ids if at - _written.get((who, subject, pk), at - past) >= past]
    if not ids:
        return  # this process has written it down just now: the page pays nothing
    mine = Event.objects.filter(subject=subject, subject_id__in=ids, kind=SHOW, by_user=by.user_id)
    if by.user_id is None:
        mine = mine.filter(by=by.name)
    recent = mine.filter(at__gt=at - past)
    written: dict[int, datetime] = dict(recent.order_by("at").values_list("subject_id", "at"))
    data: dict[str, Any] = {"role": min(by.roles, default=Role.SYSTEM), "place": place}
    if by.agency_id:
        data["agency_id"] = by.agency_id
    keys = {(who, subject, pk): written.get(pk, at) for pk in ids}
    transaction.on_commit(lambda: _remember(keys))
    fresh = [pk for pk in ids if pk not in written]
    if not fresh:
        return
    with unhurried():  # a page does not wait for the disk; a power cut takes the last half second with it
        Event.objects.bulk_create(
            Event(at=at, kind=SHOW, subject=subject, subject_id=pk, **by.signature, data=data, pending=False)
            for pk in fresh
        )


def _remember(keys: Mapping[tuple[str, str, int], datetime]) -> None:
    if len(_written) > REMEMBERED:
        _written.clear()
    _written.update(keys)


def forget() -> None:
    """Nothing is remembered of what was written down."""
    _written.clear()


def showings(ticket: Ticket) -> list[Showing]:
    """Who of the staff was shown who reported a ticket, by role and agency, newest first; for its citizen."""
    rows = Event.objects.filter(subject=OF_TICKET, subject_id=ticket.pk, kind=SHOW).order_by("-id")
    events = list(rows)
    agencies = Agency.objects.in_bulk({e.data["agency_id"] for e in events if "agency_id" in e.data})
    return [
        Showing(at=e.at, role=Role(e.data["role"]), agency=agencies.get(e.data.get("agency_id", 0))) for e in events
    ]


def of_tickets(*, before: int | None = None) -> QuerySet[Event]:
    """Who was shown the reporter of which ticket, newest first; for those who watch over it."""
    rows = Event.objects.filter(kind=SHOW, subject=OF_TICKET).order_by("-at", "-id")
    return rows.filter(pk__lt=before) if before else rows


def volumes(*, since: datetime) -> QuerySet[Event]:
    """Who was noticed for having looked at many people within an hour, newest first."""
    return Event.objects.filter(kind=VOLUME, at__gte=since).order_by("-at", "-id")


def counts(*, since: datetime, least: int = 0) -> list[Looks]:
    """Who was shown how many, the most first."""
    with connection.cursor() as cursor:
        cursor.execute(LOOKS, [since, least])
        rows = [Looks(of=_who(pk, name), name=name, count=count) for pk, name, count in cursor.fetchall()]
    return sorted(rows, key=lambda row: -row.count)


def _who(user_id: int | None, name: str) -> tuple[str, int]:
    return (OF_PERSON, user_id) if user_id is not None else (OF_PROGRAM, int(name.partition(":")[2]))


def notice_volume() -> int:
    """Notify of each person or program that was shown more than ⚙showings_an_hour people in the last hour, once an
    hour; of how many."""
    since, most, fresh = now() - HOUR, option("showings_an_hour"), 0
    noticed = set(volumes(since=since).values_list("subject", "subject_id"))
    for looks in counts(since=since, least=most):
        if looks.count > most and looks.of not in noticed:
            _record_volume(looks)
            fresh += 1
    return fresh


def _record_volume(looks: Looks) -> None:
    subject, pk = looks.of
    name = names({looks.name}).get(looks.name, looks.name) if subject == OF_PROGRAM else looks.name
    person = {"person": pk} if subject == OF_PERSON else {}
    Event.objects.create(
        at=now(),
        kind=VOLUME,
        subject=subject,
        subject_id=pk,
        **SYSTEM.signature,
        data={"name": name, "count": looks.count, **person},
    )
