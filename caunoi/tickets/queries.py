"""The inner door: `visible_to(by)` is the only way to tickets, for lists and details alike."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import BooleanField, Case, Count, Exists, OuterRef, Q, QuerySet, Sum, Value, When
from django.db.models.expressions import RawSQL
from django.utils.timezone import now

from caunoi.calls.models import Call
from caunoi.conversations import queries as conversations
from caunoi.conversations.models import Contact, Conversation, short_id
from caunoi.directory.models import Agency
from caunoi.directory.queries import option
from caunoi.events.actor import AGENCY, Actor, Role
from caunoi.events.models import Event
from caunoi.events.relations import relation
from caunoi.events.visibility import visible
from caunoi.lib.crypto.envelope import digest
from caunoi.lib.numbers import codes, phone
from caunoi.tickets.lifecycle import HANDLED, OPEN, Move, State, moves_from
from caunoi.tickets.models import Assignment, Exchange, Note, Photo, Sight, Suggestion, Tally, Ticket, TicketCall, Words
from caunoi.tickets.search import discreetly, worded
from caunoi.vault import blind

TICKETS = relation(
    Ticket,
    "id code kind state urgency channel restricted category area area_then agency received occurred "
    "answered closed touched reopened latitude longitude",
)

WORDS = relation(Words, "ticket vector")
TICKET_CALLS = relation(TicketCall, "ticket call at")

WHOLE = frozenset({Role.SUPERVISOR, Role.REVIEWER, Role.LEADER, Role.SYSTEM})
PAGE = 25


def _whole() -> QuerySet[Ticket]:
    """Tickets with who reported; field, commune and agency are attached from memory."""
    return Ticket.objects.select_related("contact")


def sees_restricted(by: Actor) -> bool:
    """What was reported in confidence is for its custodians alone."""
    return by.custodian or by.has(Role.SYSTEM)


def visible_to(by: Actor) -> QuerySet[Ticket]:
    """The tickets an actor may see: whose work, and which area; a citizen, the one of the link."""
    tickets = _whole()
    if sees_restricted(by):
        rows = tickets
    elif by.has(*WHOLE, Role.OPERATOR):
        rows = tickets.filter(restricted=False)
    elif by.has(*AGENCY) and by.agency_id:
        rows = tickets.filter(participants__agency_id=by.agency_id, participants__until=None, restricted=False)
    elif by.ticket_id is not None:
        rows = tickets.filter(pk=by.ticket_id)
    else:
        return tickets.none()
    return rows.filter(area_id=by.area_id) if by.area_id else rows


def closed_to(by: Actor) -> Q:
    """Which tickets one of the centre's staff may not see; empty where they may see all. For agencies and citizens ask
    `visible_to` instead."""
    closed = Q() if sees_restricted(by) else Q(restricted=True)
    return closed | Q(area=None) | ~Q(area=by.area_id) if by.area_id else closed


def hidden_from(by: Actor) -> QuerySet[Sight] | None:
    """The tickets that are closed to one of the centre's staff; None when there can be none."""
    closed = closed_to(by)
    return Sight.objects.filter(closed) if closed else None


def knows_reporter(by: Actor, ticket: Ticket | None = None) -> bool:
    """Need to know: who reported is for the centre's staff and the citizen, not for agencies and leaders, unless this
    one has opened the identity on this ticket."""
    if by.discreet:
        return False
    opened = ticket is not None and by.opened_id == ticket.pk
    return opened or by.has(Role.OPERATOR, Role.SUPERVISOR, Role.REVIEWER, Role.SYSTEM) or by.ticket_id is not None


def find(by: Actor, code: str) -> Ticket | None:
    """The ticket of a code as typed, if this actor may see it, with whose it is."""
    canonical = codes.parse(code)
    return _with(visible_to(by), ("assignment__assignee",)).filter(code=canonical).first() if canonical else None


def of_id(by: Actor, pk: int) -> Ticket | None:
    """A ticket by its id, if this actor may see it."""
    return visible_to(by).filter(pk=pk).first()


def of_follow(token: str) -> Ticket | None:
    """The ticket behind a follow link; its holder counts as the citizen."""
    return _whole().filter(Q(follow_index=digest(token)) | Q(follow_plain=token)).first()


