"""Emergencies among what came in: which ring, with whom, and what was written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.timezone import now

from caunoi.accounts.deputies import away
from caunoi.accounts.models import User
from caunoi.conversations.models import Conversation, Message
from caunoi.directory import queries as directory
from caunoi.events.actor import Actor, Kind, Role
from caunoi.events.models import Event
from caunoi.events.visibility import visible
from caunoi.lib.messages import danger
from caunoi.tickets.models import Note, Ticket
from caunoi.tickets.queries import hidden_from, knows_reporter, sees_restricted, visible_to
from caunoi.triage import proposals
from caunoi.triage.models import Alarm
from caunoi.triage.proposals import Proposal
from caunoi.triage.queries import present

TOP = 2
LEVELS: Sequence[frozenset[Role]] = (
    frozenset({Role.OPERATOR, Role.SUPERVISOR}),
    frozenset({Role.SUPERVISOR}),
    frozenset({Role.LEADER, Role.ADMIN}),
)
"""With whom an alarm rings, and who is written to, from each level on."""
LISTENERS = frozenset(role for roles in LEVELS for role in roles)
NAMING = frozenset({Role.SUPERVISOR, Role.ADMIN})
"""Who may name custodians, and hears that none of them is there."""
LATELY = timedelta(minutes=1)  # for which it is said who has it
UNHEARD = timedelta(minutes=5)  # after which nobody may say that it was in hand


@dataclass(frozen=True, kw_only=True)
class Emergency:
    """`certain`: the model is sure, or a rule says so; then the citizen hears whom to call."""

    gate: str
    number: str
    p: float
    certain: bool


def emergency(text: str) -> Emergency | None:
    """Whether words speak of somebody in danger now."""
    if not text.strip():
        return None
    gate = proposals.propose(text, present().model, home=directory.province_code())["gate"]
    certain = proposals.is_emergency(gate.value) and (gate.sure or danger.number(text) != "")
    if not certain and not rings(gate):
        return None
    return Emergency(gate=gate.value, number=gate.value.rpartition("_")[2], p=gate.p, certain=certain)


def rings(gate: Proposal) -> bool:
    """Whether it is likely enough that somebody is in danger now. Below it a person is shown it for a look."""
    return proposals.is_emergency(gate.value) and (gate.sure or gate.p * 100 >= directory.option("alarm_percent"))


def call_first(text: str) -> str:
    """The number that somebody should call before all else, who has just written this; "" for none."""
    urgent = emergency(text)
    return urgent.number if urgent is not None and urgent.certain else ""


def alarms(by: Actor) -> QuerySet[Alarm]:
    """The alarms that somebody may know of, the newest first: the centre's and leaders', by ticket and area; what is in
    confidence for custodians alone."""
    rows = Alarm.objects.select_related("ticket", "conversation__inbox", "conversation__contact").order_by("-id")
    if not by.has(*LISTENERS, Role.REVIEWER, Role.SYSTEM):
        return rows.none()
    if not sees_restricted(by):
        rows = rows.filter(restricted=False)
    closed = hidden_from(by)
    return rows if closed is None else rows.exclude(Exists(closed.filter(pk=OuterRef("ticket"))))


def rings_for(alarm: Alarm, by: Actor) -> bool:
    """Whether an open alarm rings with somebody, who may then acknowledge it: a person of a level that it has reached;
    in confidence, a custodian."""
    if by.kind is not Kind.PERSON or by.user_id is None:
        return False
    if alarm.restricted:
        return by.custodian and by.behalf_id is None
    return any(by.has(*roles) for roles in LEVELS[: alarm.level + 1])


def rings_from(by: Actor) -> int:
    """The level from which alarms ring with somebody."""
    return next((level for level, roles in enumerate(LEVELS) if by.has(*roles)), TOP + 1)


def ringing(by: Actor) -> list[Alarm]:
    """What rings with somebody now, the oldest first."""
    rows = alarms(by).filter(acknowledged=None, first=None).order_by("id")
    return [row for row in rows if rings_for(row, by)]


def acknowledged_lately(by: Actor) -> list[Alarm]:
    """What has just fallen silent, the latest first."""
    return list(alarms(by).filter(acknowledged__gte=now() - LATELY, first=None).order_by("-acknowledged")[:3])


def words(rows: Sequence[Alarm], by: Actor) -> dict[int, str]:
    """By alarm, what was written, as far as `by` may read it; the last of what was added while it rang."""
    pks_of = [row.pk for row in rows]
    every = Alarm.objects.filter(Q(pk__in=pks_of) | Q(first__in=pks_of)).order_by("id")
    last = {row.first_id or row.pk: row for row in every}
    pks: dict[str, dict[int, int]] = {"message": {}, "ticket": {}, "note": {}}
    for head, row in last.items():
        kind, _colon, pk = row.source.partition(":")
        pks[kind][int(pk)] = head
    tickets = visible_to(by)
    result = {}
    for message in visible(Message.objects.filter(pk__in=pks["message"], removed=None), by):
        result[pks["message"][message.pk]] = message.text or message.subject_line
    for ticket in tickets.filter(pk__in=pks["ticket"]):
        result[pks["ticket"][ticket.pk]] = ticket.text
    for note in Note.objects.filter(pk__in=pks["note"], ticket__in=tickets):
        result[pks["note"][note.pk]] = note.text
    return result


def open_threads(rows: Sequence[Alarm], by: Actor) -> set[int]:
    """Of the conversations of these alarms, those that `by` may read and whose person they may know."""
    threads = Conversation.objects.filter(pk__in=[row.conversation_id for row in rows if not row.restricted])
    own = {row.conversation_id for row in rows if knows_reporter(by, row.ticket)}
    return own & set(visible(threads, by).values_list("pk", flat=True))


def alarm_events(ticket: Ticket) -> QuerySet[Event]:
    """What happened to the alarms of a ticket."""
    return Event.objects.filter(subject="alarm", subject_id__in=Alarm.objects.filter(ticket=ticket).values("pk"))


def alarm(pk: int) -> Alarm | None:
    """One, for the product."""
    return Alarm.objects.select_related("ticket", "conversation__inbox", "conversation__contact").filter(pk=pk).first()


def raised_by(events: Sequence[Event]) -> list[Alarm]:
    """The alarms that these events of incoming words raised, or of which they say that they were."""
    sources = [f"{event.subject}:{event.subject_id}" for event in events]
    pks = [event.subject_id for event in events if event.subject == "alarm"]
    rows = Alarm.objects.filter(Q(source__in=sources) | Q(pk__in=pks)).order_by("pk")
    return list(rows.select_related("ticket", "conversation__inbox", "conversation__contact"))


def unheard() -> int:
    """How many have been ringing for so long that somebody must see to it."""
    return Alarm.objects.filter(acknowledged=None, first=None, raised__lt=now() - UNHEARD).count()


def people_at(level: int, *, restricted: bool = False) -> list[User]:
    """Who is told at a level, by themselves or, while they are away, by their deputy; of what is in confidence the
    custodians, and at the top whoever may name one."""
    if restricted and level < TOP:
        return list(User.objects.filter(custodian=True, is_active=True).order_by("pk"))
    roles = NAMING if restricted else LEVELS[level]
    absent = away()
    everybody = User.objects.filter(role__in=sorted(roles), is_active=True).order_by("pk")
    present = [absent[user.pk].deputy if user.pk in absent else user for user in everybody]
    return list({user.pk: user for user in present}.values())
