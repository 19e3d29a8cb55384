"""Alarms: what rings, who has it, and how it climbs while nobody has."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string
from django.utils.timezone import now

from caunoi.accounts.sessions import is_anybody_in
from caunoi.conversations.models import Conversation, Message
from caunoi.directory.queries import option
from caunoi.events.actions import record
from caunoi.events.actor import SYSTEM, Actor, Kind, NotAllowedError
from caunoi.events.models import Event
from caunoi.events.screens import tell_screens
from caunoi.tickets import correspondence
from caunoi.tickets.belonging import Sort
from caunoi.tickets.models import Exchange, Note, Ticket
from caunoi.triage import alarms
from caunoi.triage.alarms import LEVELS, TOP
from caunoi.triage.models import Alarm

STALE = timedelta(days=1)  # what is older rings with nobody
WRITERS = (Kind.CITIZEN, Kind.APP, Kind.SERVICE, Kind.NOBODY)
"""Whose words ring: who of the staff writes down what they hear needs no ring."""
OUTCOMES = frozenset(Alarm.Outcome.values)


@dataclass(frozen=True, kw_only=True)
class Utterance:
    """What somebody wrote, and where it lies (Alarm.source)."""

    source: str
    text: str
    conversation: Conversation
    at: datetime
    ticket: Ticket | None = None


def listen(events: Sequence[Event]) -> list[Alarm]:
    """The alarms that events of incoming words raise; the same events again raise none."""
    written = [event for event in events if event.actor_kind in WRITERS]
    messages = [event.subject_id for event in written if event.subject == "message"]
    return ring([*_of_messages(messages), *_of_tickets([event for event in written if event.subject == "ticket"])])


def _of_messages(pks: Iterable[int]) -> list[Utterance]:
    rows = Message.objects.filter(pk__in=list(pks), inbound=True, removed=None).order_by("pk")
    return [
        Utterance(
            source=f"message:{row.pk}",
            text=f"{row.subject_line}\n{row.text}",
            conversation=row.conversation,
            at=row.at,
        )
        for row in rows.select_related("conversation")
    ]


def _of_tickets(events: Sequence[Event]) -> list[Utterance]:
    """What was written on tickets themselves. Of what came by messages, which ring by themselves, the alarms learn
    their ticket."""
    if not events:
        return []
    tickets = Ticket.objects.select_related("conversation").in_bulk({event.subject_id for event in events})
    messages: dict[int, list[tuple[str, str]]] = {pk: [] for pk in tickets}
    of: dict[str, int] = {}
    exchanges = Exchange.objects.filter(ticket__in=tickets, message__inbound=True)
    for ticket_id, message_id, sort, text in exchanges.values_list("ticket_id", "message_id", "sort", "message__text"):
        messages[ticket_id].append((sort, text))
        of[f"message:{message_id}"] = ticket_id
    _attach(of)
    notes = Note.objects.filter(event__in=[event.pk for event in events], internal=False).order_by("pk")
    at = {event.pk: event.at for event in events}
    written = [
        (f"ticket:{event.subject_id}", tickets[event.subject_id], tickets[event.subject_id].text, event.at)
        for event in events
        if event.kind == "ticket.create" and Sort.REPORT not in {sort for sort, _ in messages[event.subject_id]}
    ] + [
        (f"note:{note.pk}", tickets[note.ticket_id], note.text, at[note.event])
        for note in notes
        if note.text not in {text for _, text in messages[note.ticket_id]}
    ]
    return [
        Utterance(source=source, text=text, conversation=ticket.conversation, at=moment, ticket=ticket)
        for source, ticket, text, moment in written
    ]


def _attach(tickets: Mapping[str, int]) -> None:
    """Alarms of messages (by source) are about these tickets."""
    for row in Alarm.objects.filter(source__in=tickets, ticket=None) if tickets else ():
        Alarm.objects.filter(pk=row.pk).update(ticket=tickets[row.source])


@transaction.atomic
def ring(utterances: Sequence[Utterance]) -> list[Alarm]:
    """An alarm for each that speaks of an emergency; it rings at once, unless its conversation does already."""
    since = now() - STALE
    serious = [(one, urgent) for one in utterances if one.at >= since and (urgent := alarms.emergency(one.text))]
    if not serious:
        return []
    threads = correspondence.lock(one.conversation.pk for one, _ in serious)
    there = set(Alarm.objects.filter(source__in=[one.source for one, _ in serious]).values_list("source", flat=True))
    rows = []
    for one, urgent in serious:
        if one.source in there:
            continue
        there.add(one.source)
        restricted = _in_confidence(one)
        open_rows = Alarm.objects.filter(
            conversation=one.conversation, restricted=restricted, acknowledged=None, first=None
        )
        first = open_rows.select_for_update(of=("self",)).first()
        row = Alarm.objects.create(
            source=one.source,
            conversation=threads[one.conversation.pk],
            ticket=one.ticket,
            first=first,
            gate=urgent.gate,
            number=urgent.number,
            p=urgent.p,
            certain=urgent.certain,
            restricted=restricted,
            climbs=None if first else _first_climb(restricted),
        )
        record("alarm.raise", row, by=SYSTEM, **_codes(row))
        _tell(first or row, rings=True)
        rows.append(row)
    return rows


def _in_confidence(one: Utterance) -> bool:
    of_ticket = one.ticket is not None and one.ticket.restricted
    return of_ticket or import_string(settings.CONFIDENCE)(one.text) is not None


def _codes(row: Alarm) -> dict[str, Any]:
    """What events tell of an alarm: of one in confidence nothing."""
    return {} if row.restricted else {"number": row.number, "gate": row.gate}


def _first_climb(restricted: bool) -> datetime:
    """With nobody before a page it does not wait."""
    there = is_anybody_in(LEVELS[0], custodians=restricted)
    return now() + timedelta(seconds=option("alarm_seconds") if there else 0)


def _tell(row: Alarm, *, rings: bool) -> None:
    to, codes = ["restricted" if row.restricted else "desk"], {"id": row.pk, "rings": rings, "level": row.level}
    tell_screens([{"to": to, "event": "alarm", **codes}])


@transaction.atomic
def acknowledge(alarm: Alarm, *, by: Actor) -> bool:
    """A person has it: it is silent for everybody. False when somebody was faster; NotAllowedError for whom it does not
    ring with, as for a program."""
    head = _head(alarm)
    if not alarms.rings_for(head, by):
        raise NotAllowedError("people_it_rings_with_only")
    hand = {"acknowledged": now(), "acknowledged_by": by.name, "acknowledged_user": by.user_id, "climbs": None}
    if not Alarm.objects.filter(pk=head.pk, acknowledged=None).update(**hand):
        return False
    Alarm.objects.filter(first=head, acknowledged=None).update(**hand)
    record("alarm.acknowledge", head, by=by, **_codes(head))
    _tell(head, rings=False)
    return True


@transaction.atomic
def judge(alarm: Alarm, outcome: str, *, by: Actor) -> bool:
    """Say what it was, real or no emergency; that acknowledges it too. False where it was said already. ValueError for
    another word, NotAllowedError like `acknowledge`."""
    if outcome not in OUTCOMES:
        raise ValueError(outcome)
    acknowledge(alarm, by=by)
    head = Alarm.objects.select_for_update(of=("self",)).get(pk=_head(alarm).pk)
    if head.outcome == outcome:
        return False
    Alarm.objects.filter(pk=head.pk).update(outcome=outcome)
    Alarm.objects.filter(first=head).update(outcome=outcome)
    record("alarm.judge", head, by=by, outcome=outcome, **_codes(head))
    _tell(head, rings=False)
    return True


def _head(alarm: Alarm) -> Alarm:
    return alarm.first if alarm.first is not None else alarm


def climb_all() -> int:
    """Every alarm that is due goes one level up, whoever watches; how many did."""
    due = list(Alarm.objects.filter(climbs__lte=now(), acknowledged=None).values_list("pk", flat=True))
    return sum(climb(pk) for pk in due)


def next_climb() -> datetime | None:
    """When the next is due."""
    nearest = Alarm.objects.filter(climbs__isnull=False, acknowledged=None).order_by("climbs")
    return nearest.values_list("climbs", flat=True).first()


@transaction.atomic
def climb(pk: int) -> bool:
    """One alarm goes up to the next level where anybody is; False when it is not due, or another worker does it."""
    due = Alarm.objects.filter(pk=pk, climbs__lte=now(), acknowledged=None)
    row = due.select_for_update(skip_locked=True, of=("self",)).first()
    if row is None:
        return False
    row.level += 1
    while row.level < TOP and not alarms.people_at(row.level, restricted=row.restricted):
        row.level += 1
    row.climbs = now() + timedelta(seconds=option("alarm_seconds")) if row.level < TOP else None
    row.save(update_fields=["level", "climbs"])
    kind = "alarm.climb_shut" if row.restricted else "alarm.climb"
    audience = "supervisor" if row.level < TOP else "leader"
    record(kind, row, by=SYSTEM, level=row.level, audience=audience, **_codes(row))
    _tell(row, rings=True)
    return True