def of_once(inbox: str, once: str) -> Ticket | None:
    """The ticket that a report sent with this `once` became."""
    same = blind.equal(Conversation, "address", short_id(once), "conversation")
    return Ticket.objects.filter(same, conversation__inbox__name=inbox).first()


def sent_as(inbox: str, once: str) -> dict[str, Any]:
    """The raw receipt of the report sent with this `once`."""
    receipt = conversations.receipts(inbox).filter(external_id=short_id(once)).first()
    return receipt.raw if receipt else {}


def handlers(ids: Collection[int] | QuerySet[Ticket, Any]) -> dict[int, int]:
    """By ticket, the person (user id) who logged or accepted it."""
    events = Event.objects.filter(subject="ticket", subject_id__in=ids, by_user__isnull=False)
    rows = events.filter(kind__in=["ticket.create", "ticket.accept"]).order_by("-id")
    pairs = rows.values_list("subject_id", "by_user")
    return {pk: who for pk, who in pairs if who}  # the first of each is the last here


def sent_by(by: Actor, codes: Collection[str]) -> list[Ticket]:
    """Of these codes, the tickets that this actor (an app) posted."""
    created = Event.objects.filter(
        subject="ticket", subject_id=OuterRef("pk"), kind="ticket.create", by=by.name, by_user=None
    )
    tickets = Ticket.objects.filter(Exists(created), code__in=codes).select_related("category")
    return list(tickets.order_by("-id"))


def moves(ticket: Ticket, by: Actor) -> list[Move]:
    """The lifecycle's moves that this actor may make now, without those of hand-overs (see routing)."""
    rows = moves_from(State(ticket.state), by, ticket_id=ticket.pk, agency_id=ticket.agency_id)
    return [m for m in rows if not m.leg]


AT_CENTRE = (State.NEW, State.ACCEPTED, State.WAITING)
"""Where the centre's staff see to it."""
AWAY = (State.ROUTED, State.WORKING, State.RESULTED)


def holder(ticket: Ticket) -> Agency | None:
    """Who holds it now: the agency that leads, also while it waits for the citizen; or None for the centre."""
    state = ticket.asked_from if ticket.state == State.WAITING else ticket.state
    return ticket.agency if state in AWAY else None


def disputed(ticket: Ticket) -> bool:
    """Whether it was answered and opened again: the answer it has is not the last word."""
    return ticket.reopened > 0 and ticket.state in OPEN


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What a list may be narrowed by; empty = everything."""

    states: frozenset[str] = frozenset()
    category: str = ""
    area: str = ""
    agency: str = ""
    channel: str = ""
    kind: str = ""
    urgency: str = ""
    text: str = ""
    whose: str = ""  # mine | nobody | snoozed: put off until later
    awake: bool = False  # without what is put off, unless the citizen has written since
    since: datetime | None = None
    until: datetime | None = None


def narrowed(by: Actor, filters: Filters, also: Sequence[str] = ()) -> QuerySet[Ticket]:
    """What an actor may see of what the filters but for the words leave, with their rows of these names."""
    tickets = _with(visible_to(by), also)
    if filters.states:
        tickets = tickets.filter(state__in=sorted(filters.states))
    for name in ("category", "area", "agency"):
        if value := getattr(filters, name):
            tickets = tickets.filter(**{f"{name}__code": value})
    for name in ("channel", "kind", "urgency"):
        if value := getattr(filters, name):
            tickets = tickets.filter(**{name: value})
    if filters.whose == "mine":
        tickets = tickets.filter(assignment__assignee=by.user_id)
    elif filters.whose == "nobody":
        tickets = tickets.filter(assignment=None)
    elif filters.whose == "snoozed":
        tickets = tickets.filter(assignment__snoozed__gt=now())
    if filters.awake:
        wrote = Exists(Conversation.objects.filter(pk=OuterRef("conversation"), unread=True))
        tickets = tickets.exclude(~wrote, assignment__snoozed__gt=now())
    if filters.since:
        tickets = tickets.filter(received__gte=filters.since)
    if filters.until:
        tickets = tickets.filter(received__lt=filters.until)
    return tickets


def _with(tickets: QuerySet[Ticket], also: Sequence[str]) -> QuerySet[Ticket]:
    return tickets.select_related(*also) if also else tickets


def listed(
    by: Actor, filters: Filters, *, before: int | None = None, size: int = PAGE, also: Sequence[str] = ()
) -> list[Ticket]:
    """A page of tickets, newest first, from `before` (a ticket's id) on; one more than `size` when there are more. Each
    has its rows of the names in `also`."""
    tickets = narrowed(by, filters, also)
    if before:
        tickets = tickets.filter(pk__lt=before)
    if filters.text.strip():
        tickets = matching(tickets, filters.text, by, size + 1)
        # ids first, so that what is sorted is narrow
        newest = tickets.select_related(None).order_by("-id")
        return among(by, list(newest.values_list("pk", flat=True)[: size + 1]), also)
    return list(tickets.order_by("-id")[: size + 1])


def matching(tickets: QuerySet[Ticket], text: str, by: Actor, most: int | None = None) -> QuerySet[Ticket]:
    """Narrow to a code (also one that is half typed), a phone number (for those who may know the reporter) or words
    that this actor may read, with or without marks; `most`: how many of the newest are enough. Nine digits that are
    both are the code if there is such a ticket."""
    number = phone.parse(text)
    if canonical := codes.parse(text):
        coded = tickets.filter(code=canonical)
        if number is None or not number.e164 or coded.exists():
            return coded
    if number is not None and number.e164:
        if not knows_reporter(by):
            return tickets.none()
        return tickets.filter(blind.equal(Contact, "phone", number.e164, "contact"))
    if beginning := codes.begun(text):
        coded = tickets.filter(code__startswith=beginning)
        if coded.exists():
            return coded
    return worded(tickets, text) if knows_reporter(by) else discreetly(tickets, text, by.opened_id, most)


def among(by: Actor, ids: Collection[int], also: Sequence[str] = ()) -> list[Ticket]:
    """Of these tickets, those this actor may see, newest first, with their rows of the names in `also`."""
    return list(_with(visible_to(by), also).filter(pk__in=ids).order_by("-id"))


def counts(by: Actor) -> dict[str, int]:
    """How many open tickets this actor sees in each state: the centre by its counters, an agency by its own few."""
    states, none = sorted(OPEN), {state.value: 0 for state in OPEN}
    if not by.has(*WHOLE, Role.OPERATOR):
        rows = visible_to(by).filter(state__in=states).order_by().values_list("state").annotate(n=Count("pk"))
        return none | dict(rows)
    return none | dict(_tallies(by))


def counts_and_own(by: Actor) -> dict[str, int]:
    """The same for the centre, with how many of one's own at the centre are to do (`mine`) and put off (`snoozed`)."""
    own = Assignment.objects.filter(assignee=by.user_id, ticket__state__in=AT_CENTRE)
    kind = Case(When(snoozed__gt=now(), then=Value("snoozed")), default=Value("mine"))
    rows = own.annotate(kind=kind).order_by().values_list("kind").annotate(n=Count("pk"))
    return {state.value: 0 for state in OPEN} | dict(_tallies(by).union(rows, all=True))


def _tallies(by: Actor) -> QuerySet[Tally, Any]:
    """The counters of open tickets by state, of those that one of the centre sees."""
    tallies = Tally.objects.filter(state__in=sorted(OPEN))
    if not sees_restricted(by):
        tallies = tallies.filter(restricted=False)
    if by.area_id:
        tallies = tallies.filter(area=by.area_id)
    return tallies.values_list("state").annotate(n=Sum("count"))


def workload() -> dict[int, tuple[int, int]]:
    """By user id, how many tickets at the centre somebody has, and how many of these are put off."""
    rows = Assignment.objects.filter(ticket__state__in=AT_CENTRE)
    counts = rows.values("assignee").annotate(n=Count("pk"), rests=Count("pk", filter=Q(snoozed__gt=now())))
    return {row["assignee"]: (row["n"], row["rests"]) for row in counts.order_by()}


def of_phone(number: str, by: Actor, limit: int = 10) -> list[Ticket]:
    """What a phone number reported before, newest first; the number as typed."""
    parsed = phone.parse(number)
    if parsed is None or parsed.e164 is None:
        return []
    rows = visible_to(by).filter(blind.equal(Contact, "phone", parsed.e164, "contact"))
    return list(rows.order_by("-received")[:limit])


def earlier(ticket: Ticket, by: Actor, limit: int = 10) -> list[Ticket]:
    """What the same phone number reported before, newest first. A hint for staff, no proof of a person."""
    if not ticket.contact.phone:
        return []
    rows = visible_to(by).filter(blind.equal(Contact, "phone", ticket.contact.phone, "contact")).exclude(pk=ticket.pk)
    return list(rows.order_by("-received")[:limit])


def nearby(ticket: Ticket, by: Actor) -> list[Ticket]:
    """The ten nearest open tickets within 500 metres of this one, nearest first."""
    if ticket.latitude is None or ticket.longitude is None:
        return []
    here = [ticket.longitude, ticket.latitude]
    at = "point(tickets_ticket.longitude, tickets_ticket.latitude)"
    distance = RawSQL(f"{at} <-> point(%s, %s)", here)  # noqa: S611
    box = RawSQL(f"{at} <@ circle(point(%s, %s), %s)", [*here, 500 / 111_000], BooleanField())  # noqa: S611
    rows = visible_to(by).filter(Q(latitude__isnull=False) & Q(state__in=sorted(OPEN)), box).exclude(pk=ticket.pk)
    return list(rows.order_by(distance)[:10])


def notes(ticket: Ticket, *, internal: bool) -> dict[int, list[Note]]:
    """The words that go with the events of a ticket, by event id; without the staff's own unless `internal`."""
    result: dict[int, list[Note]] = {}
    notes = Note.objects.filter(ticket=ticket).order_by("id")
    for note in notes if internal else notes.filter(internal=False):
        result.setdefault(note.event, []).append(note)
    return result


def photos(ticket: Ticket) -> QuerySet[Photo]:
    """A ticket's pictures: of the report, before, after."""
    return Photo.objects.filter(ticket=ticket).select_related("attachment").order_by("id")


def calls(ticket: Ticket, by: Actor) -> list[Call]:
    """The calls about a ticket, newest first, as far as this actor may know of them."""
    return list(
        visible(Call.objects.filter(tickets__ticket=ticket), by).select_related("operator").order_by("-began", "-id")
    )


def of_calls(ids: Collection[int], by: Actor) -> dict[int, list[Ticket]]:
    """The tickets about which calls were, by call, as far as this actor may see them."""
    links = TicketCall.objects.filter(call__in=ids).order_by("ticket").values_list("call_id", "ticket_id")
    rows = {ticket.pk: ticket for ticket in visible_to(by).filter(pk__in={pk for _, pk in links})} if links else {}
    result: dict[int, list[Ticket]] = {}
    for call_id, pk in links:
        if pk in rows:
            result.setdefault(call_id, []).append(rows[pk])
    return result


def may_hear(call: Call, by: Actor) -> bool:
    """Whether an actor may hear a call: not one of a ticket that they may not read."""
    return visible(Call.objects.filter(pk=call.pk), by).exists()


def suggestions(ticket: Ticket, by: Actor) -> list[tuple[Ticket, str]]:
    """Tickets that this one may have to do with, and why: quoted | earlier."""
    rows = dict(Suggestion.objects.filter(ticket=ticket).values_list("other_id", "why"))
    return [(other, rows[other.pk]) for other in among(by, list(rows))] if rows else []


def complained(ticket: Ticket) -> bool:
    """Whether the citizen has complained about the present answer, and nobody has reopened the ticket."""
    if ticket.state not in HANDLED:
        return False
    last = Exchange.objects.filter(ticket=ticket, message__inbound=True).order_by("-message__at").first()
    return last is not None and last.sort == "complaint"


def of_person(contact: Contact, by: Actor, limit: int = 10) -> list[Ticket]:
    """What somebody reported by any channel, newest first: all contacts that are proved to be the same person."""
    rows = visible_to(by).filter(contact__in=conversations.one_person([contact.pk]))
    return list(rows.order_by("-received")[:limit])


def may_reopen(ticket: Ticket) -> bool:
    """Whether its citizen may still say that it is not solved; what is in confidence goes on in its case."""
    if ticket.restricted:
        return False
    fresh = ticket.touched > now() - timedelta(days=option("reopen_days"))
    return ticket.state in {*HANDLED, State.REFUSED} and fresh


def said_lately(ticket: Ticket, text: str, *, since: datetime) -> bool:
    """Whether these very words were added by the citizen since then: a sending repeated."""
    events = Event.objects.filter(subject="ticket", subject_id=ticket.pk, kind="ticket.remark", at__gte=since)
    return Note.objects.filter(ticket=ticket, text=text, internal=False, event__in=events.values("pk")).exists()
